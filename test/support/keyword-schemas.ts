// Random schemas in which every keyword may stand beside every other, random values for them, and what ajv says of both.
// Used by the test against ajv and by the fuzzer of walks.
import fc from 'fast-check';

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

/** Small JSON values, of the names, strings and numbers that the schemas speak of. */
export const randomValue = fc.letrec<{ value: unknown }>((tie) => ({
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
      enum: fc.array(randomValue, { minLength: 1, maxLength: 4 }),
      const: randomValue,
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
 * ajv 8 takes every item for evaluated beside `contains` (so unevaluatedItems is left out), lets an empty array pass
 * `contains` beside `prefixItems`, and ignores what an `if` evaluates that has no branches.
 */
function withoutAjvFault(all: { readonly [keyword: string]: unknown }): Schema {
  const { prefixItems, if: condition, ...rest } = all;
  const hasBranch = 'then' in all || 'else' in all;
  return {
    ...rest,
    ...('prefixItems' in all && !('contains' in all) && { prefixItems }),
    ...('if' in all && hasBranch && { if: condition }),
  };
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

/** Random documents with every keyword in every position; many have no value. */
export const randomDocument = fc
  .tuple(schema, schema, schema)
  .map(([root, x, y]) => (typeof root === 'boolean' ? root : { ...root, $defs: { x, y } }));

/** Every text of a value, over all orders of properties. */
export function* textsOf(of: unknown): Generator<string> {
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
    for (const first of textsOf(values[0]))
      for (const rest of products(values.slice(1))) yield [first, ...rest];
}

function* permutations<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield [];
  for (let i = 0; i < items.length; i++) {
    for (const rest of permutations([...items.slice(0, i), ...items.slice(i + 1)])) yield [items[i], ...rest];
  }
}

/**
 * Whether ajv 8 may take a property for evaluated that is not: by an arm of anyOf that fails at a pattern whose schema is
 * false, or by an `if` that fails. It finds values valid then that are not.
 */
export function isDisputed(schema: unknown): boolean {
  const text = JSON.stringify(schema);
  return text.includes('"unevaluatedProperties":') && /"(patternProperties|if)":/.test(text);
}

/** The verdict of ajv; undefined where it fails itself, as it may with unevaluatedProperties around `if`. */
export function verdictOf(validate: (value: unknown) => unknown, candidate: unknown): boolean | undefined {
  try {
    return validate(candidate) === true;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
