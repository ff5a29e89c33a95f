// Places in a text as people name them: line, column, and the line itself with a mark under the place.
import type { TextPlace } from '../errors.js';

/** Characters shown on either side of a place. */
const AROUND = 36;

export interface MarkedText {
  readonly place: TextPlace;
  /** The character there; empty at the end of the text. */
  readonly found: string;
  /** The part of the line around the place; control characters as their pictures (U+2400 …). */
  readonly excerpt: string;
  /** Characters of the excerpt before the place. */
  readonly caret: number;
}

/** Bytes that {@link AROUND} characters take at most, and a cut character at each end. */
const AROUND_BYTES = 4 * (AROUND + 2);
const LINE_FEED = 0x0a;

/** The place `offset` bytes into a UTF-8 text; inside a character it is that character. */
export function placeIn(text: Uint8Array, offset: number): MarkedText {
  let start = offset;
  while (start > 0 && start < text.length && isInside(text[start])) start--;
  const lineStart = start === 0 ? 0 : text.lastIndexOf(LINE_FEED, start - 1) + 1;
  const nextLine = text.indexOf(LINE_FEED, start);
  const lineEnd = nextLine < 0 ? text.length : Math.max(nextLine, Math.min(start + 1, text.length));
  let window = Math.max(lineStart, start - AROUND_BYTES);
  while (window > lineStart && isInside(text[window])) window--;
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const before = [...decoder.decode(text.subarray(window, start))];
  const after = [...decoder.decode(text.subarray(start, Math.min(lineEnd, start + AROUND_BYTES)))];
  const shown = before.slice(-AROUND);
  const isCut = window > lineStart || shown.length < before.length;
  return {
    place: {
      offset: start,
      line: text.subarray(0, start).reduce((count, byte) => count + (byte === LINE_FEED ? 1 : 0), 1),
      column: text.subarray(lineStart, start).reduce((count, byte) => count + (isInside(byte) ? 0 : 1), 1),
    },
    found: after[0] ?? '',
    excerpt: `${isCut ? '…' : ''}${[...shown, ...after.slice(0, AROUND)].map(picture).join('')}`,
    caret: shown.length + (isCut ? 1 : 0),
  };
}

/** Whether a byte goes on a character. */
function isInside(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** A control character as a picture of itself, so that it takes one place and does nothing to a terminal. */
export function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(character) ? '\ufffd' : character;
}
