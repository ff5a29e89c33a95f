// Questions about automata, by brute force.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acceptsEmpty,
  acceptsSymbols,
  dfaKey,
  EMPTY_STRING,
  isEmptyLanguage,
  isFiniteLanguage,
  isSubset,
  literalsDfa,
  NO_LANGUAGE,
  nextState,
  sameLanguage,
  shortestWord,
  starDfa,
  symbolsDfa,
} from '../../src/automata/index.js';
import { LAST, languageOf, smallDfa } from './small-dfas.js';

const STATES = 3;
/** Two automata of n and m states differ, if at all, on a word shorter than n + m. */
const LENGTH = 5;

describe('queries', () => {
  it('answer as the words do', () => {
    fc.assert(
      fc.property(smallDfa(STATES), smallDfa(STATES), (a, b) => {
        const [inA, inB] = [languageOf(a, LENGTH), languageOf(b, LENGTH)];
        expect(isEmptyLanguage(a)).toBe(inA.size === 0);
        expect(acceptsEmpty(a)).toBe(inA.has(''));
        const subset = [...inA].every((word) => inB.has(word));
        expect(isSubset(a, b)).toBe(subset);
        const same = subset && inA.size === inB.size;
        expect(sameLanguage(a, b)).toBe(same);
        expect(dfaKey(a) === dfaKey(b)).toBe(same);
        // A word at least as long as there are states, and less than twice, exists exactly in infinite languages.
        const pumped = [...inA].some((word) => word !== '' && word.split(',').length >= STATES);
        expect(isFiniteLanguage(a)).toBe(!pumped);
      }),
      { numRuns: 100 },
    );
  });

  it('find a shortest word', () => {
    fc.assert(
      fc.property(smallDfa(4), (a) => {
        const lengths = [...languageOf(a, 4)].map((word) => (word === '' ? 0 : word.split(',').length));
        const shortest = shortestWord(a);
        if (shortest === undefined) expect(lengths).toEqual([]);
        else {
          expect(acceptsSymbols(a, shortest)).toBe(true);
          expect(shortest.length).toBe(Math.min(...lengths));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('step by symbol', () => {
    fc.assert(
      fc.property(smallDfa(5), fc.nat(4), fc.nat(LAST + 1), (a, wanted, symbol) => {
        const state = wanted % a.edges.length;
        const edge = a.edges[state].find(({ lo, hi }) => lo <= symbol && symbol <= hi);
        expect(nextState(a, state, symbol)).toBe(edge?.to ?? -1);
      }),
    );
  });

  it('hold for the smallest languages', () => {
    expect(shortestWord(NO_LANGUAGE)).toBeUndefined();
    expect(shortestWord(EMPTY_STRING)).toEqual([]);
    expect(isFiniteLanguage(NO_LANGUAGE)).toBe(true);
    expect(isFiniteLanguage(literalsDfa([[1], [1, 2, 3]]))).toBe(true);
    expect(isFiniteLanguage(starDfa(symbolsDfa([[0, 0]])))).toBe(false);
  });
});
