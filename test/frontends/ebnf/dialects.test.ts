import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compile/index.js';
import { CompileError } from '../../../src/errors.js';
import { detectDialect } from '../../../src/frontends/ebnf/dialect.js';
import { type EbnfDialect, ebnfGrammar } from '../../../src/frontends/ebnf/index.js';
import { languageOf, smallGrammars } from '../../grammar/small-language.js';
import { writtenGbnf } from './written.js';

function verdicts(ebnf: string, inputs: readonly string[], dialect?: EbnfDialect): string {
  const grammar = compile(dialect ? { ebnf, dialect } : { ebnf });
  return inputs.map((input) => grammar.classify(input)[0]).join('');
}

function errorOf(ebnf: string, dialect?: EbnfDialect): CompileError {
  try {
    ebnfGrammar(ebnf, dialect ? { dialect } : {});
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error(`compiled: ${ebnf}`);
}

describe('ebnfGrammar', () => {
  it('reads back any grammar that is written out', () => {
    fc.assert(
      fc.property(smallGrammars, (grammar) => {
        const words = languageOf(grammar, 5);
        const text = writtenGbnf(grammar);
        const all = ['', 'a', 'b', 'ab', 'ba', 'aab', 'bbb', 'abab', 'aaaab', ...words.slice(0, 20)];
        let again: ReturnType<typeof compile> | undefined;
        try {
          again = compile({ ebnf: text });
        } catch (error) {
          if (!(error instanceof CompileError) || error.code !== 'unsatisfiable') throw error;
          expect(languageOf(grammar)).toEqual([]);
          return;
        }
        for (const word of all)
          expect([text, word, again.test(word)]).toEqual([text, word, words.includes(word)]);
      }),
      { numRuns: 200 },
    );
  });

  it.each<[EbnfDialect, string]>([
    ['gbnf', "root ::= \"it's\" ['] # don't\n"],
    ['gbnf', 'root ::= a-b Token ("x")\na-b ::= "-"\nToken ::= "t"'],
    ['gbnf', 'root ::= <think> . !<[3]>'],
    ['xgrammar', 'root ::= Token(3)'],
    ['xgrammar', 'root ::= a.b\na.b ::= "x"'],
    ['xgrammar', 'root ::= x\nx[lazy] ::= "a"'],
    ['xgrammar', 'root ::= "a" (="b")'],
    ['xgrammar', 'root ::= "a"{0, -1}'],
    ['xgrammar', 'root ::= []'],
    ['w3c', "root ::= 'a'"],
    ['w3c', 'root ::= (#x20 | #x9)+'],
    ['w3c', 'root ::= [#x20-#x7E]'],
    ['w3c', 'root ::= a - b\na ::= "x"\nb ::= "y"'],
    ['w3c', '/* all */ root ::= "x"'],
  ])('detects %s in %j', (dialect, text) => {
    expect(detectDialect(text)).toBe(dialect);
  });
});

describe("xgrammar's EBNF", () => {
  it('goes on over lines until the next rule', () => {
    expect(verdicts('root ::= "a"\n\n  "b" x\nx.y ::= "d"\nx ::= x.y', ['abd', 'ab', 'a'])).toBe('app');
  });

  it('takes lookahead as the hint that it is, and lists it', () => {
    const text = 'root ::= a "y"\na ::= "a" (= "x")';
    expect(verdicts(text, ['ay', 'ax'])).toBe('ad');
    expect(ebnfGrammar(text).annotations).toMatchObject([
      { pointer: '2:11', keyword: 'lookahead assertion' },
    ]);
    expect(errorOf('root ::= "a" (= "b" | "c")').message).toContain('must not hold a choice');
    expect(errorOf('root ::= "a" (= nothing)').message).toContain("rule 'nothing' is not defined");
  });

  it('dispatches on tags in free text', () => {
    const text = `root ::= TagDispatch(("<a>", x), ("<ab>", y), excludes=("!", "?"))
      x ::= [0-9]+ "."
      y ::= "y"`;
    expect(verdicts(text, ['', 'hi', '<a>1.', 'hi <a>12. and <ab>y', '<a>x', '<a>', 'no!', '<ab>1.'])).toBe(
      'aaaadpdd',
    );
    expect(verdicts(`${text.replace(')', '), loop_after_dispatch=false')}`, ['<a>1.', '<a>1.x', 'x'])).toBe(
      'ada',
    );
    expect(errorOf('root ::= TagDispatch(("ab", x), excludes=("a",))\nx ::= ""').message).toContain(
      'begins the tag',
    );
    expect(errorOf('root ::= TagDispatch(("", x))\nx ::= ""').message).toContain('must not be empty');
    expect(errorOf('root ::= TagDispatch(("a", "x"))').message).toContain('pairs (trigger, rule)');
    expect(errorOf('root ::= TagDispatch(stop=1)').message).toContain("no argument 'stop'");
  });

  it('takes runs of chunks', () => {
    const text = 'root ::= "<" Substring("foo", " bar", " baz") ">"';
    expect(verdicts(text, ['<>', '<foo bar>', '< bar baz>', '<foo baz>', '<fo>'])).toBe('aaadd');
  });

  it('reads regular expressions in its own dialect', () => {
    const regex = (macro: string, inputs: readonly string[]) => verdicts(`root ::= ${macro}`, inputs);
    expect(regex('Regex("a.b")', ['axb', 'a\nb'])).toBe('aa');
    expect(regex('Regex("a.b", flags="")', ['axb', 'a\nb'])).toBe('ad');
    expect(regex('Regex("(?i)[k-m]\\\\s")', ['K ', 'l\t', '\u212a ', 'k\u00a0'])).toBe('aadd');
    expect(regex('Regex("(?i)[^k]")', ['k', 'K', '\u212a', 'x'])).toBe('ddaa');
    expect(regex('Regex("(?P<n>a\\\\S+)", json_string=true)', ['a"', 'a\\', 'aé', 'a b'])).toBe('ddad');
    expect(regex('Regex("(ab){2,90000}c")', ['ababc', 'abc', `${'ab'.repeat(500)}c`])).toBe('ada');
    expect(errorOf('root ::= Regex("a(?=b)c")')).toMatchObject({
      code: 'unsupported_regex',
      location: { line: 1, column: 16, keyword: 'lookaround' },
    });
    expect(regex('Regex("éa", flags="i")', ['éa', 'éA', 'Éa'])).toBe('aad');
    expect(errorOf('root ::= Regex("a", flags="m")').location.keyword).toBe('flags');
  });

  it('stops lazy rules as soon as they may stop, and counts characters', () => {
    expect(verdicts('root ::= "<" r ">"\nr[lazy] ::= [a-z]+ "."', ['<ab.>', '<ab.c.>', '<ab>'])).toBe('add');
    expect(verdicts('root ::= r r\nr[max_chars=2] ::= s\ns ::= "é" s | "é"', ['éé', 'éééé', 'ééééé'])).toBe(
      'aad',
    );
    const dispatched = 'root ::= r "!"\nr[lazy] ::= TagDispatch(("a", x)) "!"\nx ::= "b"';
    expect(verdicts(dispatched, ['ab!!', 'ab!', 'ab!!!'])).toBe('apd');
    const nested = errorOf('root ::= r\nr[lazy] ::= "(" r ")" | "x"');
    expect(nested).toMatchObject({
      code: 'unsupported_keyword',
      location: { line: 2, column: 3, keyword: 'lazy' },
    });
    expect(errorOf('root ::= r\nr[max_tokens=3] ::= "a"').location.keyword).toBe('max_tokens');
    expect(errorOf('root ::= r\nr[speed=3] ::= "a"').message).toContain("no rule attribute 'speed'");
    const captured = ebnfGrammar('root ::= r\nr[capture="x", stop_capture="y"] ::= "a"');
    expect(captured.annotations.map(({ keyword }) => keyword)).toEqual(['capture', 'stop_capture']);
  });

  it('names tokens', () => {
    const sets = (text: string) => JSON.stringify(ebnfGrammar(text).grammar).match(/"tokens":\{[^}]*\}/g);
    expect(sets('root ::= Token(2, 4) ExcludeToken(3)')).toEqual([
      '"tokens":{"except":false,"tokens":[2,4]}',
      '"tokens":{"except":true,"tokens":[3]}',
    ]);
    expect(sets('root ::= <think> !<[7]>')).toEqual([
      '"tokens":{"except":false,"tokens":["<think>"]}',
      '"tokens":{"except":true,"tokens":[7]}',
    ]);
    const clash = 'root ::= TokenTagDispatch((3, x), excludes=(3,))\nx ::= ""';
    expect(errorOf(clash).message).toContain('token 3 is both a trigger and excluded');
    expect(errorOf('root ::= Token()').message).toContain('at least one token');
  });
});

describe("W3C's EBNF", () => {
  it('reads codes, classes, exceptions and comments', () => {
    const text = `/* a name */
      [1] Name  ::= Start (Start | [0-9#xB7] | '-')*
      [2] Start ::= [a-zA-Z_] | [#xC0-#xD6]`;
    expect(verdicts(text, ['a', 'À1-·', '1a', 'a b', ''])).toBe('aaddp');
    const comment = `root ::= '/*' (Char* - (Char* '*/' Char*)) '*/'
      Char ::= [^#x0]`;
    expect(verdicts(comment, ['/**/', '/* x */', '/* */ */', '/* * /', '/***/'])).toBe('aadpa');
  });

  it('takes backslashes as themselves, where the dialect is stated', () => {
    expect(errorOf("root ::= '\\n'").message).toContain('state the dialect');
    expect(verdicts("root ::= '\\n'", ['\\n', '\n'], 'w3c')).toBe('ad');
  });

  it('refuses exceptions of what is not regular, by name and place', () => {
    const nested = "root ::= list - 'x'\nlist ::= '(' list ')' | 'x'";
    expect(errorOf(nested)).toMatchObject({
      code: 'unsupported_keyword',
      location: { line: 1, column: 15, keyword: 'exception' },
    });
    expect(errorOf("root ::= a - 'x'\na ::= [a-z] - root").message).toContain('depends on itself');
    expect(errorOf('root ::= [z-a]', 'w3c').message).toContain('wrong order');
    expect(errorOf('root ::= #xD800', 'w3c').message).toContain('#xD800 is no character');
  });
});

describe('hostile grammars', () => {
  const compiles = (ebnf: string) => compile({ ebnf }).image.length > 0;

  it('of many rules, choices and counts compile', () => {
    const chain = Array.from(
      { length: 10_000 },
      (_, i) => `r${i} ::= "x${i}" r${i + 1} | [a-z]+ r${(i * 7) % 9999}`,
    );
    expect(compiles(`root ::= r0\n${chain.join('\n')}\nr10000 ::= "z"`)).toBe(true);
    const options = Array.from({ length: 300 }, (_, i) => `"option ${i}" [a-z]*`);
    expect(compiles(`root ::= ${options.join(' | ')}`)).toBe(true);
    expect(compiles('root ::= (((("a"{0,9999}){0,9999}) "b"){1,1000000000})')).toBe(true);
  });

  it.each([
    ['maxDepth', `root ::= ${'('.repeat(50_000)}"a"${')'.repeat(50_000)}`],
    ['maxStates', 'root ::= r\nr[lazy] ::= [ab]* "a" [ab]{30}'],
    ['maxStates', `root ::= ([ab]* 'a' ${'[ab] '.repeat(30)}) - 'x'`],
    ['maxSubsetSteps', `root ::= Substring(${'"a",'.repeat(20_000)}"a")`],
    ['maxTriggerStates', `root ::= TagDispatch(("${'a'.repeat(30_000)}", x))\nx ::= ""`],
    ['maxLength', `root ::= "${'a'.repeat(1_000_000)}"`],
  ])('are refused by the limit %s', (limit, text) => {
    expect(() => compile({ ebnf: text })).toThrow(expect.objectContaining({ limit }));
  });
});
