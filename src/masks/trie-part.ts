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

/** Collects a part. Neighbouring places with the same bounds become one entry. */
export class PartBuilder {
  readonly #inner = new IntList();
  readonly #exits = new IntList();

  inner(from: number, to: number, least: number, most: number): void {
    if (from === to) return;
    const { data, length } = this.#inner;
    const last = length - INNER_WORDS;
    if (last >= 0 && data[last + 1] === from && data[last + 2] === least && data[last + 3] === most) {
      data[last + 1] = to;
      return;
    }
    this.#inner.push(from);
    this.#inner.push(to);
    this.#inner.push(least);
    this.#inner.push(most);
  }

  exit(node: number, covered: number, least: number, most: number, missing: number): void {
    this.#exits.push(node);
    this.#exits.push(covered);
    this.#exits.push(least);
    this.#exits.push(most);
    this.#exits.push(missing);
  }

  /** The exits so far, for who must not add one twice. */
  get exits(): IntList {
    return this.#exits;
  }

  build(): TriePart {
    return { inner: this.#inner.toArray(), exits: this.#exits.toArray() };
  }
}
