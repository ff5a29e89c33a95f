import { describe, expect, it } from 'vitest';
import { encodePda } from '../../../src/automata/index.js';
import { CompiledGrammar } from '../../../src/compile/compiled-grammar.js';
import { CompileError, LimitError } from '../../../src/errors.js';
import { type GbnfOptions, gbnfGrammar } from '../../../src/frontends/ebnf/index.js';
import { prepareGrammar, toPda } from '../../../src/grammar/index.js';

function compiled(text: string, options?: GbnfOptions): CompiledGrammar {
  return new CompiledGrammar(encodePda(toPda(prepareGrammar(gbnfGrammar(text, options)))));
}

function verdicts(text: string, inputs: readonly string[]): string {
  const grammar = compiled(text);
  return inputs.map((input) => grammar.classify(input)[0]).join('');
}

function locationOf(text: string, options?: GbnfOptions) {
  try {
    gbnfGrammar(text, options);
  } catch (error) {
    if (error instanceof CompileError) return { message: error.message, ...error.location };
    throw error;
  }
  throw new Error('no error');
}

describe('gbnfGrammar', () => {
  it('matches literals, classes and repetition', () => {
    const grammar = 'root ::= "x" [a-c]{2,3} "é"? .\n';
    const inputs = ['xab日', 'xabcé!', 'xabé', 'xab', 'xa!', 'xabcc', 'x', 'xabc😀', 'xabcé!!'];
    expect(verdicts(grammar, inputs)).toBe('aaapdapad');
  });

  it('matches characters beyond ASCII by their UTF-8 bytes', () => {
    const grammar = compiled('root ::= [^a-z]+\n');
    expect(grammar.classify('日本語 😀')).toBe('accepted');
    expect(grammar.classify(Uint8Array.of(0xe6, 0x97))).toBe('prefix');
    expect(grammar.classify(Uint8Array.of(0xed, 0xa0))).toBe('dead');
    expect(grammar.classify(Uint8Array.of(0xff))).toBe('dead');
    expect(grammar.classify('日a')).toBe('dead');
  });

  it('nests', () => {
    const grammar = 'root ::= "(" root ")" | "[" root* "]" | ""\n';
    expect(verdicts(grammar, ['', '()', '([()[]])', '([)', '((', '[[]'])).toBe('aaadpp');
  });

  it('takes left recursion, direct and through other rules', () => {
    const sums = `
      root ::= expr
      expr ::= expr "+" term | expr "-" term | term
      term ::= term "*" factor | factor
      factor ::= [0-9]+ | "(" expr ")"
    `;
    expect(verdicts(sums, ['1', '1+2*3-4', '(1+2)*3', '1+', '1++', '(1', ')'])).toBe('aaapdpd');
    const mutual = 'root ::= a\na ::= b "x" | "a"\nb ::= a "y" | opt b "z" | "b"\nopt ::= "o"?\n';
    expect(verdicts(mutual, ['a', 'ayx', 'ayxyx', 'bzzx', 'obzx', 'oobzzx', 'ay', 'x', 'bzy'])).toBe(
      'aaaaaapdd',
    );
  });

  it('starts from another rule on request', () => {
    const text = 'root ::= "a"\nother ::= "b"';
    expect(compiled(text, { root: 'other' }).test('b')).toBe(true);
    expect(compiled(text, { root: 'other' }).test('a')).toBe(false);
  });

  it('places its errors', () => {
    expect(locationOf('root ::= expr\nexpr ::= numero\nnumber ::= "1"\n')).toEqual({
      message: "rule 'numero' is not defined; did you mean 'number'? at line 2, column 10",
      line: 2,
      column: 10,
    });
    expect(locationOf('root ::= xyz').message).toBe("rule 'xyz' is not defined at line 1, column 10");
    expect(locationOf('rot ::= "a"').message).toBe(
      "there is no rule 'root' to start from; did you mean 'rot'? at line 1, column 1",
    );
    expect(locationOf('root ::= "a"\nroot ::= "b"').message).toBe(
      "rule 'root' is defined twice at line 2, column 1",
    );
    expect(locationOf('root ::= "a"{3,2}').message).toContain('at least 3 and at most 2 times is never');
    expect(locationOf('root ::= "\ud800"').message).toContain('lone surrogate');
  });

  it('has limits with names', () => {
    expect(() => gbnfGrammar('root ::= "aaaa"', { maxLength: 10 })).toThrow(/maxLength = 10/);
    expect(() => gbnfGrammar('root ::= "a"{11}', { maxRepeat: 10 })).toThrow(/maxRepeat = 10/);
    expect(() => gbnfGrammar(`root ::= "a"${'*'.repeat(300)}`)).toThrow(/maxDepth = 200/);
    expect(() => gbnfGrammar('root ::= [\\x00-\\U0010FFFF]', { maxStates: 0 })).toThrow(LimitError);
  });

  it('stays usable at its size limits', () => {
    const rules = Array.from({ length: 20_000 }, (_, i) => `r${i} ::= r${i + 1} "a"?\n`).join('');
    expect(compiled(`root ::= "b" | r0\n${rules}r20000 ::= "z"\n`).image.length).toBeGreaterThan(20_000);
    const many = Array.from({ length: 200_000 }, () => '"a"');
    expect(gbnfGrammar(`root ::= (${many.join('|')})`).rules.length).toBe(1);
    expect(gbnfGrammar(`root ::= "b" (${many.join(' ')})`).rules.length).toBe(1);
  });
});
