// States of one side of a product that stand for others: what the product takes stays the same.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alikeBeside } from '../../src/automata/alike-beside.js';
import { flatOf } from '../../src/automata/flat.js';
import {
  acceptsSymbols,
  concatDfa,
  type Dfa,
  intersectDfa,
  literalDfa,
  minimize,
  sameLanguage,
  unionDfa,
} from '../../src/automata/index.js';
import { LAST, smallDfa, words } from './small-dfas.js';

const TWO_SYMBOLS = unionDfa(literalDfa([0, 1]), literalDfa([2, 2]));

/** What an automaton takes from a state on. */
function from({ edges, accept }: Dfa, start: number): Dfa {
  const swapped = (state: number) => (state === start ? 0 : state === 0 ? start : state);
  const order = edges.map((_, state) => swapped(state));
  return minimize({
    edges: order.map((state) => edges[state].map((edge) => ({ ...edge, to: swapped(edge.to) }))),
    accept: order.map((state) => accept[state]),
  });
}

/** Words, as numbers in base 4, that leave a remainder when `modulus` divides them. */
function leaving(modulus: number, remainders: readonly number[]): Dfa {
  const base = LAST + 1;
  return minimize({
    edges: Array.from({ length: modulus }, (_, state) =>
      Array.from({ length: base }, (_, digit) => ({
        lo: digit,
        hi: digit,
        to: (base * state + digit) % modulus,
      })),
    ),
    accept: Array.from({ length: modulus }, (_, state) => (remainders.includes(state) ? 1 : 0)),
  });
}

test('a state that stands for another has the same words in common with the other side', () => {
  let found = 0;
  const sameInCommon = (end: Dfa, other: Dfa) => {
    const one = concatDfa(TWO_SYMBOLS, end);
    const alike = alikeBeside(flatOf(one), flatOf(other));
    for (let x = 0; alike && x < one.accept.length; x++)
      for (let y = 0; y < other.accept.length; y++) {
        const first = alike.firsts[alike.ahead[x]][y];
        if (first === y) continue;
        found++;
        const common = (state: number) => intersectDfa(from(one, x), from(other, state));
        expect(sameLanguage(common(y), common(first))).toBe(true);
      }
  };
  fc.assert(fc.property(smallDfa(), smallDfa(8), sameInCommon), { numRuns: 500 });
  expect(found).toBeGreaterThan(100);
});

test('a large product takes what both sides take', () => {
  const [many, few] = [leaving(101, [0, 7]), leaving(64, [0, 5, 17, 18, 40])];
  const both = intersectDfa(few, many);
  for (const word of words(7))
    expect(acceptsSymbols(both, word)).toBe(acceptsSymbols(many, word) && acceptsSymbols(few, word));
  expect(sameLanguage(both, intersectDfa(many, few))).toBe(true);
});
