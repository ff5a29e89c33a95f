// What a lexeme does with the subtree of one node of a trie, as flat lists: the places of tokens that stay inside, and the
// nodes at which the lexeme may end. Where a counter bounds the lexeme, each carries the counts for which it is so.
import { IntList } from './int-list.js';

/** No bound. */
export const UNBOUNDED = 0x7fffffff;

/** Words of an entry of {@link TriePart.inner}: first place, place behind the last, least and most that is left. */
export const INNER_WORDS = 4;

/**
 * Words of an entry of {@link TriePart.exits}: the node, from how much left on the lexeme may also go on there
 * (UNBOUNDED: it must end), and for which counts it may end: least and most left, most missing.
 */
export const EXIT_WORDS = 5;

/** Where a counter stands: how many characters may follow at most, and how many must follow before the lexeme may end. */
export interface Count {
  readonly left: number;
  readonly missing: number;
}

export const NO_COUNT: Count = { left: UNBOUNDED, missing: 0 };

export interface TriePart {
  readonly inner: Int32Array;
  readonly exits: Int32Array;
}

// Shared by all builders, of which one is at work at a time: parts of the whole vocabulary have some hundred thousand
// entries, and growing lists anew for each would be most of the work.
const innerScratch = new IntList(1024);
const exitScratch = new IntList(1024);

/** Collects a part; begin one when the last is built. Neighbouring places with the same bounds become one entry. */
export class PartBuilder {
  constructor() {
    innerScratch.length = 0;
    exitScratch.length = 0;
  }

  inner(from: number, to: number, least: number, most: number): void {
    if (from === to) return;
    innerScratch.reserve(innerScratch.length + INNER_WORDS);
    const { data, length } = innerScratch;
    const last = length - INNER_WORDS;
    if (last >= 0 && data[last + 1] === from && data[last + 2] === least && data[last + 3] === most) {
      data[last + 1] = to;
      return;
    }
    data[length] = from;
    data[length + 1] = to;
    data[length + 2] = least;
    data[length + 3] = most;
    innerScratch.length = length + INNER_WORDS;
  }

  exit(node: number, covered: number, least: number, most: number, missing: number): void {
    exitScratch.reserve(exitScratch.length + EXIT_WORDS);
    const { data, length } = exitScratch;
    data[length] = node;
    data[length + 1] = covered;
    data[length + 2] = least;
    data[length + 3] = most;
    data[length + 4] = missing;
    exitScratch.length = length + EXIT_WORDS;
  }

  /** The inner places so far: valid until the next builder is begun. */
  get innerEntries(): Int32Array {
    return innerScratch.data.subarray(0, innerScratch.length);
  }

  /** The exits so far, for who must not add one twice. */
  get exits(): IntList {
    return exitScratch;
  }

  build(): TriePart {
    return { inner: innerScratch.toArray(), exits: exitScratch.toArray() };
  }
}
