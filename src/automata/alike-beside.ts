// Which states of one side of a product come to the same beside a state of the other: where that one needs n more symbols at
// least, states that lead to the same ones by every n symbols it may read. One of them then stands for all, so that what
// only the last few symbols decide is not multiplied with every state that is far from an end.
import { FLAT_WORDS, type FlatDfa } from './flat.js';
import { type Intervals, unionIntervals } from './intervals.js';
import { shortestWords } from './refine.js';
import { WordLists } from './word-lists.js';

/** So many symbols are looked ahead. */
const MOST_SYMBOLS = 8;

/** For one partition after the other. */
const signatures = new WordLists(64);

export interface AlikeBeside {
  /** By state of the one side: the length of its shortest word, or the last index of `firsts`; 0 where it has no word. */
  readonly ahead: Int32Array;
  /** By that number, and state of the other side: the first state that comes to the same. */
  readonly firsts: readonly Int32Array[];
}

/** Undefined where no two states of `other` come to the same; of `one` every word counts that the product takes. */
export function alikeBeside(one: FlatDfa, other: FlatDfa): AlikeBeside | undefined {
  const ahead = shortestWords(one);
  const read = symbolsAhead(one, ahead);
  const each = new Int32Array(other.accept.length);
  for (let state = 0; state < each.length; state++) each[state] = state;
  const firsts: Int32Array[] = [each];
  for (let symbols = 1; symbols < read.length; symbols++)
    firsts.push(oneSymbolBefore(other, firsts[symbols - 1], read[symbols]));
  return firsts.every(areApart) ? undefined : { ahead, firsts };
}

/** Whether each state is the first of those that come to the same. */
function areApart(firsts: Int32Array): boolean {
  for (let state = 0; state < firsts.length; state++) if (firsts[state] !== state) return false;
  return true;
}

/** By number, what states read that are at least so far from an end. Cuts the distances down to the largest such number. */
function symbolsAhead({ edgeStart, edges, accept }: FlatDfa, ahead: Int32Array): Intervals[] {
  signatures.clear();
  /** By label, a bit for each number of a state that reads it. */
  const readers: number[] = [];
  let most = -1;
  for (let state = 0; state < accept.length; state++) {
    const symbols = Math.max(0, Math.min(ahead[state], MOST_SYMBOLS));
    ahead[state] = symbols;
    most = Math.max(most, symbols);
    const end = edgeStart[state + 1] * FLAT_WORDS;
    for (let at = edgeStart[state] * FLAT_WORDS; at < end; at += FLAT_WORDS) {
      signatures.put(edges[at]);
      signatures.put(edges[at + 1]);
      const label = signatures.end();
      if (label === readers.length) readers.push(0);
      readers[label] |= 1 << symbols;
    }
  }
  const read: Intervals[] = [];
  let beyond: Intervals = [];
  for (let symbols = most; symbols >= 0; symbols--) {
    const own: Intervals[number][] = [];
    const { words, starts } = signatures;
    for (let label = 0; label < readers.length; label++)
      if ((readers[label] >> symbols) & 1) own.push([words[starts[label]], words[starts[label] + 1]]);
    beyond = unionIntervals(beyond, own);
    read.unshift(beyond);
  }
  return read;
}

/** States are alike one symbol before they lead to states that are. */
function oneSymbolBefore(dfa: FlatDfa, after: Int32Array, read: Intervals): Int32Array {
  signatures.clear();
  const firstOf: number[] = [];
  const firsts = new Int32Array(after.length);
  for (let state = 0; state < after.length; state++) {
    putEdges(dfa, state, after, read);
    const list = signatures.end();
    if (list === firstOf.length) firstOf.push(state);
    firsts[state] = firstOf[list];
  }
  return firsts;
}

/** Adds where a state leads by the symbols that are read, neighbours that lead to one state as one. */
function putEdges({ edgeStart, edges }: FlatDfa, state: number, after: Int32Array, read: Intervals): void {
  let last = -1;
  let end = -1;
  let next = 0;
  const stop = edgeStart[state + 1] * FLAT_WORDS;
  for (let edge = edgeStart[state] * FLAT_WORDS; edge < stop; edge += FLAT_WORDS) {
    const lo = edges[edge];
    const hi = edges[edge + 1];
    const to = after[edges[edge + 2]];
    while (next < read.length && read[next][1] < lo) next++;
    for (let at = next; at < read.length && read[at][0] <= hi; at++) {
      const from = Math.max(lo, read[at][0]);
      if (to !== last || from !== end + 1) {
        if (last >= 0) signatures.put(end);
        signatures.put(to);
        signatures.put(from);
      }
      last = to;
      end = Math.min(hi, read[at][1]);
    }
  }
  if (last >= 0) signatures.put(end);
}
