// Types and listed values tell schemas apart before anything is multiplied out: what is left must be exact, and small.
import { describe, expect, test } from 'vitest';
import { compile } from '../../../src/compile/index.js';
import { judges } from './examples.js';

const KINDS = 40;

/** For each kind of object, what it needs: as people write it, one `if` behind the other. */
function conditions(count: number): unknown {
  return {
    type: 'object',
    properties: { kind: { type: 'string' } },
    required: ['kind'],
    allOf: Array.from({ length: count }, (_, i) => ({
      if: { properties: { kind: { const: `k${i}` } }, required: ['kind'] },
      // biome-ignore lint/suspicious/noThenProperty: the keyword
      then: { required: [`p${i}`] },
    })),
  };
}

describe('a chain of conditions about one property', () => {
  judges(
    'is exact',
    conditions(KINDS),
    ['{"kind":"k0","p0":1}', '{"kind":"k39","p39":1}', '{"kind":"other"}', '{"kind":"k7","p7":1,"p8":1}'],
    ['{"kind":"k0"}', '{"kind":"k39","p38":1}', '{"p0":1}'],
    { propertyOrder: 'any' },
  );

  test('grows with the square of their number at most', () => {
    const size = (count: number) => compile({ schema: conditions(count) }).image.length;
    expect(size(2 * KINDS) / size(KINDS)).toBeLessThan(4.5);
  });
});

describe('values that are listed', () => {
  judges(
    'meet as numbers, not as texts',
    { allOf: [{ enum: [1, 2, 'a'] }, { enum: [1.0, 'a', 3] }] },
    ['1', '"a"'],
    ['2', '3'],
  );
  judges(
    'are told from texts that look like them',
    { type: 'object', oneOf: [{ properties: { a: { const: 1 } } }, { properties: { a: { const: '1' } } }] },
    ['{"a":1}', '{"a":"1"}'],
    ['{}', '{"a":2}'],
  );
  judges(
    'count by their type as well',
    { allOf: [{ enum: [1, 1.5, 'a', null, true] }, { type: ['integer', 'null'] }] },
    ['1', 'null'],
    ['1.5', '"a"', 'true'],
  );
  judges(
    'with arrays and objects among them rule nothing out',
    { type: 'object', properties: { a: { enum: ['x', [1]] } }, not: { properties: { a: { const: [1] } } } },
    ['{"a":"x"}'],
    ['{"a":[1]}', '{}'],
  );
  judges(
    'beside a restriction are not all of them taken away by not',
    {
      type: 'object',
      properties: { a: { enum: ['x', 'yy'] } },
      required: ['a'],
      not: { properties: { a: { enum: ['x', 'yy'], minLength: 2 } } },
    },
    ['{"a":"x"}'],
    ['{"a":"yy"}'],
  );
  judges(
    'say nothing where the draft knows no const',
    {
      $schema: 'http://json-schema.org/draft-04/schema#',
      type: 'object',
      properties: { a: { const: 1 } },
      allOf: [{ properties: { a: { const: 2 } } }],
      additionalProperties: false,
    },
    ['{"a":1}', '{"a":3}', '{}'],
    [],
  );
  judges(
    'say nothing beside a $ref that stands alone',
    {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      properties: { a: { $ref: '#/definitions/any', enum: [1] } },
      allOf: [{ properties: { a: { enum: [2] } } }],
      definitions: { any: { minimum: 0 } },
    },
    ['{"a":2}'],
    ['{"a":1}', '{"a":3}'],
  );
});

describe('what a schema leaves of another', () => {
  judges(
    'is without all that a format may allow',
    { enum: ['12:00:00Z', '23:59:60+00:01', 'x'], not: { type: 'string', format: 'time' } },
    ['"x"'],
    ['"12:00:00Z"', '"23:59:60+00:01"'],
  );
  judges(
    'is exact where alternatives overlap',
    {
      type: 'object',
      properties: { a: { type: 'integer' }, b: { type: 'integer' } },
      additionalProperties: false,
      oneOf: [
        { anyOf: [{ required: ['a'] }, { required: ['b'] }] },
        { properties: { a: { minimum: 5 } }, required: ['a'] },
      ],
    },
    ['{"a":1}', '{"b":1}', '{"a":1,"b":2}'],
    ['{}', '{"a":5}', '{"a":5,"b":1}'],
  );
});
