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

/** The place `offset` bytes into a UTF-8 text; inside a character it is that character. */
export function placeIn(text: Uint8Array, offset: number): MarkedText {
  let start = offset;
  while (start > 0 && start < text.length && (text[start] & 0xc0) === 0x80) start--;
  const decoder = new TextDecoder();
  const before = [...decoder.decode(text.subarray(0, start))];
  const after = [...decoder.decode(text.subarray(start))];
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = before.slice(lineStart);
  const rest = after.indexOf('\n', after[0] === '\n' ? 1 : 0);
  const shownBefore = line.slice(-AROUND);
  const shownAfter = after.slice(0, rest < 0 ? AROUND : Math.min(rest, AROUND));
  const cut = line.length > AROUND ? 1 : 0;
  return {
    place: {
      offset: start,
      line: before.filter((character) => character === '\n').length + 1,
      column: line.length + 1,
    },
    found: after[0] ?? '',
    excerpt: `${cut ? '…' : ''}${[...shownBefore, ...shownAfter].map(picture).join('')}`,
    caret: shownBefore.length + cut,
  };
}

/** A control character as a picture of itself, so that it takes one place and does nothing to a terminal. */
export function picture(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(character) ? '\ufffd' : character;
}
