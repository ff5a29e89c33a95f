// Schemas for warm-compiler.ts: between them they go through every part of the compiler, in the proportions of schemas that people
// write. `seed` changes names, values and bounds, so that each round brings new content.

export type Schema = Readonly<Record<string, unknown>>;

export const STRING = { type: 'string' };
const INTEGER = { type: 'integer' };
const NUMBER = { type: 'number' };
const BOOLEAN = { type: 'boolean' };

const WORDS = 'name id kind size title url path port items owner label state created total unit note'.split(
  ' ',
);

/** A name that no other seed has. */
const named = (seed: number, index: number) => `${WORDS[index % WORDS.length]}${index}_${seed.toString(36)}`;

export const list = <T>(length: number, make: (index: number) => T): T[] =>
  Array.from({ length }, (_, index) => make(index));

const record = (length: number, entry: (index: number) => readonly [string, unknown]) =>
  Object.fromEntries(list(length, entry));

/** One of the small things that properties are. */
function scalar(seed: number, index: number): Schema {
  switch (index % 10) {
    case 0:
      return { ...STRING, description: `text ${seed}` };
    case 1:
      return { ...INTEGER, minimum: seed % 7, maximum: 50 * seed + index };
    case 2:
      return { enum: list(2 + (index % 6), (i) => named(seed, i)) };
    case 3:
      return { ...STRING, minLength: 1, maxLength: 20 + index };
    case 4:
      return { ...NUMBER, minimum: -seed / 8 };
    case 5:
      return BOOLEAN;
    case 6:
      return { type: ['string', 'null'] };
    case 7:
      return { type: 'array', items: STRING, maxItems: 3 + seed };
    case 8:
      return { const: `${seed}-${index}` };
    default:
      return { ...STRING, pattern: `^[a-z${index}][a-z0-9_-]{0,${20 + (seed % 40)}}$` };
  }
}

const objectOf = (seed: number, size: number, rest: Schema = {}): Schema => ({
  type: 'object',
  properties: record(size, (i) => [named(seed, i), scalar(seed, i)]),
  required: list(Math.ceil(size / 3), (i) => named(seed, 2 * i)),
  ...rest,
});

/** A call of one of a few tools. */
const tools = (seed: number): Schema => ({
  anyOf: list(4, (i) => ({
    type: 'object',
    properties: {
      name: { const: named(seed, i) },
      arguments: objectOf(seed + i, 4, { additionalProperties: false }),
    },
    required: ['name', 'arguments'],
    additionalProperties: false,
  })),
});

/** Definitions that refer to each other. */
const definitions = (seed: number): Schema => ({
  $ref: '#/$defs/d0',
  $defs: record(8, (i) => [
    `d${i}`,
    objectOf(seed + i, 3 + i, {
      properties: {
        ...record(3 + i, (k) => [named(seed, k), scalar(seed, k + i)]),
        next: { $ref: `#/$defs/d${(i + 1) % 8}` },
        more: { type: 'array', items: { $ref: `#/$defs/d${(i * 3) % 8}` }, minItems: 1 },
      },
      required: [named(seed, 0)],
      additionalProperties: i % 2 === 0,
    }),
  ]),
});

/** Arms that a constant tells apart, over a base that all have. */
const kinds = (seed: number): Schema => ({
  type: 'object',
  required: ['kind'],
  allOf: [
    objectOf(seed, 3),
    {
      oneOf: list(5, (i) => ({
        properties: { kind: { const: `k${i}` }, [named(seed, 20 + i)]: scalar(seed, i) },
        required: i % 2 ? ['kind'] : ['kind', named(seed, 20 + i)],
      })),
    },
  ],
});

/** Arms that overlap, complements and conditions. */
const logic = (seed: number): Schema => ({
  type: 'object',
  properties: {
    a: { oneOf: [{ ...STRING, maxLength: seed + 4 }, { ...STRING, minLength: 3 }, INTEGER] },
    b: { not: { enum: [named(seed, 1), seed] } },
    c: {
      anyOf: [objectOf(seed, 2), { type: 'array', items: objectOf(seed + 1, 2) }, STRING, { type: 'null' }],
    },
    d: { oneOf: [objectOf(seed, 2), objectOf(seed, 3)] },
  },
  if: { properties: { a: { type: 'integer' } }, required: ['a'] },
  // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
  then: { required: ['b'] },
  else: { required: ['c'] },
  dependentRequired: { b: ['d'] },
  anyOf: [{ required: ['a'] }, { required: ['d'] }],
});

/** Names by pattern, counts of properties, tuples. */
const containers = (seed: number): Schema => ({
  type: 'object',
  properties: {
    map: { type: 'object', additionalProperties: scalar(seed, 3), minProperties: 1 },
    byPattern: {
      type: 'object',
      properties: { [named(seed, 0)]: INTEGER },
      patternProperties: { [`^x-${seed}`]: STRING, '^[A-Z]{2,}$': INTEGER },
      additionalProperties: false,
    },
    names: { type: 'object', propertyNames: { pattern: `^[a-z]{1,${8 + (seed % 8)}}$` }, maxProperties: 9 },
    tuple: { type: 'array', prefixItems: [STRING, INTEGER], items: false, minItems: 2 },
    unique: { type: 'array', items: { enum: ['a', 'b', `c${seed}`] }, uniqueItems: true },
    some: { type: 'array', items: STRING, contains: { const: named(seed, 2) } },
    step: { ...NUMBER, multipleOf: 0.01 * (1 + (seed % 4)) },
  },
});

/** A tree of operators over leaves. */
const tree = (seed: number): Schema => ({
  $defs: {
    node: {
      anyOf: [
        {
          type: 'object',
          properties: { op: { enum: ['and', 'or', `x${seed}`] }, of: { $ref: '#/$defs/nodes' } },
        },
        objectOf(seed, 3, { additionalProperties: false }),
      ],
    },
    nodes: { type: 'array', items: { $ref: '#/$defs/node' }, minItems: 1, maxItems: 4 + seed },
  },
  $ref: '#/$defs/node',
});

const PATTERNS = [
  '^(?:[a-z0-9]+\\.)*[a-z]{2,}$',
  '^\\d{4}-\\d{2}-\\d{2}T[0-9:]{8}$',
  '^(?!none$)\\w+$',
  '^#[0-9A-Fa-f]{6}$',
  '^v?\\d+(\\.\\d+){0,2}(-[\\w.]+)?$',
  '^\\S+@\\S+$',
  '^/[^\\s]*$',
  'id|key',
  '^[^\\u0000-\\u001f]{1,64}$',
  '^\\$\\{[A-Za-z_]\\w*\\}$',
];

/** Two of the patterns: they take longest of all. */
const patterns = (seed: number): Schema => ({
  type: 'object',
  properties: record(2, (i) => [
    named(seed, i),
    {
      ...STRING,
      pattern: `${PATTERNS[(2 * seed + i) % PATTERNS.length]}|^${named(seed, i)}$`,
      ...(seed % 3 === 0 ? { maxLength: 60 + seed } : {}),
    },
  ]),
});

const KINDS: readonly ((seed: number) => Schema)[] = [
  (seed) => objectOf(seed, 6, { additionalProperties: false }),
  tools,
  definitions,
  (seed) => objectOf(seed, 20),
  kinds,
  logic,
  containers,
  tree,
  patterns,
  (seed) => ({ type: 'array', items: objectOf(seed, 10) }),
  (seed) => objectOf(seed, seed % 4 ? 30 : 80),
];

/** As many schemas as {@link KINDS}, each of a kind. */
export function warmSchemas(seed: number): readonly Schema[] {
  return KINDS.map((make) => make(seed));
}

/** One schema for each format, with and without bounds. */
const schemasOf = (formats: string): readonly Schema[] =>
  formats.split(' ').map((format) => ({
    type: 'object',
    properties: { plain: { ...STRING, format }, bounded: { ...STRING, format, minLength: 1 } },
  }));

/** Every format whose automaton or spellings are worth keeping, most used first; the tables are kept by the process. */
export const FORMAT_SCHEMAS = schemasOf(
  'date-time uri email date uuid hostname uri-reference ipv4 ipv6 time iri duration',
);

/** Formats that take longest to make, and are seldom asked for. */
export const RARE_FORMAT_SCHEMAS = schemasOf('regex idn-hostname idn-email');
