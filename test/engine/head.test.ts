// Under a grammar the CPU computes the logits of few tokens; rows that report log-probabilities have all of theirs.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Engine, type GenerateRequest } from '../../src/engine/index.js';

const schema = {
  type: 'object',
  properties: {
    kind: { enum: ['person', 'place', 'thing'] },
    count: { type: 'integer', minimum: 0, maximum: 999 },
    name: { type: 'string', maxLength: 8 },
  },
  required: ['kind', 'count', 'name'],
  additionalProperties: false,
};

const constrained = (seed: number): GenerateRequest => ({
  prompt: `Record ${seed}:`,
  schema,
  seed,
  temperature: 1,
  maxTokens: 40,
});

describe('logits of the tokens that a mask leaves', () => {
  let engine: Engine;
  beforeAll(() => {
    engine = new Engine({ jumpForward: false, radixCache: false });
  });
  afterAll(() => engine.close());

  it('give the tokens that whole rows give', async () => {
    for (let seed = 0; seed < 8; seed++) {
      const few = await engine.generate(constrained(seed));
      const whole = await engine.generate({ ...constrained(seed), logprobs: 0 });
      expect(few.tokens).toEqual(whole.tokens);
      expect(few.tokens.length).toBeGreaterThan(5);
    }
  });

  it('do not depend on the rows beside them', async () => {
    const free = (seed: number): GenerateRequest => ({
      prompt: `Text ${seed}`,
      seed,
      temperature: 1,
      maxTokens: 20,
      ignoreEos: true,
    });
    const requests = Array.from({ length: 12 }, (_, i) => (i % 3 === 0 ? free(i) : constrained(i)));
    const together = await Promise.all(requests.map((request) => engine.generate(request)));
    for (const [i, request] of requests.entries())
      expect(together[i]!.tokens).toEqual((await engine.generate(request)).tokens);
  });
});
