// Schemas for warm-compiler.ts whose parts overlap, so that the compiler has to intersect them, to tell them apart and to find
// out what is empty: alternatives with the same properties, bases met with what extends them, lists of values met with
// others, patterns beside lengths, counted properties. `seed` brings new content, as in warm-schemas.ts.
import { list, type Schema, STRING } from './warm-schemas.js';

const words = (seed: number, from: number, to: number) => list(to - from, (i) => `w${from + i}_${seed % 97}`);

const object = (
  properties: Readonly<Record<string, unknown>>,
  required: readonly string[] = [],
  rest = {},
): Schema => ({ type: 'object', properties, ...(required.length > 0 ? { required } : {}), ...rest });

/** Alternatives that share properties and differ in what they require of them. */
const alternatives = (seed: number): Schema => {
  const id = `id${seed}`;
  const arms = [
    object({ [id]: STRING, mode: { enum: words(seed, 0, 6) }, size: { type: 'integer', minimum: 1 } }, [id]),
    object({ mode: { enum: words(seed, 3, 9) }, [id]: { ...STRING, minLength: 2 }, extra: {} }, ['mode', id]),
    object({ size: { type: 'number' }, mode: STRING, [id]: { type: ['string', 'null'] } }, ['size'], {
      additionalProperties: { type: 'boolean' },
    }),
    object({ [id]: { const: seed }, size: { type: 'integer', maximum: 9 + seed } }, [], {
      additionalProperties: false,
    }),
  ];
  const kept = arms.filter((_, index) => index !== seed % 5);
  return { [seed % 3 ? 'anyOf' : 'oneOf']: kept, description: 'alternatives' };
};

/** What several parts say of the same properties. */
const met = (seed: number): Schema => ({
  definitions: {
    base: object({ kind: { enum: words(seed, 0, 12) }, name: STRING, [`old${seed}`]: {} }, ['kind']),
    closed: object(
      { kind: STRING, name: { maxLength: 30 }, size: { minimum: 2 }, tags: { type: 'array' } },
      ['name'],
      { additionalProperties: seed % 2 === 0 },
    ),
  },
  type: 'object',
  allOf: [
    { $ref: '#/definitions/base' },
    { $ref: '#/definitions/closed' },
    { properties: { kind: { enum: words(seed, 6, 18) }, tags: { items: STRING, minItems: 1 } } },
    { properties: { [`old${seed}`]: false, size: { type: 'integer', multipleOf: 6 } } },
    { properties: { size: { multipleOf: 4 }, kind: { not: { enum: words(seed, 7, 9) } } } },
  ],
});

/** What each of several listed values asks of the rest. */
const conditions = (seed: number): Schema => ({
  ...object({ type: { enum: words(seed, 0, 5) }, value: {}, unit: STRING }, ['type']),
  allOf: list(3, (i) => ({
    if: { properties: { type: { const: `w${i}_${seed % 97}` } }, required: ['type'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: {
      properties: { value: [{ type: 'integer' }, STRING, { enum: [seed, null] }][i] },
      required: ['value'],
    },
    ...(i === 1 ? { else: { properties: { unit: { enum: words(seed, 0, 3) } } } } : {}),
  })),
});

/** Which properties may stand beside which. */
const clauses = (seed: number): Schema => ({
  ...object(Object.fromEntries(['a', 'b', 'c', 'd', `e${seed}`].map((name) => [name, STRING]))),
  anyOf: [{ required: ['a'] }, { required: ['b', 'c'] }, { required: ['a', 'd'] }],
  not: { anyOf: [{ required: ['a', 'b'] }, { required: [`e${seed}`, 'c'] }] },
  dependencies: { d: ['a'], c: { properties: { b: { maxLength: 5 + (seed % 9) } } } },
  oneOf: [{ required: ['d'] }, { not: { required: ['d'] } }],
});

/** Three of the patterns that list words, and texts that have to meet several bounds: they take longest of all. */
const texts = (seed: number): Schema => {
  const all = Object.entries({
    listed: { ...STRING, pattern: `^(${words(seed, 0, 8).join('|')}|other\\.x)$` },
    both: { ...STRING, allOf: [{ pattern: '^[a-z_]+\\d' }, { pattern: `${seed}$` }], maxLength: 12 },
    long: {
      ...STRING,
      pattern: '^[^\\s/]+(/[^\\s/]+)*$',
      minLength: 3 + (seed % 5),
      maxLength: 40 + (seed % 50),
    },
    short: { ...STRING, pattern: `^[A-Z]{2}${seed}[0-9]{2,${4 + (seed % 6)}}`, maxLength: 16 },
    unlike: { ...STRING, not: { pattern: `^(x-|${words(seed, 0, 1)[0]})` }, minLength: 1 },
    ahead: { ...STRING, pattern: `^(?!.*(--|_${seed}))[a-z0-9_-]+$` },
  });
  return object(Object.fromEntries(all.filter((_, index) => index % 2 === seed % 2)));
};

/** Properties that are counted, and names that are bounded. */
const counted = (seed: number): Schema => ({
  type: 'array',
  items: {
    anyOf: [
      object({ a: STRING, b: { type: 'integer' }, [`c${seed}`]: {} }, [], {
        minProperties: 1,
        maxProperties: 2,
        additionalProperties: false,
      }),
      object({ one: STRING }, ['one'], { maxProperties: 1 }),
      { type: 'object', propertyNames: { enum: words(seed, 0, 4) }, minProperties: 2 },
      object({ [`x-${seed}`]: STRING, plain: {} }, ['plain'], {
        patternProperties: { '^x-': { type: ['string', 'integer'] }, '-y$': { minLength: 2 } },
        additionalProperties: { type: 'null' },
        propertyNames: { pattern: '^[a-z]', maxLength: 20 },
      }),
    ],
  },
  contains: { type: 'object', required: ['plain'] },
});

/** Listed values of all types, met with types, bounds and other lists. */
const values = (seed: number): Schema => {
  const all = [null, true, seed, 1.5, 'text', `w1_${seed % 97}`, [1, seed], { a: seed }, { b: [null] }, ''];
  return object({
    one: { enum: all, type: ['string', 'integer'] },
    two: { allOf: [{ enum: all }, { enum: [...all.slice(seed % 5), 'more', 7] }] },
    three: { anyOf: [{ enum: all }, { type: 'object', properties: { a: { type: 'integer' } } }] },
    four: { oneOf: [{ enum: words(seed, 0, 20) }, { type: 'string', pattern: '^\\$' }, { type: 'integer' }] },
    five: { enum: all, not: { type: 'null' }, minLength: 2 },
    six: { const: { kind: `k${seed}`, list: [1, 2] } },
  });
};

const KINDS = [alternatives, met, conditions, clauses, texts, counted, values];

/** One schema of each kind. */
export function warmOverlaps(seed: number): readonly Schema[] {
  return KINDS.map((make) => make(seed));
}
