import { describe, expect, it } from 'vitest';
import { compile } from '../../../src/compile/index.js';
import { CompileError } from '../../../src/errors.js';
import { structuralTagGrammar } from '../../../src/frontends/structural-tag/index.js';

const schema = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    age: { type: 'integer' },
    tags: { type: 'array', items: { type: 'string' } },
  },
  required: ['age'],
};

function compiled(style: string, json_schema: unknown, more: object = {}) {
  return compile({ structuralTag: { format: { type: 'json_schema', style, json_schema, ...more } } });
}

function verdicts(style: string, json_schema: unknown, inputs: readonly string[], more?: object): string {
  const grammar = compiled(style, json_schema, more);
  return inputs.map((input) => grammar.classify(input)[0]).join('');
}

function errorOf(json_schema: unknown, more: object = {}): CompileError {
  try {
    structuralTagGrammar({ format: { type: 'json_schema', style: 'qwen_xml', json_schema, ...more } });
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error('compiled');
}

describe('arguments between tags', () => {
  it.each([
    ['qwen_xml', '<parameter=name>Ada "L" <3</parameter>\n<parameter=age>36</parameter>'],
    ['minimax_xml', '<parameter name="name">Ada</parameter><parameter name="age"> 36 </parameter>'],
    [
      'deepseek_xml',
      '<｜DSML｜parameter name="name" string="true">Ada</｜DSML｜parameter><｜DSML｜parameter name="age" string="false">36</｜DSML｜parameter>',
    ],
    ['deepseek_v4_1_xml', '<｜DSML｜ parameter name="age" string="false">36</｜DSML｜ parameter>'],
    [
      'glm_xml',
      '<arg_key>age</arg_key>\n<arg_value>36</arg_value>\n<arg_key>tags</arg_key><arg_value>["a"]</arg_value>',
    ],
    [
      'cohere_xml',
      '<cofl:value name="age" type="json">36</cofl:value><cofl:value name="tags" type="list"><cofl:value type="raw">a, b</cofl:value></cofl:value>',
    ],
    [
      'kimi_k3_xml',
      '<|open|>argument key="name" type="string"<|sep|>Ada<|close|>argument<|sep|><|open|>argument key="age" type="number"<|sep|>36<|close|>argument<|sep|>',
    ],
  ])('in the style %s', (style, text) => {
    const grammar = compiled(style, schema);
    expect(grammar.classify(text)).toBe('accepted');
    expect(grammar.classify(text.replaceAll('age', 'agf'))).toBe('dead');
    expect(grammar.classify(text.replace('36', '"36"'))).toBe('dead');
    expect(grammar.classify(text.slice(0, -1))).toBe('prefix');
    expect(grammar.test('')).toBe(false);
  });

  it('come in order, or in any order once each', () => {
    const [name, age] = ['<parameter=name>x</parameter>', '<parameter=age>1</parameter>'];
    const inputs = [name + age, age + name, age, name, age + age, name + age + name];
    expect(verdicts('qwen_xml', schema, inputs)).toBe('adapdd');
    const scalars = { ...schema, properties: { name: { type: 'string' }, age: { type: 'integer' } } };
    expect(verdicts('qwen_xml', scalars, inputs, { any_order: true })).toBe('aaapdd');
    const json = [
      '{"age": 1, "name": "x"}',
      '{"name": "x", "age": 1}',
      '{"age": 1, "age": 2}',
      '{"name": "x"}',
    ];
    expect(verdicts('json', schema, json, { any_order: true })).toBe('aadd');
    const nested = { properties: { v: schema }, required: ['v'] };
    const value = json.map((text) => `<parameter=v>${text}</parameter>`);
    expect(verdicts('qwen_xml', nested, value, { any_order: true })).toBe('aadd');
  });

  it('take strings as they are, but for the closing tag', () => {
    const value = (of: object, texts: readonly string[]) =>
      verdicts(
        'qwen_xml',
        { properties: { v: of }, required: ['v'] },
        texts.map((text) => `<parameter=v>${text}</parameter>`),
      );
    expect(value({ type: 'string' }, ['', '"x"', '</parameter>x', '</param'])).toBe('aada');
    expect(value({ const: '"\\' }, ['"\\', '"\\"\\\\"'])).toBe('ad');
    expect(value({ enum: ['red', 7, null] }, ['red', '"red"', '7', 'null', '8'])).toBe('adaad');
    expect(value({ anyOf: [{ const: 'a' }, { type: 'boolean' }] }, ['a', 'true', '"a"'])).toBe('aad');
    expect(value({ type: ['string', 'null'], maxLength: 2 }, ['日本', 'null', '日本語'])).toBe('aad');
    expect(value({ type: 'string', pattern: '^[a-c]+$', minLength: 2 }, ['ab', 'a', 'ad'])).toBe('add');
    expect(value(true as never, ['anything', '{"a": 1}'])).toBe('aa');
  });

  it('refer to definitions, and recur in the style that nests', () => {
    const tree = {
      $defs: {
        node: { type: 'object', properties: { text: { type: 'string' }, next: { $ref: '#/$defs/node' } } },
      },
      $ref: '#/$defs/node',
    };
    const leaf = '<cofl:value name="text" type="raw">x</cofl:value>';
    const nested = `<cofl:value name="next" type="dict">${leaf}</cofl:value>`;
    expect(verdicts('cohere_xml', tree, [leaf, leaf + nested, nested + leaf])).toBe('aad');
    const inside = { $defs: tree.$defs, properties: { root: { $ref: '#/$defs/node' } } };
    expect(verdicts('qwen_xml', inside, ['<parameter=root>{"next": {"text": "x"}}</parameter>'])).toBe('a');
  });

  it('have further names where the schema says so', () => {
    const others = { properties: { a: { type: 'integer' } }, additionalProperties: { type: 'boolean' } };
    const inputs = [
      '<parameter=b>true</parameter>',
      '<parameter=a>true</parameter>',
      '<parameter=b>1</parameter>',
    ];
    expect(verdicts('qwen_xml', others, inputs)).toBe('add');
    const patterns = { properties: {}, patternProperties: { '^x_': { type: 'integer' } } };
    expect(
      verdicts('qwen_xml', patterns, ['<parameter=x_1>1</parameter>', '<parameter=y>1</parameter>']),
    ).toBe('ad');
    expect(verdicts('qwen_xml', { type: 'object' }, ['<parameter=any>thing</parameter>', ''])).toBe('aa');
    expect(verdicts('qwen_xml', { properties: {} }, ['<parameter=any>thing</parameter>', ''])).toBe('da');
  });

  it('hold nothing that is excluded', () => {
    const text = { properties: { v: { type: 'string' } }, required: ['v'] };
    const inputs = ['<parameter=v>a|b</parameter>', '<parameter=v>a<|>b</parameter>'];
    expect(verdicts('qwen_xml', text, inputs, { excludes: ['<|>'] })).toBe('ad');
  });

  it('hold nothing that is excluded in JSON either', () => {
    const list = {
      properties: {
        v: { type: 'array', items: { anyOf: [{ type: 'string' }, { type: 'object' }, { type: 'null' }] } },
      },
    };
    const inputs = ['["a|b"]', '["a<|>b"]', '[{"<|>": 1}]', '[{"a": "<|"}, "><|"]', '["<|>'];
    const values = inputs.map((text) => `<parameter=v>${text}</parameter>`);
    expect(verdicts('qwen_xml', list, values, { excludes: ['<|>'] })).toBe('addad');
    expect(verdicts('json', list, ['{"v": ["<|", ">"]}', '{"v": ["<|>"]}'], { excludes: ['<|>'] })).toBe(
      'ad',
    );
    const named = { type: 'object', properties: { 'a<|>b': {} }, required: ['a<|>b'] };
    expect(() => compiled('json', named, { excludes: ['<|>'] })).toThrow(
      expect.objectContaining({ code: 'unsatisfiable' }),
    );
  });

  it.each<[unknown, object, string]>([
    [{ properties: { a: { type: 'string', format: 'date' } } }, {}, 'format'],
    [{ properties: { a: { oneOf: [{ type: 'string' }] } } }, {}, 'oneOf'],
    [{ properties: { a: { $ref: '#/$defs/b', maximum: 3 } }, $defs: { b: {} } }, {}, 'maximum'],
    [{ properties: {}, minProperties: 1 }, {}, 'minProperties'],
    [{ properties: {}, required: ['x'] }, {}, 'required'],
    [{ type: 'array' }, {}, 'type'],
    [{ properties: { a: { type: 'array' } } }, { excludes: ['x"'] }, 'excludes'],
    [
      { properties: { a: { type: 'array', items: { type: 'string', maxLength: 900 } } } },
      { excludes: ['<|>'] },
      'excludes',
    ],
    [schema, { style: 'minimax_m3_xml' }, 'style'],
  ])('%j with %j is refused by name: %s', (json_schema, more, keyword) => {
    expect(errorOf(json_schema, more)).toMatchObject({ code: 'unsupported_keyword', location: { keyword } });
  });

  it('say where a schema is at fault', () => {
    const broken = { properties: { a: { $ref: '#/$defs/none' } } };
    expect(errorOf(broken)).toMatchObject({
      code: 'unresolved_reference',
      location: { pointer: '/format/json_schema/properties/a/$ref' },
    });
    const circle = { properties: { a: { $ref: '#/properties/a' } } };
    expect(errorOf(circle).message).toContain('go in circles');
  });
});
