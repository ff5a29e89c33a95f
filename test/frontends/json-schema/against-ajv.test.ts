// Random schemas of the supported keywords and random values: the grammar and ajv must agree on JSON.stringify's text.
// Values are written with properties in an order that the grammar can take; what it normalises away is left out.
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from '../../../src/compile/index.js';
import { CompileError } from '../../../src/errors.js';

type Schema = boolean | { readonly [keyword: string]: unknown };

const NAMES = ['a', 'b', 'c', 'née'];
const STRINGS = ['', 'a', 'ab', 'abc', 'b1', 'é😀', '"\\', 'x y'];
const NUMBERS = [-7, -1.5, -1, 0, 0.25, 1, 2, 3.5, 10, 100];
const PATTERNS = ['^a', 'b', '^[a-c]{2,3}$', '\\d', '^$', '[^a]$'];
const KEY_PATTERNS = ['^a', 'b|z', '^[a-c]$', '^x', ''];
const TYPES = ['null', 'boolean', 'integer', 'number', 'string', 'array', 'object'];

const scalar = fc.oneof(
  fc.constantFrom(null, true, false),
  fc.constantFrom(...NUMBERS),
  fc.constantFrom(...STRINGS),
);

const value = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...NAMES, 'z'), tie('value'), { maxKeys: 3, noNullPrototype: true }),
  ),
})).value;

const count = fc.nat(3);
const keywords = (schema: fc.Arbitrary<Schema>) =>
  fc.record(
    {
      type: fc.oneof(
        fc.constantFrom(...TYPES),
        fc.uniqueArray(fc.constantFrom(...TYPES), { minLength: 1, maxLength: 3 }),
      ),
      enum: fc.array(value, { minLength: 1, maxLength: 4 }),
      const: value,
      minimum: fc.constantFrom(...NUMBERS),
      maximum: fc.constantFrom(...NUMBERS),
      exclusiveMinimum: fc.constantFrom(...NUMBERS),
      exclusiveMaximum: fc.constantFrom(...NUMBERS),
      minLength: count,
      maxLength: count,
      pattern: fc.constantFrom(...PATTERNS),
      minItems: count,
      maxItems: count,
      prefixItems: fc.array(schema, { minLength: 1, maxLength: 2 }),
      items: schema,
      properties: fc.dictionary(fc.constantFrom(...NAMES), schema, { maxKeys: 3, noNullPrototype: true }),
      required: fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 2 }),
      additionalProperties: schema,
      patternProperties: fc.dictionary(fc.constantFrom(...KEY_PATTERNS), schema, {
        maxKeys: 2,
        noNullPrototype: true,
      }),
      propertyNames: fc.oneof(
        schema,
        fc.constantFrom(...KEY_PATTERNS).map((pattern) => ({ pattern })),
        fc.constant({ enum: ['a', 'b', 'z'] }),
      ),
      minProperties: count,
      maxProperties: count,
      dependentRequired: fc.dictionary(
        fc.constantFrom(...NAMES),
        fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 2 }),
        {
          maxKeys: 2,
          noNullPrototype: true,
        },
      ),
      dependentSchemas: fc.dictionary(fc.constantFrom(...NAMES), schema, {
        maxKeys: 2,
        noNullPrototype: true,
      }),
      unevaluatedProperties: schema,
      contains: schema,
      minContains: count,
      maxContains: count,
      uniqueItems: fc.boolean(),
      if: schema,
      // biome-ignore lint/suspicious/noThenProperty: a keyword
      then: schema,
      else: schema,
      anyOf: fc.array(schema, { minLength: 1, maxLength: 3 }),
      allOf: fc.array(schema, { minLength: 1, maxLength: 2 }),
      oneOf: fc.array(schema, { minLength: 1, maxLength: 3 }),
      not: schema,
      $ref: fc.constantFrom('#', '#/$defs/x', '#/$defs/y'),
    },
    { requiredKeys: [] },
  );

/**
 * ajv 8 takes every item for evaluated beside `contains` (so unevaluatedItems is left out) and lets an empty array pass
 * `contains` beside `prefixItems`. */
function withoutAjvFault(all: { readonly [keyword: string]: unknown }): Schema {
  const { prefixItems, ...rest } = all;
  return 'contains' in all ? rest : all;
}

/** Few keywords at a time, so that most schemas have values. */
const schema: fc.Arbitrary<Schema> = fc.letrec<{ schema: Schema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    fc.boolean(),
    fc
      .tuple(keywords(tie('schema')), fc.infiniteStream(fc.nat(5)))
      .map(([all, dice]) => Object.fromEntries(Object.entries(all).filter(() => dice.next().value === 0)))
      .map(withoutAjvFault),
  ),
})).schema;

const document = fc
  .tuple(schema, schema, schema)
  .map(([root, x, y]) => (typeof root === 'boolean' ? root : { ...root, $defs: { x, y } }));

/** Every text of a value, over all orders of properties. */
function* texts(of: unknown): Generator<string> {
  if (Array.isArray(of)) for (const items of products(of)) yield `[${items.join()}]`;
  else if (typeof of === 'object' && of !== null) {
    for (const order of permutations(Object.entries(of))) {
      for (const members of products(order.map(([, member]) => member))) {
        yield `{${members.map((text, i) => `${JSON.stringify(order[i][0])}:${text}`).join()}}`;
      }
    }
  } else yield JSON.stringify(of);
}

function* products(values: readonly unknown[]): Generator<string[]> {
  if (values.length === 0) yield [];
  else
    for (const first of texts(values[0]))
      for (const rest of products(values.slice(1))) yield [first, ...rest];
}

function* permutations<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield [];
  for (let i = 0; i < items.length; i++) {
    for (const rest of permutations([...items.slice(0, i), ...items.slice(i + 1)])) yield [items[i], ...rest];
  }
}

/** The verdict of ajv; undefined where it fails itself, as it may with unevaluatedProperties around `if`. */
function verdictOf(validate: (value: unknown) => unknown, candidate: unknown): boolean | undefined {
  try {
    return validate(candidate) === true;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** The verdict of the grammar: undefined where it refuses the schema by name. */
function judge(
  document: unknown,
  propertyOrder: 'schema' | 'any',
): ((candidate: unknown) => boolean) | undefined {
  try {
    const grammar = compile({ schema: document }, { whitespace: 'compact', propertyOrder });
    if (propertyOrder === 'any')
      return (candidate) => {
        const verdicts = new Set([...texts(candidate)].map((text) => grammar.test(text)));
        expect(verdicts.size, 'orders differ').toBe(1);
        return verdicts.has(true);
      };
    return (candidate) => [...texts(candidate)].some((text) => grammar.test(text));
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    if (error.code === 'unsatisfiable') return () => false;
    const expected = ['unsupported_keyword', 'limit_exceeded'].includes(error.code);
    expect(expected || /refers to itself/.test(error.message), error.message).toBe(true);
    return undefined;
  }
}

test.each(['schema', 'any'] as const)('grammar and ajv agree, properties in %s order', (order) => {
  const outcome = { accepted: 0, refused: 0, schemas: 0 };
  fc.assert(
    fc.property(document, fc.array(value, { minLength: 8, maxLength: 8 }), (candidateSchema, values) => {
      const accepts = judge(candidateSchema, order);
      fc.pre(accepts !== undefined);
      const validate = new Ajv2020({ strict: false }).compile(candidateSchema);
      outcome.schemas++;
      for (const candidate of values) {
        const valid = verdictOf(validate, candidate);
        if (valid === undefined) continue;
        outcome[valid ? 'accepted' : 'refused']++;
        expect([candidate, accepts(candidate)]).toEqual([candidate, valid]);
      }
    }),
    { numRuns: 150, maxSkipsPerRun: 20 },
  );
  expect(outcome.accepted).toBeGreaterThan(100);
  expect(outcome.refused).toBeGreaterThan(100);
});
