import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptsSymbols } from '../../src/automata/index.js';
import {
  bytes,
  choice,
  EMPTY,
  type Grammar,
  GrammarBuilder,
  limitCharacters,
  type Node,
  op,
  regularLanguage,
  repeat,
  scope,
  sequence,
  textWithout,
  token,
} from '../../src/grammar/index.js';
import { built } from './compiled.js';
import { languageOf, smallGrammars } from './small-language.js';

const letters = new TextEncoder();

function regularOf(grammar: Grammar) {
  return regularLanguage(grammar.start, (rule) => grammar.rules[rule].body);
}

describe('regularLanguage', () => {
  it('is the language of the grammar, where it has one', () => {
    let found = 0;
    fc.assert(
      fc.property(smallGrammars, (grammar) => {
        const dfa = regularOf(grammar);
        if (!dfa) return;
        found++;
        const words = ['', 'a', 'b', 'ab', 'ba', 'aab', 'abab', 'bbaa', 'aaaa', 'babab'];
        const language = languageOf(grammar, 5);
        for (const word of words)
          expect([word, acceptsSymbols(dfa, letters.encode(word))]).toEqual([word, language.includes(word)]);
      }),
      { numRuns: 300 },
    );
    expect(found).toBeGreaterThan(30);
  });

  it('takes recursion in last place, also through other rules, and no other', () => {
    const recursive = (write: (self: Node) => Node) => {
      const builder = new GrammarBuilder();
      const self = builder.declare('self');
      builder.define(self, write(self));
      return regularOf(builder.build(self));
    };
    const right = recursive((self) => choice(sequence(bytes('ab'), self), EMPTY));
    expect(acceptsSymbols(right!, letters.encode('ababab'))).toBe(true);
    expect(acceptsSymbols(right!, letters.encode('aba'))).toBe(false);
    expect(recursive((self) => choice(sequence(bytes('('), self, bytes(')')), EMPTY))).toBeUndefined();
    expect(recursive((self) => choice(repeat(sequence(bytes('a'), self), 0, 3), EMPTY))).toBeUndefined();
  });

  it('is undefined for tokens and registers, and limited', () => {
    const none = (): Node => EMPTY;
    expect(regularLanguage(token({ except: false, tokens: [1] }), none)).toBeUndefined();
    expect(regularLanguage(scope(op({ kind: 'count', limit: 1 })), none)).toBeUndefined();
    expect(() => regularLanguage(repeat(bytes('ab'), 0, 1e9), none, { maxStates: 100 })).toThrow(
      /maxStates = 100/,
    );
  });
});

describe('limitCharacters', () => {
  it('counts characters, not bytes, and leaves no dead ends', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 5 }),
        fc.string({ unit: fc.constantFrom('a', 'é', '日', '😀', 'x'), maxLength: 7 }),
        (max, text) => {
          const grammar = built((builder) => limitCharacters(builder, 'l', textWithout(['xx']), max));
          const fits = !text.includes('xx') && [...text].length <= max;
          expect(grammar.classify(text)).toBe(fits ? 'accepted' : 'dead');
        },
      ),
      { numRuns: 200 },
    );
  });

  it('lets nothing begin that cannot end in time', () => {
    const dfa = regularLanguage(
      choice(bytes('a'), bytes('bcd'), sequence(bytes('日'), bytes('本'))),
      () => EMPTY,
    )!;
    const verdicts = (max: number) =>
      ['a', 'b', 'bcd', '日', '日本'].map(
        (text) => built((builder) => limitCharacters(builder, 'l', dfa, max)).classify(text)[0],
      );
    expect(verdicts(1).join('')).toBe('adddd');
    expect(verdicts(2).join('')).toBe('addpa');
    expect(verdicts(2 ** 31 - 1).join('')).toBe('apapa');
  });
});
