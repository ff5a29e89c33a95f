// Every way to make a mask against the plain walk, along sentences of schemas that between them use every kind of lexeme:
// `npm run fuzz -- oracle` does so with MaskBench's schemas and a real vocabulary.
import { describe, expect, it } from 'vitest';
import type { Machine } from '../../src/automata/index.js';
import { compile } from '../../src/compile/index.js';
import { hasNative } from '../../src/native/index.js';
import { largeVocabulary } from '../support/large-vocabulary.js';
import { MaskOracle } from '../support/mask-oracle.js';
import { randomSentence, seededRandom } from '../support/random-schema.js';
import { randomTokens } from '../support/random-vocabulary.js';

const SCHEMAS: readonly unknown[] = [
  { type: 'object', properties: { name: { type: 'string' }, nab: { type: 'integer' } }, required: ['name'] },
  { type: 'array', items: { type: 'string', minLength: 1, maxLength: 9 } },
  { type: 'array', items: { type: 'string', pattern: '^([a-c]{2,5}|x-\\d)+$', minLength: 3, maxLength: 12 } },
  { type: 'array', items: { enum: [1, 2, 12, 21, 123, 'a', 'ab'] }, uniqueItems: true },
  { type: 'array', items: { type: 'array', items: { type: 'number' }, maxItems: 2 }, uniqueItems: true },
  { type: 'object', additionalProperties: { type: 'string', format: 'date-time' } },
  { anyOf: [{ type: 'string' }, { enum: ['name', 'nab', 1, 23] }, { type: 'object' }, { type: 'array' }] },
  { type: 'object', patternProperties: { a: { type: 'number', minimum: 10 }, 'b|na$': { type: 'string' } } },
  {
    type: 'object',
    patternProperties: { a: { type: 'integer' } },
    not: { patternProperties: { b: { not: { type: 'string' } } } },
  },
  {
    type: 'object',
    propertyNames: { pattern: '^(na|b)+$' },
    additionalProperties: { type: 'integer', minimum: -23, maximum: 4711 },
  },
];
/** Positions of a sentence that are compared at most. */
const POSITIONS = 12;

describe.runIf(hasNative())('masks of every way', () => {
  const image = largeVocabulary(seededRandom(5));
  const oracle = new MaskOracle(image);

  it.each(SCHEMAS.map((schema) => [JSON.stringify(schema)]))('are those of the walk: %s', (schema) => {
    const grammar = compile({ schema });
    let positions = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const random = seededRandom(seed);
      const sentence = randomSentence(grammar.machine as Machine, random, 120);
      if (!sentence) continue;
      const tokens = randomTokens(sentence, image, random);
      const share = POSITIONS / (tokens.length + 1);
      positions += oracle.compareAlong(grammar, tokens, () => random() < share).positions;
    }
    expect(positions).toBeGreaterThan(6);
  });
});
