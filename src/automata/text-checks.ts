// Checks of texts that no automaton over their bytes makes: the text is decoded or encoded, and an automaton over code points
// reads it. Written by front ends into the IR (`capture` and `verify`), kept in the GrammarImage (pda.ts), asked by the
// machine; natively native/grammar/text_checks.cc.
import type { ClassedAutomaton } from './classed-automaton.js';
import { mayPassEncoded, passesEncoded, RESERVE } from './encoded-label.js';
import { mayPassUnicode, passesUnicode } from './unicode-label.js';

/**
 * `encoded`: an encoded label of a host name, without its prefix, of at most `longest` characters. Every text of at most
 * `longest - RESERVE` letters, digits and hyphens has to begin one: the automaton accepts it with fillers put in. `unicode`: a
 * label in UTF-8 whose Punycode has at most `longest` characters.
 */
export interface TextCheck {
  readonly kind: 'encoded' | 'unicode';
  readonly longest: number;
  /** A code point beyond ASCII; `encoded` alone uses it. */
  readonly filler: number;
  readonly automaton: ClassedAutomaton;
}

/** Whether the whole text passes. */
export function passesCheck(check: TextCheck, text: Uint8Array): boolean {
  return check.kind === 'encoded' ? passesEncoded(check, text) : passesUnicode(check, text);
}

/** Whether a text that passes may begin like this; where it may, some byte may follow, or it passes. */
export function mayPassCheck(check: TextCheck, text: Uint8Array): boolean {
  return check.kind === 'encoded' ? mayPassEncoded(check, text) : mayPassUnicode(check, text);
}

const KINDS = ['encoded', 'unicode'] as const;

/**
 * The checks as words of a GrammarImage: for each kind, longest, filler, numbers of intervals, classes and states, and the
 * tables.
 */
export function encodeChecks(checks: readonly TextCheck[]): Int32Array {
  const parts = checks.map(encodeCheck);
  const words = new Int32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    words.set(part, at);
    at += part.length;
  }
  return words;
}

const encoded = new WeakMap<TextCheck, Int32Array>();

/** Made once: formats have the same checks in all schemas, of thousands of words. */
function encodeCheck(check: TextCheck): Int32Array {
  let words = encoded.get(check);
  if (!words) {
    const { kind, longest, filler, automaton } = check;
    const { intervals, classCount, accept, next } = automaton;
    const header = [KINDS.indexOf(kind), longest, filler, intervals.length, classCount, accept.length];
    words = Int32Array.from([...header, ...intervals.flat(), ...next, ...accept]);
    encoded.set(check, words);
  }
  return words;
}

const CHECK_HEADER = 6;
/** Longest text that a check may have: its cost grows with the square. */
const MAX_CHECKED_TEXT = 256;

/** Reads what {@link encodeChecks} wrote; undefined where it is damaged. */
export function decodeChecks(words: Int32Array, count: number): TextCheck[] | undefined {
  const checks: TextCheck[] = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    if (at + CHECK_HEADER > words.length) return undefined;
    const [kind, longest, filler, ...sizes] = words.subarray(at, at + CHECK_HEADER);
    at += CHECK_HEADER;
    const isSound = kind >= 0 && kind < KINDS.length && filler >= 0x80 && filler <= 0x10ffff;
    if (!isSound || longest < RESERVE || longest > MAX_CHECKED_TEXT) return undefined;
    const [intervalCount, classCount, stateCount] = sizes;
    const left = words.length - at;
    if (sizes.some((size) => size < 1 || size > left)) return undefined;
    const size = intervalCount * 3 + stateCount * (classCount + 1);
    const automaton =
      size <= left ? decodeAutomaton(words.subarray(at, at + size), intervalCount, classCount) : undefined;
    if (!automaton) return undefined;
    at += size;
    checks.push({ kind: KINDS[kind], longest, filler, automaton });
  }
  return at === words.length ? checks : undefined;
}

function decodeAutomaton(
  words: Int32Array,
  intervalCount: number,
  classCount: number,
): ClassedAutomaton | undefined {
  const tables = words.subarray(3 * intervalCount);
  const stateCount = tables.length / (classCount + 1);
  const intervals: [number, number, number][] = [];
  for (let index = 0, from = 0; index < intervalCount; index++) {
    const [first, last, symbolClass] = words.subarray(3 * index, 3 * index + 3);
    const isOrdered = from <= first && first <= last && last <= 0x10ffff;
    if (!isOrdered || symbolClass < 0 || symbolClass >= classCount) return undefined;
    intervals.push([first, last, symbolClass]);
    from = last + 1;
  }
  const next = tables.slice(0, stateCount * classCount);
  if (next.some((to) => to < -1 || to >= stateCount)) return undefined;
  const accept = Uint8Array.from(tables.subarray(next.length), (word) => (word === 0 ? 0 : 1));
  return { intervals, classCount, accept, next };
}
