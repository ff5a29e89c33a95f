// The lengths of a language's words, without the product of its automaton with a counter: the shortest and the longest
// from every state, and from them which counts of characters may stand at a state so that a word of allowed length is left.
import type { Dfa, DfaEdge } from '../../automata/index.js';

/** Steps of the table of lengths; beyond them the question is left to the product. */
const MAX_STEPS = 20_000_000;

/** A language of all words of `min` to `max` characters of one set. */
export interface Repetition {
  readonly edges: readonly DfaEdge[];
  readonly min: number;
  readonly max: number;
}

/** The language as a repetition of one set; undefined for any other language. */
export function repetitionOf({ edges, accept }: Dfa): Repetition | undefined {
  const [first] = edges;
  if (first.length === 0) return undefined;
  const same = (list: readonly DfaEdge[]) =>
    list.length === first.length &&
    list.every(({ lo, hi, to }, i) => lo === first[i].lo && hi === first[i].hi && to === list[0].to);
  let min: number | undefined;
  let state = 0;
  for (let length = 0; ; length++) {
    if (accept[state]) min ??= length;
    else if (min !== undefined) return undefined;
    if (edges[state].length === 0) return { edges: first, min: min ?? 0, max: length };
    if (!same(edges[state])) return undefined;
    const next = edges[state][0].to;
    if (next === state) return min === undefined ? undefined : { edges: first, min, max: Infinity };
    if (next < state) return undefined;
    state = next;
  }
}

/** What is known of the words from each state of a trimmed automaton. */
export interface WordLengths {
  readonly shortest: Int32Array;
  /** Infinity where there are words of any length. */
  readonly longest: Float64Array;
}

const lengths = new WeakMap<Dfa, WordLengths>();

export function wordLengths(language: Dfa): WordLengths {
  let known = lengths.get(language);
  if (!known) {
    known = { shortest: shortestWords(language), longest: longestWords(language) };
    lengths.set(language, known);
  }
  return known;
}

function sourcesOf({ edges }: Dfa): number[][] {
  const sources: number[][] = edges.map(() => []);
  edges.forEach((list, state) => {
    for (const to of new Set(list.map((edge) => edge.to))) sources[to].push(state);
  });
  return sources;
}

function shortestWords(language: Dfa): Int32Array {
  const sources = sourcesOf(language);
  const result = new Int32Array(language.edges.length).fill(-1);
  const order: number[] = [];
  language.accept.forEach((accepts, state) => {
    if (accepts) {
      result[state] = 0;
      order.push(state);
    }
  });
  for (const state of order)
    for (const source of sources[state])
      if (result[source] < 0) {
        result[source] = result[state] + 1;
        order.push(source);
      }
  return result;
}

/** By taking away states all of whose successors are taken; what remains leads into a loop. */
function longestWords(language: Dfa): Float64Array {
  const sources = sourcesOf(language);
  const open = Int32Array.from(language.edges, (list) => new Set(list.map(({ to }) => to)).size);
  const result = new Float64Array(language.edges.length).fill(Number.POSITIVE_INFINITY);
  const order: number[] = [];
  const close = (state: number) => {
    result[state] = language.edges[state].reduce((most, { to }) => Math.max(most, result[to] + 1), 0);
    order.push(state);
  };
  open.forEach((count, state) => {
    if (count === 0) close(state);
  });
  for (const state of order) for (const source of sources[state]) if (--open[source] === 0) close(source);
  return result;
}

/** The counts of characters read so far with which a state can be left for the end of a word of allowed length. */
export interface CountBounds {
  readonly least: Float64Array;
  readonly most: Float64Array;
}

/**
 * For every state of the language the counts from which a word of `min` to `max` characters in all can be finished;
 * undefined where at some state they are no interval, or the table would be too large.
 */
export function countBounds(language: Dfa, min: number, max: number): CountBounds | undefined {
  const { shortest, longest } = wordLengths(language);
  const most = Float64Array.from(shortest, (length) => max - length);
  if (min === 0) return { least: new Float64Array(most.length), most };
  if (max === Number.POSITIVE_INFINITY)
    return { least: Float64Array.from(longest, (length) => Math.max(0, min - length)), most };
  const edges = language.edges.reduce((sum, list) => sum + list.length, 0);
  if ((edges + most.length) * max > MAX_STEPS) return undefined;
  const last = longestUpTo(language, max, max - min + 1);
  return last && { least: Float64Array.from(last, (length) => Math.max(0, min - length)), most };
}

/** Each state's longest word of at most `max` characters; undefined where lengths lie more than `step` apart. */
function longestUpTo({ edges, accept }: Dfa, max: number, step: number): Int32Array | undefined {
  const targets = edges.map((list) => [...new Set(list.map(({ to }) => to))]);
  const last = Int32Array.from(accept, (accepts) => (accepts ? 0 : -1));
  let ends: Uint8Array = Uint8Array.from(accept);
  for (let length = 1; length <= max; length++) {
    const next = new Uint8Array(ends.length);
    for (let state = 0; state < ends.length; state++) {
      if (!targets[state].some((to) => ends[to] === 1)) continue;
      next[state] = 1;
      if (last[state] >= 0 && length - last[state] > step) return undefined;
      last[state] = length;
    }
    ends = next;
  }
  return last;
}

/** Whether the language has a word of `min` to `max` characters. */
export function hasLength(language: Dfa, min: number, max: number): boolean | undefined {
  const { shortest, longest } = wordLengths(language);
  if (shortest[0] < 0 || shortest[0] > max || longest[0] < min) return false;
  if (shortest[0] >= min || max === Number.POSITIVE_INFINITY) return true;
  const bounds = countBounds(language, min, max);
  return bounds && bounds.least[0] === 0;
}
