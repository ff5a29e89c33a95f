// The algebra of regular languages against brute force on all short words.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  acceptsEmpty,
  acceptsSymbols,
  complementDfa,
  concatDfa,
  type Dfa,
  dfaKey,
  differenceDfa,
  EMPTY_STRING,
  intersectDfa,
  isEmptyLanguage,
  isFiniteLanguage,
  isSubset,
  literalDfa,
  literalsDfa,
  minimize,
  NfaBuilder,
  NO_LANGUAGE,
  normalizeIntervals,
  repeatDfa,
  sameLanguage,
  shortestWord,
  starDfa,
  symbolsDfa,
  unionDfa,
  withoutEmpty,
} from '../../src/automata/index.js';
import { LimitError } from '../../src/errors.js';
import {
  concatenation,
  determinize,
  LETTERS,
  LONGEST,
  nerodeClasses,
  nfaWords,
  power,
  rawDfas,
  smallDfas,
  smallNfas,
  symbolsOf,
  WORDS,
  wordsOf,
} from './small-words.js';

const RUNS = { numRuns: 150 };
const sorted = (set: Iterable<string>) => [...set].sort();
const letters = fc.array(fc.nat(LETTERS - 1), { maxLength: LONGEST });

/** Trimmed, numbered breadth first, edges sorted, disjoint and joined: what the doc of Dfa promises. */
function expectCanonical(dfa: Dfa): void {
  expect(dfa.accept).toHaveLength(dfa.edges.length);
  const order = [0];
  dfa.edges.forEach((list, state) => {
    list.forEach((edge, i) => {
      expect(edge.lo).toBeLessThanOrEqual(edge.hi);
      const before = list[i - 1];
      if (before) expect(edge.lo).toBeGreaterThan(before.hi + (before.to === edge.to ? 1 : 0));
      if (!order.includes(edge.to)) order.push(edge.to);
    });
    expect(order[state]).toBe(state);
  });
  expect(order).toHaveLength(dfa.edges.length);
  expect(minimize(dfa)).toEqual(dfa);
}

describe('determinisation and minimisation', () => {
  it('keep the language of an NFA', () => {
    fc.assert(
      fc.property(smallNfas, (nfa) => {
        const dfa = determinize(nfa);
        expectCanonical(dfa);
        expect(sorted(wordsOf(dfa))).toEqual(sorted(nfaWords(nfa)));
      }),
      RUNS,
    );
  });

  it('give as many states as there are different futures', () => {
    fc.assert(
      fc.property(rawDfas, (raw) => {
        const dfa = minimize(raw);
        expectCanonical(dfa);
        expect(sorted(wordsOf(dfa))).toEqual(sorted(wordsOf(raw)));
        expect(dfa.edges.length).toBe(nerodeClasses(raw));
      }),
      { numRuns: 300 },
    );
  });

  it('give one automaton for one language, however it was made', () => {
    fc.assert(
      fc.property(smallDfas, smallDfas, (a, b) => {
        const same = isEmptyLanguage(unionDfa(differenceDfa(a, b), differenceDfa(b, a)));
        expect(sameLanguage(a, b)).toBe(same);
        expect(dfaKey(a) === dfaKey(b)).toBe(same);
        expect(unionDfa(differenceDfa(a, b), intersectDfa(a, b))).toEqual(a);
      }),
      RUNS,
    );
  });

  it('copy automata into an NFA', () => {
    fc.assert(
      fc.property(smallDfas, smallDfas, (a, b) => {
        const nfa = new NfaBuilder();
        const start = nfa.state();
        const parts = [nfa.embed(a), nfa.embed(b)];
        for (const part of parts) nfa.epsilon(start, part.start);
        const both = nfa.toDfa(
          start,
          parts.flatMap((part) => part.accepting),
        );
        expect(both).toEqual(unionDfa(a, b));
      }),
      RUNS,
    );
  });
});

/** Undefined where the result needs more states than the limit: the named refusal is right, too. */
function repeatedOrLimit(dfa: Dfa, min: number, max: number): Dfa | undefined {
  try {
    return repeatDfa(dfa, min, max);
  } catch (error) {
    if (error instanceof LimitError) return undefined;
    throw error;
  }
}

describe('operations', () => {
  it('agree with the same operations on sets of words', () => {
    fc.assert(
      fc.property(smallDfas, smallDfas, (a, b) => {
        const [inA, inB] = [wordsOf(a), wordsOf(b)];
        const expectWords = (dfa: Dfa, words: Iterable<string>) => {
          expectCanonical(dfa);
          expect(sorted(wordsOf(dfa))).toEqual(sorted(words));
        };
        expectWords(
          unionDfa(a, b),
          WORDS.filter((word) => inA.has(word) || inB.has(word)),
        );
        expectWords(
          intersectDfa(a, b),
          WORDS.filter((word) => inA.has(word) && inB.has(word)),
        );
        expectWords(
          differenceDfa(a, b),
          WORDS.filter((word) => inA.has(word) && !inB.has(word)),
        );
        expectWords(
          complementDfa(a, LETTERS - 1),
          WORDS.filter((word) => !inA.has(word)),
        );
        expectWords(
          withoutEmpty(a),
          WORDS.filter((word) => inA.has(word) && word !== ''),
        );
        expectWords(concatDfa(a, b), concatenation(inA, inB));
        expectWords(starDfa(a), power(inA, 0, Number.POSITIVE_INFINITY));
      }),
      RUNS,
    );
  });

  it('repeat between two bounds', () => {
    fc.assert(
      fc.property(
        smallDfas,
        fc.nat(4),
        fc.oneof(fc.nat(5), fc.constant(Number.POSITIVE_INFINITY)),
        (a, min, max) => {
          const repeated = repeatedOrLimit(a, min, max);
          if (!repeated) return;
          expectCanonical(repeated);
          expect(sorted(wordsOf(repeated))).toEqual(sorted(power(wordsOf(a), min, max)));
        },
      ),
      RUNS,
    );
  });

  it('obey De Morgan', () => {
    fc.assert(
      fc.property(smallDfas, smallDfas, (a, b) => {
        const not = (dfa: Dfa) => complementDfa(dfa, LETTERS - 1);
        expect(not(unionDfa(a, b))).toEqual(intersectDfa(not(a), not(b)));
        expect(not(intersectDfa(a, b))).toEqual(unionDfa(not(a), not(b)));
        expect(not(not(a))).toEqual(a);
      }),
      RUNS,
    );
  });

  it('make literals, tries and classes', () => {
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 12 }), (list) => {
        const dfa = literalsDfa(list);
        expectCanonical(dfa);
        expect(dfa).toEqual(
          list.map((word) => literalDfa(word)).reduce((a, b) => unionDfa(a, b), NO_LANGUAGE),
        );
        expect(sorted(wordsOf(dfa))).toEqual(sorted(new Set(list.map((word) => word.join('')))));
      }),
      RUNS,
    );
    const set = normalizeIntervals([
      [3, 9],
      [0, 1],
    ]);
    expectCanonical(symbolsDfa(set));
    for (let symbol = 0; symbol < 12; symbol++)
      expect(acceptsSymbols(symbolsDfa(set), [symbol])).toBe(symbol <= 1 || (symbol >= 3 && symbol <= 9));
    expect(symbolsDfa([])).toEqual(NO_LANGUAGE);
    expect(literalDfa([])).toEqual(EMPTY_STRING);
    expect(literalsDfa([])).toEqual(NO_LANGUAGE);
  });

  it('take ten thousand literals', () => {
    const list = Array.from({ length: 10_000 }, (_, i) =>
      [...`key ${(i * 7919) % 100_003} of ${i}`].map((letter) => letter.codePointAt(0)!),
    );
    const dfa = literalsDfa(list);
    for (const word of list) expect(acceptsSymbols(dfa, word)).toBe(true);
    expect(acceptsSymbols(dfa, list[0].slice(1))).toBe(false);
  });
});

describe('questions', () => {
  it('agree with the words', () => {
    fc.assert(
      fc.property(smallDfas, smallDfas, (a, b) => {
        const [inA, inB] = [wordsOf(a), wordsOf(b)];
        expect(isEmptyLanguage(a)).toBe(inA.size === 0);
        expect(acceptsEmpty(a)).toBe(inA.has(''));
        const shortest = WORDS.find((word) => inA.has(word));
        expect(shortestWord(a)?.length).toBe(shortest?.length);
        if (shortest !== undefined) expect(acceptsSymbols(a, shortestWord(a)!)).toBe(true);
        // Words that tell two minimal automata apart are shorter than both together; six letters settle small ones.
        if (a.edges.length + b.edges.length <= LONGEST)
          expect(isSubset(a, b)).toBe([...inA].every((word) => inB.has(word)));
        // A language of n states is infinite exactly when it has a word of n to 2n - 1 letters.
        const n = a.edges.length;
        if (2 * n - 1 <= LONGEST)
          expect(isFiniteLanguage(a)).toBe(![...inA].some((word) => word.length >= n));
      }),
      RUNS,
    );
  });

  it('have answers at the borders', () => {
    expect(isEmptyLanguage(NO_LANGUAGE)).toBe(true);
    expect(isEmptyLanguage(EMPTY_STRING)).toBe(false);
    expect(shortestWord(NO_LANGUAGE)).toBeUndefined();
    expect(shortestWord(EMPTY_STRING)).toEqual([]);
    expect(isFiniteLanguage(NO_LANGUAGE)).toBe(true);
    expect(isFiniteLanguage(starDfa(literalDfa(symbolsOf('01'))))).toBe(false);
  });
});

describe('limits', () => {
  const anyLetter = symbolsDfa([[0, 1]]);
  /** The n-th letter from the end is 1: 2^n states. */
  const exponential = (n: number) =>
    concatDfa(concatDfa(starDfa(anyLetter), literalDfa([1])), repeatDfa(anyLetter, n - 1, n - 1));

  it('end an exponential determinisation by name', () => {
    expect(exponential(8).edges).toHaveLength(256);
    expect(() => exponential(18)).toThrowError(LimitError);
    expect(() => exponential(18)).toThrowError(/maxStates = 20000/);
  });

  it('end a product and a repeat by name, at the limit given', () => {
    const multiples = (n: number) => starDfa(repeatDfa(anyLetter, n, n));
    expect(intersectDfa(multiples(31), multiples(7), { maxStates: 217 }).edges).toHaveLength(217);
    expect(() => intersectDfa(multiples(31), multiples(7), { maxStates: 216 })).toThrowError(LimitError);
    expect(() => repeatDfa(anyLetter, 0, 1_000_000_000)).toThrowError(LimitError);
    expect(() => repeatDfa(anyLetter, 1_000_000_000, Number.POSITIVE_INFINITY)).toThrowError(LimitError);
  });

  it('do not wait for the limit on states when the subsets are large', () => {
    const nested = repeatDfa(literalDfa([0]), 0, 140);
    expect(() => repeatDfa(nested, 0, 140)).toThrowError(LimitError);
  });
});
