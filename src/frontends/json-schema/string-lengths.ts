// The lengths of a language's words, without the product of its automaton with a counter: the shortest and the longest
// from every state, and from them which counts of characters may stand at a state so that a word of allowed length is left.
import { type Dfa, FLAT_WORDS, type FlatDfa, flatOf, type Intervals, noted } from '../../automata/index.js';

/** Steps of the table of lengths; beyond them the question is left to the product. */
const MAX_STEPS = 20_000_000;

/** A language of all words of `min` to `max` characters of one set. */
export interface Repetition {
  readonly set: Intervals;
  readonly min: number;
  readonly max: number;
}

/** The language as a repetition of one set; undefined for any other language. */
export function repetitionOf(language: Dfa): Repetition | undefined {
  const { edgeStart, edges, accept } = flatOf(language);
  const width = edgeStart[1];
  if (width === 0) return undefined;
  let min: number | undefined;
  let state = 0;
  for (let length = 0; ; length++) {
    if (accept[state]) min ??= length;
    else if (min !== undefined) return undefined;
    const first = edgeStart[state] * FLAT_WORDS;
    if (edgeStart[state] === edgeStart[state + 1])
      return { set: setOf(edges, width), min: min ?? 0, max: length };
    if (edgeStart[state + 1] - edgeStart[state] !== width) return undefined;
    const next = edges[first + 2];
    for (let i = 0; i < width * FLAT_WORDS; i += FLAT_WORDS) {
      const at = first + i;
      if (edges[at] !== edges[i] || edges[at + 1] !== edges[i + 1] || edges[at + 2] !== next)
        return undefined;
    }
    if (next === state)
      return min === undefined ? undefined : { set: setOf(edges, width), min, max: Number.POSITIVE_INFINITY };
    if (next < state) return undefined;
    state = next;
  }
}

/** The symbols on the first `count` edges. */
function setOf(edges: Int32Array, count: number): Intervals {
  return Array.from({ length: count }, (_, i) => [edges[i * FLAT_WORDS], edges[i * FLAT_WORDS + 1]] as const);
}

/** What is known of the words from each state of a trimmed automaton. */
export interface WordLengths {
  readonly shortest: Int32Array;
  /** Infinity where there are words of any length. */
  readonly longest: Float64Array;
}

export const wordLengths = noted(
  (language: Dfa): WordLengths => ({ shortest: shortestWords(language), longest: longestWords(language) }),
);

/** The states that edges come from, one entry an edge: those of state s are sources[start[s]] .. sources[start[s + 1]]. */
function sourcesOf({ edgeStart, edges, accept }: FlatDfa): { start: Int32Array; sources: Int32Array } {
  const start = new Int32Array(accept.length + 2);
  for (let at = 2; at < edges.length; at += FLAT_WORDS) start[edges[at] + 2]++;
  for (let state = 2; state < start.length; state++) start[state] += start[state - 1];
  const sources = new Int32Array(edges.length / FLAT_WORDS);
  for (let state = 0; state < accept.length; state++)
    for (let edge = edgeStart[state]; edge < edgeStart[state + 1]; edge++)
      sources[start[edges[edge * FLAT_WORDS + 2] + 1]++] = state;
  return { start, sources };
}

/** By levels from the accepting states. */
function shortestWords(language: Dfa): Int32Array {
  const flat = flatOf(language);
  const { start, sources } = sourcesOf(flat);
  const result = new Int32Array(flat.accept.length).fill(-1);
  const order: number[] = [];
  for (let state = 0; state < result.length; state++)
    if (flat.accept[state]) {
      result[state] = 0;
      order.push(state);
    }
  for (const state of order)
    for (let at = start[state]; at < start[state + 1]; at++)
      if (result[sources[at]] < 0) {
        result[sources[at]] = result[state] + 1;
        order.push(sources[at]);
      }
  return result;
}

/** By taking away states all of whose successors are taken; what remains leads into a loop. */
function longestWords(language: Dfa): Float64Array {
  const flat = flatOf(language);
  const { start, sources } = sourcesOf(flat);
  const { edgeStart, edges } = flat;
  const open = new Int32Array(flat.accept.length);
  const result = new Float64Array(flat.accept.length).fill(Number.POSITIVE_INFINITY);
  const order: number[] = [];
  for (let state = 0; state < open.length; state++) {
    open[state] = edgeStart[state + 1] - edgeStart[state];
    if (open[state] === 0) order.push(state);
  }
  for (const state of order) {
    let most = 0;
    for (let edge = edgeStart[state]; edge < edgeStart[state + 1]; edge++)
      most = Math.max(most, result[edges[edge * FLAT_WORDS + 2]] + 1);
    result[state] = most;
    for (let at = start[state]; at < start[state + 1]; at++)
      if (--open[sources[at]] === 0) order.push(sources[at]);
  }
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
  const most = new Float64Array(shortest.length);
  for (let state = 0; state < most.length; state++) most[state] = max - shortest[state];
  if (min === 0) return { least: new Float64Array(most.length), most };
  if (max === Number.POSITIVE_INFINITY) return { least: missing(longest, min), most };
  const edges = flatOf(language).edges.length / FLAT_WORDS;
  if ((edges + most.length) * max > MAX_STEPS) return undefined;
  const last = longestUpTo(language, max, max - min + 1);
  return last && { least: missing(last, min), most };
}

/** How many characters have to be read before each state so that with its longest word they are `min`. */
function missing(longest: Int32Array | Float64Array, min: number): Float64Array {
  const least = new Float64Array(longest.length);
  for (let state = 0; state < least.length; state++) least[state] = Math.max(0, min - longest[state]);
  return least;
}

/** Each state's longest word of at most `max` characters; undefined where lengths lie more than `step` apart. */
function longestUpTo(language: Dfa, max: number, step: number): Int32Array | undefined {
  const { accept } = language;
  const { start, sources } = sourcesOf(flatOf(language));
  const last = new Int32Array(accept.length);
  let ends: number[] = [];
  for (let state = 0; state < accept.length; state++) {
    last[state] = accept[state] ? 0 : -1;
    if (accept[state]) ends.push(state);
  }
  for (let length = 1; length <= max; length++) {
    const next: number[] = [];
    for (const end of ends)
      for (let at = start[end]; at < start[end + 1]; at++) {
        const state = sources[at];
        if (last[state] === length) continue;
        if (last[state] >= 0 && length - last[state] > step) return undefined;
        last[state] = length;
        next.push(state);
      }
    // Where words of one length more begin at the same states, so do all longer ones.
    const isLast = next.length === ends.length && haveValue(last, ends, length);
    ends = next;
    if (!isLast) continue;
    for (const state of ends) last[state] = max;
    break;
  }
  return last;
}

function haveValue(values: Int32Array, places: readonly number[], value: number): boolean {
  for (const place of places) if (values[place] !== value) return false;
  return true;
}

/** Whether the language has a word of `min` to `max` characters. */
export function hasLength(language: Dfa, min: number, max: number): boolean | undefined {
  const { shortest, longest } = wordLengths(language);
  if (shortest[0] < 0 || shortest[0] > max || longest[0] < min) return false;
  if (shortest[0] >= min || max === Number.POSITIVE_INFINITY) return true;
  const bounds = countBounds(language, min, max);
  return bounds && bounds.least[0] === 0;
}

/** How many states prefixes of each length below `length` lead to, together; more than `most` where they are more. */
export function statesBelow(language: Dfa, length: number, most: number): number {
  const { edgeStart, edges, accept } = flatOf(language);
  const seen = new Int32Array(accept.length).fill(-1);
  let states = [0];
  let count = 0;
  for (let read = 0; read < length && states.length > 0; read++) {
    count += states.length;
    if (count > most) break;
    const next: number[] = [];
    for (const state of states)
      for (
        let at = edgeStart[state] * FLAT_WORDS + 2;
        at < edgeStart[state + 1] * FLAT_WORDS;
        at += FLAT_WORDS
      )
        if (seen[edges[at]] !== read) {
          seen[edges[at]] = read;
          next.push(edges[at]);
        }
    states = next;
  }
  return count;
}

/** Lengths up to which words are counted. */
const MAX_COUNTED_LENGTH = 1_000;

/**
 * How many words of `min` to `max` characters a language has; Infinity above `most`. Counted length by length, so that
 * neither the words nor the product of the automaton with a counter are made; undefined where they are too long for that.
 */
export function wordCount(language: Dfa, min: number, max: number, most: number): number | undefined {
  const { edgeStart, edges, accept } = flatOf(language);
  const longest = Math.min(max, wordLengths(language).longest[0]);
  if (longest === Number.POSITIVE_INFINITY) return longest;
  if (longest > MAX_COUNTED_LENGTH) return undefined;
  let ways = new Float64Array(accept.length);
  ways[0] = 1;
  let words = 0;
  for (let length = 0; ; length++) {
    if (length >= min)
      for (let state = 0; state < ways.length; state++) if (accept[state]) words += ways[state];
    if (words > most) return Number.POSITIVE_INFINITY;
    if (length >= longest) return words;
    const next = new Float64Array(ways.length);
    for (let state = 0; state < ways.length; state++) {
      if (ways[state] === 0) continue;
      for (let at = edgeStart[state] * FLAT_WORDS; at < edgeStart[state + 1] * FLAT_WORDS; at += FLAT_WORDS)
        next[edges[at + 2]] += ways[state] * (edges[at + 1] - edges[at] + 1);
    }
    ways = next;
  }
}
