// The inside of literals and character classes: escapes to code points, classes to sorted intervals.
// W3C's, which know codes instead of escapes, are in w3c-characters.ts.
import {
  complementIntervals,
  type Intervals,
  MAX_CODE_POINT,
  normalizeIntervals,
} from '../../automata/index.js';
import { CompileError } from '../../errors.js';
import type { Position } from './syntax.js';

/** Letters with a meaning of their own behind a backslash. */
const controls: Readonly<Record<string, number>> = {
  n: 0x0a,
  t: 0x09,
  r: 0x0d,
  a: 0x07,
  b: 0x08,
  e: 0x1b,
  f: 0x0c,
  v: 0x0b,
  '0': 0x00,
};
const hexDigits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** Every code point, as `.` has it. */
export const anyCodePoint: Intervals = [[0, MAX_CODE_POINT]];

export interface EscapeRules {
  /** xgrammar's `\\x` takes as many digits as there are; elsewhere it takes two. */
  readonly longHex?: boolean;
}

/** The characters of a literal; `image` has its quotes. */
export function literalText(image: string, position: Position, rules: EscapeRules = {}): string {
  let text = '';
  for (const { codePoint } of characters(image, { from: 1, to: image.length - 1, position, ...rules }))
    text += String.fromCodePoint(codePoint);
  return text;
}

/** The code points of a class; `image` has its brackets. `[^]` is every code point, `[]` none where `mayBeEmpty`. */
export function classIntervals(
  image: string,
  position: Position,
  rules: EscapeRules & { readonly mayBeEmpty?: boolean } = {},
): Intervals {
  const negated = image.startsWith('[^');
  const from = negated ? 2 : 1;
  const written = [...characters(image, { from, to: image.length - 1, position, ...rules })];
  const intervals: [number, number][] = [];
  for (let i = 0; i < written.length; i++) {
    const { codePoint: lo, at } = written[i];
    const isRange = i + 2 < written.length && isDash(written[i + 1]);
    const hi = isRange ? written[i + 2].codePoint : lo;
    if (hi < lo) throw invalid('the ends of this range are in the wrong order', position, image, at);
    intervals.push([lo, hi]);
    if (isRange) i += 2;
  }
  if (!negated && intervals.length === 0 && !rules.mayBeEmpty)
    throw new CompileError('invalid_grammar', 'this character class is empty', { ...position });
  const members = normalizeIntervals(intervals);
  return negated ? complementIntervals(members, MAX_CODE_POINT) : members;
}

interface Character {
  readonly codePoint: number;
  /** Offset in the image. */
  readonly at: number;
  readonly escaped: boolean;
}

function isDash({ codePoint, escaped }: Character): boolean {
  return codePoint === 0x2d && !escaped;
}

interface Inside extends EscapeRules {
  readonly from: number;
  readonly to: number;
  readonly position: Position;
}

function* characters(image: string, inside: Inside): Generator<Character> {
  const { position } = inside;
  for (let at = inside.from; at < inside.to; ) {
    const escaped = image[at] === '\\';
    const { codePoint, length } = escaped
      ? readEscape(image, at, inside)
      : { codePoint: image.codePointAt(at)!, length: image.codePointAt(at)! > 0xffff ? 2 : 1 };
    if (codePoint > MAX_CODE_POINT) throw invalid('this is beyond U+10FFFF', position, image, at);
    if (codePoint >= 0xd800 && codePoint <= 0xdfff)
      throw invalid(
        'a surrogate is not a character: write one above U+FFFF as \\UNNNNNNNN',
        position,
        image,
        at,
      );
    yield { codePoint, at, escaped };
    at += length;
  }
}

function readEscape(
  image: string,
  at: number,
  { to, position, longHex }: Inside,
): { codePoint: number; length: number } {
  const letter = String.fromCodePoint(image.codePointAt(at + 1)!);
  const digits = hexDigits[letter];
  if (letter === 'x' && longHex) {
    const hex = /^[0-9A-Fa-f]{1,8}/.exec(image.slice(at + 2, to))?.[0];
    if (!hex) throw invalid('\\x needs hexadecimal digits', position, image, at);
    return { codePoint: Number.parseInt(hex, 16), length: 2 + hex.length };
  }
  if (digits !== undefined) {
    const hex = image.slice(at + 2, Math.min(at + 2 + digits, to));
    if (hex.length < digits || !/^[0-9A-Fa-f]+$/.test(hex))
      throw invalid(`\\${letter} needs ${digits} hexadecimal digits`, position, image, at);
    return { codePoint: Number.parseInt(hex, 16), length: 2 + digits };
  }
  if (letter in controls) return { codePoint: controls[letter], length: 2 };
  if (/[!-/:-@[-`{-~]/.test(letter)) return { codePoint: letter.charCodeAt(0), length: 2 };
  throw invalid(`unknown escape ${JSON.stringify(`\\${letter}`).replace('\\\\', '\\')}`, position, image, at);
}

/** An error inside a token; a token may span lines. */
function invalid(message: string, start: Position, image: string, at: number): CompileError {
  const before = image.slice(0, at).split(/\r\n|\n|\r/);
  const last = before.at(-1)!.length;
  const position =
    before.length === 1
      ? { line: start.line, column: start.column + last }
      : { line: start.line + before.length - 1, column: last + 1 };
  return new CompileError('invalid_grammar', message, position);
}
