// Which states of an automaton accept different languages, in a few passes over its edges. States begin apart where their
// shortest or longest word differ in length, which tells apart the states of most automata at once; then rounds of
// refinement by where the edges lead (Moore 1956). For an automaton without cycles the result is always stable.
import { FLAT_WORDS, type FlatDfa } from './flat.js';
import { Scratch } from './scratch.js';
import { WordLists } from './word-lists.js';

/** Rounds of refinement; what is not stable by then is left to Hopcroft's algorithm. */
const MAX_ROUNDS = 40;

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
  if (lengths.acyclic === states) {
    count = blocks.bottomUp(lengths.leavesFirst, states);
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
  /** The states that lead into no cycle, each after those that it leads to: the first `acyclic` entries. */
  readonly leavesFirst: Int32Array;
  readonly acyclic: number;
}

const scratch = new Scratch<'shortest' | 'longest' | 'open' | 'queue' | 'start' | 'sources'>();

/** The lengths of each state's shortest and longest word. */
function wordLengths(dfa: FlatDfa): Lengths {
  const { edgeStart, accept } = dfa;
  const states = accept.length;
  const sources = sourcesOf(dfa);
  const start = sources.start;
  const from = sources.sources;
  const shortest = scratch.filled('shortest', states, -1);
  const queue = scratch.array('queue', states);
  let size = 0;
  for (let state = 0; state < states; state++)
    if (accept[state]) {
      shortest[state] = 0;
      queue[size++] = state;
    }
  for (let i = 0; i < size; i++)
    for (let at = start[queue[i]]; at < start[queue[i] + 1]; at++)
      if (shortest[from[at]] < 0) {
        shortest[from[at]] = shortest[queue[i]] + 1;
        queue[size++] = from[at];
      }
  const longest = scratch.filled('longest', states, -1);
  const open = scratch.array('open', states);
  size = 0;
  for (let state = 0; state < states; state++) {
    open[state] = edgeStart[state + 1] - edgeStart[state];
    if (open[state] > 0) continue;
    longest[state] = 0;
    queue[size++] = state;
  }
  for (let i = 0; i < size; i++)
    for (let at = start[queue[i]]; at < start[queue[i] + 1]; at++) {
      const source = from[at];
      if (longest[source] < longest[queue[i]] + 1) longest[source] = longest[queue[i]] + 1;
      if (--open[source] === 0) queue[size++] = source;
    }
  for (let state = 0; state < states; state++) if (open[state] > 0) longest[state] = -1;
  return { shortest, longest, leavesFirst: queue, acyclic: size };
}

/** The states that edges come from, one entry an edge: those of state s are sources[start[s]] .. sources[start[s + 1]]. */
function sourcesOf({ edgeStart, edges, accept }: FlatDfa): { start: Int32Array; sources: Int32Array } {
  const states = accept.length;
  const start = scratch.filled('start', states + 2, 0);
  for (let at = 2; at < edges.length; at += FLAT_WORDS) start[edges[at] + 2]++;
  for (let state = 2; state < states + 2; state++) start[state] += start[state - 1];
  const sources = scratch.array('sources', edges.length / FLAT_WORDS);
  for (let state = 0; state < states; state++)
    for (let edge = edgeStart[state]; edge < edgeStart[state + 1]; edge++)
      sources[start[edges[edge * FLAT_WORDS + 2] + 1]++] = state;
  return { start, sources };
}

/** The signatures of blocks; refinements come one after the other. */
const signatures = new WordLists(256);

/** A partition; refined by giving each state a signature and numbering those that differ. */
class Blocks {
  blockOf: Int32Array;
  readonly #dfa: FlatDfa;

  constructor(dfa: FlatDfa) {
    this.#dfa = dfa;
    this.blockOf = new Int32Array(dfa.accept.length);
  }

  byLengths({ shortest, longest }: Lengths): number {
    signatures.clear();
    for (let state = 0; state < this.blockOf.length; state++) {
      signatures.put(shortest[state]);
      signatures.put(longest[state]);
      this.blockOf[state] = signatures.end();
    }
    return signatures.count;
  }

  /** One round: states of one block part where their edges lead to different blocks. */
  byEdges(): number {
    signatures.clear();
    const next = new Int32Array(this.blockOf.length);
    for (let state = 0; state < next.length; state++) {
      signatures.put(this.blockOf[state]);
      this.#putEdges(state);
      next[state] = signatures.end();
    }
    this.blockOf = next;
    return signatures.count;
  }

  /** Without cycles: each state when those that it leads to are done (Revuz 1992). */
  bottomUp(order: Int32Array, count: number): number {
    signatures.clear();
    for (let i = 0; i < count; i++) {
      const state = order[i];
      signatures.put(this.#dfa.accept[state]);
      this.#putEdges(state);
      this.blockOf[state] = signatures.end();
    }
    return signatures.count;
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
      signatures.put(lo);
      signatures.put(hi);
      signatures.put(block);
    }
  }
}
