// Punycode against the runtime's own, which URL uses, and round trips of random labels.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodePunycode, encodePunycode } from '../../src/automata/punycode.js';

const ascii = (text: string) => new TextEncoder().encode(text);
const encoded = (label: string) =>
  new TextDecoder().decode(encodePunycode([...label].map((c) => c.codePointAt(0)!)));
const decoded = (text: string) => {
  const codePoints = decodePunycode(ascii(text));
  return codePoints && String.fromCodePoint(...codePoints);
};

describe('punycode', () => {
  test.each([
    'bücher',
    'παράδειγμα',
    'пример',
    '例え',
    'l·l',
    'ab-ü-cd',
    'ü',
    '실례',
    'ßς',
  ])('%s', (label) => {
    const url = new URL(`http://${label.replaceAll('ß', 'ss').replaceAll('ς', 'σ')}.org`).hostname;
    const normal = label.replaceAll('ß', 'ss').replaceAll('ς', 'σ');
    expect(`xn--${encoded(normal)}.org`).toBe(url);
    expect(decoded(encoded(label))).toBe(label);
  });
  test('of any code points comes back', () => {
    const codePoints = fc.array(
      fc.oneof(
        fc.integer({ min: 0x61, max: 0x7a }),
        fc.integer({ min: 0x80, max: 0xffff }),
        fc.integer({ min: 0x3b1, max: 0x3c9 }),
      ),
      {
        minLength: 1,
        maxLength: 40,
      },
    );
    fc.assert(
      fc.property(codePoints, (label) => {
        fc.pre(label.some((codePoint) => codePoint >= 0x80));
        expect(decodePunycode(encodePunycode(label))).toEqual(label);
      }),
      { numRuns: 2000 },
    );
  });
  test.each(['a-é', 'A', '-', 'abc.', '99999999'])('%s is none', (text) => {
    expect([undefined, '']).toContain(decoded(text));
  });
});
