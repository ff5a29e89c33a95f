// Arrays and objects, white space, references and recursion.
import { describe, expect, test } from 'vitest';
import { compile } from '../../../src/compile/index.js';
import { judges } from './examples.js';

describe('arrays', () => {
  judges(
    'items',
    { type: 'array', items: { type: 'integer' } },
    ['[]', '[1]', '[1,2, 3 ]'],
    ['[1,]', '["a"]', '[,1]'],
  );
  judges(
    'counted items',
    { type: 'array', items: { enum: [0] }, minItems: 2, maxItems: 4 },
    ['[0,0]', '[0,0,0]', '[0,0,0,0]'],
    ['[]', '[0]', '[0,0,0,0,0]'],
  );
  judges(
    'prefixItems and the rest',
    { prefixItems: [{ type: 'integer' }, { type: 'string' }], items: { type: 'null' } },
    ['[]', '[1]', '[1,"a"]', '[1,"a",null,null]', '{}'],
    ['["a"]', '[1,1]', '[1,"a",1]'],
  );
  judges(
    'more items required than there are positions',
    { type: 'array', prefixItems: [{ enum: [1] }], items: { enum: [2] }, minItems: 3, maxItems: 3 },
    ['[1,2,2]'],
    ['[1,2]', '[1]', '[1,2,2,2]', '[2,2,2]'],
  );
  judges(
    'no items beyond the positions',
    { prefixItems: [true, true], items: false },
    ['[]', '[1,2]'],
    ['[1,2,3]'],
  );
  judges(
    'an impossible position ends the array',
    { prefixItems: [{}, false, {}] },
    ['[]', '[1]'],
    ['[1,2]', '[1,2,3]'],
  );
  judges(
    'tuples as drafts before 2020-12 write them',
    {
      $schema: 'http://json-schema.org/draft-07/schema#',
      items: [{ type: 'integer' }],
      additionalItems: { type: 'string' },
    },
    ['[]', '[1]', '[1,"a"]'],
    ['["a"]', '[1,1]'],
  );
  judges('maxItems 0', { type: 'array', maxItems: 0 }, ['[]', '[ ]'], ['[1]']);
  test('a million items cost a counter', () => {
    const grammar = compile({
      schema: { type: 'array', items: { const: 1 }, minItems: 50_000, maxItems: 1e9 },
    });
    expect(grammar.image.length).toBeLessThan(100_000);
    expect(grammar.test(`[${'1,'.repeat(49_999)}1]`)).toBe(true);
    expect(grammar.test(`[${'1,'.repeat(49_998)}1]`)).toBe(false);
  });
});

describe('objects', () => {
  const schema = {
    type: 'object',
    properties: { a: { type: 'integer' }, b: { type: 'string' }, c: { type: 'null' } },
    required: ['b'],
    additionalProperties: false,
  };
  judges(
    'properties in the order of the schema',
    schema,
    ['{"b":""}', '{"a":1,"b":""}', '{"b":"","c":null}', '{ "a" : 1 , "b" : "" , "c" : null }'],
    [
      '{}',
      '{"a":1}',
      '{"b":"","a":1}',
      '{"b":"","b":""}',
      '{"b":"",}',
      '{,"b":""}',
      '{"b":"","d":1}',
      '{"b":1}',
    ],
  );
  judges(
    'additional properties come last, under every name but the listed ones',
    { ...schema, additionalProperties: { type: 'boolean' } },
    ['{"b":"","x":true}', '{"a":1,"b":"","aa":true,"":false}', '{"b":"","\\u00e9":true}'],
    [
      '{"x":true,"b":""}',
      '{"b":"","x":1}',
      '{"b":"","a":true}',
      '{"b":"","\\u0061":true}',
      '{"b":"","c":true}',
    ],
  );
  judges(
    'only additional properties',
    { additionalProperties: { type: 'integer' } },
    ['{}', '{"a":1,"b":2}', '3'],
    ['{"a":""}'],
  );
  judges(
    'a required name that is not listed follows the listed ones',
    { properties: { a: {} }, required: ['z'], additionalProperties: { type: 'integer' } },
    ['{"z":1}', '{"a":null,"z":1,"x":2}', '0'],
    ['{"a":1}', '{"z":"1"}', '{"x":1,"z":1}', '{"z":1,"z":1}'],
  );
  judges(
    'an impossible property is not written, under any rule',
    { type: 'object', properties: { a: false, b: {} } },
    ['{}', '{"b":1}', '{"c":1}'],
    ['{"a":1}', '{"b":1,"a":1}'],
  );
  judges(
    'what $ref and allOf bring before properties comes first, alternatives refine',
    {
      $ref: '#/$defs/base',
      properties: { b: {}, a: {} },
      oneOf: [{ properties: { a: { const: 1 } }, required: ['a'] }],
      $defs: { base: { type: 'object', properties: { z: {} } } },
    },
    ['{"z":0,"b":0,"a":1}'],
    ['{"b":0,"a":1,"z":0}', '{"a":1,"b":0}'],
  );
  judges(
    'names that need escapes',
    { type: 'object', properties: { '"\\': {}, 'ü/': {} }, additionalProperties: false },
    ['{"\\"\\\\":1,"ü/":2}', '{"\\u00fc\\/":1}', '{"\\u00FC/":1}'],
    ['{"u/":1}'],
  );
  judges(
    'names that JavaScript treats in special ways',
    '{"type":"object","properties":{"b":{"const":1},"1":{"const":2},"__proto__":{"const":3}},"additionalProperties":false}',
    ['{"b":1,"1":2,"__proto__":3}', '{}'],
    ['{"1":2,"b":1}', '{"__proto__":1}', '{"toString":1}'],
  );
});

describe('white space', () => {
  const schema = {
    type: 'object',
    properties: { a: { type: 'array', items: { type: 'integer' } } },
    required: ['a'],
  };
  judges('compact means none', schema, ['{"a":[1,2]}'], ['{"a": [1,2]}', '{"a":[1, 2]}', '{ }'], {
    whitespace: 'compact',
  });
  judges(
    'flexible means bounded runs between tokens',
    schema,
    ['{"a":[1,2]}', '{"a": [1, 2]}', '{\r\n\t"a" : [ 1 ,\n2 ] }', `{"a":${' '.repeat(20)}[]}`],
    [' {"a":[]}', '{"a":[]}\n', `{"a":${' '.repeat(21)}[]}`, '{"a":[1 2]}', '{"a":[]\u00a0}'],
  );
  judges('the bound is an option', schema, ['{"a":  []}'], ['{"a":   []}'], { maxWhitespace: 2 });
  judges('around the value, on request', schema, [' {"a":[]}\n'], ['"x"'], { surroundingWhitespace: true });
});

describe('references', () => {
  judges(
    'recursion through $defs',
    {
      $ref: '#/$defs/node',
      $defs: {
        node: {
          type: 'object',
          properties: { v: { type: 'integer' }, next: { $ref: '#/$defs/node' } },
          required: ['v'],
          additionalProperties: false,
        },
      },
    },
    ['{"v":1}', '{"v":1,"next":{"v":2,"next":{"v":3}}}'],
    ['{}', '{"v":1,"next":{}}', '{"v":1,"next":1}'],
  );
  judges(
    'the root, and escaped pointers',
    {
      definitions: { 'a/b~c %': { enum: [1] } },
      properties: { x: { $ref: '#' }, y: { $ref: '#/definitions/a~1b~0c%20%25' } },
      type: 'object',
      additionalProperties: false,
    },
    ['{"x":{"x":{},"y":1}}'],
    ['{"x":1}', '{"y":2}'],
  );
  judges(
    'siblings of $ref count from 2019-09 on',
    { $ref: '#/$defs/s', minLength: 2, $defs: { s: { type: 'string' } } },
    ['"ab"'],
    ['"a"', '1'],
  );
  judges(
    'and not before',
    {
      $schema: 'http://json-schema.org/draft-07/schema#',
      $ref: '#/definitions/s',
      minLength: 2,
      definitions: { s: { type: 'string' } },
    },
    ['"ab"', '"a"'],
    ['1'],
  );
  judges(
    'by anchor and by $id',
    {
      $id: 'https://example.com/root.json',
      prefixItems: [{ $ref: '#it' }, { $ref: 'item.json' }, { $ref: 'item.json#/$defs/x' }],
      $defs: {
        a: { $anchor: 'it', const: 1 },
        b: { $id: 'item.json', const: 2, $defs: { x: { const: 3 } } },
      },
    },
    ['[1,2,3]'],
    ['[2,2,3]', '[1,1,3]', '[1,2,2]'],
  );
  test('deep recursion runs on the stack of the automaton', () => {
    const grammar = compile({ schema: { type: 'array', items: { $ref: '#' } } });
    expect(grammar.test('['.repeat(5000) + ']'.repeat(5000))).toBe(true);
    expect(grammar.test('['.repeat(5000) + ']'.repeat(4999))).toBe(false);
  });
});

describe('white space by a pattern', () => {
  const schema = { type: 'array', items: { type: 'integer' } };
  judges('one space or none', schema, ['[1, 2 ]', '[1,2]'], ['[1,  2]', '[1,\n2]'], {
    whitespace: { pattern: ' ?' },
  });
  test('nothing but JSON white space', () => {
    expect(() => compile({ schema }, { whitespace: { pattern: '\\s' } })).toThrow(/white space/);
  });
});

describe('contains', () => {
  const contains = { type: 'string' };
  judges(
    'at most, where none need match',
    { type: 'array', contains, minContains: 0, maxContains: 2 },
    ['[]', '[1]', '[1,2]', '[1,"a"]', '["a",1,"b",2]'],
    ['["a","b","c"]', '["a",1,"b","c"]', '[,1]', '[1,]'],
  );
  judges(
    'at least and at most',
    { type: 'array', contains, minContains: 1, maxContains: 2 },
    ['["a"]', '[1,"a"]', '[1,2,"a",3,"b",4]'],
    ['[]', '[1]', '[1,2]', '["a","b","c"]'],
  );
});
