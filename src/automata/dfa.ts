// The deterministic finite automaton that every regular part becomes, over bytes (0..255) or code points (0..0x10FFFF).

/** The largest symbol of a byte alphabet. */
export const MAX_BYTE = 0xff;
/** The largest symbol of a code point alphabet. */
export const MAX_CODE_POINT = 0x10ffff;

/** One transition: all symbols in the closed interval [lo, hi] lead to state `to`. */
export interface DfaEdge {
  readonly lo: number;
  readonly hi: number;
  readonly to: number;
}

/**
 * A partial DFA: a symbol without an edge is refused. States are 0..edges.length-1, the start state is 0.
 * Edges of a state are sorted by `lo` and disjoint. Automata that leave this room are trimmed (every state
 * reaches an accepting one; the empty language is one state with no edges, not accepting), minimal, and
 * numbered in breadth-first order, so two automata of one language are equal field by field.
 */
export interface Dfa {
  readonly edges: readonly (readonly DfaEdge[])[];
  /** accept[s] is 1 where state s accepts. */
  readonly accept: Uint8Array;
}
