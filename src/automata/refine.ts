// Which states of an automaton accept different languages. States begin apart where their shortest or longest words differ
// in length, which tells apart the states of most automata at once; then blocks are split by where the edges of their states
// lead, a state being looked at again only when one that it leads to has changed its block. As the largest part of a split
// block keeps its number, a state does so at most log n times: n log n in all, as in Hopcroft 1971.
import { FLAT_WORDS, type FlatDfa } from './flat.js';
import { Scratch } from './scratch.js';
import { WordLists } from './word-lists.js';

export interface Refinement {
  /** States of one block accept the same language, those of different blocks different ones. */
  readonly blockOf: Int32Array;
  readonly count: number;
}

/** The partition of a trimmed automaton's states by their languages. */
export function refine(dfa: FlatDfa): Refinement {
  const states = dfa.accept.length;
  if (states === 1) return { blockOf: new Int32Array(1), count: 1 };
  const sources = sourcesOf(dfa);
  const lengths = wordLengths(dfa, sources);
  const blockOf = new Int32Array(states);
  let count = blocksByLengths(lengths, blockOf);
  if (count < states)
    count =
      lengths.acyclic === states
        ? blocksBottomUp(dfa, lengths.leavesFirst, blockOf)
        : new Splitting(dfa, sources, blockOf, count).run();
  return { blockOf, count };
}

interface Lengths {
  readonly shortest: Int32Array;
  /** -1 where there are words of any length. */
  readonly longest: Int32Array;
  /** The states that lead into no cycle, each after those that it leads to: the first `acyclic` entries. */
  readonly leavesFirst: Int32Array;
  readonly acyclic: number;
}

const scratch = new Scratch<
  | 'shortest'
  | 'longest'
  | 'open'
  | 'queue'
  | 'start'
  | 'from'
  | 'elements'
  | 'position'
  | 'first'
  | 'end'
  | 'marked'
  | 'signature'
  | 'sorted'
>();

/** The length of each state's shortest word, -1 where it has none. */
export function shortestWords(dfa: FlatDfa): Int32Array {
  return shortestBySources(dfa, sourcesOf(dfa)).slice(0, dfa.accept.length);
}

function shortestBySources({ accept }: FlatDfa, { start, from }: Sources): Int32Array {
  const states = accept.length;
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
  return shortest;
}

/** The lengths of each state's shortest and longest word. */
function wordLengths(dfa: FlatDfa, sources: Sources): Lengths {
  const { edgeStart, accept } = dfa;
  const { start, from } = sources;
  const states = accept.length;
  const shortest = shortestBySources(dfa, sources);
  const longest = scratch.filled('longest', states, -1);
  const open = scratch.array('open', states);
  const queue = scratch.array('queue', states);
  let size = 0;
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

/** The states that edges come from, one entry an edge: those of state s are from[start[s]] .. from[start[s + 1]]. */
interface Sources {
  readonly start: Int32Array;
  readonly from: Int32Array;
}

function sourcesOf({ edgeStart, edges, accept }: FlatDfa): Sources {
  const states = accept.length;
  const start = scratch.filled('start', states + 2, 0);
  for (let at = 2; at < edges.length; at += FLAT_WORDS) start[edges[at] + 2]++;
  for (let state = 2; state < states + 2; state++) start[state] += start[state - 1];
  const from = scratch.array('from', edges.length / FLAT_WORDS);
  for (let state = 0; state < states; state++)
    for (let edge = edgeStart[state]; edge < edgeStart[state + 1]; edge++)
      from[start[edges[edge * FLAT_WORDS + 2] + 1]++] = state;
  return { start, from };
}

/** What tells states apart: the lists are blocks. */
const signatures = new WordLists(256);

function blocksByLengths({ shortest, longest }: Lengths, blockOf: Int32Array): number {
  signatures.clear();
  for (let state = 0; state < blockOf.length; state++) {
    signatures.put(shortest[state]);
    signatures.put(longest[state]);
    blockOf[state] = signatures.end();
  }
  return signatures.count;
}

/** Without cycles: each state when those that it leads to are done (Revuz 1992). */
function blocksBottomUp(dfa: FlatDfa, order: Int32Array, blockOf: Int32Array): number {
  signatures.clear();
  for (let i = 0; i < blockOf.length; i++) {
    const state = order[i];
    signatures.put(dfa.accept[state]);
    putEdges(dfa, state, blockOf);
    blockOf[state] = signatures.end();
  }
  return signatures.count;
}

/** Adds the edges of a state with blocks for targets, those joined that then lead to one. */
function putEdges({ edgeStart, edges }: FlatDfa, state: number, blockOf: Int32Array): void {
  const end = edgeStart[state + 1] * FLAT_WORDS;
  let at = edgeStart[state] * FLAT_WORDS;
  while (at < end) {
    const block = blockOf[edges[at + 2]];
    const lo = edges[at];
    let hi = edges[at + 1];
    for (at += FLAT_WORDS; at < end && edges[at] === hi + 1; at += FLAT_WORDS) {
      if (blockOf[edges[at + 2]] !== block) break;
      hi = edges[at + 1];
    }
    signatures.put(lo);
    signatures.put(hi);
    signatures.put(block);
  }
}

/**
 * Blocks as ranges of one array (Valmari & Lehtinen 2008), split in rounds. Before a round, the states of a block differ at
 * most in edges to states that have just changed their blocks; those without such edges stay together.
 */
class Splitting {
  readonly #dfa: FlatDfa;
  readonly #sources: Sources;
  readonly #blockOf: Int32Array;
  #count: number;
  readonly #elements: Int32Array;
  readonly #position: Int32Array;
  readonly #first: Int32Array;
  readonly #end: Int32Array;
  /** By block: how many of its states, at the front, are looked at in this round. */
  readonly #marked: Int32Array;
  /** By state, in this round. */
  readonly #signature: Int32Array;
  readonly #sorted: Int32Array;
  #pending: number[];

  constructor(dfa: FlatDfa, sources: Sources, blockOf: Int32Array, count: number) {
    const states = blockOf.length;
    this.#dfa = dfa;
    this.#sources = sources;
    this.#blockOf = blockOf;
    this.#count = count;
    this.#elements = scratch.array('elements', states);
    this.#position = scratch.array('position', states);
    this.#first = scratch.filled('first', states + 1, 0);
    this.#end = scratch.array('end', states);
    this.#marked = scratch.filled('marked', states, 0);
    this.#signature = scratch.array('signature', states);
    this.#sorted = scratch.array('sorted', states);
    this.#pending = [];
    for (let state = 0; state < states; state++) this.#pending.push(state);
    const [first, end] = [this.#first, this.#end];
    for (let state = 0; state < states; state++) first[blockOf[state] + 1]++;
    for (let block = 1; block <= count; block++) first[block] += first[block - 1];
    for (let block = 0; block < count; block++) end[block] = first[block];
    for (let state = 0; state < states; state++) this.#put(state, end[blockOf[state]]++);
  }

  run(): number {
    while (this.#pending.length > 0 && this.#count < this.#blockOf.length) {
      const touched = this.#mark();
      signatures.clear();
      const firstSignature: number[] = [];
      for (const block of touched) firstSignature.push(this.#sign(block));
      firstSignature.push(signatures.count);
      for (let i = 0; i < touched.length; i++)
        this.#split(touched[i], firstSignature[i], firstSignature[i + 1]);
    }
    return this.#count;
  }

  #put(state: number, at: number): void {
    this.#elements[at] = state;
    this.#position[state] = at;
  }

  /** Moves the pending states to the front of their blocks, and tells which blocks these are. */
  #mark(): number[] {
    const touched: number[] = [];
    for (const state of this.#pending) {
      const block = this.#blockOf[state];
      const border = this.#first[block] + this.#marked[block];
      const at = this.#position[state];
      if (at < border) continue;
      if (this.#marked[block]++ === 0) touched.push(block);
      this.#put(this.#elements[border], at);
      this.#put(state, border);
    }
    this.#pending = [];
    return touched;
  }

  /** Gives the marked states of a block their signatures, which are those from the number returned on. */
  #sign(block: number): number {
    const from = signatures.count;
    for (let at = this.#first[block]; at < this.#first[block] + this.#marked[block]; at++) {
      signatures.put(block);
      putEdges(this.#dfa, this.#elements[at], this.#blockOf);
      this.#signature[this.#elements[at]] = signatures.end();
    }
    return from;
  }

  /** Parts the marked states of a block by signature and from those not marked; all parts but the largest are new blocks. */
  #split(block: number, from: number, to: number): void {
    const first = this.#first[block];
    const border = first + this.#marked[block];
    const rest = this.#end[block] - border;
    this.#marked[block] = 0;
    if (rest === 0 && to - from === 1) return;
    const starts = this.#sortBySignature(first, border, from, to);
    let largest = -1;
    let most = rest;
    for (let part = 0; part < to - from; part++)
      if (starts[part + 1] - starts[part] > most) {
        largest = part;
        most = starts[part + 1] - starts[part];
      }
    if (largest >= 0 && rest > 0) this.#open(border, this.#end[block]);
    for (let part = 0; part < to - from; part++)
      if (part !== largest) this.#open(starts[part], starts[part + 1]);
    if (largest >= 0) {
      this.#first[block] = starts[largest];
      this.#end[block] = starts[largest + 1];
    } else this.#first[block] = border;
  }

  /** Sorts the range by signature; where each part begins, and the end. */
  #sortBySignature(first: number, border: number, from: number, to: number): number[] {
    const starts: number[] = new Array(to - from + 2).fill(0);
    for (let at = first; at < border; at++) starts[this.#signature[this.#elements[at]] - from + 2]++;
    starts[1] = first;
    for (let part = 2; part < starts.length; part++) starts[part] += starts[part - 1];
    for (let at = first; at < border; at++) {
      const state = this.#elements[at];
      this.#sorted[starts[this.#signature[state] - from + 1]++] = state;
    }
    for (let at = first; at < border; at++) this.#put(this.#sorted[at], at);
    starts[0] = first;
    return starts;
  }

  /** A new block of a range; whoever leads there is looked at again. */
  #open(first: number, end: number): void {
    const block = this.#count++;
    this.#first[block] = first;
    this.#end[block] = end;
    const { start, from } = this.#sources;
    for (let at = first; at < end; at++) {
      const state = this.#elements[at];
      this.#blockOf[state] = block;
      for (let i = start[state]; i < start[state + 1]; i++) this.#pending.push(from[i]);
    }
  }
}
