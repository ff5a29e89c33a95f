// The automata of formats that come along as data are those of their expressions, and packing loses nothing.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dfaKey } from '../../../src/automata/index.js';
import { FORMAT_TABLES } from '../../../src/frontends/json-schema/format-tables.js';
import { FORMATS_AS_DATA, makeFormat } from '../../../src/frontends/json-schema/formats.js';
import { packDfa, unpackDfa } from '../../../src/frontends/json-schema/packed-automata.js';
import { smallDfa } from '../../automata/small-dfas.js';

describe('formats as data', () => {
  test('are all there', () => {
    expect([...FORMAT_TABLES.keys()]).toEqual(FORMATS_AS_DATA);
  });

  test.each(FORMATS_AS_DATA)('%s is what its expression says (else: npm run formats)', (name) => {
    expect(packDfa(makeFormat(name)!)).toBe(FORMAT_TABLES.get(name));
    expect(dfaKey(unpackDfa(FORMAT_TABLES.get(name)!))).toBe(dfaKey(makeFormat(name)!));
  });
});

test('an automaton comes back from its text as it was', () => {
  fc.assert(
    fc.property(smallDfa(7), (dfa) => {
      const back = unpackDfa(packDfa(dfa));
      expect([back.edges, back.accept]).toEqual([dfa.edges, dfa.accept]);
    }),
  );
});
