// The dialect of llguidance and xgrammar: what it adds to Lark, and where it reads the same text otherwise.
import { describe, expect, it } from 'vitest';
import { type CompileOptions, compile } from '../../../src/compile/index.js';

function judge(
  lark: string,
  accepted: readonly string[],
  refused: readonly string[],
  options: CompileOptions = {},
) {
  const grammar = compile({ lark, dialect: 'llguidance' }, options);
  for (const text of accepted) expect(grammar.classify(text), JSON.stringify(text)).toBe('accepted');
  for (const text of refused) expect(grammar.classify(text), JSON.stringify(text)).not.toBe('accepted');
}

describe('the llguidance dialect', () => {
  it('is chosen where a grammar uses what Lark does not know', () => {
    expect(compile({ lark: 'start: a\na[lazy]: /x+/' }).classify('xx')).toBe('dead');
    expect(compile({ lark: 'start: "a"{2,3}' }).classify('aaa')).toBe('accepted');
  });

  it('holds JSON schemas, also between other terminals', () => {
    judge(
      'start: "v=" %json {"type":"integer"} (";" %json {"enum":["a",null]})*',
      ['v=1', 'v=-12;"a";null'],
      ['v=', 'v=1;b'],
    );
    judge(
      'start: "<" %json {"type":"array","items":{"type":"boolean"}} ">"',
      ['<[true, false]>', '<[]>'],
      ['<[1]>', '<[true>'],
    );
  });

  it('stops lazy rules at their shortest match, before any other terminal', () => {
    const lark =
      'start: tool* tail\ntail: TEXT\nhead[lazy]: TEXT "<call>"\ntool: head /[0-9]+/ "</call>"\nTEXT: /(\\n|.)*/';
    judge(
      lark,
      ['x<call>12</call>y', 'plain <cal', ''],
      ['<call>x</call>', '<call>12', 'a<call>1</call><call>'],
    );
    judge('start: r "c"\nr[stop="b"]: /[a-z]*/', ['aabc', 'bc'], ['abbc', 'c']);
  });

  it('combines terminals with & and ~', () => {
    judge('start: T\nT: /[a-z]+/ & ~/(.*)[xy](.*)/', ['abc'], ['axc', 'A', '']);
  });

  it('settles parametric rules when it compiles', () => {
    const perm = `start: perm::0
perm::_: "X" %if is_ones([0:2])
  | "a" perm::set_bit(0) %if bit_clear(0)
  | "b" perm::set_bit(1) %if bit_clear(1)`;
    judge(perm, ['abX', 'baX'], ['aX', 'aabX', 'X']);
  });

  it('nests grammars with names of their own', () => {
    judge('start: item %lark {\n  start: item\n  item: "b"\n} item\nitem: "a"', ['aba'], ['aaa']);
    judge('start: @pair', ['a:b'], ['a:'], { grammars: { pair: 'start: @w ":" @w', w: 'start: /[a-z]+/' } });
    expect(() => compile({ lark: 'start: @a' }, { grammars: { a: 'start: @b', b: 'start: @a' } })).toThrow(
      /circles/,
    );
  });

  it('allows rows out of a text', () => {
    judge(
      'start: %regex {"substring_words": "one two three"}',
      ['one two', 'two three', ''],
      ['one three', 'on'],
    );
  });

  it('ignores nothing before the first terminal unless told so', () => {
    judge('start: "a" "b"\n%ignore " "', ['a b'], [' ab']);
    judge('%llguidance {"allow_initial_skip": true}\nstart: "a" "b"\n%ignore " "', [' a b'], ['a c']);
  });

  it('refuses by name what counts tokens or is unknown', () => {
    const refused: [string, string, string][] = [
      ['start[max_tokens=3]: /a*/', 'unsupported_keyword', 'max_tokens'],
      ['start[budget=3]: /a*/', 'invalid_grammar', 'budget'],
      ['start.2: "a"', 'unsupported_keyword', 'priority'],
      ['start: /a(?=b)/', 'unsupported_regex', 'lookaround'],
    ];
    for (const [lark, code, keyword] of refused)
      expect(() => compile({ lark, dialect: 'llguidance' }), lark).toThrow(
        expect.objectContaining({ code, location: expect.objectContaining({ keyword }) }),
      );
  });
});
