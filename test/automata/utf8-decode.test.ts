import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acceptsSymbols,
  codePointsDfa,
  complementIntervals,
  type Dfa,
  intersectDfa,
  literalDfa,
  MAX_CODE_POINT,
  normalizeIntervals,
  repeatDfa,
  sameLanguage,
  starDfa,
  symbolsDfa,
  utf8Dfa,
} from '../../src/automata/index.js';

const scalars = starDfa(symbolsDfa(complementIntervals([[0xd800, 0xdfff]], MAX_CODE_POINT)));

/** Runs of characters out of some intervals, whose ends lie where UTF-8 changes. */
const languages: fc.Arbitrary<Dfa> = fc
  .array(fc.tuple(fc.integer({ min: 0, max: MAX_CODE_POINT }), fc.integer({ min: 0, max: 5000 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((runs) => normalizeIntervals(runs.map(([lo, length]) => [lo, Math.min(lo + length, MAX_CODE_POINT)])))
  .map((intervals) => repeatDfa(symbolsDfa(intervals), 1, 2));

describe('codePointsDfa', () => {
  it('undoes utf8Dfa', () => {
    fc.assert(
      fc.property(languages, (dfa) => {
        expect(sameLanguage(codePointsDfa(utf8Dfa(dfa)), intersectDfa(dfa, scalars))).toBe(true);
      }),
      { numRuns: 60 },
    );
    expect(sameLanguage(codePointsDfa(utf8Dfa(scalars)), scalars)).toBe(true);
  });

  it('leaves out bytes that spell no character', () => {
    const bytes: Dfa = {
      edges: [[{ lo: 0, hi: 255, to: 0 }]],
      accept: Uint8Array.of(1),
    };
    const all = codePointsDfa(bytes);
    expect(acceptsSymbols(all, [0x41, 0x65e5, 0x1f600])).toBe(true);
    expect(acceptsSymbols(codePointsDfa(literalDfa([0xff])), [0xff])).toBe(false);
    expect(acceptsSymbols(codePointsDfa(literalDfa([0xe6, 0x97, 0xa5])), [0x65e5])).toBe(true);
  });
});
