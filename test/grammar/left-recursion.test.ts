import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bytes,
  choice,
  type Grammar,
  GrammarBuilder,
  optional,
  repeat,
  sequence,
} from '../../src/grammar/index.js';
import { leftRecursiveComponents } from '../../src/grammar/left-corners.js';
import { removeLeftRecursion } from '../../src/grammar/left-recursion.js';
import { nullableRules } from '../../src/grammar/nullable.js';
import { printGrammar } from '../../src/grammar/print.js';
import { pruneUnproductive } from '../../src/grammar/productive.js';
import { languageOf, smallGrammars } from './small-language.js';

function cyclesOf(grammar: Grammar) {
  return leftRecursiveComponents(grammar, nullableRules(grammar));
}

function built(define: (builder: GrammarBuilder) => Parameters<GrammarBuilder['build']>[0]): Grammar {
  const builder = new GrammarBuilder();
  return builder.build(define(builder));
}

/** expr ::= expr "+" term | term; term ::= "(" expr ")" | "a" */
const sums = built((builder) => {
  const expr = builder.declare('expr');
  const term = builder.rule('term', choice(sequence(bytes('('), expr, bytes(')')), bytes('a')));
  builder.define(expr, choice(sequence(expr, bytes('+'), term), term));
  return expr;
});

describe('removeLeftRecursion', () => {
  it('keeps the language of random grammars and leaves no left recursion', () => {
    let recursive = 0;
    fc.assert(
      fc.property(smallGrammars, (grammar) => {
        if (cyclesOf(grammar).length > 0) recursive++;
        const rewritten = removeLeftRecursion(grammar);
        expect(cyclesOf(rewritten)).toEqual([]);
        expect(languageOf(rewritten)).toEqual(languageOf(grammar));
      }),
      { numRuns: 800 },
    );
    expect(recursive).toBeGreaterThan(150);
  });

  it('returns a grammar without left recursion as the same object', () => {
    const grammar = built((builder) => {
      const list = builder.declare('list');
      builder.define(list, choice(sequence(bytes('a'), list), bytes('b')));
      return list;
    });
    expect(removeLeftRecursion(grammar)).toBe(grammar);
  });

  it('makes direct left recursion a loop', () => {
    expect(printGrammar(removeLeftRecursion(sums))).toBe(
      'expr ::= term ("+" term)*\nterm ::= "(" expr ")" | "a"\nstart ::= expr\n',
    );
  });

  it('sees left recursion behind a nullable prefix', () => {
    const grammar = built((builder) => {
      const list = builder.declare('list');
      const sign = builder.rule('sign', optional(bytes('b')));
      builder.define(list, choice(sequence(sign, list, bytes('a')), bytes('a')));
      return list;
    });
    const rewritten = pruneUnproductive(removeLeftRecursion(grammar));
    expect(printGrammar(rewritten)).toBe(
      ['list ::= (sign-nonempty list "a" | "a") "a"*', 'sign-nonempty ::= "b"', 'start ::= list', ''].join(
        '\n',
      ),
    );
    expect(languageOf(rewritten)).toEqual(languageOf(grammar));
  });

  it('handles rules that are left-recursive through each other', () => {
    const grammar = built((builder) => {
      const a = builder.declare('a');
      const b = builder.declare('b');
      const c = builder.declare('c');
      builder.define(a, choice(sequence(b, bytes('a')), bytes('a')));
      builder.define(b, choice(c, sequence(a, bytes('b'))));
      builder.define(c, choice(sequence(a, bytes('b'), b), repeat(c, 1, 3), bytes('b')));
      return a;
    });
    const rewritten = removeLeftRecursion(grammar);
    expect(cyclesOf(rewritten)).toEqual([]);
    expect(languageOf(rewritten, 8)).toEqual(languageOf(grammar, 8));
  });

  it('takes a long cycle without recursion of its own, within its limit', () => {
    const grammar = built((builder) => {
      const rules = Array.from({ length: 250 }, (_, i) => builder.declare(`r${i}`));
      rules.forEach((rule, i) => {
        builder.define(rule, choice(sequence(rules[(i + 1) % rules.length], bytes('a')), bytes('b')));
      });
      return rules[0];
    });
    expect(cyclesOf(removeLeftRecursion(grammar))).toEqual([]);
    expect(() => removeLeftRecursion(grammar, { maxLeftRecursionAlternatives: 1000 })).toThrow(
      "removing the left recursion of rule 'r0' takes too many alternatives (limit maxLeftRecursionAlternatives = 1000)",
    );
  });

  it('takes 20,000 alternatives of one rule', () => {
    const grammar = built((builder) => {
      const list = builder.declare('list');
      const options = Array.from({ length: 20_000 }, (_, i) => sequence(list, bytes(`${i}`)));
      builder.define(list, choice(...options, bytes('x')));
      return list;
    });
    expect(cyclesOf(removeLeftRecursion(grammar))).toEqual([]);
  });
});
