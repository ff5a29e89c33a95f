// From code points to bytes inside a JSON string (RFC 8259 §7): every spelling of every word of a language.
import type { Dfa } from './dfa.js';
import type { AutomatonLimits } from './limits.js';
import { clipRuns, type Run, runsOf, Speller, utf8Runs } from './utf8.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SHORT_ESCAPES: readonly (readonly [letter: string, codePoint: number])[] = [
  ['"', 0x22],
  ['\\', 0x5c],
  ['/', 0x2f],
  ['b', 0x08],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
];
const [HIGH_FIRST, LOW_FIRST, LOW_LAST] = [0xd800, 0xdc00, 0xdfff];

/**
 * The bytes between the quotes of every JSON spelling of the language's words: raw UTF-8, short escapes, and \u escapes
 * with hex digits of either case, in surrogate pairs beyond U+FFFF. A lone surrogate has no spelling.
 * @throws LimitError `maxStates`, at 32 times its value
 */
export function jsonStringDfa(codePoints: Dfa, limits?: AutomatonLimits): Dfa {
  return spelled(codePoints, limits, (speller, runs) => [
    ...clipRuns(runs, 0, HIGH_FIRST - 1),
    ...highSurrogates(speller, runs),
    ...clipRuns(runs, LOW_LAST + 1, 0xffff),
  ]);
}

/**
 * The bytes between the quotes as JSON.stringify writes the language's words (and `\/`, and control characters in any
 * escape), in a fraction of the states of every spelling. Equal languages give equal automata; they are minimal but for
 * words such as `u000a`, which read like an escape without its backslash.
 * @throws LimitError `maxStates`, at 32 times its value
 */
export function stringifiedDfa(codePoints: Dfa, limits?: AutomatonLimits): Dfa {
  return spelled(codePoints, limits, (_, runs) => clipRuns(runs, 0, 0x1f));
}

/** `escapedUnits` gives the runs of code units that may be written as \u escapes. */
function spelled(
  codePoints: Dfa,
  limits: AutomatonLimits | undefined,
  escapedUnits: (speller: Speller, runs: readonly Run[]) => readonly Run[],
): Dfa {
  const speller = new Speller(codePoints.edges.length, limits);
  codePoints.edges.forEach((edges, state) => {
    const runs = runsOf(edges);
    const raw = [
      ...clipRuns(runs, 0x20, QUOTE - 1),
      ...clipRuns(runs, QUOTE + 1, BACKSLASH - 1),
      ...clipRuns(runs, BACKSLASH + 1, 0x10ffff),
    ];
    for (const run of utf8Runs(speller, raw)) speller.add(state, run);
    const escapes = shortEscapes(runs);
    const units = escapedUnits(speller, runs);
    if (units.length > 0) escapes.push([0x75, 0x75, speller.digits(units, 4, 4, hexDigit)]);
    if (escapes.length > 0)
      speller.add(state, [BACKSLASH, BACKSLASH, speller.state(escapes.toSorted((a, b) => a[0] - b[0]))]);
  });
  return speller.finish(codePoints);
}

function shortEscapes(runs: readonly Run[]): Run[] {
  const result: Run[] = [];
  for (const [letter, codePoint] of SHORT_ESCAPES) {
    const byte = letter.charCodeAt(0);
    for (const [, , to] of clipRuns(runs, codePoint, codePoint)) result.push([byte, byte, to]);
  }
  return result;
}

/** Runs of high surrogates, each leading to the state that reads `\u` and the low one. */
function highSurrogates(speller: Speller, runs: readonly Run[]): Run[] {
  const astral = clipRuns(runs, 0x10000, 0x10ffff).map(
    ([lo, hi, to]): Run => [lo - 0x10000, hi - 0x10000, to],
  );
  return speller
    .leading(astral, 2, 10, ([lo, hi, to]) => [[lo, hi, to]])
    .map(([lo, hi, low]) => [HIGH_FIRST + lo, HIGH_FIRST + hi, lowSurrogate(speller, low)]);
}

/** `pair` is a state whose edges are the low surrogate's ten bits; the state returned spells them. */
function lowSurrogate(speller: Speller, pair: number): number {
  const units = runsOf(speller.edges[pair]).map(([lo, hi, to]): Run => [LOW_FIRST + lo, LOW_FIRST + hi, to]);
  const hex = speller.digits(units, 4, 4, hexDigit);
  const letter = speller.state([[0x75, 0x75, hex]]);
  return speller.state([[BACKSLASH, BACKSLASH, letter]]);
}

/** Bytes of a range of hex digit values, in both cases. */
function hexDigit([lo, hi, to]: Run): Run[] {
  const result: Run[] = [];
  if (lo <= 9) result.push([0x30 + lo, 0x30 + Math.min(hi, 9), to]);
  if (hi >= 10) {
    const [first, last] = [Math.max(lo, 10) - 10, hi - 10];
    result.push([0x41 + first, 0x41 + last, to], [0x61 + first, 0x61 + last, to]);
  }
  return result;
}
