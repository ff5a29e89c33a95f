// Masks of automata that no compiler makes: bytes behind which nothing can be read, calls that never return, counters that
// refuse. A mask may leave steps out only where they cannot be refused.
import { deepStrictEqual, strictEqual } from 'node:assert';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EDGE_WORDS, EdgeKind, encodePda, Machine, type Pda } from '../../src/automata/index.js';
import { type Matcher, MatcherFactory } from '../../src/matcher/index.js';
import { loadNative, type NativeMatcher } from '../../src/native/index.js';
import { buildImageFromBytes } from '../../src/tokenizer/index.js';

const STATES = 9;
const TOKENS = 'a b c aa ab ba bb ac ca aab aba abb abc bab cab abab bbbb acca'.split(' ');

/** An edge from `from`; what reads nothing leads on to a later state, so that no closure goes round in circles. */
const edge = (from: number) => {
  const later = from + 1 < STATES ? fc.integer({ min: from + 1, max: STATES - 1 }) : fc.constant(0);
  const anywhere = fc.integer({ min: 0, max: STATES - 1 });
  const read = fc.tuple(
    fc.constant(EdgeKind.bytes),
    fc.constantFrom(97, 98),
    fc.constantFrom(98, 99),
    anywhere,
  );
  return fc.oneof(
    { weight: 5, arbitrary: read },
    { weight: 2, arbitrary: fc.tuple(fc.constant(EdgeKind.epsilon), fc.constant(0), fc.constant(0), later) },
    { weight: 2, arbitrary: fc.tuple(fc.constant(EdgeKind.call), later, fc.constant(0), later) },
    { weight: 2, arbitrary: fc.constant([EdgeKind.return, 0, 0, 0] as const) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constant(EdgeKind.count), fc.integer({ min: 0, max: 2 }), fc.constant(0), later),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(
        fc.constant(EdgeKind.atLeast),
        fc.integer({ min: 0, max: 2 }),
        fc.constant(0),
        later,
      ),
    },
  );
};

/** State 0 accepts, and state 1 is the start; one in four has no edges. */
const automaton = fc
  .tuple(
    ...Array.from({ length: STATES }, (_, state) =>
      state === 0 ? fc.constant([]) : fc.array(edge(state), { minLength: state === 1 ? 1 : 0, maxLength: 3 }),
    ),
  )
  .map((states): Pda => {
    const edgeStart = new Int32Array(STATES + 1);
    states.forEach((edges, state) => {
      edgeStart[state + 1] = edgeStart[state] + edges.length;
    });
    const edges = Int32Array.from(states.flat(2));
    expect(edges.length).toBe(edgeStart[STATES] * EDGE_WORDS);
    const lexemeOf = new Int32Array(STATES);
    return { stateCount: STATES, start: 1, edgeStart, edges, lexemeOf, tokenSets: [], checks: [] };
  });

/** Goes on with an allowed token for each of `choices`; returns the number of positions. */
function compareOn(portable: Matcher, native: NativeMatcher, choices: readonly number[]): number {
  const expected = new Int32Array(portable.words);
  const actual = new Int32Array(portable.words);
  let positions = 0;
  for (const choice of [...choices, 0]) {
    strictEqual(native.fill(actual), portable.fill(expected));
    deepStrictEqual(actual, expected);
    positions++;
    const allowed = TOKENS.map((_, token) => token).filter((token) => (expected[0] >>> token) & 1);
    if (allowed.length === 0) break;
    const token = allowed[choice % allowed.length];
    strictEqual(portable.accept(token), true);
    strictEqual(native.accept(token), true);
  }
  return positions;
}

it('masks are right where bytes lead nowhere', () => {
  const addon = loadNative();
  const encoder = new TextEncoder();
  const vocabulary = buildImageFromBytes(
    [...TOKENS.map((text) => encoder.encode(text)), null as never],
    [TOKENS.length],
  );
  const tokenizer = addon.loadTokenizer(new Uint8Array(vocabulary.buffer));
  let positions = 0;
  fc.assert(
    fc.property(automaton, fc.array(fc.nat(), { maxLength: 8 }), (pda, choices) => {
      const portable = new MatcherFactory(new Machine(pda), vocabulary, { maxMaskBytes: 0 });
      const handle = addon.loadGrammar(encodePda(pda), tokenizer, { maxConfigurations: 4096, memo: true });
      positions += compareOn(portable.open(), addon.openMatcher(handle), choices);
    }),
    { numRuns: 3000 },
  );
  expect(positions).toBeGreaterThan(4000);
});
