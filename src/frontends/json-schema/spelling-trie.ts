// The spellings of a few characters as a byte trie: what the edges of one state over code points look like in bytes.
// Spellings of different characters differ and none begins another, so the trie is deterministic.
import type { DfaEdge } from '../../automata/index.js';
import { type Spelling, spellings } from './spelling.js';

/** What each byte leads to: further inside a spelling, or to the state that an edge of the characters leads to. */
export interface SpellingTrie {
  readonly next: Map<number, SpellingTrie | number>;
}

/** The trie of the spellings of every character on `edges`. */
export function spellingTrie(edges: readonly DfaEdge[]): SpellingTrie {
  const root: SpellingTrie = { next: new Map() };
  for (const { lo, hi, to } of edges) {
    for (let codePoint = lo; codePoint <= hi; codePoint++) {
      for (const spelling of spellings(codePoint)) insert(root, spelling, to);
    }
  }
  return root;
}

/** Bytes that are alternatives of one position lead to the same place. */
function insert(root: SpellingTrie, spelling: Spelling, target: number): void {
  let at = root;
  spelling.forEach((alternatives, index) => {
    let next = at.next.get(alternatives[0]);
    if (next === undefined) {
      next = index === spelling.length - 1 ? target : { next: new Map() };
      for (const byte of alternatives) at.next.set(byte, next);
    }
    if (typeof next === 'object') at = next;
  });
}
