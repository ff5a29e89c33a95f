// Spellings are in canonical form as they are built, without a minimisation of their own wherever that is left out.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { dfaKey, jsonStringDfa, MAX_CODE_POINT, minimize, utf8Dfa } from '../../src/automata/index.js';
import { LAST, smallDfa } from './small-dfas.js';

/** Where pieces of the alphabet begin: characters that escapes are made of, and the borders of UTF-8 and of surrogates. */
const STARTS = [
  0, 0x01, 0x20, 0x22, 0x23, 0x2f, 0x30, 0x3a, 0x5c, 0x5d, 0x62, 0x63, 0x75, 0x76, 0x7f, 0x80, 0x800, 0xd7ff,
  0xd800, 0xdc00, 0xe000, 0xe001, 0x10000, 0x10400, 0x10401,
];
const alphabet = fc.array(fc.integer({ min: -1, max: LAST }), {
  minLength: STARTS.length,
  maxLength: STARTS.length,
});

it('utf8Dfa and jsonStringDfa give minimal automata', () => {
  fc.assert(
    fc.property(smallDfa(4), alphabet, fc.boolean(), (small, classes, alike) => {
      const piece = (at: number) =>
        alike && STARTS[at] >= 0xd7ff && STARTS[at] < 0xe000 ? STARTS.indexOf(0xd7ff) : at;
      const edges = small.edges.map((list) =>
        STARTS.flatMap((lo, at) => {
          const symbol = classes[piece(at)];
          const edge = list.find((one) => one.lo <= symbol && symbol <= one.hi);
          return edge ? [{ lo, hi: (STARTS[at + 1] ?? MAX_CODE_POINT + 1) - 1, to: edge.to }] : [];
        }),
      );
      const language = minimize({ edges, accept: small.accept });
      for (const spell of [utf8Dfa, jsonStringDfa]) {
        const spelled = spell(language);
        expect(dfaKey(spelled)).toBe(dfaKey(minimize(spelled)));
      }
    }),
    { numRuns: 300 },
  );
});
