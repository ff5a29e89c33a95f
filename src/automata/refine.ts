// Which states of an automaton accept different languages, in a few passes over its edges. States begin apart where their
// shortest or longest word differ in length, which tells apart the states of most automata at once; then rounds of
// refinement by where the edges lead (Moore 1956). For an automaton without cycles the result is always stable.
import { FLAT_WORDS, type FlatDfa } from './flat.js';
import { WordLists } from './word-lists.js';

/** Rounds of refinement; what is not stable by then is left to Hopcroft's algorithm. */
const MAX_ROUNDS = 12;

export interface Refinement {
  /** States of different blocks accept different languages; where `isStable`, those of one block the same one. */
  readonly blockOf: Int32Array;
  readonly count: number;
  readonly isStable: boolean;
}

/** The partition of a trimmed automaton's states. */
export function refineByLengths(dfa: FlatDfa): Refinement {
  const states = dfa.accept.length;
  if (states === 1) return { blockOf: new Int32Array(1), count: 1, isStable: true };
  const lengths = wordLengths(dfa);
  const blocks = new Blocks(dfa);
  let count = blocks.byLengths(lengths);
  if (count === states) return { blockOf: blocks.blockOf, count, isStable: true };
  if (lengths.leavesFirst.length === states) {
    count = blocks.bottomUp(lengths.leavesFirst);
    return { blockOf: blocks.blockOf, count, isStable: true };
  }
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const before = count;
    count = blocks.byEdges();
    if (count === before || count === states) return { blockOf: blocks.blockOf, count, isStable: true };
  }
  return { blockOf: blocks.blockOf, count, isStable: false };
}

interface Lengths {
  readonly shortest: Int32Array;
  /** -1 where there are words of any length. */
  readonly longest: Int32Array;
  /** The states that lead into no cycle, each after those that it leads to. */
  readonly leavesFirst: Int32Array;
}

/** The lengths of each state's shortest and longest word. */
function wordLengths({ edgeStart, edges, accept }: FlatDfa): Lengths {
  const states = accept.length;
  const { start, sources } = sourcesOf({ edgeStart, edges, accept });
  const shortest = new Int32Array(states).fill(-1);
  const queue = new Int32Array(states);
  let size = 0;
  for (let state = 0; state < states; state++)
    if (accept[state]) {
      shortest[state] = 0;
      queue[size++] = state;
    }
  for (let i = 0; i < size; i++)
    for (let at = start[queue[i]]; at < start[queue[i] + 1]; at++)
      if (shortest[sources[at]] < 0) {
        shortest[sources[at]] = shortest[queue[i]] + 1;
        queue[size++] = sources[at];
      }
  const longest = new Int32Array(states).fill(-1);
  const open = new Int32Array(states);
  size = 0;
  for (let state = 0; state < states; state++) {
    open[state] = edgeStart[state + 1] - edgeStart[state];
    if (open[state] === 0) {
      longest[state] = 0;
      queue[size++] = state;
    }
  }
  for (let i = 0; i < size; i++)
    for (let at = start[queue[i]]; at < start[queue[i] + 1]; at++) {
      const source = sources[at];
      if (longest[source] < longest[queue[i]] + 1) longest[source] = longest[queue[i]] + 1;
      if (--open[source] === 0) queue[size++] = source;
    }
  for (let state = 0; state < states; state++) if (open[state] > 0) longest[state] = -1;
  return { shortest, longest, leavesFirst: queue.subarray(0, size) };
}

/** The states that edges come from, one entry an edge: those of state s are sources[start[s]] .. sources[start[s + 1]]. */
function sourcesOf({ edgeStart, edges, accept }: Pick<FlatDfa, 'edgeStart' | 'edges' | 'accept'>): {
  readonly start: Int32Array;
  readonly sources: Int32Array;
} {
  const start = new Int32Array(accept.length + 2);
  for (let at = 2; at < edges.length; at += FLAT_WORDS) start[edges[at] + 2]++;
  for (let state = 2; state < start.length; state++) start[state] += start[state - 1];
  const sources = new Int32Array(edges.length / FLAT_WORDS);
  for (let state = 0; state < accept.length; state++)
    for (let edge = edgeStart[state]; edge < edgeStart[state + 1]; edge++)
      sources[start[edges[edge * FLAT_WORDS + 2] + 1]++] = state;
  return { start, sources };
}

/** A partition; refined by giving each state a signature and numbering those that differ. */
class Blocks {
  blockOf: Int32Array;
  readonly #dfa: FlatDfa;
  /** The signatures of the blocks of the round. */
  readonly #signatures: WordLists;

  constructor(dfa: FlatDfa) {
    this.#dfa = dfa;
    this.blockOf = new Int32Array(dfa.accept.length);
    this.#signatures = new WordLists(dfa.accept.length);
  }

  byLengths({ shortest, longest }: Lengths): number {
    this.#signatures.clear();
    for (let state = 0; state < shortest.length; state++) {
      this.#signatures.put(shortest[state]);
      this.#signatures.put(longest[state]);
      this.blockOf[state] = this.#signatures.end();
    }
    return this.#signatures.count;
  }

  /** One round: states of one block part where their edges lead to different blocks. */
  byEdges(): number {
    this.#signatures.clear();
    const next = new Int32Array(this.blockOf.length);
    for (let state = 0; state < next.length; state++) {
      this.#signatures.put(this.blockOf[state]);
      this.#putEdges(state);
      next[state] = this.#signatures.end();
    }
    this.blockOf = next;
    return this.#signatures.count;
  }

  /** Without cycles: each state when those that it leads to are done (Revuz 1992). */
  bottomUp(order: Int32Array): number {
    this.#signatures.clear();
    for (const state of order) {
      this.#signatures.put(this.#dfa.accept[state]);
      this.#putEdges(state);
      this.blockOf[state] = this.#signatures.end();
    }
    return this.#signatures.count;
  }

  /** The edges of a state with blocks for targets, those joined that then lead to one. */
  #putEdges(state: number): void {
    const { edgeStart, edges } = this.#dfa;
    const end = edgeStart[state + 1] * FLAT_WORDS;
    let at = edgeStart[state] * FLAT_WORDS;
    while (at < end) {
      const block = this.blockOf[edges[at + 2]];
      const lo = edges[at];
      let hi = edges[at + 1];
      for (at += FLAT_WORDS; at < end && edges[at] === hi + 1; at += FLAT_WORDS) {
        if (this.blockOf[edges[at + 2]] !== block) break;
        hi = edges[at + 1];
      }
      this.#signatures.put(lo);
      this.#signatures.put(hi);
      this.#signatures.put(block);
    }
  }
}
