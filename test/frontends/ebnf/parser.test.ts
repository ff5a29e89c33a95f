import { describe, expect, it } from 'vitest';
import { CompileError, LimitError } from '../../../src/errors.js';
import { parse } from '../../../src/frontends/ebnf/parser.js';
import type { Expression } from '../../../src/frontends/ebnf/syntax.js';

const limits = { maxDepth: 200, maxRules: 1000 };

/** A compact form of an expression, for comparison. */
function show(expression: Expression): string {
  switch (expression.kind) {
    case 'literal':
      return JSON.stringify(expression.text);
    case 'class':
      return `[${expression.intervals.map(([lo, hi]) => `${lo.toString(16)}-${hi.toString(16)}`).join(',')}]`;
    case 'name':
      return expression.name;
    case 'sequence':
      return `(${expression.items.map(show).join(' ')})`;
    case 'choice':
      return `(${expression.options.map(show).join('|')})`;
    case 'repeat':
      return `${show(expression.item)}{${expression.min},${expression.max}}`;
    case 'tokens':
      return `<${expression.tokens.except ? '!' : ''}${expression.tokens.tokens.join()}>`;
    case 'exception':
      return `(${show(expression.item)}-${show(expression.except)})`;
    case 'macro':
      return `${expression.macro}/${expression.args.length}`;
  }
}

function rulesOf(text: string): string[] {
  return parse(text, limits).map(({ name, body }) => `${name}=${show(body)}`);
}

function errorOf(text: string): { message: string; code: string; keyword?: string | undefined } {
  try {
    parse(text, limits);
  } catch (error) {
    if (error instanceof CompileError)
      return { message: error.message, code: error.code, keyword: error.location.keyword };
    throw error;
  }
  throw new Error(`parsed: ${text}`);
}

describe('GBNF syntax', () => {
  it.each([
    ['root ::= "a" "b" | "c"', ['root=(("a" "b")|"c")']],
    [
      'root ::= a*b+c?\n\n# note\na-1 ::= "x" # note\n',
      ['root=(a{0,Infinity} b{1,Infinity} c{0,1})', 'a-1="x"'],
    ],
    ['root ::= "a"{2} "b"{2,} "c"{ 2 , 3 } "d"{,4}', ['root=("a"{2,2} "b"{2,Infinity} "c"{2,3} "d"{0,4})']],
    ['root ::= (\n  "a" |\n  "b"\n  "c"\n) "d"', ['root=(("a"|("b" "c")) "d")']],
    ['root ::=\n  "a"\n  | "b" |\n  "c"\nx ::= "d"', ['root=("a"|"b"|"c")', 'x="d"']],
    ['root ::= "a" |\nx ::= ()\r\ny ::= "" | ', ['root=("a"|())', 'x=()', 'y=(""|())']],
    ['root ::= a?* | "b"+?', ['root=(a{0,1}{0,Infinity}|"b"{1,Infinity}{0,1})']],
    ['1 ::= factor("x")', ['1=(factor "x")']],
    ['Regex ::= "a"\nroot ::= Regex("b")', ['Regex="a"', 'root=(Regex "b")']],
    ['', []],
  ])('parses %j', (text, expected) => {
    expect(rulesOf(text)).toEqual(expected);
  });

  it.each([
    [
      String.raw`root ::= "\n\t\r\"\\\[\]\x41\u00e9\U0001F600\?\'\0"`,
      'root="\\n\\t\\r\\"\\\\[]Aé😀?\'\\u0000"',
    ],
    ['root ::= "[#]\n|"', 'root="[#]\\n|"'],
    ['root ::= [a-z0-9_]', 'root=[30-39,5f-5f,61-7a]'],
    ['root ::= [-+*/]', 'root=[2a-2b,2d-2d,2f-2f]'],
    ['root ::= [a-]', 'root=[2d-2d,61-61]'],
    ['root ::= [a-cb-e]', 'root=[61-65]'],
    [String.raw`root ::= [\x00-\x1f\]\-\"^]`, 'root=[0-1f,22-22,2d-2d,5d-5e]'],
    [String.raw`root ::= [+\--9]`, 'root=[2b-2b,2d-39]'],
    ['root ::= [^a]', 'root=[0-60,62-10ffff]'],
    ['root ::= [^]', 'root=[0-10ffff]'],
    ['root ::= .', 'root=[0-10ffff]'],
    ['root ::= [日-月😀]', 'root=[65e5-6708,1f600-1f600]'],
  ])('reads the characters of %s', (text, expected) => {
    expect(rulesOf(text)).toEqual([expected]);
  });
});

describe('GBNF syntax errors', () => {
  it.each([
    ['root "a"', "expected '::=', found '\"a\"' at line 1, column 6"],
    ['root ::= ("a"', "expected ')', found the end of the text at line 1, column 11"],
    ['root ::= "a")', "expected a newline or the end of the rule, found ')' at line 1, column 13"],
    ['root ::= "a" x ::= "b"', "a rule name must be alone before '::='"],
    ['root ::= *', "found '*' at line 1, column 10"],
    ['root ::= "a', 'this literal is not closed at line 1, column 10'],
    ['root ::= [a', 'this character class is not closed at line 1, column 10'],
    ['root ::= "a"{,}', 'a repetition count is {m}, {m,}, {m,n} or {,n} at line 1, column 13'],
    ['root ::= "a" & "b"', 'unexpected character "&" at line 1, column 14'],
    ['root ::= 😀', 'unexpected character "😀" at line 1, column 10'],
    [String.raw`root ::= "ab\q"`, String.raw`unknown escape "\q" at line 1, column 13`],
    [String.raw`root ::= "\x4"`, String.raw`\x needs 2 hexadecimal digits at line 1, column 11`],
    [String.raw`root ::= "\ud800"`, 'a surrogate is not a character'],
    [String.raw`root ::= "\U00110000"`, 'beyond U+10FFFF'],
    ['root ::= "a\nb\\q"', String.raw`unknown escape "\q" at line 2, column 2`],
    ['root ::= [z-a]', 'the ends of this range are in the wrong order at line 1, column 11'],
    ['root ::= []', 'this character class is empty at line 1, column 10'],
  ])('%j: %s', (text, message) => {
    const error = errorOf(text);
    expect(error.message).toContain(message);
    expect(error.code).toBe('invalid_grammar');
  });

  it.each([
    ['root ::= "a" (= "b")', 'lookahead assertion'],
    ["root ::= 'a'", 'single-quoted literal'],
    ['root ::= /a+/', 'regex literal'],
    ['root ::= Regex("a+", flags="i")', 'macro'],
    ['root ::= r\nr[lazy] ::= "a"', 'rule attribute'],
    ['root[capture="x"] ::= "a"', 'rule attribute'],
  ])('%j is refused as a %s', (text, construct) => {
    const error = errorOf(text);
    expect(error).toMatchObject({ code: 'unsupported_keyword', keyword: construct });
    expect(error.message).toContain(construct);
  });

  it('has limits with names', () => {
    const nested = `root ::= ${'('.repeat(201)}${')'.repeat(201)}`;
    expect(() => parse(nested, limits)).toThrow(LimitError);
    expect(() => parse(nested, { ...limits, maxDepth: 201 })).not.toThrow();
    expect(() => parse('a ::= "x"\nb ::= "x"', { ...limits, maxRules: 1 })).toThrow(/maxRules/);
  });
});
