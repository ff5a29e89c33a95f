// Every operation against sets of words, by brute force over a small alphabet; and the laws that canonical form gives.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  complementDfa,
  concatDfa,
  type Dfa,
  differenceDfa,
  EMPTY_STRING,
  intersectDfa,
  literalDfa,
  literalsDfa,
  NO_LANGUAGE,
  repeatDfa,
  starDfa,
  symbolsDfa,
  unionDfa,
  withoutEmpty,
} from '../../src/automata/index.js';
import { LimitError } from '../../src/errors.js';
import { LAST, languageOf, smallDfa, words } from './small-words.js';

const LENGTH = 4;
const all = words(LENGTH);

/** Whether each word belongs, by whether words of the two languages do. */
function expectWords(dfa: Dfa, belongs: (word: number[]) => boolean): void {
  const language = languageOf(dfa, LENGTH);
  for (const word of all) expect(language.has(String(word)), String(word)).toBe(belongs(word));
}

/** Whether the word is `min` to `max` words of the language, one after another. */
function isRepeat(word: number[], language: Set<string>, min: number, max: number): boolean {
  let ends = new Set([0]);
  // A word of length n needs at most n parts that are not empty; empty ones fill up to `min`.
  const least = language.has('') ? 0 : min;
  for (let parts = 0; parts <= Math.min(max, LENGTH + min); parts++) {
    if (parts >= least && ends.has(word.length)) return true;
    const next = new Set<number>();
    for (const from of ends)
      for (let to = from; to <= word.length; to++)
        if (language.has(String(word.slice(from, to)))) next.add(to);
    ends = next;
  }
  return false;
}

describe('operations', () => {
  it('of two languages', () => {
    fc.assert(
      fc.property(smallDfa(), smallDfa(), (a, b) => {
        const [inA, inB] = [languageOf(a), languageOf(b)];
        const has = (set: Set<string>, word: number[]) => set.has(String(word));
        expectWords(unionDfa(a, b), (word) => has(inA, word) || has(inB, word));
        expectWords(intersectDfa(a, b), (word) => has(inA, word) && has(inB, word));
        expectWords(differenceDfa(a, b), (word) => has(inA, word) && !has(inB, word));
        expectWords(concatDfa(a, b), (word) =>
          [...word, 0].some((_, i) => has(inA, word.slice(0, i)) && has(inB, word.slice(i))),
        );
      }),
      { numRuns: 60 },
    );
  });

  it('of one language', () => {
    const bounds = fc.tuple(fc.nat(3), fc.constantFrom(0, 1, 2, Number.POSITIVE_INFINITY));
    fc.assert(
      fc.property(smallDfa(4), bounds, (a, [min, more]) => {
        const inA = languageOf(a);
        expectWords(complementDfa(a, LAST), (word) => !inA.has(String(word)));
        expectWords(withoutEmpty(a), (word) => word.length > 0 && inA.has(String(word)));
        expectWords(starDfa(a), (word) => isRepeat(word, inA, 0, Number.POSITIVE_INFINITY));
        expectWords(repeatDfa(a, min, min + more), (word) => isRepeat(word, inA, min, min + more));
      }),
      { numRuns: 60 },
    );
  });

  it('of words and symbols', () => {
    const word = fc.array(fc.nat(LAST), { maxLength: LENGTH });
    fc.assert(
      fc.property(fc.array(word, { maxLength: 6 }), (list) => {
        const known = new Set(list.map(String));
        expectWords(literalsDfa(list), (each) => known.has(String(each)));
        const united = list.map((each) => literalDfa(each)).reduce((a, b) => unionDfa(a, b), NO_LANGUAGE);
        expect(united).toEqual(literalsDfa(list));
      }),
      { numRuns: 60 },
    );
    expectWords(symbolsDfa([[1, 2]]), (each) => each.length === 1 && (each[0] === 1 || each[0] === 2));
    expect(symbolsDfa([])).toEqual(NO_LANGUAGE);
    expect(repeatDfa(symbolsDfa([[0, 0]]), 2, 1)).toEqual(NO_LANGUAGE);
  });
});

describe('laws, as equality of automata', () => {
  it('hold', () => {
    const not = (a: Dfa) => complementDfa(a, LAST);
    fc.assert(
      fc.property(smallDfa(3), smallDfa(3), smallDfa(2), (a, b, c) => {
        expect(not(unionDfa(a, b))).toEqual(intersectDfa(not(a), not(b)));
        expect(not(intersectDfa(a, b))).toEqual(unionDfa(not(a), not(b)));
        expect(not(not(a))).toEqual(a);
        expect(differenceDfa(a, b)).toEqual(intersectDfa(a, not(b)));
        expect(unionDfa(a, b)).toEqual(unionDfa(b, a));
        expect(concatDfa(concatDfa(a, b), c)).toEqual(concatDfa(a, concatDfa(b, c)));
        expect(concatDfa(a, unionDfa(b, c))).toEqual(unionDfa(concatDfa(a, b), concatDfa(a, c)));
        expect(starDfa(starDfa(c))).toEqual(starDfa(c));
        expect(unionDfa(EMPTY_STRING, concatDfa(c, starDfa(c)))).toEqual(starDfa(c));
        expect(concatDfa(a, EMPTY_STRING)).toEqual(a);
        expect(concatDfa(a, NO_LANGUAGE)).toEqual(NO_LANGUAGE);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the limit on states', () => {
  it('is kept, and named', () => {
    const one = symbolsDfa([[0, 0]]);
    const limit = expect.objectContaining({ limit: 'maxStates' });
    const attempts = [
      () => repeatDfa(one, 0, 100, { maxStates: 50 }),
      () => concatDfa(literalDfa([0, 1, 2]), literalDfa([0, 1, 2]), { maxStates: 4 }),
      () => unionDfa(literalDfa([0, 1, 2]), literalDfa([1, 2, 3]), { maxStates: 4 }),
    ];
    for (const attempt of attempts) {
      expect(attempt).toThrow(LimitError);
      expect(attempt).toThrow(limit);
    }
  });
});
