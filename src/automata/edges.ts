// What the edges of a pushdown automaton do, and how they are written: as four words where they are read, as two in an image,
// where nearly all read a byte.

/**
 * What an edge does. A configuration is a state and a stack of frames; a frame holds the state to return to and the
 * registers of the rule that it was pushed for: a counter, a set of marked bits, and the values that `distinct` has seen.
 */
export const EdgeKind = {
  /** Reads one byte in [a, b]. */
  bytes: 0,
  /** Reads nothing. */
  epsilon: 1,
  /** Pushes a frame that returns to `to`, with counter 0, and goes to state a. */
  call: 2,
  /** Pops a frame and goes to the state that it names. `to` is unused. */
  return: 3,
  /** Adds 1 to the counter. With b = 0 it is possible only while the counter is below a; with b = 1 it stops at a. */
  count: 4,
  /** Possible only when the counter is at least a; sets it back to 0. */
  check: 5,
  /** Reads one byte in [a, b] that is no part of a tracked value. */
  quiet: 6,
  /** Possible only when the counter is at least a. */
  atLeast: 7,
  /** Marks bit a; possible only when it is not marked. */
  mark: 8,
  /** Possible only when some bit in [a, b) is not marked. */
  room: 9,
  /** Possible only when every bit in [a, b) is marked. */
  marked: 10,
  /** Begins to track a value: a new one for `distinct`, or with a = 1 one for `known`. */
  begin: 11,
  /** Ends the value tracked last; possible only when it is a new one, which the frame then holds. */
  distinct: 12,
  /** Reads one token of token set a, whatever its bytes. */
  token: 13,
  /** Begins to read a text for check a. */
  capture: 14,
  /** Ends the text captured last; possible only when check a passes it. */
  verify: 15,
  /** Ends the value tracked last; possible only when it is spelled as one that the frame holds. */
  known: 16,
} as const;

export type EdgeKind = (typeof EdgeKind)[keyof typeof EdgeKind];

/** Int32 words per edge: kind, a, b, to. */
export const EDGE_WORDS = 4;

/** Bits that a frame can mark. */
export const MAX_BITS = 1 << 16;

/** Whether an edge of this kind reads a byte. */
export function readsByte(kind: number): boolean {
  return kind === EdgeKind.bytes || kind === EdgeKind.quiet;
}

/**
 * Int32 words per edge in an image. The low byte of the first is its kind; above it are a and b of an edge that reads a byte, a
 * byte each, or b alone, of three bytes. The second word is `to`. What `a` is of the others stands in a list beside the edges,
 * for those kinds that have one.
 */
export const PACKED_WORDS = 2;

/** Whether an edge of this kind has an `a` in the list beside the edges. */
export function hasOperand(kind: number): boolean {
  return kind === EdgeKind.call || (kind >= EdgeKind.count && kind !== EdgeKind.quiet);
}

/** The first word of an edge in an image. */
export function packedWord(kind: number, a: number, b: number): number {
  return readsByte(kind) ? kind | (a << 8) | (b << 16) : kind | (b << 8);
}

export interface PackedEdges {
  /** {@link PACKED_WORDS} words an edge. */
  readonly packed: Int32Array;
  readonly operands: ArrayLike<number>;
}

/** Edges of {@link EDGE_WORDS} words as an image has them. */
export function packEdges(edges: Int32Array): PackedEdges {
  const packed = new Int32Array((edges.length / EDGE_WORDS) * PACKED_WORDS);
  const operands: number[] = [];
  for (let from = 0, to = 0; from < edges.length; from += EDGE_WORDS, to += PACKED_WORDS) {
    packed[to] = packedWord(edges[from], edges[from + 1], edges[from + 2]);
    packed[to + 1] = edges[from + 3];
    if (hasOperand(edges[from])) operands.push(edges[from + 1]);
  }
  return { packed, operands };
}

/** Edges of an image as {@link EDGE_WORDS} words; undefined where their operands are more or fewer than they need. */
export function unpackEdges({ packed, operands }: PackedEdges): Int32Array | undefined {
  const edges = new Int32Array((packed.length / PACKED_WORDS) * EDGE_WORDS);
  let next = 0;
  for (let from = 0, to = 0; from < packed.length; from += PACKED_WORDS, to += EDGE_WORDS) {
    const word = packed[from];
    const kind = word & 0xff;
    edges[to] = kind;
    if (readsByte(kind)) {
      edges[to + 1] = (word >> 8) & 0xff;
      edges[to + 2] = word >>> 16;
    } else {
      if (hasOperand(kind)) {
        if (next === operands.length) return undefined;
        edges[to + 1] = operands[next++];
      }
      edges[to + 2] = word >>> 8;
    }
    edges[to + 3] = packed[from + 1];
  }
  return next === operands.length ? edges : undefined;
}
