// Tokens that stay inside a lexeme: a row of bits where they are many, else a list.

/** Inner tokens up to this number are kept as a list. */
const MAX_LISTED = 1024;

export interface InnerRow {
  /** One of the two is there. */
  readonly bits: Int32Array | null;
  readonly tokens: Int32Array | null;
  readonly count: number;
}

/** Takes the bits of all tokens, and keeps them or makes them a list. */
export function innerRow(bits: Int32Array, count: number): InnerRow {
  if (count > MAX_LISTED) return { bits, tokens: null, count };
  const tokens = new Int32Array(count);
  let at = 0;
  for (let word = 0; word < bits.length; word++)
    for (let left = bits[word]; left !== 0; left &= left - 1)
      tokens[at++] = word * 32 + 31 - Math.clz32(left & -left);
  return { bits: null, tokens, count };
}

/** Bytes that a row takes. */
export function rowBytes(row: InnerRow): number {
  return 64 + (row.bits ?? row.tokens)!.byteLength;
}

export function popCount(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
