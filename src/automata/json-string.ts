// From code points to bytes inside a JSON string (RFC 8259 §7): every spelling of every word of a language.
import type { Dfa } from './dfa.js';
import type { AutomatonLimits } from './limits.js';
import { addUtf8, clipRuns, Digit, type Runs, Speller, shiftRuns } from './utf8.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
/** In the order of the letters, all of which come before `u`. */
const SHORT_ESCAPES = (
  [
    ['"', 0x22],
    ['/', 0x2f],
    ['\\', 0x5c],
    ['b', 0x08],
    ['f', 0x0c],
    ['n', 0x0a],
    ['r', 0x0d],
    ['t', 0x09],
  ] as const
).map(([letter, codePoint]) => ({ byte: letter.charCodeAt(0), codePoint }));
const [HIGH_FIRST, LOW_FIRST, LOW_LAST, LAST] = [0xd800, 0xdc00, 0xdfff, 0x10ffff];

/**
 * The bytes between the quotes of every JSON spelling of the language's words: raw UTF-8, short escapes, and \u escapes
 * with hex digits of either case, in surrogate pairs beyond U+FFFF. A lone surrogate has no spelling.
 * @throws LimitError `maxStates`, at 32 times its value
 */
export function jsonStringDfa(codePoints: Dfa, limits?: AutomatonLimits): Dfa {
  return spelled(codePoints, limits, allRuns);
}

/**
 * The bytes between the quotes as JSON.stringify writes the language's words (and `\/`, and control characters in any
 * escape), in a fraction of the states of every spelling. Equal languages give equal automata; they are minimal but for
 * words such as `u000a`, which read like an escape without its backslash.
 * @throws LimitError `maxStates`, at 32 times its value
 */
export function stringifiedDfa(codePoints: Dfa, limits?: AutomatonLimits): Dfa {
  return spelled(codePoints, limits, controls);
}

/**
 * The bytes between the quotes of every JSON spelling of the language's words but those that write printable ASCII as a \u
 * escape, in far fewer states than all of them. Equal languages give equal automata; they are minimal as far as
 * {@link stringifiedDfa} is.
 * @throws LimitError `maxStates`, at 32 times its value
 */
export function plainStringDfa(codePoints: Dfa, limits?: AutomatonLimits): Dfa {
  return spelled(codePoints, limits, unprintable);
}

const allRuns = (runs: Runs): Runs => runs;
const controls = (runs: Runs): Runs => clipRuns(runs, 0, 0x1f);

/** All but printable ASCII. */
function unprintable(runs: Runs): Runs {
  const escaped = controls(runs);
  for (const word of clipRuns(runs, 0x7f, LAST)) escaped.push(word);
  return escaped;
}

/** `escaped` gives the runs of the code points that may be written as \u escapes. */
function spelled(codePoints: Dfa, limits: AutomatonLimits | undefined, escaped: (runs: Runs) => Runs): Dfa {
  const speller = new Speller(codePoints, limits);
  for (let state = 0; state < codePoints.accept.length; state++) {
    const runs = speller.runsOf(state);
    speller.add(clipRuns(runs, 0x20, QUOTE - 1));
    speller.add(clipRuns(runs, QUOTE + 1, BACKSLASH - 1));
    const escapes = shortEscapes(runs);
    for (const word of speller.recall(ESCAPES, escaped(runs), unitEscapes)) escapes.push(word);
    if (escapes.length > 0) speller.add([BACKSLASH, BACKSLASH, speller.state(escapes)]);
    speller.add(clipRuns(runs, BACKSLASH + 1, 0x7f));
    addUtf8(speller, runs);
    speller.close();
  }
  return speller.finish();
}

/** A kind of {@link Speller.recall}. */
const ESCAPES = 1;

/** The letter `u` and the hex digits of code units behind it. */
function unitEscapes(speller: Speller, runs: Runs): Runs {
  const units = clipRuns(runs, 0, HIGH_FIRST - 1);
  for (const word of highSurrogates(speller, runs)) units.push(word);
  for (const word of clipRuns(runs, LOW_LAST + 1, 0xffff)) units.push(word);
  return units.length === 0 ? [] : [LETTER_U, LETTER_U, speller.digits(units, 4, 4, Digit.hex)];
}

function shortEscapes(runs: Runs): Runs {
  const result: Runs = [];
  for (const { byte, codePoint } of SHORT_ESCAPES)
    for (let i = 0; i < runs.length && runs[i] <= codePoint; i += 3)
      if (runs[i + 1] >= codePoint) result.push(byte, byte, runs[i + 2]);
  return result;
}

/** Runs of high surrogates, each leading to the state that reads `\u` and the low one. */
function highSurrogates(speller: Speller, runs: Runs): Runs {
  const astral = shiftRuns(clipRuns(runs, 0x10000, 0x10ffff), -0x10000);
  const high = speller.leading(astral, 2, 10, Digit.plain);
  for (let i = 0; i < high.length; i += 3) {
    high[i] += HIGH_FIRST;
    high[i + 1] += HIGH_FIRST;
    high[i + 2] = lowSurrogate(speller, high[i + 2]);
  }
  return high;
}

/** `pair` is a state whose edges are the low surrogate's ten bits; the state returned spells them. */
function lowSurrogate(speller: Speller, pair: number): number {
  const hex = speller.digits(shiftRuns(speller.insideOf(pair), LOW_FIRST), 4, 4, Digit.hex);
  const letter = speller.state([LETTER_U, LETTER_U, hex]);
  return speller.state([BACKSLASH, BACKSLASH, letter]);
}
