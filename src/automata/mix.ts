// The hash by which interned things are found.

/** A step of a hash over whole numbers: a multiplication and a shift, as in MurmurHash3's finish. */
export function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
