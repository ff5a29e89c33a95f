// Canonical form: minimal, trimmed, and one automaton for one language however it was written down.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Dfa, minimize, NO_LANGUAGE, type RawDfa } from '../../src/automata/index.js';
import { LAST, languageOf, smallDfa, words } from './small-dfas.js';

/** The number of classes of Myhill and Nerode among prefixes, looking ahead by the words given; dead ones not counted. */
function nerodeClasses(dfa: Dfa, ahead: number): number {
  const language = languageOf(dfa, ahead * 2);
  const suffixes = words(ahead);
  const classes = new Set<string>();
  for (const prefix of words(ahead)) {
    const row = suffixes.map((suffix) => (language.has(String([...prefix, ...suffix])) ? '1' : '0')).join('');
    if (row.includes('1')) classes.add(row);
  }
  return classes.size;
}

/** The same language with states doubled, renumbered, and unreachable and dead ones added. */
function disguise(dfa: Dfa, seed: number): RawDfa {
  const count = dfa.edges.length;
  const copy = (state: number, symbol: number) =>
    (symbol * 7 + state + seed) % 2 === 0 ? state : state + count;
  const dead = 2 * count;
  const edges = Array.from({ length: 2 * count }, (_, state) => {
    const list = dfa.edges[state % count].flatMap(({ lo, hi, to }) =>
      Array.from({ length: hi - lo + 1 }, (_unused, i) => ({ lo: lo + i, hi: lo + i, to: copy(to, lo + i) })),
    );
    const free = Array.from({ length: LAST + 1 }, (_unused, symbol) => symbol).find(
      (symbol) => !list.some(({ lo }) => lo === symbol),
    );
    if (free !== undefined) list.push({ lo: free, hi: free, to: dead });
    return list.sort((a, b) => a.lo - b.lo);
  });
  edges.push([{ lo: 0, hi: LAST, to: dead }]);
  const accept = [...dfa.accept, ...dfa.accept, 0];
  return { edges, accept };
}

describe('minimize', () => {
  it('gives as many states as the language has classes', () => {
    fc.assert(
      fc.property(smallDfa(4), (dfa) => {
        const classes = nerodeClasses(dfa, 3);
        expect(dfa.edges.length).toBe(Math.max(1, classes));
      }),
      { numRuns: 40 },
    );
  });

  it('finds the same automaton behind every disguise', () => {
    fc.assert(
      fc.property(smallDfa(7), fc.nat(100), (dfa, seed) => {
        expect(minimize(disguise(dfa, seed))).toEqual(dfa);
        expect(minimize(dfa)).toEqual(dfa);
      }),
      { numRuns: 200 },
    );
  });

  it('merges adjacent edges and chains of any length, with and without a cycle', () => {
    const length = 5000;
    const chain = (last: number) => ({
      edges: Array.from({ length }, (_, i) => [
        { lo: 0, hi: 4, to: i + 1 < length ? i + 1 : last },
        { lo: 5, hi: 9, to: i + 1 < length ? i + 1 : last },
      ]),
      accept: new Uint8Array(length).fill(1),
    });
    expect(minimize(chain(0))).toEqual({ edges: [[{ lo: 0, hi: 9, to: 0 }]], accept: Uint8Array.of(1) });
    const open = chain(0);
    open.edges[length - 1] = [];
    expect(minimize(open).edges.length).toBe(length);
    expect(minimize({ edges: [[{ lo: 0, hi: 0, to: 0 }]], accept: [0] })).toEqual(NO_LANGUAGE);
  });
});
