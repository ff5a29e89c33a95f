// Questions about automata, by brute force.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acceptsEmpty,
  acceptsSymbols,
  type Dfa,
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
/** A language that is infinite has a word of as many symbols as there are states, and fewer than twice as many. */
const LENGTH = 5;

/** Whether every word of `a` is one of `b`, by all pairs of states that one word leads to. */
function isInside(a: Dfa, b: Dfa): boolean {
  const seen = new Set<string>();
  const rest: [inA: number, inB: number][] = [[0, 0]];
  for (let pair = rest.pop(); pair; pair = rest.pop()) {
    const [inA, inB] = pair;
    if (inA < 0 || seen.has(String(pair))) continue;
    seen.add(String(pair));
    if (a.accept[inA] && !b.accept[inB]) return false;
    for (let symbol = 0; symbol <= LAST; symbol++)
      rest.push([nextState(a, inA, symbol), inB < 0 ? -1 : nextState(b, inB, symbol)]);
  }
  return true;
}

describe('queries', () => {
  it('answer as the words do', () => {
    fc.assert(
      fc.property(smallDfa(STATES), smallDfa(STATES), (a, b) => {
        const inA = languageOf(a, LENGTH);
        expect(isEmptyLanguage(a)).toBe(inA.size === 0);
        expect(acceptsEmpty(a)).toBe(inA.has(''));
        expect(isSubset(a, b)).toBe(isInside(a, b));
        const same = isInside(a, b) && isInside(b, a);
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
