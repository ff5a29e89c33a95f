// Any partial DFA to the one canonical form that leaves this room: trimmed, minimal, numbered breadth first.
import type { Dfa, DfaEdge } from './dfa.js';
import { dfaOf, FLAT_WORDS, FlatBuilder, type FlatDfa, flatten } from './flat.js';
import { refine } from './refine.js';
import { Scratch } from './scratch.js';

/** A DFA under construction: edges sorted and disjoint, state 0 starts, otherwise free. */
export interface RawDfa {
  readonly edges: readonly (readonly DfaEdge[])[];
  readonly accept: ArrayLike<number>;
}

/** The empty language. */
export const NO_LANGUAGE: Dfa = dfaOf(flatten({ edges: [[]], accept: [0] }));

/** The minimal automaton of the same language, in canonical form. */
export function minimize(raw: RawDfa): Dfa {
  return minimizeFlat(flatten(raw));
}

/** {@link minimize} of a flat automaton. */
export function minimizeFlat(raw: FlatDfa): Dfa {
  const accept = trim(raw);
  if (!accept) return NO_LANGUAGE;
  const trimmed = trimBuilder.view(accept);
  const { blockOf, count } = refine(trimmed);
  return dfaOf(count === accept.length ? trimBuilder.finish(accept) : quotient(trimmed, blockOf));
}

/** The canonical form of an automaton whose states all accept different languages already: trimmed, numbered breadth first. */
export function renumber(raw: RawDfa): Dfa {
  return renumberFlat(flatten(raw));
}

/** {@link renumber} of a flat automaton. */
export function renumberFlat(raw: FlatDfa): Dfa {
  const accept = trim(raw);
  return accept ? dfaOf(trimBuilder.finish(accept)) : NO_LANGUAGE;
}

/** What {@link renumberFlat} gives, in memory that the next automaton takes; undefined for the empty language. */
export function renumberedView(raw: FlatDfa): FlatDfa | undefined {
  const accept = trim(raw);
  return accept && trimBuilder.view(accept);
}

const UNSEEN = -1;
const scratch = new Scratch<'number' | 'order' | 'alive' | 'ends' | 'sources' | 'pending'>();

/** What {@link trim} has left, until it is asked again. */
const trimBuilder = new FlatBuilder();

/**
 * Keeps the states that can be reached and can reach an accepting one, numbered breadth first; adjacent edges to one state
 * are joined. Which of the states that are left accept, their edges being in {@link trimBuilder}; undefined for the empty
 * language.
 */
function trim(raw: FlatDfa): Uint8Array | undefined {
  const number = scratch.array('number', raw.accept.length);
  const order = scratch.array('order', raw.accept.length);
  const reached = breadthFirst(raw, number, order, undefined);
  const alive = aliveStates(raw, order, reached);
  if (!alive) return build(raw, order, reached, number, undefined);
  if (!alive[0]) return undefined;
  return build(raw, order, breadthFirst(raw, number, order, alive), number, alive);
}

/** Puts the states that can be reached in the order of their first mention; `number` gets their places. How many there are. */
function breadthFirst(
  { edgeStart, edges, accept }: FlatDfa,
  number: Int32Array,
  order: Int32Array,
  alive: Int32Array | undefined,
): number {
  number.fill(UNSEEN, 0, accept.length);
  let size = 1;
  number[0] = 0;
  order[0] = 0;
  for (let i = 0; i < size; i++) {
    const end = edgeStart[order[i] + 1] * FLAT_WORDS;
    for (let at = edgeStart[order[i]] * FLAT_WORDS + 2; at < end; at += FLAT_WORDS) {
      const to = edges[at];
      if (number[to] !== UNSEEN || (alive && !alive[to])) continue;
      number[to] = size;
      order[size++] = to;
    }
  }
  return size;
}

/** Which of the states can reach an accepting one; undefined where all of them can. */
function aliveStates(raw: FlatDfa, order: Int32Array, reached: number): Int32Array | undefined {
  const { edgeStart, edges, accept } = raw;
  const alive = scratch.filled('alive', accept.length, 0);
  let count = 0;
  // Backwards over the breadth-first order: most states lead to later ones, so few rounds are needed.
  for (let rounds = 0; rounds < MAX_ROUNDS; rounds++) {
    const before = count;
    for (let i = reached - 1; i >= 0; i--) {
      const state = order[i];
      if (alive[state]) continue;
      let lives = accept[state] === 1;
      const end = edgeStart[state + 1] * FLAT_WORDS;
      for (let at = edgeStart[state] * FLAT_WORDS + 2; at < end && !lives; at += FLAT_WORDS)
        lives = alive[edges[at]] === 1;
      if (!lives) continue;
      alive[state] = 1;
      count++;
    }
    if (count === reached) return undefined;
    if (count === before) return alive;
  }
  return aliveBySources(raw, order, reached);
}

const MAX_ROUNDS = 8;

/** {@link aliveStates} in linear time. */
function aliveBySources(raw: FlatDfa, order: Int32Array, reached: number): Int32Array {
  const { accept } = raw;
  const ends = scratch.filled('ends', accept.length, 0);
  const sources = scratch.array('sources', listSources(raw, order, reached, ends));
  fillSources(raw, order, reached, ends, sources);
  const alive = scratch.filled('alive', accept.length, 0);
  const pending = scratch.array('pending', reached);
  let size = 0;
  for (let i = 0; i < reached; i++)
    if (accept[order[i]]) {
      alive[order[i]] = 1;
      pending[size++] = order[i];
    }
  while (size > 0) {
    const state = pending[--size];
    // The lists lie one behind the other, and have been filled from their ends.
    for (let at = ends[state]; sources[at] !== UNSEEN; at++) {
      const source = sources[at];
      if (alive[source]) continue;
      alive[source] = 1;
      pending[size++] = source;
    }
  }
  return alive;
}

/** Says of each state where the list of those with an edge to it ends, in an array of the length that is returned. */
function listSources(
  { edgeStart, edges, accept }: FlatDfa,
  order: Int32Array,
  reached: number,
  ends: Int32Array,
): number {
  for (let i = 0; i < reached; i++) {
    const end = edgeStart[order[i] + 1] * FLAT_WORDS;
    for (let at = edgeStart[order[i]] * FLAT_WORDS + 2; at < end; at += FLAT_WORDS) ends[edges[at]]++;
  }
  let length = 0;
  for (let state = 0; state < accept.length; state++) {
    length += ends[state];
    ends[state] = length++;
  }
  return length;
}

/** Writes the lists, each from its end to its beginning, where `ends` is from then on; {@link UNSEEN} stands behind each. */
function fillSources(
  { edgeStart, edges, accept }: FlatDfa,
  order: Int32Array,
  reached: number,
  ends: Int32Array,
  sources: Int32Array,
): void {
  for (let state = 0; state < accept.length; state++) sources[ends[state]] = UNSEEN;
  for (let i = 0; i < reached; i++) {
    const end = edgeStart[order[i] + 1] * FLAT_WORDS;
    for (let at = edgeStart[order[i]] * FLAT_WORDS + 2; at < end; at += FLAT_WORDS)
      sources[--ends[edges[at]]] = order[i];
  }
}

/** Writes the first `count` states in `order`, renamed by `number`, with the edges to those that are alive. */
function build(
  { edgeStart, edges, accept }: FlatDfa,
  order: Int32Array,
  count: number,
  number: Int32Array,
  alive: Int32Array | undefined,
): Uint8Array {
  const accepts = new Uint8Array(count);
  const builder = trimBuilder.clear();
  for (let i = 0; i < count; i++) {
    accepts[i] = accept[order[i]];
    const end = edgeStart[order[i] + 1] * FLAT_WORDS;
    for (let at = edgeStart[order[i]] * FLAT_WORDS; at < end; at += FLAT_WORDS)
      if (!alive || alive[edges[at + 2]]) builder.edge(edges[at], edges[at + 1], number[edges[at + 2]]);
    builder.close();
  }
  return accepts;
}

const quotientBuilder = new FlatBuilder();

/** One state per block, numbered breadth first from the start. */
function quotient({ edgeStart, edges, accept }: FlatDfa, block: Int32Array): FlatDfa {
  const number = scratch.filled('number', accept.length + 1, UNSEEN);
  const order = scratch.array('order', accept.length);
  const builder = quotientBuilder.clear();
  order[0] = 0;
  number[block[0]] = 0;
  let size = 1;
  for (let i = 0; i < size; i++) {
    const end = edgeStart[order[i] + 1] * FLAT_WORDS;
    for (let at = edgeStart[order[i]] * FLAT_WORDS; at < end; at += FLAT_WORDS) {
      const target = block[edges[at + 2]];
      if (number[target] === UNSEEN) {
        number[target] = size;
        order[size++] = edges[at + 2];
      }
      builder.edge(edges[at], edges[at + 1], number[target]);
    }
    builder.close();
  }
  const accepts = new Uint8Array(size);
  for (let i = 0; i < size; i++) accepts[i] = accept[order[i]];
  return builder.finish(accepts);
}
