// The builder: what each form matches, recursion, front ends inside, and what is refused.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Expression, g, type Part } from '../../src/builder/index.js';
import { compile } from '../../src/compile/index.js';
import { CompileError, LimitError } from '../../src/errors.js';
import { buildImageFromBytes } from '../../src/tokenizer/index.js';

function verdicts(part: Part, texts: readonly string[]): boolean[] {
  const grammar = compile(g.seq(part));
  return texts.map((text) => grammar.test(text));
}

describe('the forms of g', () => {
  it('text, seq and choice', () => {
    expect(verdicts(g.text('é"'), ['é"', 'e"', ''])).toEqual([true, false, false]);
    expect(verdicts(g.seq('a', g.choice('b', 'cd'), /\d/), ['ab1', 'acd2', 'ab', 'a1'])).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(verdicts(g.seq(), ['', 'a'])).toEqual([true, false]);
  });

  it('optional and repeat, with and without a separator', () => {
    expect(verdicts(g.optional('x'), ['', 'x', 'xx'])).toEqual([true, true, false]);
    const counts = [0, 1, 2, 3, 4];
    const repeated = (part: Part, text: (count: number) => string) => verdicts(part, counts.map(text));
    const plain = (count: number) => 'x'.repeat(count);
    const listed = (count: number) => Array(count).fill('x').join(',');
    expect(repeated(g.repeat('x', { min: 2, max: 3 }), plain)).toEqual([false, false, true, true, false]);
    expect(repeated(g.repeat('x', { separator: ',' }), listed)).toEqual([true, true, true, true, true]);
    expect(repeated(g.repeat('x', { max: 2, separator: ',' }), listed)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(repeated(g.repeat('x', { min: 3, separator: ',' }), listed)).toEqual([
      false,
      false,
      false,
      true,
      true,
    ]);
    expect(repeated(g.repeat('x', { max: 0, separator: ',' }), listed)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(verdicts(g.repeat('x', { separator: ',' }), ['x,', ',x', 'xx'])).toEqual([false, false, false]);
  });

  it('regex with flags, as a whole', () => {
    expect(verdicts(/ab+/gi, ['ABB', 'xab', 'a'])).toEqual([true, false, false]);
    expect(verdicts(g.regex('[\\p{L}--[a-z]]', 'v'), ['É', 'e'])).toEqual([true, false]);
  });

  it('json with its own options', () => {
    const schema = { type: 'array', items: { type: 'integer' } };
    const part = g.seq('<', g.json(schema, { whitespace: 'compact' }), '>', g.json(schema));
    expect(verdicts(part, ['<[1,2]>[ 1 ]', '<[1, 2]>[1]'])).toEqual([true, false]);
  });

  it('gbnf, with its own root', () => {
    const part = g.gbnf('sum ::= sum "+" [0-9] | [0-9]', { root: 'sum' });
    expect(verdicts(g.seq('=', part), ['=1+2+3', '=1+', '1'])).toEqual([true, false, false]);
  });

  it('ebnf in other dialects', () => {
    expect(
      verdicts(g.seq('<', g.ebnf("list ::= item (',' item)*\nitem ::= #x61"), '>'), ['<a,a>', '<a,>']),
    ).toEqual([true, false]);
    const told = g.ebnf('root ::= "\\d" ', { dialect: 'w3c' });
    expect(verdicts(told, ['\\d', 'd'])).toEqual([true, false]);
  });

  it('lark, as far as it needs no lexer', () => {
    const part = g.lark('start: N ("+" N)*\nN: /[0-9]+/');
    expect(verdicts(g.seq('=', part), ['=1+23', '=1+', '1'])).toEqual([true, false, false]);
    const other = g.lark('other: "o"', { root: 'other' });
    expect(verdicts(other, ['o', ''])).toEqual([true, false]);
    expect(() => compile(g.lark('start: "a" "b"\n%ignore " "'))).toThrow('compile({ lark }) takes it');
  });

  it('a structural tag', () => {
    const format = { type: 'tag', begin: '<a>', content: { type: 'regex', pattern: '[0-9]+' }, end: '</a>' };
    const part = g.seq('say ', g.structuralTag({ type: 'structural_tag', format }));
    expect(verdicts(part, ['say <a>12</a>', 'say <a>x</a>', '<a>1</a>'])).toEqual([true, false, false]);
    expect(() => compile(g.structuralTag({ type: 'structural_tag' }))).toThrow(CompileError);
  });

  it('recursive, rule and ref, left and mutual recursion too', () => {
    const list = g.recursive('list', (self) =>
      g.seq('[', g.repeat(g.choice(self, /\d/), { separator: ',' }), ']'),
    );
    expect(verdicts(list, ['[]', '[1,[2,[]],3]', '[1,]', '[[]'])).toEqual([true, true, false, false]);
    const sum = g.recursive('sum', (self) => g.choice(g.seq(self, '-', /\d/), /\d/));
    expect(verdicts(sum, ['1', '1-2-3', '-1', '1-'])).toEqual([true, true, false, false]);
    const even: Expression = g.rule(
      'even',
      g.choice(
        '',
        g.seq(
          'a',
          g.ref(() => odd),
        ),
      ),
    );
    const odd: Expression = g.rule(
      'odd',
      g.seq(
        'a',
        g.ref(() => even),
      ),
    );
    expect(verdicts(even, ['', 'a', 'aa', 'aaa', 'aaaa'])).toEqual([true, false, true, false, true]);
  });
});

describe('token', () => {
  const vocabulary = {
    image: buildImageFromBytes(
      [...['a', 'b'].map((text) => new TextEncoder().encode(text)), null, null],
      [3],
    ),
    tokenId: (text: string) => (text === '<end>' ? 2 : undefined),
  };

  it('is read as a token, not as text', () => {
    const grammar = compile(g.seq('a', g.token('<end>'), 'b'));
    expect(grammar.test('a<end>b')).toBe(false);
    const matcher = grammar.matcher(vocabulary);
    expect([0, 2, 1, 3].map((token) => matcher.accept(token))).toEqual([true, true, true, true]);
    expect(grammar.matcher(vocabulary).accept(2)).toBe(false);
    expect(grammar.explainText('a').message).toContain('expected <"<end>">');
  });

  it('may be any but some', () => {
    const matcher = compile(g.repeat(g.token(1, { except: true }))).matcher(vocabulary);
    expect([0, 1, 2, 0].map((token) => matcher.accept(token))).toEqual([true, false, false, true]);
  });

  it('must be known to the vocabulary', () => {
    expect(() => compile(g.token('<other>')).matcher(vocabulary)).toThrow('"<other>"');
  });
});

describe('until', () => {
  const stops = fc.uniqueArray(
    fc.string({ unit: fc.constantFrom('a', 'b', 'é'), minLength: 1, maxLength: 4 }),
    {
      minLength: 1,
      maxLength: 3,
    },
  );
  const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀'), maxLength: 9 }), {
    minLength: 30,
    maxLength: 30,
  });

  it('is text without the stops, or up to and with the first of them', () => {
    fc.assert(
      fc.property(stops, texts, (words, samples) => {
        const without = compile(g.until(words));
        const through = compile(g.until(words, { include: true }));
        for (const text of [...samples, ...samples.map((sample) => sample + words[0])]) {
          const holds = (part: string) => words.some((word) => part.includes(word));
          expect(without.test(text)).toBe(!holds(text));
          const last = [...text].at(-1) ?? '';
          const before = text.slice(0, text.length - last.length);
          expect(through.test(text)).toBe(words.some((word) => text.endsWith(word)) && !holds(before));
        }
      }),
      { numRuns: 150 },
    );
  });

  it('is UTF-8 only', () => {
    const grammar = compile(g.until('\n'));
    expect(grammar.classify(Uint8Array.of(0xff))).toBe('dead');
    expect(grammar.classify(Uint8Array.of(0xc3))).toBe('prefix');
  });
});

describe('what is refused', () => {
  it.each<[string, () => unknown]>([
    ['a part that is none', () => g.seq('a', 3 as unknown as string)],
    ['null', () => g.optional(null as unknown as string)],
    ['an empty stop text', () => g.until('')],
    ['no stop text', () => g.until([])],
    ['no token', () => g.token([])],
    ['a token of no text', () => g.token('')],
    ['half a token', () => g.token(1.5)],
    ['bounds in the wrong order', () => g.repeat('a', { min: 3, max: 2 })],
    ['half an item', () => g.repeat('a', { min: 0.5 })],
    ['a lone surrogate', () => compile(g.text('\ud800'))],
    ['a regex that cannot be enforced', () => compile(g.seq(/(a)\1/))],
    ['a grammar with a fault', () => compile(g.gbnf('root ::= x'))],
    ['a rule without an end', () => compile(g.recursive('endless', (self) => g.seq('a', self)))],
    ['a definition that compiles itself', () => g.recursive('r', (self) => String(compile(self).hash))],
    ['a choice of nothing', () => compile(g.choice())],
  ])('%s', (_, make) => {
    expect(make).toThrow(CompileError);
  });

  it('nesting beyond the limit, references in a circle among it', () => {
    let deep = g.optional('a');
    for (let i = 0; i < 5000; i++) deep = g.seq(deep, 'b');
    expect(() => compile(deep)).toThrow(LimitError);
    const circle: Expression = g.ref(() => circle);
    expect(() => compile(circle)).toThrow(LimitError);
  });
});

describe('cost', () => {
  it('is linear in what is written: shared parts are lowered once', () => {
    let doubled = g.seq('a', 'b');
    for (let i = 0; i < 40; i++) doubled = g.seq(g.rule('twice', doubled), g.rule('twice', doubled));
    expect(compile(doubled).image.length).toBeLessThan(20_000);
    expect(compile(g.repeat('ab', { min: 5, max: 1_000_000 })).image.length).toBeLessThan(1000);
  });
});
