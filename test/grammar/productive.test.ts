import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CompileError } from '../../src/errors.js';
import { bytes, choice, GrammarBuilder, NEVER, type Node, sequence } from '../../src/grammar/index.js';
import { productiveRules, pruneUnproductive } from '../../src/grammar/productive.js';
import { languageOf, smallGrammars } from './small-language.js';

function kindsIn(node: Node): Set<Node['kind']> {
  const inner = node.kind === 'sequence' ? node.items : node.kind === 'choice' ? node.options : [];
  const nested = node.kind === 'repeat' ? [node.item] : inner;
  return new Set([node.kind, ...nested.flatMap((child) => [...kindsIn(child)])]);
}

describe('pruneUnproductive', () => {
  it('keeps the language of random grammars and leaves no never behind', () => {
    fc.assert(
      fc.property(smallGrammars, (grammar) => {
        // A shortest sentence of these grammars may be longer than the oracle looks: ask the analysis, then compare.
        if (productiveRules(grammar)[0] === 0) {
          expect(() => pruneUnproductive(grammar)).toThrow(CompileError);
          expect(languageOf(grammar)).toEqual([]);
          return;
        }
        const pruned = pruneUnproductive(grammar);
        expect(languageOf(pruned)).toEqual(languageOf(grammar));
        for (const { body } of pruned.rules) expect(kindsIn(body)).not.toContain('never');
        expect(productiveRules(pruned).every((flag) => flag === 1)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('returns a grammar that needs nothing as the same object', () => {
    const builder = new GrammarBuilder();
    const root = builder.declare('root');
    builder.define(root, choice(bytes('a'), sequence(bytes('('), root, bytes(')'))));
    const grammar = builder.build(root);
    expect(pruneUnproductive(grammar)).toBe(grammar);
  });

  it('drops endless and unreachable rules and renumbers the rest', () => {
    const builder = new GrammarBuilder();
    const unused = builder.rule('unused', bytes('u'));
    const endless = builder.declare('endless');
    builder.define(endless, sequence(bytes('('), endless, unused));
    const used = builder.rule('used', bytes('x'));
    const root = builder.rule('root', choice(sequence(endless, used), used));
    const pruned = pruneUnproductive(builder.build(root));
    expect(pruned.rules.map(({ name }) => name)).toEqual(['used', 'root']);
    expect(pruned.start).toEqual({ kind: 'reference', rule: 1 });
    expect(pruned.rules[1].body).toEqual({ kind: 'reference', rule: 0 });
  });

  it('names the rule that matches nothing', () => {
    const builder = new GrammarBuilder();
    const root = builder.declare('root', { line: 3, column: 1 });
    builder.define(root, sequence(bytes('a'), root));
    expect(() => pruneUnproductive(builder.build(root))).toThrow("no string matches rule 'root' at line 3");
    expect(() => pruneUnproductive({ rules: [], start: NEVER })).toThrow('no string matches the start');
  });

  it('follows a chain of many rules', () => {
    const builder = new GrammarBuilder();
    let last = builder.rule('last', bytes('a'));
    for (let i = 0; i < 20_000; i++) last = builder.rule(`r${i}`, last);
    const grammar = builder.build(last);
    expect(pruneUnproductive(grammar)).toBe(grammar);
  });
});
