// Checks of texts that no automaton over their bytes makes: the text is decoded, and an automaton over code points reads
// what comes out. Written by front ends into the IR (`capture` and `verify`), kept in the GrammarImage (pda.ts), asked by the
// machine; natively native/grammar/text_checks.cc.
import { decodePunycode, encodePunycode } from './punycode.js';

/** An automaton over code points, its symbols put into classes; state 0 is the start. */
export interface ClassedAutomaton {
  /** Disjoint and ascending: first and last code point, class. */
  readonly intervals: readonly (readonly [first: number, last: number, symbolClass: number])[];
  readonly classCount: number;
  readonly accept: Uint8Array;
  /** next[state * classCount + class]; -1: refused. */
  readonly next: Int32Array;
}

/**
 * An encoded label of a host name, without its prefix: Punycode, in the one spelling that encoding gives, of a text with a
 * character beyond ASCII that `automaton` accepts. Every text of at most `longest - RESERVE` letters, digits and hyphens has
 * to begin such a label of at most `longest` characters: the automaton accepts it with fillers put in
 * ({@link completedLabel}). So no text leads into a dead end.
 */
export interface TextCheck {
  readonly longest: number;
  /** A code point beyond ASCII. */
  readonly filler: number;
  readonly automaton: ClassedAutomaton;
}

/** Characters that a hyphen and the numbers of up to {@link MOST_FILLERS} fillers need at most. */
export const RESERVE = 16;
const MOST_FILLERS = 5;
const DIGITS = new TextEncoder().encode('abcdefghijklmnopqrstuvwxyz0123456789');

/** Whether the whole text passes. */
export function passesCheck({ longest, automaton }: TextCheck, text: Uint8Array): boolean {
  if (text.length > longest) return false;
  const decoded = decodePunycode(text);
  if (!decoded?.some((codePoint) => codePoint >= 0x80) || !acceptsAll(automaton, decoded)) return false;
  return sameBytes(encodePunycode(decoded), text);
}

/**
 * Whether a text that passes may begin like this. Short texts do. Of a longer one, either its first `longest - RESERVE`
 * characters are completed as {@link completedLabel} does, or it passes, now or with one more character. This leaves out some
 * labels, but each text that is let through has a next character that is let through too, or passes.
 */
export function mayPassCheck(check: TextCheck, text: Uint8Array): boolean {
  const short = check.longest - RESERVE;
  if (text.length <= short) return true;
  if (text.length > check.longest) return false;
  const completed = completedLabel(check, text.subarray(0, short));
  if (completed && sameBytes(completed.subarray(0, text.length), text)) return true;
  if (passesCheck(check, text)) return true;
  const longer = new Uint8Array(text.length + 1);
  longer.set(text);
  return DIGITS.some((digit) => {
    longer[text.length] = digit;
    return passesCheck(check, longer);
  });
}

/**
 * A text that passes and begins with `basic` and a hyphen: fillers in front, in third place and at the end, as few as do.
 * Undefined where none of these passes.
 */
export function completedLabel(check: TextCheck, basic: Uint8Array): Uint8Array | undefined {
  const { filler } = check;
  for (let count = 1; count <= MOST_FILLERS; count++)
    for (let atEnd = 0; atEnd <= 1; atEnd++)
      for (let third = 0; third <= Math.min(2, count - atEnd); third++) {
        const front = count - atEnd - third;
        const label = [...new Array<number>(front).fill(filler), ...basic];
        label.splice(2, 0, ...new Array<number>(third).fill(filler));
        if (atEnd === 1) label.push(filler);
        const text = encodePunycode(label);
        if (passesCheck(check, text)) return text;
      }
  return undefined;
}

function acceptsAll(
  { intervals, classCount, next, accept }: ClassedAutomaton,
  symbols: readonly number[],
): boolean {
  let state = 0;
  for (const symbol of symbols) {
    const found = classOf(intervals, symbol);
    state = found < 0 ? -1 : next[state * classCount + found];
    if (state < 0) return false;
  }
  return accept[state] === 1;
}

/** By bisection; -1 for a code point in no class. */
function classOf(intervals: ClassedAutomaton['intervals'], symbol: number): number {
  let low = 0;
  for (let high = intervals.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if (intervals[middle][1] < symbol) low = middle + 1;
    else high = middle;
  }
  const interval = intervals[low];
  return interval && interval[0] <= symbol ? interval[2] : -1;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** The checks as words of a GrammarImage: for each longest, filler, numbers of intervals, classes and states, and the tables. */
export function encodeChecks(checks: readonly TextCheck[]): Int32Array {
  return Int32Array.from(
    checks.flatMap(({ longest, filler, automaton: { intervals, classCount, accept, next } }) => [
      ...[longest, filler, intervals.length, classCount, accept.length],
      ...intervals.flat(),
      ...next,
      ...accept,
    ]),
  );
}

const CHECK_HEADER = 5;
/** Longest text that a check may have: its cost grows with the square. */
export const MAX_CHECKED_TEXT = 256;

/** Reads what {@link encodeChecks} wrote; undefined where it is damaged. */
export function decodeChecks(words: Int32Array, count: number): TextCheck[] | undefined {
  const checks: TextCheck[] = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    if (at + CHECK_HEADER > words.length) return undefined;
    const [longest, filler, intervalCount, classCount, stateCount] = words.subarray(at, at + CHECK_HEADER);
    at += CHECK_HEADER;
    const left = words.length - at;
    const sound = longest >= RESERVE && longest <= MAX_CHECKED_TEXT && filler >= 0x80 && filler <= 0x10ffff;
    if (!sound || [intervalCount, classCount, stateCount].some((size) => size < 1 || size > left))
      return undefined;
    if (intervalCount * 3 + stateCount * (classCount + 1) > left) return undefined;
    const intervals = Array.from({ length: intervalCount }, (_, i): [number, number, number] => [
      words[at + 3 * i],
      words[at + 3 * i + 1],
      words[at + 3 * i + 2],
    ]);
    at += 3 * intervalCount;
    const next = words.slice(at, at + stateCount * classCount);
    at += next.length;
    const accept = Uint8Array.from(words.subarray(at, at + stateCount), (word) => (word === 0 ? 0 : 1));
    at += stateCount;
    if (
      !intervals.every(
        ([first, last, found], i) =>
          (i === 0 ? 0 : intervals[i - 1][1] + 1) <= first &&
          first <= last &&
          last <= 0x10ffff &&
          found >= 0 &&
          found < classCount,
      )
    )
      return undefined;
    if (next.some((to) => to < -1 || to >= stateCount)) return undefined;
    checks.push({ longest, filler, automaton: { intervals, classCount, accept, next } });
  }
  return at === words.length ? checks : undefined;
}
