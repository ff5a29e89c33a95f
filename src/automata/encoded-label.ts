// Encoded labels of host names, without their prefix `xn--`: Punycode, in the one spelling that encoding gives, of a text with
// a character beyond ASCII that an automaton accepts. One kind of check (text-checks.ts).
import { runClassed } from './classed-automaton.js';
import { decodePunycode, encodePunycode } from './punycode.js';
import type { TextCheck } from './text-checks.js';

/** Characters that a hyphen and the numbers of up to {@link MOST_FILLERS} fillers need at most. */
export const RESERVE = 16;
const MOST_FILLERS = 5;
const DIGITS = new TextEncoder().encode('abcdefghijklmnopqrstuvwxyz0123456789');

/** Whether the whole text passes. */
export function passesEncoded({ longest, automaton }: TextCheck, text: Uint8Array): boolean {
  if (text.length > longest) return false;
  const decoded = decodePunycode(text);
  if (!decoded?.some((codePoint) => codePoint >= 0x80)) return false;
  return automaton.accept[runClassed(automaton, decoded)] === 1 && sameBytes(encodePunycode(decoded), text);
}

/**
 * Whether a text that passes may begin like this. Short texts do, since {@link completedLabel} completes every one. Of a longer
 * one, either its first `longest - RESERVE` characters are completed like that, or it passes, now or with one more character.
 * This leaves out some labels, but each text that is let through has a next character that is let through too, or passes.
 */
export function mayPassEncoded(check: TextCheck, text: Uint8Array): boolean {
  const short = check.longest - RESERVE;
  if (text.length <= short) return true;
  if (text.length > check.longest) return false;
  const completed = completedLabel(check, text.subarray(0, short));
  if (completed && sameBytes(completed.subarray(0, text.length), text)) return true;
  if (passesEncoded(check, text)) return true;
  const longer = new Uint8Array(text.length + 1);
  longer.set(text);
  return DIGITS.some((digit) => {
    longer[text.length] = digit;
    return passesEncoded(check, longer);
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
        if (passesEncoded(check, text)) return text;
      }
  return undefined;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
