// Random schemas of the supported keywords and random values: the grammar and ajv must agree on JSON.stringify's text.
// Values are written with properties in an order that the grammar can take; what it normalises away is left out.
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from '../../../src/compile/index.js';
import { CompileError } from '../../../src/errors.js';
import {
  isDisputed,
  randomDocument,
  randomValue,
  textsOf,
  verdictOf,
} from '../../support/keyword-schemas.js';

/** The verdict of the grammar: undefined where it refuses the schema by name. */
function judge(
  document: unknown,
  propertyOrder: 'schema' | 'any',
): ((candidate: unknown) => boolean) | undefined {
  try {
    const grammar = compile({ schema: document }, { whitespace: 'compact', propertyOrder });
    if (propertyOrder === 'any')
      return (candidate) => {
        const verdicts = new Set([...textsOf(candidate)].map((text) => grammar.test(text)));
        expect(verdicts.size, 'orders differ').toBe(1);
        return verdicts.has(true);
      };
    return (candidate) => [...textsOf(candidate)].some((text) => grammar.test(text));
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
    fc.property(
      randomDocument,
      fc.array(randomValue, { minLength: 8, maxLength: 8 }),
      (candidateSchema, values) => {
        const accepts = judge(candidateSchema, order);
        fc.pre(accepts !== undefined);
        const validate = new Ajv2020({ strict: false }).compile(candidateSchema);
        outcome.schemas++;
        for (const candidate of values) {
          const valid = verdictOf(validate, candidate);
          if (valid === undefined) continue;
          const accepted = accepts(candidate);
          if (valid && !accepted && isDisputed(candidateSchema)) continue;
          outcome[valid ? 'accepted' : 'refused']++;
          expect([candidate, accepted]).toEqual([candidate, valid]);
        }
      },
    ),
    { numRuns: 150, maxSkipsPerRun: 20 },
  );
  expect(outcome.accepted).toBeGreaterThan(100);
  expect(outcome.refused).toBeGreaterThan(100);
});
