// Schemas for warm-compiler.ts with what few schemas have. The values that a field of a shape holds for the first time change how
// V8 lays out all shapes of that kind, and the code that reads them is compiled again: so these come before all others.
import { type Schema, STRING } from './warm-schemas.js';

const object = (properties: Readonly<Record<string, unknown>>, rest: Schema = {}): Schema => ({
  type: 'object',
  properties,
  ...rest,
});

/** What is outside of counts and bounds. */
const outside = (seed: number): Schema =>
  object({
    text: { ...STRING, not: { minLength: 2, maxLength: 5 + (seed % 7) } },
    list: { type: 'array', not: { minItems: 1, maxItems: 3 + (seed % 5) }, items: STRING },
    map: { type: 'object', not: { minProperties: 1, maxProperties: 3 } },
    size: { type: 'number', not: { minimum: seed, maximum: seed + 5 } },
    step: { type: 'integer', not: { multipleOf: 2 + (seed % 3) } },
    some: { not: { enum: [seed, 1.5, `x${seed}`, null] }, type: ['number', 'string', 'null'] },
    pair: { type: 'array', not: { prefixItems: [STRING, { type: 'null' }] }, maxItems: 2 },
  });

/** Numbers of properties, items and characters that are computed, or without end. */
const unbounded = (seed: number): Schema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  ...object({
    few: { type: 'object', not: { minProperties: 2 + (seed % 5) }, properties: { a: STRING } },
    many: { type: 'object', not: { maxProperties: 1 + (seed % 3) } },
    items: {
      type: 'array',
      not: { maxItems: 2 },
      contains: { type: 'integer' },
      maxContains: 3 + (seed % 4),
    },
    rest: { type: 'array', prefixItems: [STRING], items: { type: 'integer' }, unevaluatedItems: false },
    open: { type: 'array', allOf: [{ prefixItems: [STRING] }], unevaluatedItems: { const: seed } },
    repeated: { ...STRING, pattern: '^[a-z]*$', minLength: 1 + (seed % 3), maxLength: 9 },
    bounded: { ...STRING, pattern: '^[a-z]{2,6}$', minLength: 3 },
  }),
});

/** What nothing else has evaluated. */
const unevaluated = (seed: number): Schema => ({
  $defs: { base: object({ id: STRING, [`base${seed}`]: {} }, { required: ['id'] }) },
  allOf: [{ $ref: '#/$defs/base' }],
  ...object({
    list: { type: 'array', prefixItems: [STRING, { type: 'integer' }], unevaluatedItems: false },
    more: {
      anyOf: [object({ a: STRING }, { required: ['a'] }), object({ b: {} })],
      unevaluatedProperties: { type: 'integer' },
    },
  }),
  unevaluatedProperties: false,
});

/** Numbers by bounds of the older form, by lists and by both. */
const numbers = (seed: number): Schema => ({
  $schema: 'http://json-schema.org/draft-04/schema#',
  ...object({
    open: { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: seed + 1, exclusiveMaximum: true },
    either: { anyOf: [{ enum: [seed, -1, 0.25] }, { type: 'integer', minimum: 7 + seed }] },
    one: { oneOf: [{ type: 'integer' }, { type: 'number', multipleOf: 0.5, minimum: -3 }] },
    listed: { type: 'integer', enum: [1, 2, 3 + seed] },
  }),
});

/** How many items satisfy what, and which differ. */
const arrays = (seed: number): Schema =>
  object({
    some: {
      type: 'array',
      contains: { const: seed },
      minContains: 1,
      maxContains: 2,
      items: { type: 'integer' },
    },
    sets: { type: 'array', uniqueItems: true, items: { enum: ['a', 'b', seed] }, minItems: 1 },
    all: {
      type: 'array',
      allOf: [{ items: { minLength: 1 } }, { items: STRING, maxItems: 4 }, { minItems: 1 }],
    },
    tuple: {
      type: 'array',
      items: [STRING, { type: 'integer' }],
      additionalItems: { type: 'boolean' },
      minItems: 3,
    },
    either: {
      oneOf: [
        { type: 'array', items: STRING },
        { type: 'array', items: { type: 'integer' }, minItems: 1 },
      ],
    },
  });

/** Names for schemas, and references that lead back. */
const names = (seed: number): Schema => ({
  $id: `https://example.com/s${seed}.json`,
  $ref: '#node',
  $defs: {
    node: {
      $anchor: 'node',
      ...object({ left: { $ref: '#node' }, right: { $ref: `s${seed}.json#/$defs/leaf` } }),
    },
    leaf: { $id: `leaf${seed}.json`, type: ['string', 'null'], 'x-of': seed },
  },
});

/** What is refused: where a schema leads nowhere, where it leads to itself, and what no value satisfies. */
const refused = (seed: number): Schema =>
  [
    object({ a: STRING, b: { $ref: `#/$defs/none${seed}` } }),
    { anyOf: [{ $ref: '#' }, { type: 'null' }], title: `t${seed}` },
    object({ a: { type: 'string', enum: [seed] } }, { required: ['a'] }),
    object({ a: { pattern: `(a)\\1x${seed}` } }),
  ][seed % 4];

const KINDS = [outside, unbounded, unevaluated, numbers, arrays, names, refused];

/** One schema of each kind. */
export function warmRarities(seed: number): readonly Schema[] {
  return KINDS.map((make) => make(seed));
}
