// Random walks through the automata of intricate objects and arrays: whatever they write satisfies the schema, as ajv has
// it, and no walk gets stuck. In both orders of properties.
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { Machine, openPda } from '../../../src/automata/index.js';
import { compile } from '../../../src/compile/index.js';
import { randomSentence, seededRandom } from '../../support/random-schema.js';

const integers = { type: 'integer', minimum: 0, maximum: 99 };
const short = { type: 'string', pattern: '^[a-c]{0,2}$' };
const named = { a: integers, b: short, ab: { type: 'null' }, c: { type: 'boolean' } };
const closed = { type: 'object', properties: named, additionalProperties: false };
const open = { type: 'object', properties: named, additionalProperties: integers };

const SCHEMAS: Readonly<Record<string, object>> = {
  counts: { ...closed, minProperties: 2, maxProperties: 3, required: ['ab'] },
  'too few names for the count, beside another alternative': {
    anyOf: [{ type: 'object', additionalProperties: false, minProperties: 3 }, integers],
  },
  'too few names that have a value': {
    anyOf: [
      {
        type: 'object',
        propertyNames: { enum: ['a', 'b', 'c'] },
        properties: { a: { allOf: [false] } },
        additionalProperties: integers,
        minProperties: 3,
      },
      integers,
    ],
  },
  'counts of open objects': { ...open, minProperties: 3, maxProperties: 4 },
  dependencies: { ...closed, dependentRequired: { a: ['b'], b: ['c'], c: ['ab'] } },
  'dependencies and counts': { ...closed, dependentRequired: { a: ['b', 'c'] }, maxProperties: 3 },
  'exactly one of several names': {
    ...closed,
    oneOf: [{ required: ['a'] }, { required: ['b'] }, { required: ['ab', 'c'] }],
  },
  'names that exclude each other': { ...closed, not: { required: ['a', 'c'] }, minProperties: 1 },
  'some other property': { ...open, not: { additionalProperties: { maximum: 10 } } },
  'any other property': { ...open, not: { additionalProperties: false } },
  'patterns that overlap': {
    type: 'object',
    patternProperties: { '^[ab]{1,2}$': integers, '^.b?$': { minimum: 5, type: ['integer', 'null'] } },
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 3,
  },
  'names of a finite set': {
    type: 'object',
    propertyNames: { enum: ['x', 'y', 'z'] },
    additionalProperties: integers,
    minProperties: 2,
  },
  conditions: {
    ...closed,
    if: { properties: { c: { const: true } }, required: ['c'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword
    then: { required: ['a'] },
    else: { properties: { a: false } },
  },
  unevaluated: {
    type: 'object',
    anyOf: [
      { properties: { a: integers }, required: ['a'] },
      { properties: { b: short }, required: ['b'] },
    ],
    unevaluatedProperties: { type: 'null' },
    maxProperties: 3,
  },
  'contains from both sides': {
    type: 'array',
    items: { type: ['integer', 'null'], minimum: 0, maximum: 9 },
    contains: { type: 'integer' },
    minContains: 2,
    maxContains: 3,
    maxItems: 6,
  },
  'different items of few values': {
    type: 'array',
    items: { enum: [1, 'x', null, true] },
    uniqueItems: true,
  },
  'different objects': {
    type: 'array',
    items: {
      type: 'object',
      properties: { a: { enum: [1, 2] } },
      required: ['a'],
      additionalProperties: false,
    },
    uniqueItems: true,
    minItems: 1,
  },
  'items that are not all small': { type: 'array', not: { items: { maximum: 5 } }, items: integers },
  'unevaluated items': {
    type: 'array',
    prefixItems: [integers],
    contains: { type: 'null' },
    unevaluatedItems: { type: 'boolean' },
    maxItems: 5,
  },
};

const WALKS = 60;
const LONGEST = 4_000;

const cases = Object.keys(SCHEMAS).flatMap((name) => [
  [name, 'schema' as const],
  [name, 'any' as const],
]) as [string, 'schema' | 'any'][];

test.each(cases)('%s, properties in %s order', (name, propertyOrder) => {
  const schema = SCHEMAS[name];
  const validate = new Ajv2020({ strict: false }).compile(schema);
  const machine = new Machine(openPda(compile({ schema }, { propertyOrder }).image));
  const random = seededRandom(name.length);
  let finished = 0;
  for (let walk = 0; walk < WALKS; walk++) {
    const bytes = randomSentence(machine, random, LONGEST);
    if (!bytes) continue;
    finished++;
    const text = new TextDecoder().decode(bytes);
    expect(validate(JSON.parse(text)), text).toBe(true);
  }
  expect(finished).toBeGreaterThan(WALKS / 2);
});
