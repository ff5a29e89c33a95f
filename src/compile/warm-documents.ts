// Schemas for warm-compiler.ts as people publish them: with a dialect, titles, descriptions, defaults and examples, shared
// definitions, formats, and the spellings of older drafts. `seed` brings new content, as in warm-schemas.ts.
import type { Schema } from './warm-schemas.js';

const DRAFTS = [
  'http://json-schema.org/draft-07/schema#',
  'http://json-schema.org/draft-04/schema#',
  'https://json-schema.org/draft/2020-12/schema',
  'http://json-schema.org/draft-06/schema#',
];

const about = (seed: number, what: string) => ({
  title: `${what} ${seed}`,
  description: `The ${what}'s "value", as of § ${seed} – see\n\thttps://example.org/${seed}/${what}.`,
});

/** What a tool takes. */
const toolArguments = (seed: number): Schema => ({
  type: 'object',
  properties: {
    [`city_${seed}`]: { type: 'string', description: 'The city, and if needed the country' },
    unit: { type: 'string', enum: ['celsius', 'fahrenheit', `other${seed}`] },
    [`days_${seed}`]: { type: 'integer', description: 'How many days ahead', default: seed },
    tags: { type: 'array', items: { type: 'string' } },
    details: {
      type: 'object',
      properties: { [`price_${seed}`]: { type: 'number' }, exact: { type: 'boolean' } },
      required: ['exact'],
    },
  },
  required: [`city_${seed}`, 'unit'],
});

/** Definitions that properties refer to, beside annotations. */
const document = (seed: number): Schema => ({
  $schema: DRAFTS[seed % DRAFTS.length],
  ...about(seed, 'document'),
  type: 'object',
  definitions: {
    [`size${seed}`]: { ...about(seed, 'size'), type: 'integer', minimum: 1, default: 1 + seed },
    owner: {
      ...about(seed, 'owner'),
      type: 'object',
      properties: {
        [`name${seed}`]: { type: 'string', minLength: 1, examples: [`n${seed}`] },
        email: { type: 'string', format: 'email' },
        parent: { $ref: '#/definitions/owner' },
      },
      required: [`name${seed}`],
      additionalProperties: false,
    },
  },
  properties: {
    [`size${seed}`]: { $ref: `#/definitions/size${seed}` },
    owner: { $ref: '#/definitions/owner' },
    owners: { type: 'array', items: { $ref: '#/definitions/owner' }, minItems: 1, uniqueItems: true },
    state: { ...about(seed, 'state'), enum: ['open', 'closed', seed, null, true] },
    extra: { type: ['object', 'null'], additionalProperties: { type: 'string' } },
    anything: {},
  },
  required: ['owner'],
  additionalProperties: seed % 2 === 0,
});

/** Formats, alone and beside patterns and lengths. */
const formatted = (seed: number): Schema => ({
  type: 'object',
  properties: {
    created: { type: 'string', format: 'date-time' },
    [`link${seed}`]: { type: 'string', format: 'uri', description: 'A link' },
    day: { anyOf: [{ type: 'string', format: 'date' }, { type: 'null' }] },
    id: { type: 'string', format: 'uuid' },
    [`code${seed}`]: { type: 'string', pattern: `^[A-Z]{2}-${seed}\\d+$`, minLength: 4, maxLength: 20 },
    kind: { type: ['string', 'integer', 'null'], maxLength: 10 + seed },
  },
  required: ['created', 'id'],
});

/** A base that kinds extend, told apart by a listed value. */
const extended = (seed: number): Schema => ({
  $schema: DRAFTS[seed % DRAFTS.length],
  definitions: {
    base: {
      type: 'object',
      properties: { kind: { type: 'string' }, [`note${seed}`]: { type: 'string' } },
      required: ['kind'],
    },
    ...Object.fromEntries(
      Array.from({ length: 4 }, (_, index) => [
        `kind${index}`,
        {
          allOf: [
            { $ref: '#/definitions/base' },
            {
              properties: { kind: { enum: [`k${index}`] }, [`value${index}_${seed}`]: { type: 'number' } },
              required: [`value${index}_${seed}`],
            },
          ],
        },
      ]),
    ),
  },
  oneOf: Array.from({ length: 4 }, (_, index) => ({ $ref: `#/definitions/kind${index}` })),
});

/** The spellings of draft 4. */
const older = (seed: number): Schema => ({
  $schema: DRAFTS[1],
  id: `http://example.org/older${seed}.json`,
  type: 'object',
  properties: {
    [`amount${seed}`]: { type: 'number', minimum: 0, exclusiveMinimum: true },
    pair: { type: 'array', items: [{ type: 'string' }, { type: 'integer' }], additionalItems: false },
    either: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1 }] },
    none: { not: { type: 'null' } },
  },
  patternProperties: { [`^x-${seed}`]: {} },
  dependencies: { pair: ['either'] },
  minProperties: 1,
});

const KINDS = [toolArguments, document, formatted, extended, older];

/** One document of each kind. */
export function warmDocuments(seed: number): readonly Schema[] {
  return KINDS.map((make) => make(seed));
}
