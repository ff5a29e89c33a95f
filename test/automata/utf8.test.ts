// UTF-8 spellings against TextEncoder.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acceptsSymbols,
  intersectDfa,
  literalDfa,
  MAX_BYTE,
  MAX_CODE_POINT,
  normalizeIntervals,
  repeatDfa,
  sameLanguage,
  starDfa,
  symbolsDfa,
  unionDfa,
  utf8Dfa,
} from '../../src/automata/index.js';
import { LimitError } from '../../src/errors.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const BORDERS = [
  0, 0x7f, 0x80, 0x7ff, 0x800, 0xfff, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x3ffff, 0x40000, 0x10ffff,
];
const codePoint = fc
  .oneof(
    fc.constantFrom(...BORDERS),
    fc.tuple(fc.constantFrom(...BORDERS), fc.integer({ min: -70, max: 70 })).map(([at, by]) => at + by),
    fc.nat(MAX_CODE_POINT),
  )
  .filter((at) => at >= 0 && at <= MAX_CODE_POINT && (at < 0xd800 || at > 0xdfff));
const set = fc
  .array(fc.tuple(codePoint, codePoint), { minLength: 1, maxLength: 5 })
  .map((pairs) => normalizeIntervals(pairs.map(([a, b]) => [Math.min(a, b), Math.max(a, b)])));

describe('utf8Dfa', () => {
  it('accepts the encoding of a character exactly when the character is in the set', () => {
    fc.assert(
      fc.property(set, fc.array(codePoint, { maxLength: 30 }), (intervals, probes) => {
        const dfa = utf8Dfa(symbolsDfa(intervals));
        const near = intervals.flatMap(([lo, hi]) => [lo - 1, lo, hi, hi + 1]);
        for (const probe of [...probes, ...near]) {
          if (probe < 0 || probe > MAX_CODE_POINT || (probe >= 0xd800 && probe <= 0xdfff)) continue;
          const expected = intervals.some(([lo, hi]) => lo <= probe && probe <= hi);
          expect(acceptsSymbols(dfa, encoder.encode(String.fromCodePoint(probe)))).toBe(expected);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('of all texts accepts what a strict decoder does', () => {
    const text = utf8Dfa(starDfa(symbolsDfa([[0, MAX_CODE_POINT]])));
    const byte = fc.oneof(
      fc.nat(MAX_BYTE),
      fc.constantFrom(0x80, 0xbf, 0xc0, 0xc2, 0xe0, 0xed, 0xf0, 0xf4, 0x90),
    );
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 5 }), (bytes) => {
        let valid = true;
        try {
          decoder.decode(Uint8Array.from(bytes));
        } catch {
          valid = false;
        }
        expect(acceptsSymbols(text, bytes)).toBe(valid);
      }),
      { numRuns: 2000 },
    );
  });

  it('spells words letter by letter, and drops surrogates', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 6 }), (text) => {
        const points = Array.from(text, (character) => character.codePointAt(0) as number);
        expect(utf8Dfa(literalDfa(points))).toEqual(literalDfa(encoder.encode(text)));
      }),
    );
    const both = unionDfa(literalDfa([0xd800]), literalDfa([0x61]));
    expect(sameLanguage(utf8Dfa(both), literalDfa([0x61]))).toBe(true);
  });

  it('keeps the algebra', () => {
    const small = fc.array(codePoint, { maxLength: 3 }).map((word) => literalDfa(word));
    fc.assert(
      fc.property(small, small, set, (a, b, intervals) => {
        const c = repeatDfa(symbolsDfa(intervals), 0, 3);
        expect(utf8Dfa(unionDfa(a, b))).toEqual(unionDfa(utf8Dfa(a), utf8Dfa(b)));
        expect(utf8Dfa(intersectDfa(a, c))).toEqual(intersectDfa(utf8Dfa(a), utf8Dfa(c)));
      }),
      { numRuns: 50 },
    );
  });

  it('stops at the limit', () => {
    const dfa = repeatDfa(symbolsDfa([[0, MAX_CODE_POINT]]), 0, 50);
    expect(() => utf8Dfa(dfa, { maxStates: 1 })).toThrow(LimitError);
  });
});
