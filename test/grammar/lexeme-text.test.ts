// Lexemes as regular expressions: what is shown means the same as the automaton, by JavaScript's own RegExp.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptsSymbols, type Dfa, literalDfa, utf8Dfa } from '../../src/automata/index.js';
import { regexToDfa } from '../../src/frontends/regex/index.js';
import { classText, lexemeText } from '../../src/grammar/lexeme-text.js';

function lexeme(pattern: string): Dfa {
  return utf8Dfa(regexToDfa(pattern, { flags: 'u' }));
}

describe('lexemeText', () => {
  it.each([
    ['a+b?', 'a+b?'],
    ['(?:foo|bar|baz)+', '(foo|ba[rz])+'],
    ['[^"\\\\]*', '[^"\\\\]*'],
    ['-?(?:0|[1-9]\\d*)(?:\\.\\d+)?', '-?(0|[1-9][0-9]*)(\\.[0-9]+)?'],
    ['[ab]{2,5}', '[ab]{2,5}'],
    ['\\d{4}-\\d\\d', '[0-9]{4}-[0-9]{2}'],
    ['é|😀', '[é😀]'],
    ['[^]', '[^]'],
    ['\\/|\\n|\\u0001', '[\\x01\\n/]'],
  ])('%s is shown as %s', (pattern, shown) => {
    expect(lexemeText(lexeme(pattern))).toBe(shown);
  });

  it('shows bytes that are no text', () => {
    expect(lexemeText(literalDfa([0xff, 0x41]))).toBe('\\xffA');
  });

  it('leaves out what would be too long to read', () => {
    expect(lexemeText(lexeme('(?:a|b)*a(?:a|b){7}'))).toBeUndefined();
    expect(classText([...Array(40).keys()].map((i) => [i * 10, i * 10] as const))).toMatch(/…\]$/);
  });

  it('means the same as the automaton', () => {
    const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
      pattern: fc.oneof(
        { maxDepth: 4, depthSize: 'small' },
        fc.constantFrom('a', 'b', '\\+', '[^a]', '[a-c]', 'é', '\\*', ''),
        fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `${a}(?:${b})`),
        fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(?:${a}|${b})`),
        fc
          .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{1,3}'))
          .map(([a, quantifier]) => `(?:${a})${quantifier}`),
      ),
    }));
    const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'é', '+', '*'), maxLength: 7 }), {
      minLength: 20,
      maxLength: 20,
    });
    let shown = 0;
    fc.assert(
      fc.property(pattern, texts, (written, samples) => {
        const dfa = lexeme(written);
        const text = lexemeText(dfa);
        if (text === undefined) return;
        shown++;
        const read = new RegExp(`^(?:${text})$`, 'u');
        for (const sample of samples)
          expect(read.test(sample), `${written} shown as ${text}, on ${sample}`).toBe(
            acceptsSymbols(dfa, new TextEncoder().encode(sample)),
          );
      }),
      { numRuns: 1000 },
    );
    expect(shown).toBeGreaterThan(900);
  });
});
