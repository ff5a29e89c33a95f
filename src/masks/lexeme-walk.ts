// The walk of an automaton over a trie that does not walk where lexemes are: whatever lies below a node inside of one
// lexeme is the same in every grammar, and remembered with the trie.
import type { Configuration, ConfigurationSet, Machine } from '../automata/index.js';
import type { Inside, Insides } from './inside.js';
import type { IntList } from './int-list.js';
import type { Trie } from './trie.js';
import { EXIT_WORDS, INNER_WORDS, UNBOUNDED } from './trie-part.js';

/** Subtrees with fewer nodes are walked. */
const MIN_PART = 12;
/** Sets with more configurations are walked. */
const MAX_PARTS = 16;

export class LexemeWalk {
  readonly #machine: Machine;
  readonly #insides: Insides;
  /** The levels: the set, the bytes that it reads, and the children of a node that are still to be looked at. */
  readonly #sets: ConfigurationSet[] = [];
  readonly #readable: Int32Array[] = [];
  readonly #at: number[] = [];
  readonly #end: number[] = [];
  #top = -1;

  constructor(machine: Machine, insides: Insides) {
    this.#machine = machine;
    this.#insides = insides;
  }

  /**
   * Collects the places among the trie's tokens of all tokens whose bytes below the root can be read from `from`; some more
   * than once.
   * @throws LimitError
   */
  run(from: ConfigurationSet, trie: Trie, into: IntList): void {
    const { childByte, childNode, tokenStart, skip } = trie;
    this.#top = -1;
    this.#enter(from, trie, 0);
    while (this.#top >= 0) {
      const top = this.#top;
      const readable = this.#readable[top];
      const end = this.#end[top];
      let at = this.#at[top];
      while (at < end && !((readable[childByte[at] >>> 5] >>> (childByte[at] & 31)) & 1)) at++;
      if (at === end) {
        this.#top--;
        continue;
      }
      this.#at[top] = at + 1;
      const reached = this.#machine.step(this.#sets[top], childByte[at]);
      if (!reached) continue;
      const node = childNode[at];
      for (let place = tokenStart[node]; place < tokenStart[node + 1]; place++) into.push(place);
      if (skip[node] - node < MIN_PART) this.#enter(reached, trie, node);
      else this.#divide(reached, trie, node, into);
    }
  }

  #enter(set: ConfigurationSet, { childStart }: Trie, node: number): void {
    if (childStart[node] === childStart[node + 1]) return;
    const top = ++this.#top;
    this.#sets[top] = set;
    this.#readable[top] = this.#machine.readable(set);
    this.#at[top] = childStart[node];
    this.#end[top] = childStart[node + 1];
  }

  #divide(set: ConfigurationSet, trie: Trie, node: number, into: IntList): void {
    const { configurations } = set;
    if (configurations.length > MAX_PARTS) {
      this.#enter(set, trie, node);
      return;
    }
    const others: Configuration[] = [];
    for (const at of configurations) {
      const inside = this.#insides.find(at);
      if (inside) this.#take(inside, trie, node, into);
      else others.push(at);
    }
    if (others.length === configurations.length) this.#enter(set, trie, node);
    else if (others.length > 0) this.#enter(this.#machine.only(others), trie, node);
  }

  #take({ reader, count: { left, missing }, behind }: Inside, trie: Trie, node: number, into: IntList): void {
    const { inner, exits } = reader.part(trie, node);
    for (let entry = 0; entry < inner.length; entry += INNER_WORDS)
      if (inner[entry + 2] <= left && left <= inner[entry + 3])
        for (let place = inner[entry]; place < inner[entry + 1]; place++) into.push(place);
    if (exits.length === 0) return;
    const next = this.#machine.enter(behind);
    if (!next) return;
    const { tokenStart } = trie;
    for (let exit = 0; exit < exits.length; exit += EXIT_WORDS) {
      if (exits[exit + 2] > left || left > exits[exit + 3] || missing > exits[exit + 4]) continue;
      const at = exits[exit];
      // Where the lexeme goes on too, the tokens of the node are inside already.
      const covered = exits[exit + 1];
      if (covered === UNBOUNDED || left < covered)
        for (let place = tokenStart[at]; place < tokenStart[at + 1]; place++) into.push(place);
      this.#enter(next, trie, at);
    }
  }
}
