// mergeInto: a merged grammar keeps its language beside others, recursion and sharing included.
import { describe, expect, it } from 'vitest';
import {
  bytes,
  choice,
  type Grammar,
  GrammarBuilder,
  mergeInto,
  type Node,
  optional,
  sequence,
} from '../../src/grammar/index.js';

/** Balanced pairs of `open` and `close`, by a recursive rule. */
function pairs(open: string, close: string): Grammar {
  const builder = new GrammarBuilder();
  const pair = builder.declare('pair');
  builder.define(pair, sequence(bytes(open), optional(pair), bytes(close)));
  return builder.build(pair);
}

/** Ends of all matches of `node` from `at`; enough of a recogniser for grammars without left recursion. */
function ends(grammar: Grammar, node: Node, text: string, at: number): number[] {
  switch (node.kind) {
    case 'empty':
      return [at];
    case 'bytes': {
      const literal = new TextDecoder().decode(node.bytes);
      return text.startsWith(literal, at) ? [at + literal.length] : [];
    }
    case 'sequence':
      return node.items.reduce<number[]>(
        (from, item) => from.flatMap((p) => ends(grammar, item, text, p)),
        [at],
      );
    case 'choice':
      return node.options.flatMap((option) => ends(grammar, option, text, at));
    case 'reference':
      return ends(grammar, grammar.rules[node.rule].body, text, at);
    default:
      throw new Error(`not used here: ${node.kind}`);
  }
}

const accepts = (grammar: Grammar, text: string) =>
  ends(grammar, grammar.start, text, 0).includes(text.length);

describe('mergeInto', () => {
  const round = pairs('(', ')');
  const square = pairs('[', ']');
  const builder = new GrammarBuilder();
  builder.rule('before', bytes('x'));
  const merged = builder.build(sequence(mergeInto(builder, round), bytes('-'), mergeInto(builder, square)));

  it('keeps each language', () => {
    expect(accepts(merged, '(())-[[[]]]')).toBe(true);
    expect(accepts(merged, '(]-[]')).toBe(false);
    expect(accepts(merged, '([])-[]')).toBe(false);
    expect(accepts(merged, '[]-()')).toBe(false);
  });

  it('keeps rules, their names and places, and leaves its input alone', () => {
    expect(merged.rules.map((rule) => rule.name)).toEqual(['before', 'pair', 'pair']);
    expect(accepts(round, '(())')).toBe(true);
    const withSource = new GrammarBuilder();
    const rule = withSource.rule('r', bytes('a'), { pointer: '/a' });
    const target = new GrammarBuilder();
    mergeInto(target, withSource.build(rule));
    expect(target.build(bytes('z')).rules[0].source).toEqual({ pointer: '/a' });
  });

  it('keeps shared nodes shared', () => {
    let node: Node = bytes('a');
    for (let i = 0; i < 60; i++) node = { kind: 'choice', options: [node, node] };
    const target = new GrammarBuilder();
    const copy = mergeInto(target, { rules: [], start: choice(sequence(bytes('b'), node)) });
    expect(copy.kind).toBe('sequence');
  });
});
