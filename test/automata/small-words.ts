// Brute force for automata: all words over the letters 0..2 up to six long, languages as sets of them, and random
// automata. Every operation of the automata room is held to what these few lines say it means.
import fc from 'fast-check';
import { acceptsSymbols, type Dfa, NfaBuilder } from '../../src/automata/index.js';

export const LETTERS = 3;
export const LONGEST = 6;

/** All words up to LONGEST letters, shortest first, as digit strings. */
export const WORDS: readonly string[] = (() => {
  const words = [''];
  for (const word of words)
    if (word.length < LONGEST)
      for (let letter = 0; letter < LETTERS; letter++) words.push(`${word}${letter}`);
  return words;
})();

export const symbolsOf = (word: string): number[] => [...word].map(Number);

/** The words of the language up to LONGEST letters. */
export function wordsOf(dfa: Dfa): Set<string> {
  return new Set(WORDS.filter((word) => acceptsSymbols(dfa, symbolsOf(word))));
}

export function concatenation(left: ReadonlySet<string>, right: ReadonlySet<string>): Set<string> {
  return new Set(
    WORDS.filter((word) =>
      Array.from({ length: word.length + 1 }, (_, at) => at).some(
        (at) => left.has(word.slice(0, at)) && right.has(word.slice(at)),
      ),
    ),
  );
}

/** Words of `count` parts, for each count from min to max; more parts than letters add nothing new. */
export function power(set: ReadonlySet<string>, min: number, max: number): Set<string> {
  let exactly: Set<string> = new Set(['']);
  const result = new Set<string>();
  for (let count = 0; count <= Math.min(max, min + LONGEST); count++) {
    if (count >= min) for (const word of exactly) result.add(word);
    exactly = concatenation(exactly, set);
  }
  return result;
}

export interface SmallNfa {
  readonly states: number;
  readonly edges: readonly (readonly [from: number, lo: number, hi: number, to: number])[];
  readonly epsilons: readonly (readonly [from: number, to: number])[];
  readonly accepting: readonly number[];
}

export const smallNfas: fc.Arbitrary<SmallNfa> = fc.integer({ min: 1, max: 6 }).chain((states) => {
  const state = fc.nat(states - 1);
  const letter = fc.nat(LETTERS - 1);
  return fc.record({
    states: fc.constant(states),
    edges: fc.array(
      fc
        .tuple(state, letter, letter, state)
        .map(([from, a, b, to]) => [from, Math.min(a, b), Math.max(a, b), to] as const),
      { maxLength: 12 },
    ),
    epsilons: fc.array(fc.tuple(state, state), { maxLength: 3 }),
    accepting: fc.array(state, { minLength: 1, maxLength: 3 }),
  });
});

/** The definition: follow every path at once. */
export function nfaWords({ edges, epsilons, accepting }: SmallNfa): Set<string> {
  const close = (set: Set<number>) => {
    for (const at of set) for (const [from, to] of epsilons) if (from === at) set.add(to);
    return set;
  };
  const run = (word: string) => {
    let set = close(new Set([0]));
    for (const letter of symbolsOf(word))
      set = close(
        new Set(
          edges
            .filter(([from, lo, hi]) => set.has(from) && lo <= letter && letter <= hi)
            .map(([, , , to]) => to),
        ),
      );
    return accepting.some((state) => set.has(state));
  };
  return new Set(WORDS.filter(run));
}

export function determinize({ states, edges, epsilons, accepting }: SmallNfa): Dfa {
  const nfa = new NfaBuilder();
  for (let i = 0; i < states; i++) nfa.state();
  for (const [from, lo, hi, to] of edges) nfa.edge(from, lo, hi, to);
  for (const [from, to] of epsilons) nfa.epsilon(from, to);
  return nfa.toDfa(0, accepting);
}

/** Random languages over the letters, from random NFAs. */
export const smallDfas: fc.Arbitrary<Dfa> = smallNfas.map(determinize);

/**
 * Random partial DFAs as they come out of no operation: not trimmed, not minimal, any numbering.
 */
export const rawDfas: fc.Arbitrary<Dfa> = fc.integer({ min: 1, max: 9 }).chain((states) =>
  fc
    .tuple(
      fc.array(fc.array(fc.option(fc.nat(states - 1)), { minLength: LETTERS, maxLength: LETTERS }), {
        minLength: states,
        maxLength: states,
      }),
      fc.array(fc.boolean(), { minLength: states, maxLength: states }),
    )
    .map(([targets, accept]) => ({
      edges: targets.map((row) =>
        row.flatMap((to, letter) => (to === null ? [] : [{ lo: letter, hi: letter, to }])),
      ),
      accept: Uint8Array.from(accept, Number),
    })),
);

/** The reachable states told apart by what may follow, less the dead one: the Myhill-Nerode classes. */
export function nerodeClasses(dfa: Dfa): number {
  const reachable = [0];
  for (const state of reachable)
    for (const { to } of dfa.edges[state]) if (!reachable.includes(to)) reachable.push(to);
  // By state, the class of its futures up to k letters; as many letters as there are states tell all apart.
  const dead = dfa.edges.length;
  let futures = [...dfa.accept, 0];
  for (const _ of futures) {
    const rows = futures.map((_future, state) =>
      Array.from({ length: LETTERS }, (_letter, letter) => futures[targetOf(dfa, state, letter) ?? dead]),
    );
    const named = new Map<string, number>();
    futures = rows.map((row, state) => {
      const key = [dfa.accept[state] ?? 0, ...row].join();
      named.set(key, named.get(key) ?? named.size);
      return named.get(key)!;
    });
  }
  const classes = new Set(reachable.map((state) => futures[state]));
  classes.delete(futures[dead]);
  return Math.max(1, classes.size);
}

function targetOf(dfa: Dfa, state: number, letter: number): number | undefined {
  return dfa.edges[state]?.find(({ lo, hi }) => lo <= letter && letter <= hi)?.to;
}
