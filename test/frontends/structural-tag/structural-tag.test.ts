import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compile/index.js';
import { CompileError } from '../../../src/errors.js';
import { structuralTagGrammar } from '../../../src/frontends/structural-tag/index.js';
import { buildImageFromBytes } from '../../../src/tokenizer/index.js';

const constant = (value: string) => ({ type: 'const_string', value });
const anyText = { type: 'any_text' };
const tag = (begin: unknown, content: unknown, end: unknown) => ({ type: 'tag', begin, content, end });
const token = (name: string | number) => ({ type: 'token', token: name });

function compiled(format: unknown) {
  return compile({ structuralTag: { type: 'structural_tag', format } });
}

function verdicts(format: unknown, inputs: readonly string[]): string {
  const grammar = compiled(format);
  return inputs.map((input) => grammar.classify(input)[0]).join('');
}

function errorOf(structuralTag: unknown): CompileError {
  try {
    structuralTagGrammar(structuralTag);
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error(`compiled: ${JSON.stringify(structuralTag)}`);
}

const formatError = (format: unknown) => errorOf({ type: 'structural_tag', format });

describe('the simple formats', () => {
  it('match texts, schemas, expressions and grammars', () => {
    expect(verdicts(constant('hi'), ['hi', 'h', 'hit', ''])).toBe('apdp');
    const schema = { type: 'object', properties: { a: { type: 'integer' } }, required: ['a'] };
    expect(verdicts({ type: 'json_schema', json_schema: schema }, ['{"a": 1}', '{}', '{"a":'])).toBe('adp');
    expect(verdicts({ type: 'regex', pattern: 'a.|b' }, ['a\n', 'b', 'ab', 'c'])).toBe('aaad');
    expect(verdicts({ type: 'grammar', grammar: 'root ::= "(" root ")" | ""' }, ['(())', '(', ')'])).toBe(
      'apd',
    );
  });

  it('match any text but what is excluded, up to so many characters', () => {
    expect(verdicts(anyText, ['', 'é\n日'])).toBe('aa');
    expect(verdicts({ ...anyText, excludes: ['ab', 'c'] }, ['aab', 'ba', 'c', 'aa'])).toBe('dada');
    expect(verdicts({ ...anyText, max_chars: 2 }, ['日本', '日本語'])).toBe('ad');
    expect(verdicts({ ...anyText, max_tokens: 0 }, ['', 'a'])).toBe('ad');
  });

  it('combine', () => {
    const elements = [constant('a'), { type: 'optional', content: constant('b') }];
    expect(verdicts({ type: 'sequence', elements }, ['a', 'ab', 'b'])).toBe('aad');
    expect(verdicts({ type: 'or', elements: [constant('a'), constant('b')] }, ['a', 'b', 'ab'])).toBe('aad');
    expect(verdicts({ type: 'star', content: constant('a') }, ['', 'aaa'])).toBe('aa');
    expect(verdicts({ type: 'plus', content: constant('a') }, ['', 'aaa'])).toBe('pa');
    const twice = { type: 'repeat', min: 1, max: 2, content: constant('a') };
    expect(verdicts(twice, ['', 'a', 'aa', 'aaa'])).toBe('paad');
    expect(verdicts({ ...twice, max: -1 }, ['', 'a', 'aaaaa'])).toBe('paa');
  });
});

describe('tags', () => {
  it('end at the first end string, where the content is free text', () => {
    expect(verdicts(tag('<', anyText, '>'), ['<a>', '<a>b>', '<', 'a'])).toBe('adpd');
    expect(verdicts(tag('<', anyText, ['>', '}']), ['<a>', '<a}', '<a}>'])).toBe('aad');
    const nested = { type: 'sequence', elements: [tag('[', anyText, ']'), anyText] };
    expect(verdicts(tag('<', nested, '>'), ['<[>]x>', '<[]]>', '<[]>>'])).toBe('aad');
    expect(verdicts(tag('', constant('x'), ['y', '']), ['x', 'xy', 'y'])).toBe('aad');
  });

  it('are triggered in free text', () => {
    const tags = [tag('<a>', constant('x'), '</a>'), tag('<b>', { type: 'regex', pattern: '\\d+' }, '</b>')];
    const triggered = { type: 'triggered_tags', triggers: ['<'], tags };
    const inputs = ['', 'hi', '<a>x</a>', 'hi <b>12</b>, <a>x</a>.', '<c', '<', 'hi<a>x</a>', '<a>x</a>hi'];
    expect(verdicts(triggered, inputs)).toBe('aaaadpaa');
    expect(verdicts({ ...triggered, stop_after_first: true }, inputs)).toBe('aaaddpad');
    expect(verdicts({ ...triggered, at_least_one: true }, inputs)).toBe('pdaddpda');
    const once = { ...triggered, at_least_one: true, stop_after_first: true };
    expect(verdicts(once, inputs)).toBe('pdaddpdd');
    expect(verdicts({ ...triggered, excludes: ['!'] }, ['a!', '<a>x</a>!'])).toBe('dd');
    expect(verdicts(tag('(', triggered, ')'), ['(a<a>x</a>b)', '(a))', '(<b>1</b>)'])).toBe('ada');
  });

  it('stand with separators', () => {
    const list = { type: 'tags_with_separator', separator: ', ', tags: [tag('[', constant('x'), ']')] };
    expect(verdicts(list, ['', '[x]', '[x], [x]', '[x],', '[x][x]'])).toBe('aaapd');
    expect(verdicts({ ...list, at_least_one: true }, ['', '[x]'])).toBe('pa');
    expect(verdicts({ ...list, stop_after_first: true }, ['', '[x]', '[x], [x]'])).toBe('aad');
  });

  it('are dispatched', () => {
    const rules = [
      ['ab', constant('1')],
      ['b', constant('2')],
    ];
    expect(verdicts({ type: 'dispatch', rules }, ['xab1b2', 'ab2', 'b1', 'a'])).toBe('adda');
    expect(verdicts({ type: 'dispatch', rules, loop: false }, ['xab1', 'ab1x', ''])).toBe('ada');
  });

  it('are read in the legacy form', () => {
    const legacy = {
      structures: [{ begin: '<f=a>', schema: '{"type": "integer"}', end: '</f>' }],
      triggers: ['<f='],
    };
    const grammar = compile({ structuralTag: legacy });
    expect(['', 'x<f=a>12</f>y', '<f=a>x', '<f=b'].map((text) => grammar.classify(text)[0]).join('')).toBe(
      'aadd',
    );
    expect(compile({ structuralTag: JSON.stringify({ ...legacy, at_least_one: true }) }).test('')).toBe(
      false,
    );
  });
});

describe('tokens', () => {
  const texts = ['a', 'b', '<x>', '<y>', '<z>'];
  const encoder = new TextEncoder();
  const image = buildImageFromBytes(
    texts.map((text) => encoder.encode(text)),
    [],
  );

  function reads(format: unknown, ids: readonly number[]): string {
    const matcher = compiled(format).matcher(image);
    if (!ids.every((id) => matcher.accept(id))) return 'd';
    return matcher.isAccepting ? 'a' : 'p';
  }

  it('stand for themselves, by id and by text', () => {
    expect([[2], [3], []].map((ids) => reads(token('<x>'), ids)).join('')).toBe('adp');
    expect([[1], [2]].map((ids) => reads({ type: 'exclude_token', exclude_tokens: [2] }, ids)).join('')).toBe(
      'ad',
    );
    const some = { type: 'any_tokens', exclude_tokens: ['<x>'], max_tokens: 2 };
    expect([[], [0, 3], [0, 1, 0], [2]].map((ids) => reads(some, ids)).join('')).toBe('aadd');
  });

  it('begin and end tags', () => {
    const between = tag(token(2), { type: 'any_tokens' }, token('<y>'));
    expect([[2, 0, 4, 3], [2, 0], [2, 3, 3], [0]].map((ids) => reads(between, ids)).join('')).toBe('apdd');
    const triggered = {
      type: 'token_triggered_tags',
      trigger_tokens: [2],
      tags: [tag(token(2), constant('a'), token(3))],
      exclude_tokens: [4],
    };
    const inputs = [[], [0, 1], [1, 2, 0, 3, 1], [2, 1], [4]];
    expect(inputs.map((ids) => reads(triggered, ids)).join('')).toBe('aaadd');
    expect(inputs.map((ids) => reads({ ...triggered, stop_after_first: true }, ids)).join('')).toBe('aaddd');
    expect(inputs.map((ids) => reads({ ...triggered, at_least_one: true }, ids)).join('')).toBe('pdddd');
    const rules = [[2, constant('b')]];
    expect(
      [
        [0, 2, 1, 0],
        [2, 0],
      ]
        .map((ids) => reads({ type: 'token_dispatch', rules }, ids))
        .join(''),
    ).toBe('ad');
  });
});

describe('errors', () => {
  it.each<[unknown, string, string]>([
    [{ type: 'other', format: anyText }, '/type', "expected 'structural_tag'"],
    [{ type: 'structural_tag' }, '', "'structures' is missing"],
    [{ format: { type: 'tag', begin: 'a', content: anyText } }, '/format', "'end' is missing"],
    [{ format: tag('a', anyText, '') }, '/format/end', 'some end must not be empty'],
    [{ format: tag('a', anyText, []) }, '/format/end', 'not empty'],
    [{ format: { type: 'sequence', elements: [anyText, 3] } }, '/format/elements/1', 'expected an object'],
    [{ format: { type: 'repeat', min: 3, max: 2, content: anyText } }, '/format/min', 'larger than max'],
    [{ format: { ...anyText, max_chars: 1.5 } }, '/format/max_chars', 'whole number'],
    [
      { format: { type: 'triggered_tags', triggers: ['<', '<a'], tags: [tag('<a>', anyText, 'x')] } },
      '/format/tags/0/begin',
      'several triggers begin this tag',
    ],
    [
      { format: { type: 'triggered_tags', triggers: ['['], tags: [tag('<a>', anyText, 'x')] } },
      '/format/tags/0/begin',
      'no trigger begins this tag',
    ],
    [
      { format: { type: 'triggered_tags', triggers: ['<', '!'], tags: [tag('<a>', anyText, 'x')] } },
      '/format/triggers/1',
      'begins no tag',
    ],
    [{ format: { type: 'json_schema', json_schema: [] } }, '/format/json_schema', 'expected a JSON Schema'],
  ])('%j at %s: %s', (structuralTag, pointer, message) => {
    const error = errorOf(structuralTag);
    expect(error).toMatchObject({ code: 'invalid_structural_tag', location: { pointer } });
    expect(error.message).toContain(message);
  });

  it('say what is not supported, and drop nothing', () => {
    expect(formatError({ type: 'poem' })).toMatchObject({
      code: 'unsupported_keyword',
      location: { keyword: 'poem' },
    });
    expect(formatError({ ...anyText, max_tokens: 3 }).location.pointer).toBe('/format/max_tokens');
    expect(formatError({ ...anyText, limit: 3 }).location).toEqual({
      pointer: '/format/limit',
      keyword: 'limit',
    });
  });

  it('of the parts are placed in the tag', () => {
    const schema = { properties: { a: { type: 'strin' } } };
    expect(formatError({ type: 'json_schema', json_schema: schema }).location.pointer).toMatch(
      /^\/format\/json_schema\/properties\/a/,
    );
    const grammar = formatError({ type: 'grammar', grammar: 'root ::= x' });
    expect(grammar.location.pointer).toBe('/format/grammar');
    expect(grammar.message).toContain("rule 'x' is not defined at line 1, column 10");
    expect(formatError({ type: 'regex', pattern: '(' }).location.pointer).toBe('/format/pattern');
    expect(errorOf('{').message).toContain('not JSON');
  });
});

describe('hostile tags', () => {
  const schema = (i: number) => ({ type: 'object', properties: { [`p${i}`]: { type: 'string' } } });
  const json = (i: number) => ({ type: 'json_schema', json_schema: schema(i) });
  const tags = Array.from({ length: 500 }, (_, i) => tag(`<f=${i}>`, json(i), '</f>'));

  it('of 500 tags compile, with one trigger and with as many', () => {
    const one = { type: 'triggered_tags', triggers: ['<f='], tags };
    expect(compiled(one).test('hi <f=499>{"p499": ""}</f>')).toBe(true);
    expect(compiled({ ...one, triggers: tags.map(({ begin }) => begin) }).test('<f=7>{}</f> <f=8')).toBe(
      true,
    );
  });

  it('of large counts compile', () => {
    expect(compiled({ ...anyText, excludes: ['abc'], max_chars: 2 ** 31 - 1 }).test('abab')).toBe(true);
    const many = { type: 'repeat', min: 0, max: 2 ** 31 - 1, content: { type: 'regex', pattern: '[a-z]+;' } };
    expect(compiled(many).test('ab;c;')).toBe(true);
  });

  it('are refused by limits with names', () => {
    let deep: unknown = constant('x');
    for (let i = 0; i < 50_000; i++) deep = { type: 'optional', content: deep };
    expect(() => structuralTagGrammar({ format: deep })).toThrow(/maxFormatDepth = 200/);
    const elements = Array.from({ length: 30_000 }, () => constant('x'));
    expect(() => structuralTagGrammar({ format: { type: 'sequence', elements } })).toThrow(
      /maxFormats = 20000/,
    );
    const long = { ...anyText, excludes: ['a'.repeat(100_000)] };
    expect(() => structuralTagGrammar({ format: long })).toThrow(/maxTriggerStates = 20000/);
  });
});
