// The grammar language: what Lark's documentation describes, construct by construct.
import { describe, expect, it } from 'vitest';
import { type CompileOptions, compile } from '../../../src/compile/index.js';

function judge(
  lark: string,
  accepted: readonly string[],
  refused: readonly string[],
  options: CompileOptions = {},
) {
  const grammar = compile({ lark }, options);
  for (const text of accepted) expect(grammar.classify(text), JSON.stringify(text)).toBe('accepted');
  for (const text of refused) expect(grammar.classify(text), JSON.stringify(text)).not.toBe('accepted');
}

describe('Lark grammars', () => {
  it('reads rules, terminals, modifiers, aliases, comments and continued lines', () => {
    judge(
      `// a comment
      ?start: item
            | "[" (item ("," item)*)? "]" -> list   # another
      !item: WORD "!"?
      _skipped: "unused"
      WORD.2: /[a-z]+/i`,
      ['ab', 'Ab!', '[]', '[a,b!]'],
      ['', '[a,]', 'a,b', '[a'],
    );
  });

  it('repeats and ranges', () => {
    judge('start: "a"~2 "b"~1..3 "c".."e"+ ["f"]', ['aabc', 'aabbbded', 'aabcf'], ['abc', 'aabbbbc', 'aabf']);
  });

  it('gives templates an instance for each set of arguments', () => {
    judge(
      `start: "[" _list{NUM, ","} "]" | "<" _list{pair{"a"}, ";"} ">"
      _list{x, sep}: x (sep x)*
      pair{k}: k "=" NUM
      NUM: /[0-9]+/`,
      ['[1]', '[1,22]', '<a=1;a=2>'],
      ['[]', '[a=1]', '<1>', '<a=1,a=2>'],
    );
  });

  it('imports from the library and from what the caller supplies', () => {
    const imports = {
      '.shapes': 'item: A B\nA: "a"\nB: "b"',
      'deep.er': '%import .shapes.item\nx: item "!"',
    };
    judge('start: INT\n%import common.INT', ['0', '42'], ['', '-1']);
    judge('start: thing x\n%import .shapes.item -> thing\n%import deep.er.x', ['abab!'], ['ab', 'abab'], {
      imports,
    });
    judge(
      'start: (ESCAPED_STRING | SIGNED_NUMBER)+\n%import common (ESCAPED_STRING, SIGNED_NUMBER, WS)\n%ignore WS',
      ['"a\\"b" -1.5e3', ' "x" "y" '],
      ['"a', '1.', '"a\\"'].filter((text) => text !== '1.'),
    );
    expect(() => compile({ lark: 'start: x\n%import missing.x' })).toThrow(
      expect.objectContaining({
        code: 'unresolved_reference',
        location: expect.objectContaining({ line: 2 }),
      }),
    );
  });

  it('overrides and extends', () => {
    const imports = { base: 'word: "a" | "b"\nTERM: "t"' };
    judge(
      'start: word TERM\n%import base (word, TERM)\n%extend word: "c"\n%override TERM: "T"',
      ['aT', 'cT'],
      ['at', 'dT'],
      { imports },
    );
    expect(() => compile({ lark: 'start: "a"\n%extend x: "b"' })).toThrow(/no 'x' of this kind to extend/);
    expect(() => compile({ lark: 'start: "a"\n%override x: "b"' })).toThrow(/no 'x' to override/);
  });

  it('reads Python regular expressions with their flags', () => {
    judge('start: /a.c/s', ['a\nc'], ['ac']);
    judge('start: /  a b # no\n  c/x', ['abc'], ['a b c']);
    judge('start: /(?P<n>a)(?i:b)[^\\W\\d]{2}\\Z/', ['aBéx'], ['Abxx', 'ab1x']);
    judge('start: /\\w+/', ['é9_', 'வ'], ['வணக்கம்']);
    judge('start: /i/i', ['i', 'I', 'İ', 'ı'], ['j']);
  });

  it('takes the first match in the order of trial, as `re` does', () => {
    judge('start: A "b"?\nA: /a|ab/', ['a', 'ab'], []);
    judge('start: A "c"\nA: /a|ab/', ['ac'], ['abc']);
    judge('start: S+\nS: /".*?"/', ['""', '"a""b"'], ['"a"b"']);
    judge('start: D "1"?\nD: /0+(?![1-9])|[1-9]/', ['00', '71'], ['01']);
  });

  it('lists every undefined name with its line', () => {
    const text = 'start: a B\n  | "x" c\nB: "b"\nd: E';
    expect(() => compile({ lark: text })).toThrow(
      /rule 'a' \(line 1, column 8\), rule 'c' \(line 2, column 9\), terminal 'E' \(line 4, column 4\)/,
    );
  });

  it('says where a text is no grammar', () => {
    const cases: [string, number, number][] = [
      ['a: 1', 1, 4],
      ['a: (\n', 2, 1],
      ['start: "a"\nb "c"', 2, 3],
      ['start: "a', 1, 8],
      ['start: /a', 1, 8],
      ['Aa: "b"', 1, 1],
      ['start: "a"\nstart: "b"', 2, 1],
      ['start: A\nA: "a" B\nB: A', 2, 1],
      ['start: A\nA: start', 2, 4],
      ['start: A\nA: /x*/', 2, 1],
      ['start: ""', 1, 8],
      ['start: "z".."a"', 1, 8],
      ['start: "a"~3..2', 1, 11],
      ['start: /(a)\\1/', 1, 8],
      ['start: /a(?>b)/', 1, 8],
    ];
    for (const [lark, line, column] of cases)
      expect(() => compile({ lark }), lark).toThrow(
        expect.objectContaining({ location: expect.objectContaining({ line, column }) }),
      );
  });

  it('names the limit that is reached', () => {
    const limited: [string, CompileOptions, string][] = [
      ['start: "a"', { maxLength: 5 }, 'maxLength'],
      [`start: ${'('.repeat(300)}"a"${')'.repeat(300)}`, {}, 'maxDepth'],
      ['start: "a"\nb: "c"', { maxRules: 1 }, 'maxRules'],
      ['start: a{"x"}\na{y}: "z" | a{b{y}}\nb{y}: y', { maxInstances: 50 }, 'maxInstances'],
      ['start: /((a|b){50}c){500}/', { maxStates: 1000 }, 'maxStates'],
    ];
    for (const [lark, options, limit] of limited)
      expect(() => compile({ lark }, options), lark).toThrow(
        expect.objectContaining({ code: 'limit_exceeded', limit }),
      );
  });
});
