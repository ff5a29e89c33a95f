// Speculation with the embedded model: under grammars and stop strings, outputs are those without it, token for token.
import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import {
  EMBEDDED_MODEL,
  Engine,
  type EngineOptions,
  type GenerateRequest,
  type SpeculationOptions,
} from '../../src/engine/index.js';
import { writeShallowModel } from '../support/shallow-model.js';
import { madeModel } from './made-model.js';

const shallow = writeShallowModel(6);

const plain = new Engine();
afterAll(async () => {
  await plain.close();
  rmSync(shallow, { recursive: true });
});

const kinds: Record<string, SpeculationOptions> = {
  grammar: { kind: 'grammar' },
  ngram: { kind: 'ngram', minMatch: 1 },
  'the model itself': { kind: 'draft', model: EMBEDDED_MODEL, kvTokens: 1024 },
  'its lower layers': { kind: 'draft', model: shallow, maxTokens: 3 },
};

const record = {
  type: 'object',
  properties: {
    first_name: { type: 'string', maxLength: 12 },
    years_of_age: { type: 'integer', minimum: 0, maximum: 120 },
    is_a_member_of_the_society: { type: 'boolean' },
    tags: { type: 'array', items: { enum: ['red', 'green', 'blue-green'] }, maxItems: 3 },
  },
  required: ['first_name', 'years_of_age', 'is_a_member_of_the_society', 'tags'],
  additionalProperties: false,
};
const constraints: Partial<GenerateRequest>[] = [
  {},
  { stop: ['er', 'x y'] },
  { schema: record },
  { schema: record, compile: { whitespace: 'compact' }, logprobs: 2 },
  { schema: record, frequencyPenalty: 0.4, repetitionPenalty: 1.1, minTokens: 5 },
  { regex: 'the answer is (yes|no), and the reason is [a-z ]{3,40}\\.' },
  { gbnf: 'root ::= item{2,6}\nitem ::= "- " [a-z]+ ": " [0-9]{1,3} "\\n"', stop: [': 7'] },
];
const requests = Array.from({ length: 42 }, (_, i): GenerateRequest => {
  const name = ['John Smith', 'Maria Lopez', 'Ana Silva'][i % 3];
  return {
    prompt: `${name} is ${20 + i} years old, a member of the society, and likes green. Record:\n`,
    maxTokens: 10 + (i % 5) * 20,
    temperature: i % 4 === 0 ? 0 : 0.3 + (i % 4) / 4,
    topP: i % 3 ? 1 : 0.95,
    seed: i,
    ...constraints[i % constraints.length],
  };
});

const outputsOf = async (engine: Engine) =>
  (await Promise.all(requests.map((request) => engine.generate(request)))).map(
    ({ text, tokens, logprobs, finishReason, matchedStop }) => ({
      text,
      tokens,
      logprobs,
      finishReason,
      matchedStop,
    }),
  );

describe.each(Object.entries(kinds))('drafts of kind %s', (_, speculation) => {
  it.each<[string, EngineOptions]>([
    ['as it is', {}],
    ['without jump-forward', { jumpForward: false }],
    ['with forced text', { jumpForward: 'text' }],
    ['short of memory', { kvTokens: 320, maxRunning: 5, pageSize: 4, maskRows: 1 }],
  ])('leave outputs as they are, the engine %s', async (_, options) => {
    const base = options.jumpForward === 'text' ? new Engine({ jumpForward: 'text' }) : plain;
    const expected = await outputsOf(base);
    if (base !== plain) await base.close();
    await using engine = new Engine({ ...options, speculation });
    const outputs = await outputsOf(engine);
    for (const [i, output] of outputs.entries())
      expect(output, JSON.stringify(requests[i])).toEqual(expected[i]);
    const { draftTokens, acceptedTokens } = await engine.stats();
    expect(draftTokens).toBeGreaterThan(0);
    expect(acceptedTokens).toBeGreaterThan(0);
  });
});

describe('speculation', () => {
  it('by the model itself is nearly always right, and tells so with each request', async () => {
    await using engine = new Engine({ speculation: kinds['the model itself'] });
    const { usage } = await engine.generate({ ...requests[1], maxTokens: 60 });
    expect(usage.draftTokens).toBeGreaterThan(20);
    // The drafted text behind a stop string is not counted as wrong or right by the caller's side.
    expect(usage.acceptedTokens).toBeGreaterThan(usage.draftTokens * 0.9);
    const silent = await engine.generate({ ...requests[1], speculate: false });
    expect(silent.usage).toMatchObject({ draftTokens: 0, acceptedTokens: 0 });
  });

  it('of what a grammar forces takes fewer steps', async () => {
    const keys = ['occupation_of_the_person', 'name_of_the_person', 'is_a_member_of_the_society'];
    const schema = {
      type: 'object',
      properties: Object.fromEntries(keys.map((key) => [key, { type: 'boolean' }])),
      required: keys,
      additionalProperties: false,
    };
    const content = `Extract a JSON record from the text.\nSchema: ${JSON.stringify(schema)}\nText: John is a member of the society.`;
    const request = { messages: [{ role: 'user', content }], schema };
    const steps: number[] = [];
    const texts = new Set<string>();
    for (const options of [{}, { speculation: { kind: 'grammar' as const } }]) {
      await using engine = new Engine(options);
      texts.add((await engine.generate(request)).text);
      steps.push((await engine.stats()).forwardSteps);
    }
    expect(texts.size).toBe(1);
    expect(steps[1]).toBeLessThan(steps[0] * 0.6);
  });

  it('is not needed where forced text is appended, which is spelt as the tokenizer spells the whole', async () => {
    const keys = ['occupation_of_the_person', 'is_a_member_of_the_society'];
    const schema = {
      type: 'object',
      properties: Object.fromEntries(keys.map((key) => [key, { type: 'boolean' }])),
      required: keys,
      additionalProperties: false,
    };
    await using engine = new Engine({ jumpForward: 'text' });
    for (const seed of [1, 2, 3, 4]) {
      const compile = { whitespace: 'compact' as const };
      const { text, tokens } = await engine.generate({
        prompt: 'John: ',
        schema,
        compile,
        temperature: 1,
        seed,
      });
      // The model alone chooses how the object begins: "{" or "{\"".
      const whole = await engine.tokenize(text, { addSpecialTokens: false });
      const split = await engine.tokenize(text.slice(1), { addSpecialTokens: false });
      expect([[...whole], [tokens[0], ...split]]).toContainEqual([...tokens]);
    }
    // The object's beginning, two values, its end.
    expect((await engine.stats()).forwardSteps).toBeLessThanOrEqual(4 * 6);
  });

  it('refuses options by name, before any model is loaded', () => {
    const refused = (speculation: unknown, more: EngineOptions = {}) => {
      try {
        new Engine({ speculation: speculation as SpeculationOptions, ...more });
      } catch (error) {
        return (error as Error & { code: string }).code + (error as Error).message;
      }
      return '';
    };
    expect(refused({ kind: 'eagle' })).toMatch(/^invalid_option.*speculation.kind.*eagle/);
    expect(refused('ngram')).toMatch(/^invalid_option/);
    expect(refused({ kind: 'ngram', model: 'x' })).toMatch(/^invalid_option.*speculation.model/);
    expect(refused({ kind: 'ngram', maxTokens: 0 })).toMatch(/speculation.maxTokens.*from 1 to 1024/);
    expect(refused({ kind: 'ngram', minMatch: 5, maxMatch: 4 })).toMatch(/speculation.maxMatch.*from 5/);
    expect(refused({ kind: 'draft' })).toMatch(/speculation.model/);
    expect(refused({ kind: 'ngram' }, { overlap: true })).toMatch(/^invalid_option.*overlap/);
    expect(refused({ kind: 'ngram' }, { device: 'cuda', overlap: true })).toMatch(/^invalid_option.*overlap/);
  });

  it('refuses a draft model of another vocabulary', async () => {
    const other = madeModel();
    const engine = new Engine({ speculation: { kind: 'draft', model: other } });
    await expect(engine.ready()).rejects.toMatchObject({ code: 'vocabulary_mismatch' });
    await engine.close();
  });
});
