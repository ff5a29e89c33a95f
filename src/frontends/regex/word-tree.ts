// A list of words as a tree of sets: beginnings are shared, and characters with the same words behind them are one set. A
// flat choice of thousands of words under a loop has a position for each letter, and each end leads to each beginning.
import { type Intervals, unionIntervals } from '../../automata/index.js';
import { choiceNode, EMPTY_NODE, type RegexNode, sequenceNode } from './ast.js';

/** The node that reads one of the words, given as code points; `setOf` says what is read for a set of code points. */
export function wordTree(
  words: readonly (readonly number[])[],
  setOf: (codePoints: Intervals) => Intervals,
): RegexNode {
  return new WordTree(setOf).node(words, 0);
}

class WordTree {
  readonly #setOf: (codePoints: Intervals) => Intervals;
  /** Nodes by content, so that equal rests are one object. */
  readonly #nodes = new Map<string, RegexNode>();
  readonly #numbers = new Map<RegexNode, number>();

  constructor(setOf: (codePoints: Intervals) => Intervals) {
    this.#setOf = setOf;
  }

  /** What the words read from position `at` on. */
  node(words: readonly (readonly number[])[], at: number): RegexNode {
    const branches = [...this.#byRest(words, at)];
    const ends = words.some((word) => word.length === at);
    const key = branches.map(([rest, set]) => `${this.#numbers.get(rest)}:${set.join()}`).join(';') + ends;
    let node = this.#nodes.get(key);
    if (!node) {
      const read = branches.map(([rest, set]) =>
        sequenceNode([{ kind: 'set', set: this.#setOf(set) }, rest]),
      );
      node = choiceNode(ends ? [...read, EMPTY_NODE] : read);
      this.#nodes.set(key, node);
      this.#numbers.set(node, this.#numbers.size);
    }
    return node;
  }

  /** The characters at position `at`, put together where the same may follow. */
  #byRest(words: readonly (readonly number[])[], at: number): Map<RegexNode, Intervals> {
    const behind = new Map<number, (readonly number[])[]>();
    for (const word of words) {
      const codePoint = word[at];
      if (codePoint === undefined) continue;
      const some = behind.get(codePoint);
      if (some) some.push(word);
      else behind.set(codePoint, [word]);
    }
    const byRest = new Map<RegexNode, Intervals>();
    for (const [codePoint, some] of behind) {
      const rest = this.node(some, at + 1);
      byRest.set(rest, unionIntervals(byRest.get(rest) ?? [], [[codePoint, codePoint]]));
    }
    return byRest;
  }
}
