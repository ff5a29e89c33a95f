// What is wrong with a schema is said with its place; what cannot be enforced is refused by name.
import { describe, expect, test } from 'vitest';
import { compile } from '../../../src/compile/index.js';
import { CompileError, LimitError } from '../../../src/errors.js';
import { type JsonSchemaOptions, jsonSchemaGrammar } from '../../../src/frontends/json-schema/index.js';

function errorOf(schema: unknown, options: JsonSchemaOptions = {}): CompileError {
  try {
    jsonSchemaGrammar(schema, options);
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
  throw new Error('the schema compiled');
}

describe('a schema that is not one', () => {
  test.each([
    ['{"type":', 1, 9],
    ['{"a":1,\n  "b" 2}', 2, 7],
    ['{"a":01}', 1, 7],
    ['["x\ny"]', 1, 2],
    ['{} {}', 1, 4],
  ])('as text %j', (text, line, column) => {
    expect(errorOf(text)).toMatchObject({ code: 'invalid_schema', location: { line, column } });
  });

  test.each([
    [{ type: 'strng' }, '/type', /one of null, boolean/],
    [{ properties: { a: { minLength: -1 } } }, '/properties/a/minLength', /integer of at least 0, but is -1/],
    [{ properties: { a: 'string' } }, '/properties', /members are schemas/],
    [{ $defs: { 'x/y': { required: 'a' } } }, '/$defs/x~1y/required', /array of strings/],
    [{ anyOf: [] }, '/anyOf', /at least one schema/],
    [{ maximum: '3' }, '/maximum', /a number, but is "3"/],
    [{ pattern: 1 }, '/pattern', /a string/],
    [42, '', /an object or a boolean/],
    [{ const: () => 1 }, '/const', /JSON values/],
    [{ $schema: 'https://json-schema.org/draft/2020-12/schema', items: [{}] }, '/items', /prefixItems/],
    [
      { $schema: 'http://json-schema.org/draft-04/schema#', exclusiveMinimum: 1 },
      '/exclusiveMinimum',
      /draft-04/,
    ],
  ])('as value %j', (schema, pointer, message) => {
    const error = errorOf(schema);
    expect(error).toMatchObject({ code: 'invalid_schema', location: { pointer } });
    expect(error.message).toMatch(message);
  });
});

describe('keywords that are not enforced', () => {
  test.each([
    [{ $schema: 'https://example.com/my-metaschema' }, '$schema'],
  ])('%j is refused by name', (schema, keyword) => {
    const error = errorOf(schema);
    expect(error).toMatchObject({ code: 'unsupported_keyword', location: { keyword } });
    expect(error.location.pointer).toMatch(new RegExp(`/\\${keyword}$|/${keyword.replace('$', '\\$')}$`));
  });

  test('are listed in lenient mode', () => {
    const { unenforced } = jsonSchemaGrammar(
      { properties: { a: { not: { enum: Array.from({ length: 300 }, (_, i) => i) } } } },
      { lenient: true },
    );
    expect(unenforced).toEqual([
      { pointer: '/properties/a/not', keyword: 'not', reason: expect.any(String) },
    ]);
  });

  test.each([
    [{ not: { uniqueItems: true } }, /two items are equal/],
    [{ prefixItems: [{ enum: [1, 2] }, { const: 1 }], uniqueItems: true }, /share only some/],
  ])('%j is refused for what it asks of equal items', (schema, message) => {
    const error = errorOf(schema);
    expect(error).toMatchObject({ code: 'unsupported_keyword', location: { keyword: 'uniqueItems' } });
    expect(error.message).toMatch(message);
  });

  const some = { not: { additionalProperties: { type: 'integer' } }, minProperties: 2, type: 'object' };
  test.each([
    [{ type: 'array', not: { uniqueItems: true } }, {}, 'uniqueItems', ['[1,1]', '[1,2]'], ['{}']],
    [
      { prefixItems: [{ enum: [1, 2] }, { const: 1 }], uniqueItems: true, type: 'array', items: false },
      {},
      'uniqueItems',
      ['[2,1]', '[1,1]'],
      ['[1,2]', '[1,1,1]'],
    ],
    [some, { propertyOrder: 'any' }, 'propertyOrder', ['{"a":1,"b":"x"}'], ['{"a":"x"}', '{"a":1,"b":2}']],
  ] as const)('and so are those refused while the grammar is written: %j', (schema, options, keyword, accepted, refused) => {
    expect(() => compile({ schema }, options)).toThrow(new RegExp(`'${keyword}'.*lenient: true`));
    const grammar = compile({ schema }, { ...options, lenient: true });
    expect(grammar.unenforced).toMatchObject([{ keyword, reason: expect.any(String) }]);
    expect(accepted.filter((text) => !grammar.test(text))).toEqual([]);
    expect(refused.filter((text) => grammar.test(text))).toEqual([]);
  });

  test.each([
    [{ divisibleBy: 2 }, 'divisibleBy'],
    [{ $schema: 'http://json-schema.org/draft-07/schema#', prefixItems: [{}] }, 'prefixItems'],
  ])('of another draft restrict nothing and are listed: %j', (schema, keyword) => {
    const { annotations } = jsonSchemaGrammar(schema);
    expect(annotations).toEqual([{ pointer: `/${keyword}`, keyword }]);
  });

  test('do not matter where they restrict nothing', () => {
    jsonSchemaGrammar({ type: 'string', uniqueItems: true });
    jsonSchemaGrammar({
      uniqueItems: false,
      minProperties: 0,
      else: { type: 'null' },
      unevaluatedItems: true,
    });
    jsonSchemaGrammar({ $defs: { unused: { uniqueItems: true } } });
  });

  test('of other drafts restrict nothing and are listed', () => {
    const schema = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      prefixItems: [{ type: 'null' }],
      divisibleBy: 2,
    };
    expect(jsonSchemaGrammar(schema).annotations.map(({ keyword }) => keyword)).toEqual([
      'prefixItems',
      'divisibleBy',
    ]);
    expect(compile({ schema }).test('[1]')).toBe(true);
  });

  test('annotations are ignored, those that people mistake for rules are listed', () => {
    const { annotations } = jsonSchemaGrammar({
      title: 'T',
      description: 'D',
      default: 1,
      examples: [1],
      readOnly: true,
      'x-order': 3,
      format: 'phone-number',
      contentEncoding: 'base64',
    });
    expect(annotations).toEqual([
      { pointer: '/contentEncoding', keyword: 'contentEncoding' },
      { pointer: '/format', keyword: 'format' },
    ]);
  });
});

describe('references', () => {
  test.each([
    [{ $ref: '#/$defs/x', $defs: {} }, /#\/\$defs has no 'x'/],
    [{ $ref: 'https://example.com/other.json' }, /not in this document/],
    [{ $ref: '#nowhere' }, /no anchor/],
    [{ $ref: '#/title', title: 'x' }, /not at a schema/],
    [{ $ref: '#/%zz' }, /percent/],
  ])('%j leads nowhere', (schema, message) => {
    const error = errorOf(schema);
    expect(error.code).toBe('unresolved_reference');
    expect(error.message).toMatch(message);
  });

  test.each([
    [{ $ref: '#' }],
    [
      {
        $defs: { a: { $ref: '#/$defs/b' }, b: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/a' }] } },
        $ref: '#/$defs/a',
      },
    ],
  ])('%j goes in a circle', (schema) => {
    expect(errorOf(schema).message).toMatch(/refers to itself/);
  });
});

describe('schemas without values', () => {
  test.each([
    [false, ''],
    [{ type: 'integer', minimum: 3, maximum: 2 }, ''],
    [
      {
        type: 'object',
        properties: { a: { type: 'array', items: { enum: [] }, minItems: 1 } },
        required: ['a'],
      },
      '/properties/a/items',
    ],
    [{ type: 'object', required: ['a'], additionalProperties: false }, ''],
    [{ type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] }, ''],
    [{ allOf: [{ type: 'string' }, { type: 'null' }] }, ''],
    [{ type: 'integer', exclusiveMinimum: 1, exclusiveMaximum: 2 }, ''],
  ])('%j', (schema, pointer) => {
    expect(errorOf(schema)).toMatchObject({ code: 'unsatisfiable', location: { pointer } });
  });
});

describe('patterns', () => {
  test.each([
    ['(', 'invalid_regex'],
    ['(a)\\1', 'unsupported_regex'],
  ])('%j', (pattern, code) => {
    const error = errorOf({ properties: { a: { pattern } } });
    expect(error).toMatchObject({ code, location: { pointer: '/properties/a/pattern' } });
    expect(error.message).toContain('#/properties/a/pattern');
  });
});

describe('limits', () => {
  const nested = (depth: number): unknown => (depth === 0 ? {} : { items: nested(depth - 1) });
  test.each([
    ['maxDepth', nested(600), {}],
    ['maxDepth', `${'{"items":'.repeat(100_000)}{}${'}'.repeat(100_000)}`, {}],
    ['maxSchemaNodes', { enum: Array.from({ length: 50 }, (_, i) => i) }, { maxSchemaNodes: 40 }],
    ['maxStringStates', { pattern: '^(?:[a-z]{3})*$', minLength: 6000, maxLength: 6000 }, {}],
    ['maxDivisor', { multipleOf: 0.123456789 }, {}],
    ['maxStates', { pattern: '^(a|b)*a(a|b){20}$' }, {}],
    ['maxNumberDigits', '{"minimum":1e-5000}', {}],
    [
      'maxAlternatives',
      {
        allOf: Array.from({ length: 8 }, (_, i) => ({
          anyOf: ['a', 'b', 'c'].map((n) => ({ properties: { [n + i]: { minLength: 1 } } })),
        })),
      },
      {},
    ],
    [
      'maxDepth',
      {
        $ref: '#/$defs/0',
        $defs: Object.fromEntries(
          Array.from({ length: 2000 }, (_, i) => [i, i < 1999 ? { $ref: `#/$defs/${i + 1}` } : {}]),
        ),
      },
      {},
    ],
  ])('%s', (limit, schema, options) => {
    const error = errorOf(schema, options);
    expect(error).toBeInstanceOf(LimitError);
    expect((error as LimitError).limit).toBe(limit);
  });
});
