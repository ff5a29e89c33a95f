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

/** How many of the states can be told apart by a word, of those that can be reached and can reach an accepting one. */
function distinguishable({ edges, accept }: RawDfa): number {
  const step = (state: number, symbol: number) =>
    edges[state]?.find(({ lo, hi }) => lo <= symbol && symbol <= hi)?.to ?? edges.length;
  let block = [...edges.map((_, state) => (accept[state] ? 1 : 0)), 0];
  for (let before = 0; ; ) {
    const known = new Map<string, number>();
    block = block.map((own, state) => {
      const row = [own];
      for (let symbol = 0; symbol <= LAST; symbol++) row.push(block[step(state, symbol)]);
      const key = row.join();
      if (!known.has(key)) known.set(key, known.size);
      return known.get(key)!;
    });
    if (known.size === before) break;
    before = known.size;
  }
  const reached = new Set([0]);
  for (const state of reached) for (const { to } of edges[state]) reached.add(to);
  const dead = block[edges.length];
  return new Set([...reached].map((state) => block[state]).filter((own) => own !== dead)).size;
}

/** Long chains with jumps back and forth, where states differ only far from where they stand. */
const chainlike = fc
  .tuple(
    fc.integer({ min: 2, max: 60 }),
    fc.array(fc.tuple(fc.nat(60), fc.nat(LAST), fc.nat(60)), { maxLength: 12 }),
    fc.array(fc.nat(60), { minLength: 1, maxLength: 3 }),
    fc.boolean(),
  )
  .map(([length, jumps, ends, loops]): RawDfa => {
    const targets = Array.from({ length }, (_, i) => {
      const next = i + 1 < length ? i + 1 : loops ? 0 : -1;
      return [next, next, -1, -1];
    });
    for (const [from, symbol, to] of jumps) targets[from % length][symbol] = to % length;
    return {
      edges: targets.map((row) =>
        row.flatMap((to, symbol) => (to < 0 ? [] : [{ lo: symbol, hi: symbol, to }])),
      ),
      accept: targets.map((_, state) => (ends.some((end) => end % length === state) ? 1 : 0)),
    };
  });

describe('minimize', () => {
  it('leaves one state for those that no word tells apart', () => {
    fc.assert(
      fc.property(chainlike, (raw) => {
        const dfa = minimize(raw);
        expect(dfa.edges.length).toBe(Math.max(1, distinguishable(raw)));
        expect(minimize(disguise(dfa, 1))).toEqual(dfa);
      }),
      { numRuns: 500 },
    );
  });

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
    const loop = minimize(chain(0));
    expect([loop.edges, loop.accept]).toEqual([[[{ lo: 0, hi: 9, to: 0 }]], Uint8Array.of(1)]);
    const open = chain(0);
    open.edges[length - 1] = [];
    expect(minimize(open).edges.length).toBe(length);
    expect(minimize({ edges: [[{ lo: 0, hi: 0, to: 0 }]], accept: [0] })).toEqual(NO_LANGUAGE);
  });

  it('drops what leads nowhere, however far the way to an accepting state goes back', () => {
    const length = 40;
    // The start reads i to state i, each of which leads to the one before it and to one that is dead.
    const dead = length + 1;
    const edges = Array.from({ length: length + 2 }, (_, state) =>
      state === 0
        ? Array.from({ length: length + 1 }, (_unused, i) => ({ lo: i + 1, hi: i + 1, to: i + 1 }))
        : state === dead
          ? [{ lo: 0, hi: 0, to: dead }]
          : [
              ...(state > 1 ? [{ lo: 0, hi: 0, to: state - 1 }] : []),
              { lo: 1, hi: 1, to: dead },
              { lo: 2, hi: 2, to: state },
            ],
    );
    const dfa = minimize({ edges, accept: edges.map((_, state) => (state === 1 ? 1 : 0)) });
    expect(dfa.edges.length).toBe(length + 1);
    expect(dfa.edges[0]).toEqual(edges[0].slice(0, length));
    dfa.edges.slice(1).forEach((list, i) => {
      expect(list).toEqual(edges[i + 1].filter(({ to }) => to !== dead));
    });
  });
});
