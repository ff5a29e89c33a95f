import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytes,
  choice,
  EMPTY,
  GrammarBuilder,
  optional,
  regular,
  sequence,
} from '../../src/grammar/index.js';
import {
  isNullable,
  nullableRules,
  WithoutEmptyContext,
  withoutEmptyNode,
} from '../../src/grammar/nullable.js';
import { languageOf, languageOfNode, sampleDfas, smallGrammars } from './small-language.js';

describe('nullableRules', () => {
  it('agrees with the brute-force language of random grammars', () => {
    fc.assert(
      fc.property(smallGrammars, (grammar) => {
        const nullable = nullableRules(grammar);
        grammar.rules.forEach((_, rule) => {
          const matches = languageOfNode(grammar, { kind: 'reference', rule }, 1).includes('');
          expect(nullable[rule]).toBe(matches ? 1 : 0);
        });
      }),
    );
  });

  it('follows a chain of many rules', () => {
    const builder = new GrammarBuilder();
    let last = builder.rule('last', EMPTY);
    for (let i = 0; i < 20_000; i++) last = builder.rule(`r${i}`, sequence(last, optional(bytes('a'))));
    expect(nullableRules(builder.build(last)).every((flag) => flag === 1)).toBe(true);
  });
});

describe('withoutEmptyNode', () => {
  it('takes away the empty string and nothing else, in random grammars', () => {
    fc.assert(
      fc.property(smallGrammars, (grammar) => {
        const context = new WithoutEmptyContext(grammar);
        const start = withoutEmptyNode(grammar.start, context);
        const rewritten = { rules: context.rules, start };
        expect(languageOf(rewritten)).toEqual(languageOf(grammar).filter((word) => word !== ''));
        context.rules.forEach(({ body }, rule) => {
          expect(isNullable(body, context.nullable)).toBe(context.nullable[rule] === 1);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('keeps automata minimal: no two states with the same edges and the same acceptance', () => {
    const expected = [2, 3, 2, 2];
    sampleDfas.forEach((dfa, i) => {
      const grammar = { rules: [], start: regular(dfa) };
      const node = withoutEmptyNode(grammar.start, new WithoutEmptyContext(grammar));
      expect(node.kind === 'regular' && node.dfa.edges.length).toBe(expected[i]);
    });
  });

  it('stays linear for a long sequence of optional items', () => {
    const items = Array.from({ length: 1000 }, () => optional(bytes('a')));
    const grammar = { rules: [], start: sequence(...items) };
    const context = new WithoutEmptyContext(grammar);
    const node = withoutEmptyNode(grammar.start, context);
    expect(node.kind === 'choice' && node.options.length).toBe(1000);
    expect(context.rules.length).toBeLessThan(1000);
  });

  it('rewrites a long chain of rules without recursion', () => {
    const builder = new GrammarBuilder();
    let last = builder.rule('last', choice(bytes('a'), EMPTY));
    for (let i = 0; i < 20_000; i++) last = builder.rule(`r${i}`, sequence(last, optional(bytes('b'))));
    const grammar = builder.build(last);
    const context = new WithoutEmptyContext(grammar);
    withoutEmptyNode(grammar.start, context);
    expect(context.rules.length).toBeLessThanOrEqual(2 * grammar.rules.length);
  });
});
