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

export const milliseconds = (value: number) => `${short(value)} ms`;

export function bytes(value: number): string {
  return value < 1024
    ? `${value} B`
    : value < 1024 ** 2
      ? `${short(value / 1024)} KiB`
      : `${short(value / 1024 ** 2)} MiB`;
}

/** A share from 0 to 1; what is not quite none or all does not read as if it were. */
export function percent(share: number): string {
  if (share > 0 && share < 0.0005) return '<0.1%';
  if (share < 1 && share >= 0.9995) return '>99.9%';
  return `${(100 * share).toFixed(share === 0 || share === 1 ? 0 : 1)}%`;
}

/** White space and control characters as signs for them. */
export function visible(text: string): string {
  return text.replace(/[\u0000-\u0020\u007f]/g, (character) => {
    const code = character.charCodeAt(0);
    return String.fromCharCode(code === 0x7f ? 0x2421 : 0x2400 + code);
  });
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
