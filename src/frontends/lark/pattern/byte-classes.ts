// Bytes that nothing tells apart share a class.

export interface ByteClasses {
  /** Byte to class. */
  readonly classOf: Uint8Array;
  /** Of each class, its first byte. */
  readonly bytes: readonly number[];
}

/** `starts`: bytes at which something begins, or has ended one byte before. */
export function byteClasses(starts: Iterable<number>): ByteClasses {
  const isStart = new Uint8Array(257);
  isStart[0] = 1;
  for (const byte of starts) isStart[byte] = 1;
  const classOf = new Uint8Array(256);
  const bytes: number[] = [];
  for (let byte = 0; byte < 256; byte++) {
    if (isStart[byte]) bytes.push(byte);
    classOf[byte] = bytes.length - 1;
  }
  return { classOf, bytes };
}

/** Where edges begin and end. */
export function* edgeStarts(
  lists: readonly (readonly { readonly lo: number; readonly hi: number }[])[],
): Generator<number> {
  for (const edges of lists)
    for (const { lo, hi } of edges) {
      yield lo;
      yield hi + 1;
    }
}
