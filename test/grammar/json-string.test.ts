// Grammars inside JSON strings: a text is a sentence exactly where its JSON spelling is one of the grammar inside a string.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Machine } from '../../src/automata/index.js';
import { larkGrammar } from '../../src/frontends/lark/index.js';
import {
  bytes,
  GrammarBuilder,
  insideJsonString,
  prepareGrammar,
  sequence,
  token,
  toPda,
} from '../../src/grammar/index.js';
import { accepts } from '../support/tool-sentences.js';

const lists = `
start: item (sep item)*
item: "(" start ")" | "\\"" /[a-c"\\\\\\\\]/ "\\"" | "é" | /[\\x01\\n😀]/
sep: "\\n" | ", " | "\\t"
`;

const machineOf = (grammar: Parameters<typeof prepareGrammar>[0]) =>
  new Machine(toPda(prepareGrammar(grammar)));
const inside = (text: string) => JSON.stringify(text).slice(1, -1);

describe('a grammar inside a JSON string', () => {
  const { grammar } = larkGrammar(lists, { lexer: 'dynamic_complete' });
  const plain = machineOf(grammar);
  const quoted = machineOf(insideJsonString(grammar));

  it('takes the spelling of the sentences', () => {
    for (const text of ['"a"', '("b", é)\n😀', '"\\"', '"""', '\u0001']) {
      expect(accepts(plain, text), text).toBe(true);
      expect(accepts(quoted, inside(text)), text).toBe(true);
    }
  });

  it('takes no others, and nothing that is not spelled', () => {
    for (const text of ['"a"', 'é\né', '\u0001', '"\\"']) {
      if (inside(text) !== text) expect(accepts(quoted, text), text).toBe(false);
    }
    const seed = Date.now() & 0x7fffffff;
    const pieces = fc.constantFrom('(', ')', '"', 'a', '\\', 'é', '\n', ', ', '\t', '😀', '\u0001', 'x');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 9 }), (parts) => {
        const text = parts.join('');
        expect(accepts(quoted, inside(text))).toBe(accepts(plain, text));
      }),
      { seed, numRuns: 3000 },
    );
  });

  it('cannot hold a token', () => {
    const builder = new GrammarBuilder();
    const named = builder.build(sequence(bytes('a'), token({ except: false, tokens: ['<x>'] })));
    expect(() => insideJsonString(named)).toThrow('a token by its name cannot stand inside a JSON string');
  });
});
