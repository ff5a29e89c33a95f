// Siblings, allOf, anyOf, oneOf and not: intersection, union and complement are exact.
import { describe } from 'vitest';
import { judges } from './examples.js';

describe('anyOf', () => {
  judges(
    'alternatives',
    { anyOf: [{ type: 'integer' }, { const: 'x' }] },
    ['1', '"x"'],
    ['"y"', 'null', '1.5'],
  );
  judges(
    'beside properties',
    {
      type: 'object',
      properties: { a: { type: 'integer' }, b: { type: 'integer' } },
      anyOf: [{ required: ['a'] }, { required: ['b'] }],
      additionalProperties: false,
    },
    ['{"a":1}', '{"b":1}', '{"a":1,"b":2}'],
    ['{}', '{"a":""}'],
  );
  judges(
    'beside bounds',
    { anyOf: [{ type: 'integer', minimum: 10 }, { type: 'string' }], maximum: 20, maxLength: 1 },
    ['10', '20', '"a"', '""'],
    ['9', '21', '"ab"'],
  );
  judges(
    'of number ranges',
    { type: 'integer', anyOf: [{ maximum: 2 }, { minimum: 8 }] },
    ['-5', '2', '8'],
    ['3', '7'],
  );
  judges(
    'of unrelated lengths',
    { type: 'string', anyOf: [{ maxLength: 1 }, { minLength: 3, maxLength: 4 }] },
    ['""', '"abc"'],
    ['"ab"', '"abcde"'],
  );
});

describe('allOf', () => {
  judges(
    'intersects objects',
    {
      allOf: [
        { properties: { a: { type: 'integer' } }, required: ['a'] },
        { properties: { a: { minimum: 3 }, b: { type: 'null' } } },
      ],
      type: 'object',
    },
    ['{"a":3}', '{"a":4,"b":null}', '{"a":3,"z":[]}'],
    ['{"a":2}', '{}', '{"a":3,"b":1}'],
  );
  judges(
    'additionalProperties of one arm restricts the names of the other',
    {
      type: 'object',
      allOf: [
        { properties: { a: {} }, additionalProperties: { type: 'integer' } },
        { properties: { b: { minimum: 5 } } },
      ],
    },
    ['{"a":"x","b":5,"c":1}'],
    ['{"b":4}', '{"b":"x"}', '{"c":"x"}'],
  );
  judges(
    'intersects arrays',
    {
      type: 'array',
      allOf: [
        { prefixItems: [{ type: 'integer' }], maxItems: 2 },
        { items: { enum: [1, 2, 'x'] }, minItems: 1 },
      ],
    },
    ['[1]', '[2,"x"]'],
    ['[]', '["x"]', '[3]', '[1,1,1]', '[1,3]'],
  );
  judges(
    'of recursive schemas',
    {
      $defs: {
        tree: { type: 'object', properties: { kids: { type: 'array', items: { $ref: '#/$defs/tree' } } } },
        closed: {
          properties: { kids: { items: { $ref: '#/$defs/closed' } } },
          additionalProperties: false,
        },
      },
      allOf: [{ $ref: '#/$defs/tree' }, { $ref: '#/$defs/closed' }],
    },
    ['{}', '{"kids":[{},{"kids":[]}]}'],
    ['{"x":1}', '{"kids":[{"x":1}]}', '{"kids":[1]}'],
  );
});

describe('oneOf', () => {
  judges('of different types', { oneOf: [{ type: 'string' }, { type: 'integer' }] }, ['"a"', '1'], ['null']);
  judges(
    'told apart by a required constant',
    {
      oneOf: ['circle', 'square'].map((kind) => ({
        type: 'object',
        properties: { kind: { const: kind }, size: { type: 'number' } },
        required: ['kind'],
      })),
    },
    ['{"kind":"circle","size":1}', '{"kind":"square"}'],
    ['{"kind":"line"}', '{"size":1}'],
  );
  judges(
    'of overlapping ranges leaves out what both accept',
    { type: 'integer', oneOf: [{ maximum: 5 }, { minimum: 3 }] },
    ['2', '6'],
    ['3', '4', '5'],
  );
  judges(
    'of required properties',
    { type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }] },
    ['{"a":1}', '{"b":1,"c":1}'],
    ['{}', '{"a":1,"b":1}'],
  );
  judges(
    'inside allOf, whose arms overlap only where the schemas around them exclude it',
    {
      type: 'object',
      required: ['kind'],
      allOf: [
        { properties: { size: { type: 'integer' } } },
        {
          oneOf: Array.from({ length: 24 }, (_, i) => ({
            properties: { kind: { enum: [`k${i}`] }, [`p${i}`]: { type: 'integer' }, size: { minimum: i } },
          })),
        },
      ],
    },
    ['{"size":3,"kind":"k3","p3":1}', '{"kind":"k23"}', '{"kind":"k1","p2":"x"}'],
    ['{"size":3,"kind":"k4"}', '{"kind":"k3","p3":"x"}', '{"kind":"k24"}', '{"size":30}', '{}'],
    { propertyOrder: 'any' },
  );
  judges(
    'inside allOf, whose arms overlap within the schemas around them',
    {
      type: 'integer',
      allOf: [{ minimum: 0 }, { oneOf: [{ maximum: 5 }, { minimum: 3 }, { maximum: -3 }] }],
    },
    ['0', '2', '6'],
    ['3', '5', '-4', '-1'],
  );
  judges(
    'of a recursive schema',
    {
      oneOf: [
        { type: 'object', properties: { op: { const: 'not' }, of: { $ref: '#' } }, required: ['op', 'of'] },
        { type: 'object', properties: { op: { const: 'lit' }, v: {} }, required: ['op'] },
      ],
    },
    ['{"op":"not","of":{"op":"lit","v":1}}'],
    ['{"op":"not"}', '{"op":"and"}'],
  );
});

describe('not', () => {
  judges('a type', { not: { type: ['string', 'integer'] } }, ['null', '1.5', '[]'], ['"a"', '1']);
  judges(
    'values',
    { type: 'string', not: { enum: ['a', 'é'] } },
    ['"b"', '""', '"aa"'],
    ['"a"', '"é"', '"\\u00e9"'],
  );
  judges('a bound', { type: 'number', not: { minimum: 2 } }, ['1.9'], ['2', '3']);
  judges(
    'required properties',
    { type: 'object', not: { required: ['a', 'b'] } },
    ['{"a":1}', '{}'],
    ['{"a":1,"b":1}'],
  );
  judges(
    'a property with a value',
    { type: 'object', properties: { a: {} }, not: { properties: { a: { const: 1 } }, required: ['a'] } },
    ['{}', '{"a":2}', '{"b":1}'],
    ['{"a":1}'],
  );
});

judges(
  'several properties may meet a rule about some property',
  { type: 'object', not: { additionalProperties: { type: 'string' } } },
  ['{"a":1}', '{"a":1,"b":2}', '{"a":"x","b":2,"c":3}'],
  ['{}', '{"a":"x"}'],
  { propertyOrder: 'any' },
);

describe('the order of properties', () => {
  const A = { type: 'object', properties: { a: { type: 'integer' } } };
  const B = { type: 'object', properties: { b: { type: 'integer' } } };
  judges(
    'in an intersection, wherever its parts have stood before',
    { properties: { first: B, v: { allOf: [{ properties: { k: A } }, { properties: { k: B } }] } } },
    ['{"first":{"b":1},"v":{"k":{"a":1,"b":2}}}', '{"v":{"k":{"b":2}}}'],
    ['{"v":{"k":{"b":2,"a":1}}}', '{"v":{"k":{"a":""}}}'],
  );
  const object = (names: string) => ({
    type: 'object',
    properties: Object.fromEntries(Array.from(names, (name) => [name, { type: 'integer' }])),
    required: Array.from(names),
    additionalProperties: false,
  });
  judges(
    'in alternatives that differ in which there are',
    { anyOf: [object('ad'), object('abcd'), object('xa')] },
    ['{"a":1,"d":2}', '{"a":1,"b":2,"c":3,"d":4}', '{"x":1,"a":2}'],
    ['{"d":1,"a":2}', '{"a":1,"b":2}', '{"a":2,"x":1}'],
  );
  judges(
    'in alternatives whose orders contradict each other',
    { anyOf: [object('ab'), object('bac')] },
    ['{"a":1,"b":2}', '{"b":1,"a":2,"c":3}'],
    ['{"b":1,"a":2}', '{"a":1,"b":2,"c":3}', '{"a":1}'],
  );
});

describe('a complement of arms that a property tells apart', () => {
  const arm = (kind: string, value: object, required: readonly string[]) => ({
    type: 'object',
    properties: { kind: { enum: [kind] }, value, size: { type: 'integer' } },
    required,
    additionalProperties: false,
  });
  judges(
    'takes what no arm is',
    {
      type: 'object',
      not: {
        oneOf: [
          arm('a', { type: 'string' }, ['kind']),
          arm('b', { type: 'number' }, ['kind', 'value']),
          arm('c', { maxLength: 2 }, ['kind']),
        ],
      },
    },
    [
      '{}',
      '{"kind":"d"}',
      '{"value":1}',
      '{"kind":"a","value":1}',
      '{"kind":"b"}',
      '{"kind":"b","value":"x"}',
      '{"kind":"c","value":"xyz"}',
      '{"kind":"a","size":1.5}',
      '{"kind":"c","other":1}',
    ],
    [
      '{"kind":"a"}',
      '{"kind":"a","value":"x"}',
      '{"kind":"b","value":1}',
      '{"kind":"c","value":"xy"}',
      '{"kind":"c","value":1,"size":1}',
    ],
    { propertyOrder: 'any' },
  );
  judges(
    'is taken out of another schema',
    {
      oneOf: [
        { type: 'object', properties: { items: { type: 'array' } } },
        {
          type: 'object',
          properties: {
            items: {
              type: 'array',
              items: {
                oneOf: [arm('a', { type: 'string' }, ['kind']), arm('b', { type: 'number' }, ['kind'])],
              },
            },
          },
          required: ['items'],
        },
      ],
    },
    ['{}', '{"items":[1]}', '{"items":[{"kind":"a","value":1}]}', '{"items":[{"kind":"a"},{"kind":"c"}]}'],
    ['{"items":[]}', '{"items":[{"kind":"a"},{"kind":"b","value":1}]}'],
  );
});
