import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lower } from '../../src/frontends/ebnf/lower.js';
import { parse } from '../../src/frontends/ebnf/parser.js';
import { bytes, type Grammar, type Node, repeat } from '../../src/grammar/index.js';
import { type MergeLimits, mergeRegular } from '../../src/grammar/normalize.js';
import { printGrammar } from '../../src/grammar/print.js';
import { pruneUnproductive } from '../../src/grammar/productive.js';
import { languageOf, smallGrammars } from './small-language.js';

/** A grammar as it is written: the front end's door merges already. */
function written(text: string): Grammar {
  return lower(parse(text, { maxDepth: 10, maxRules: 10 }), {
    root: 'root',
    maxDepth: 10,
    maxRepeat: 10_000,
  });
}

function merged(text: string, limits?: MergeLimits): string {
  return printGrammar(pruneUnproductive(mergeRegular(written(text), limits)));
}

describe('mergeRegular', () => {
  it('keeps the language of random grammars, whatever the budget', () => {
    fc.assert(
      fc.property(smallGrammars, fc.constantFrom(1, 2, 3, 5, 256), (grammar, maxLexemeStates) => {
        const rewritten = mergeRegular(grammar, { maxLexemeStates, maxInlinedStates: maxLexemeStates });
        expect(languageOf(rewritten)).toEqual(languageOf(grammar));
      }),
      { numRuns: 500 },
    );
  });

  it('makes one lexeme of what is regular', () => {
    expect(merged('root ::= digit+ ("." digit+)? | "none"\ndigit ::= [0-9]')).toBe(
      'start ::= /none|[0-9]+(\\.[0-9]+)?/\n',
    );
  });

  it('leaves recursion alone and merges beside it', () => {
    const text = 'root ::= "[" ws (item ("," ws item)*)? "]" ws\nitem ::= [0-9]+ ws | root\nws ::= " "*\n';
    expect(merged(text)).toBe(
      [
        'root ::= /\\[ */ (item (/, */ item)*)? /\\] */',
        'item ::= /[0-9]+ */ | root',
        'start ::= root',
        '',
      ].join('\n'),
    );
  });

  it('keeps large counts as repeats and large literals as bytes', () => {
    const text = `root ::= [a-z]{1,1000} "${'x'.repeat(500)}"`;
    expect(merged(text)).toBe(`root ::= [a-z]{1,1000} "${'x'.repeat(500)}"\nstart ::= root\n`);
  });

  it('makes a trie of many literals, beyond the budget', () => {
    const words = Array.from({ length: 300 }, (_, i) => `"word${i}"`);
    const grammar = mergeRegular(written(`root ::= ${words.join(' | ')}`), { maxLexemeStates: 4 });
    expect(grammar.rules[0].body.kind).toBe('regular');
  });

  it('does not make a trie of a huge list', () => {
    const words = Array.from({ length: 300 }, (_, i) => `"word${i}"`);
    const grammar = mergeRegular(written(`root ::= ${words.join(' | ')}`), { maxLiteralBytes: 100 });
    expect(grammar.rules[0].body.kind).toBe('choice');
  });

  it('keeps a lexeme apart when merging would pass the budget', () => {
    const text = 'root ::= "abc" [0-9] "defg" [0-9]';
    expect(merged(text, { maxLexemeStates: 6 })).toBe('root ::= /abc[0-9]/ "defg" [0-9]\nstart ::= root\n');
    expect(merged('root ::= ("a" | "b")* "a" ("a" | "b"){5}', { maxLexemeStates: 16 })).toBe(
      'root ::= /[ab]*/ /a[ab]{5}/\nstart ::= root\n',
    );
  });

  it('inlines small rules only', () => {
    const text = 'root ::= "<" name ">" | "(" name ")"\nname ::= "abcdefgh" [0-9]';
    expect(merged(text, { maxInlinedStates: 9 })).toContain('"<" name ">"');
    expect(merged(text, { maxInlinedStates: 10 })).not.toContain('name');
  });

  it('stops at its work limit', () => {
    const text = 'root ::= "a" [0-9] root [0-9] "b" | "z"';
    expect(merged(text)).toBe(`root ::= "z" | /a[0-9]/ root /[0-9]b/\nstart ::= root\n`);
    expect(merged(text, { maxMergeWork: 1 })).toBe(
      `root ::= "z" | /a[0-9]/ root [0-9] "b"\nstart ::= root\n`,
    );
  });

  it('takes runs of 20,000 items', () => {
    const item: Node = repeat(bytes('ab'), 1, Number.POSITIVE_INFINITY);
    const items: Node[] = Array.from({ length: 20_000 }, (_, i) => (i % 2 ? bytes('c') : item));
    const grammar: Grammar = { rules: [], start: { kind: 'sequence', items } };
    const { start } = mergeRegular(grammar);
    expect(start.kind === 'sequence' && start.items.length).toBeLessThan(1000);
  });
});
