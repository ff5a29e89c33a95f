// Brute force for automata: random ones over a small alphabet, and all words up to a length.
import fc from 'fast-check';
import { acceptsSymbols, type Dfa, minimize } from '../../src/automata/index.js';

/** The largest symbol of the small alphabet. */
export const LAST = 3;

/** All words over 0..LAST of up to `length` symbols. */
export function words(length = 4): number[][] {
  const all: number[][] = [[]];
  for (let from = 0, n = 0; n < length; n++)
    for (const end = all.length; from < end; from++)
      for (let symbol = 0; symbol <= LAST; symbol++) all.push([...all[from], symbol]);
  return all;
}

/** The language of an automaton up to a length, as a set of words written out. */
export function languageOf(dfa: Dfa, length = 4): Set<string> {
  return new Set(
    words(length)
      .filter((word) => acceptsSymbols(dfa, word))
      .map(String),
  );
}

/** Automata in canonical form with up to `states` states before minimisation. */
export function smallDfa(states = 5): fc.Arbitrary<Dfa> {
  const target = fc.integer({ min: -1, max: states - 1 });
  const row = fc.array(target, { minLength: LAST + 1, maxLength: LAST + 1 });
  return fc
    .tuple(
      fc.array(row, { minLength: states, maxLength: states }),
      fc.array(fc.boolean(), { minLength: states, maxLength: states }),
    )
    .map(([rows, accept]) =>
      minimize({
        edges: rows.map((targets) =>
          targets.flatMap((to, symbol) => (to < 0 ? [] : [{ lo: symbol, hi: symbol, to }])),
        ),
        accept: accept.map(Number),
      }),
    );
}
