// 64-bit FNV-1a, the content hash of binary images, in 32-bit halves so that it needs no BigInt.
// Bytes in, two unsigned 32-bit words out; image.ts and image-build.ts store and check them.

export interface Hash64 {
  readonly low: number;
  readonly high: number;
}

/** FNV-1a over `bytes` (Fowler, Noll and Vo; 64-bit offset basis 0xcbf29ce484222325, prime 2^40 + 0x1b3). */
export function fnv1a64(bytes: Uint8Array): Hash64 {
  const primeLow = 0x1b3;
  let low = 0x84222325 | 0;
  let high = 0xcbf29ce4 | 0;
  for (let i = 0; i < bytes.length; i++) {
    low ^= bytes[i]!;
    const lowerHalf = (low & 0xffff) * primeLow;
    const upperHalf = (low >>> 16) * primeLow + (lowerHalf >>> 16);
    high = (Math.imul(high, primeLow) + (upperHalf >>> 16) + (low << 8)) | 0;
    low = (upperHalf << 16) | (lowerHalf & 0xffff);
  }
  return { low: low >>> 0, high: high >>> 0 };
}

/** The 16 lower-case hexadecimal digits of a hash. */
export function hashToHex({ low, high }: Hash64): string {
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
}
