// Automata as short texts, so that those of formats come along as data: making them takes longer than compiling a schema.
// A text is a row of numbers: the states, then for each the number of its edges and whether it accepts, and for each edge
// the gap before it, its width and the distance to its target. A number's digits are of base 32, lowest first.
import { type Dfa, dfaOf, FLAT_WORDS, FlatBuilder, flatOf } from '../../automata/index.js';

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-';
const BASE = 32;

export function packDfa(dfa: Dfa): string {
  const { edgeStart, edges, accept } = flatOf(dfa);
  let text = packed(accept.length);
  accept.forEach((accepts, state) => {
    text += packed(2 * (edgeStart[state + 1] - edgeStart[state]) + accepts);
    let next = 0;
    for (let at = edgeStart[state] * FLAT_WORDS; at < edgeStart[state + 1] * FLAT_WORDS; at += FLAT_WORDS) {
      const distance = edges[at + 2] - state;
      text += packed(edges[at] - next) + packed(edges[at + 1] - edges[at]);
      text += packed(distance < 0 ? -2 * distance - 1 : 2 * distance);
      next = edges[at + 1] + 1;
    }
  });
  return text;
}

export function unpackDfa(text: string): Dfa {
  let position = 0;
  const read = () => {
    let value = 0;
    for (let unit = 1; ; unit *= BASE) {
      const digit = VALUES[text.charCodeAt(position++)];
      value += (digit % BASE) * unit;
      if (digit < BASE) return value;
    }
  };
  const accept = new Uint8Array(read());
  const builder = new FlatBuilder();
  for (let state = 0; state < accept.length; state++) {
    const head = read();
    accept[state] = head & 1;
    let next = 0;
    for (let count = head >> 1; count > 0; count--) {
      const lo = next + read();
      const hi = lo + read();
      const distance = read();
      builder.edge(lo, hi, state + (distance & 1 ? -(distance + 1) / 2 : distance / 2));
      next = hi + 1;
    }
    builder.close();
  }
  return dfaOf(builder.finish(accept));
}

/** Digits of {@link BASE} and above say that more follow. */
function packed(value: number): string {
  let text = '';
  let rest = value;
  for (; rest >= BASE; rest = Math.floor(rest / BASE)) text += DIGITS[BASE + (rest % BASE)];
  return text + DIGITS[rest];
}

/** By character code. */
const VALUES = new Uint8Array(128);
for (let digit = 0; digit < DIGITS.length; digit++) VALUES[DIGITS.charCodeAt(digit)] = digit;
