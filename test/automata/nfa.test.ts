// Determinisation of random NFAs against a direct simulation.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptsSymbols, minimize, NfaBuilder } from '../../src/automata/index.js';
import { LimitError } from '../../src/errors.js';
import { LAST, words } from './small-dfas.js';

const STATES = 5;
const state = fc.nat(STATES - 1);
const edges = fc.array(fc.tuple(state, fc.nat(LAST), fc.nat(LAST), state), { maxLength: 10 });
const epsilons = fc.array(fc.tuple(state, state), { maxLength: 5 });

describe('NfaBuilder.toDfa', () => {
  it('accepts what some run accepts', () => {
    fc.assert(
      fc.property(edges, epsilons, state, fc.uniqueArray(state), (reads, jumps, start, accepting) => {
        const nfa = new NfaBuilder();
        for (let i = 0; i < STATES; i++) nfa.state();
        const intervals = reads.map(
          ([from, a, b, to]) => [from, Math.min(a, b), Math.max(a, b), to] as const,
        );
        for (const [from, lo, hi, to] of intervals) nfa.edge(from, lo, hi, to);
        for (const [from, to] of jumps) nfa.epsilon(from, to);
        const close = (set: Set<number>) => {
          for (const from of set) for (const [a, b] of jumps) if (a === from) set.add(b);
          return set;
        };
        const dfa = nfa.toDfa(start, accepting);
        expect(minimize(dfa)).toEqual(dfa);
        for (const word of words(4)) {
          let current = close(new Set([start]));
          for (const symbol of word)
            current = close(
              new Set(
                intervals
                  .filter(([from, lo, hi]) => current.has(from) && lo <= symbol && symbol <= hi)
                  .map(([, , , to]) => to),
              ),
            );
          expect(acceptsSymbols(dfa, word), String(word)).toBe(accepting.some((s) => current.has(s)));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('stops at the limit', () => {
    const nfa = new NfaBuilder();
    const start = nfa.state();
    nfa.edge(start, 0, 1, start);
    let last = nfa.state();
    nfa.edge(start, 1, 1, last);
    for (let i = 0; i < 30; i++) {
      const next = nfa.state();
      nfa.edge(last, 0, 1, next);
      last = next;
    }
    expect(() => nfa.toDfa(start, [last], { maxStates: 1000 })).toThrow(LimitError);
  });
});
