// Spellings are in canonical form as they are built, without a minimisation of their own wherever that is left out.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  acceptsSymbols,
  type Dfa,
  dfaKey,
  differenceDfa,
  intersectDfa,
  isSubset,
  jsonStringDfa,
  literalsDfa,
  MAX_CODE_POINT,
  minimize,
  plainStringDfa,
  starDfa,
  stringifiedDfa,
  symbolsDfa,
  utf8Dfa,
} from '../../src/automata/index.js';
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

/** Some accepted words without surrogates, the first symbol of each edge. */
function shortWords({ edges, accept }: Dfa): string[] {
  const found: string[] = [];
  const pending: (readonly [number, string])[] = [[0, '']];
  for (let at = pending.pop(); at && found.length < 20; at = pending.pop()) {
    const [state, word] = at;
    if (accept[state]) found.push(word);
    if (word.length < 4)
      for (const { lo, hi, to } of edges[state])
        if (hi < 0xd800 || lo > 0xdfff) pending.push([to, word + String.fromCodePoint(lo)]);
  }
  return found;
}

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
      const every = jsonStringDfa(language);
      expect(isSubset(stringifiedDfa(language), every)).toBe(true);
      for (const word of shortWords(language))
        expect(
          acceptsSymbols(
            stringifiedDfa(language),
            new TextEncoder().encode(JSON.stringify(word).slice(1, -1)),
          ),
        ).toBe(true);
    }),
    { numRuns: 300 },
  );
});

/** One character in every spelling but the \\u escapes of printable ASCII. */
const plainCharacter = differenceDfa(
  jsonStringDfa(symbolsDfa([[0, MAX_CODE_POINT]])),
  literalsDfa(
    Array.from({ length: 0x7f - 0x20 }, (_, i) => (0x20 + i).toString(16)).flatMap((hex) =>
      [hex, hex.toUpperCase()].map((digits) => new TextEncoder().encode(`\\u00${digits}`)),
    ),
  ),
);

it('plainStringDfa leaves out the escapes of printable ASCII and nothing else', () => {
  const plain = starDfa(plainCharacter);
  fc.assert(
    fc.property(smallDfa(4), alphabet, (small, classes) => {
      const edges = small.edges.map((list) =>
        STARTS.flatMap((lo, at) => {
          const edge = list.find((one) => one.lo <= classes[at] && classes[at] <= one.hi);
          return edge ? [{ lo, hi: (STARTS[at + 1] ?? MAX_CODE_POINT + 1) - 1, to: edge.to }] : [];
        }),
      );
      const language = minimize({ edges, accept: small.accept });
      const spelled = minimize(plainStringDfa(language));
      expect(dfaKey(spelled)).toBe(dfaKey(intersectDfa(jsonStringDfa(language), plain)));
    }),
    { numRuns: 100 },
  );
});
