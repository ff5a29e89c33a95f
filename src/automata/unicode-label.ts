// Labels of host names in UTF-8: texts that an automaton accepts and whose Punycode is no longer than a bound. One kind of
// check (text-checks.ts).
import { intervalFrom, runClassed, shortestEnds, stepClassed } from './classed-automaton.js';
import { encodePunycode } from './punycode.js';
import type { TextCheck } from './text-checks.js';

/** Whether the whole text passes. */
export function passesUnicode({ longest, automaton }: TextCheck, text: Uint8Array): boolean {
  const { symbols, rest } = decoded(text);
  if (rest.length > 0 || automaton.accept[runClassed(automaton, symbols)] !== 1) return false;
  return encodePunycode(symbols).length <= longest;
}

/**
 * Whether a text that passes may begin like this: the shortest way on to acceptance must be short enough. Within a character,
 * that way's next character and the borders of the automaton's intervals are tried; a border of what the bytes allow stays one
 * as more of them are read, so each text that is let through has a next byte that is let through too, or passes.
 */
export function mayPassUnicode(check: TextCheck, text: Uint8Array): boolean {
  const { automaton } = check;
  const { symbols, rest } = decoded(text);
  const state = runClassed(automaton, symbols);
  if (state < 0) return false;
  if (rest.length === 0) return endsInTime(check, symbols, state);
  const [least, most] = codePointsOf(rest);
  const goesOn = (symbol: number) => {
    const next = symbol >= least && symbol <= most ? stepClassed(automaton, state, symbol) : -1;
    return next >= 0 && endsInTime(check, [...symbols, symbol], next);
  };
  if (goesOn(shortestEnds(automaton)[state])) return true;
  const { intervals } = automaton;
  for (let at = intervalFrom(intervals, least); at < intervals.length && intervals[at][0] <= most; at++)
    if (goesOn(Math.max(intervals[at][0], least)) || goesOn(Math.min(intervals[at][1], most))) return true;
  return false;
}

/** Whether the symbols, with the shortest way from their state to acceptance, are encoded in time. */
function endsInTime({ longest, automaton }: TextCheck, symbols: readonly number[], from: number): boolean {
  const ends = shortestEnds(automaton);
  const all = [...symbols];
  let state = from;
  while (ends[state] >= 0 && all.length <= longest) {
    all.push(ends[state]);
    state = stepClassed(automaton, state, ends[state]);
  }
  return automaton.accept[state] === 1 && encodePunycode(all).length <= longest;
}

/** The whole characters of a text, and the bytes of one that has begun. What is no UTF-8 is read as far as it goes. */
function decoded(text: Uint8Array): { readonly symbols: number[]; readonly rest: Uint8Array } {
  const symbols: number[] = [];
  let at = 0;
  for (let length = 1; at < text.length; at += length) {
    length = lengthOf(text[at]);
    if (at + length > text.length) break;
    symbols.push(codePointsOf(text.subarray(at, at + length))[0]);
  }
  return { symbols, rest: text.subarray(at) };
}

function lengthOf(first: number): number {
  return first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/** The smallest code points of one to four bytes. */
const SMALLEST = [0, 0x80, 0x800, 0x10000];

/** The first and the last code point whose bytes begin like this. */
function codePointsOf(bytes: Uint8Array): [least: number, most: number] {
  const length = lengthOf(bytes[0]);
  let least = length === 1 ? bytes[0] : bytes[0] & (0x7f >> length);
  let most = least;
  for (let index = 1; index < length; index++) {
    const bits = bytes[index] & 0x3f;
    least = least * 64 + (index < bytes.length ? bits : 0);
    most = most * 64 + (index < bytes.length ? bits : 63);
  }
  // Smaller ones have shorter spellings.
  return [Math.max(least, SMALLEST[length - 1]), most];
}
