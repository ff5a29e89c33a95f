// Figures and tokens in words.
import type { TokenView } from '../src/server/playground/protocol.js';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

export const count = (value: number) => whole.format(value);

/** Three digits or so, whatever the size. */
export function short(value: number): string {
  if (value >= 1000)
    return new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(value);
  return new Intl.NumberFormat('en', {
    maximumFractionDigits: value >= 100 ? 0 : value >= 10 ? 1 : 2,
  }).format(value);
}

/** A time in the unit that suits it. */
export function duration(milliseconds: number): string {
  if (milliseconds >= 1000) return `${short(milliseconds / 1000)} s`;
  return milliseconds >= 1 ? `${short(milliseconds)} ms` : `${short(1000 * milliseconds)} µs`;
}

export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  return value < 1024 ** 2 ? `${short(value / 1024)} KiB` : `${short(value / 1024 ** 2)} MiB`;
}

/** A share from 0 to 1; what is not quite none or all does not read as if it were. */
export function percent(share: number): string {
  if (share === 0 || share === 1) return `${100 * share}%`;
  if (share >= 0.9995) return '>99.9%';
  if (share >= 0.001) return `${(100 * share).toFixed(1)}%`;
  return share >= 1e-6 ? `${(100 * share).toPrecision(1)}%` : '<0.0001%';
}

/** A share that is known to be no smaller. */
export function atLeast(share: number): string {
  return share >= 0.9995 ? 'nearly all' : `at least ${percent(share)}`;
}

const SIGNS: Readonly<Record<string, string>> = { ' ': '␣', '\n': '↵', '\t': '⇥', '\u007f': '␡' };

/** White space and control characters as signs for them. */
export function visible(text: string): string {
  return text.replace(
    /[\u0000-\u0020\u007f]/g,
    (character) => SIGNS[character] ?? String.fromCharCode(0x2400 + character.charCodeAt(0)),
  );
}

export const hex = (bytes: readonly number[]) =>
  bytes.map((byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(' ');

const strict = new TextDecoder('utf-8', { fatal: true });

/** What a token is called by itself: its text, or its bytes where they are no whole characters. */
export function tokenLabel({ special, bytes }: TokenView): string {
  if (special !== undefined) return special;
  try {
    return bytes.length === 0 ? '(no text)' : visible(strict.decode(Uint8Array.from(bytes)));
  } catch {
    return `⟨${hex(bytes)}⟩`;
  }
}
