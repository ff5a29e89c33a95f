// Types, enum and const, numbers in bounds, and strings by length.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../../../src/compile/index.js';
import { judges } from './examples.js';

describe('type', () => {
  judges(
    'one type admits its values only',
    { type: 'boolean' },
    ['true', 'false'],
    ['null', '1', '"true"', ''],
  );
  judges('several types', { type: ['null', 'string'] }, ['null', '"x"'], ['true', '0', '[]', '{}']);
  judges(
    'true admits any JSON value',
    true,
    ['null', '-0.5e+10', '"\\u00e9\\n"', '[1,[{}]]', '{"a":{"b":[null]}}', '[ 1 , { "a" : 2 } ]'],
    ['', '01', '1.', '.5', '"\n"', "'a'", '[1,]', '{"a":1,}', '{a:1}', 'nul', 'true false', '"\\x"'],
  );
  judges(
    'a keyword restricts its own type only',
    { minLength: 2, minimum: 5, required: ['a'], minItems: 1 },
    ['null', '"ab"', '5', '{"a":1}', '[0]', 'true'],
    ['"a"', '4', '{}', '[]'],
  );
});

describe('enum and const', () => {
  judges(
    'values of every type',
    { enum: ['a', 1, -2.5, null, true, [1, 'x'], { k: [null] }] },
    ['"a"', '1', '-2.5', 'null', 'true', '[1,"x"]', '[ 1 , "x" ]', '{"k":[null]}', '{ "k" : [ null ] }'],
    ['"b"', '2', 'false', '[1]', '[1,"x",2]', '{}', '{"k":[]}', '{"k":[null],"l":1}', '1.0'],
  );
  judges('enum beside type', { type: 'string', enum: ['a', 1, null] }, ['"a"'], ['1', 'null']);
  judges('const beside bounds', { enum: [1, 5, 10], minimum: 2, exclusiveMaximum: 10 }, ['5'], ['1', '10']);
  judges('const beside length', { enum: ['a', 'ab', '😀é'], minLength: 2 }, ['"ab"', '"😀é"'], ['"a"']);
  judges(
    'an object literal meets properties',
    {
      enum: [{ a: 1 }, { a: 'x' }, { b: 1 }, []],
      properties: { a: { type: 'integer' } },
      required: ['a'],
    },
    ['{"a":1}', '[]'],
    ['{"a":"x"}', '{"b":1}'],
  );
  judges(
    'spellings of a literal string',
    { const: 'é/"\\\n😀\u007f' },
    [
      '"é/\\"\\\\\\n😀\u007f"',
      '"\\u00e9\\/\\"\\\\\\u000A\\ud83D\\uDe00\\u007F"',
      '"\\u00E9/\\"\\\\\\u000a\\uD83d\\ude00\u007f"',
    ],
    ['"e/\\"\\\\\\n😀\u007f"', '"é/\\u0022\\\\\\n😀\u007f"'],
  );
  judges('printable ASCII of a literal has one spelling', { const: 'a' }, ['"a"'], ['"\\u0061"']);
  test('five thousand strings compile in a moment', () => {
    const values = Array.from({ length: 5000 }, (_, i) => `value-${(i * 7919) % 100_003}-${i % 7}`);
    const grammar = compile({ schema: { enum: values } });
    for (const value of values) expect(grammar.test(JSON.stringify(value))).toBe(true);
    expect(grammar.test('"value-"')).toBe(false);
  });
});

describe('numbers', () => {
  judges(
    'numbers without bounds take exponents',
    { type: 'number' },
    ['0', '-0', '1.50', '1e9', '-1.5E-7'],
    ['00', '+1', '1.', '1e', '"1"'],
  );
  judges(
    'integers are written without point and exponent',
    { type: 'integer' },
    ['0', '-0', '-12', '123456789012345678901234567890'],
    ['1.0', '1e2', '01', '-'],
  );
  judges(
    'integer bounds',
    { type: 'integer', minimum: -12, exclusiveMaximum: 105 },
    ['-12', '-9', '-1', '-0', '0', '7', '99', '100', '104'],
    ['-13', '-20', '-100', '105', '110', '999', '1000'],
  );
  judges(
    'no minus sign where nothing is negative',
    { type: 'integer', minimum: 0 },
    ['0', '10'],
    ['-0', '-1'],
  );
  judges(
    'decimal bounds',
    { type: 'number', minimum: 0.125, maximum: 2.5 },
    ['0.125', '0.1250', '0.13', '1', '1.000', '2.49999', '2.5', '2.500'],
    ['0', '0.12499', '2.500001', '2.51', '3', '10', '-1', '1e0'],
  );
  judges(
    'exclusive bounds',
    { exclusiveMinimum: -1, exclusiveMaximum: 0, type: 'number' },
    ['-0.5', '-0.999', '-0.01'],
    ['-1', '-1.0', '0', '-0', '-0.0', '0.1'],
  );
  judges(
    'exclusive bounds of draft 4',
    {
      $schema: 'http://json-schema.org/draft-04/schema#',
      minimum: 1,
      exclusiveMinimum: true,
      type: 'integer',
    },
    ['2'],
    ['1'],
  );
  judges(
    'bounds of a text are not rounded',
    '{"type":"integer","minimum":9007199254740993,"maximum":9007199254740993}',
    ['9007199254740993'],
    ['9007199254740992', '9007199254740994'],
  );

  test('a range accepts exactly the decimals inside it', () => {
    const decimal = fc
      .tuple(fc.integer({ min: -2000, max: 2000 }), fc.constantFrom(1, 10, 100, 1000))
      .map(([digits, scale]) => digits / scale);
    const bound = fc.constantFrom('minimum', 'exclusiveMinimum');
    const ceiling = fc.constantFrom('maximum', 'exclusiveMaximum');
    const type = fc.constantFrom('integer', 'number');
    fc.assert(
      fc.property(
        fc.tuple(decimal, decimal),
        bound,
        ceiling,
        type,
        fc.array(decimal, { minLength: 20, maxLength: 20 }),
        (ends, lower, upper, kind, samples) => {
          const [from, to] = ends[0] <= ends[1] ? ends : [ends[1], ends[0]];
          fc.pre(from < to);
          const inside = (value: number) =>
            (kind === 'number' || Number.isInteger(value)) &&
            (lower === 'minimum' ? value >= from : value > from) &&
            (upper === 'maximum' ? value <= to : value < to);
          const candidates = [...samples, from, to, Math.ceil(from), Math.floor(to)];
          fc.pre(candidates.some(inside));
          const grammar = compile({ schema: { type: kind, [lower]: from, [upper]: to } });
          for (const value of candidates) {
            expect([value, grammar.test(JSON.stringify(value))]).toEqual([value, inside(value)]);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('strings', () => {
  judges(
    'length counts code points, an escape as one',
    { type: 'string', minLength: 2, maxLength: 3 },
    ['"ab"', '"abc"', '"é😀"', '"\\n\\u00e9\\ud83d\\ude00"'],
    ['""', '"a"', '"abcd"', '"\\ud83d\\ude00"', '"😀"', '"\\n"'],
  );
  judges('open-ended length', { minLength: 1 }, ['"a"', '"abcdefgh"', '1'], ['""']);
  judges(
    'a large lower bound',
    { minLength: 60, type: 'string' },
    [`"${'é'.repeat(60)}"`],
    [`"${'é'.repeat(59)}"`],
  );
  judges(
    'a large upper bound',
    { maxLength: 70_000, type: 'string' },
    [`"${'x'.repeat(70_000)}"`],
    [`"${'x'.repeat(70_001)}"`],
  );
  judges('an empty string', { type: 'string', maxLength: 0 }, ['""'], ['"a"']);
  judges(
    'control characters and lone surrogates are refused',
    { type: 'string' },
    ['"\\u0001"'],
    ['"\u0001"', '"\\ud800"', '"\\udc00\\ud800"'],
  );
});
