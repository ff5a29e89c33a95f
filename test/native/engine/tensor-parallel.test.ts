// A model that several ranks share, on CPU back ends: the sums of their parts in another order, and else the same, whatever
// way a token takes to the pages.
import { afterAll, describe, expect, it } from 'vitest';
import type { ModelHandle, NativeModelSpec } from '../../../src/native/index.js';
import { familyNames, familyReference, familySpec, largestDifference } from './families.js';
import { addon, engineOn, type Harness, model, randomInts, randomPrompt } from './harness.js';
import { specFor } from './tiny-llama.js';

// Logits reach 7 in size; the sums of two or four parts differ by up to 8e-6 (measured).
const MAX_ERROR = 3e-5;
const bytes = (values: Float32Array) => Buffer.from(values.buffer);

const opened: Harness[] = [];
afterAll(() => Promise.all(opened.map(({ engine }) => engine.close())));
const open = (...given: Parameters<typeof engineOn>) => {
  const harness = engineOn(...given);
  opened.push(harness);
  return harness;
};

// Two ranks share the one KV head of phi3-longrope, and four the two of others.
const shared = familyNames.flatMap((name) =>
  (familySpec(name).heads % 4 === 0 ? [2, 4] : [2]).map((tp) => [name, tp] as const),
);

describe.each(shared)('%s by %i ranks', (name, tp) => {
  const { prompt, greedy } = familyReference(name);
  const loaded = addon.loadModel(familySpec(name));

  it('gives the logits of one rank nearly, in chunks of any size the same', async () => {
    const handle = await loaded;
    const one = await addon.logits(handle, prompt, prompt.length);
    const whole = await addon.logits(handle, prompt, prompt.length, tp);
    expect(largestDifference(whole, one)).toBeLessThanOrEqual(MAX_ERROR);
    for (const chunk of [1, 7, 16])
      expect(bytes(await addon.logits(handle, prompt, chunk, tp))).toEqual(bytes(whole));
  });

  it.each([
    ['in one chunk, then decoding', { radixCache: false }],
    ['in chunks of 7', { radixCache: false, chunkedPrefillSize: 7, threads: 1 }],
    ['with tokens that are planned before they are known', { overlap: true }],
  ])('continues as the reference does %s', async (_, options) => {
    const { run } = open(await loaded, { ...options, tp });
    expect((await run({ prompt, maxTokens: greedy.length })).tokens).toEqual(greedy);
  });

  it('from a cached prefix, and beside others', async () => {
    const { engine, run } = open(await loaded, { tp, hostKvTokens: 64, kvTokens: 200 });
    await run({ prompt: prompt.slice(0, 21), maxTokens: 1 });
    const others = [3, 11, 29].map((length) => run({ prompt: prompt.slice(-length), maxTokens: 24 }));
    const request = { prompt, maxTokens: greedy.length };
    for (const { tokens } of await Promise.all([run(request), run(request)])) expect(tokens).toEqual(greedy);
    await Promise.all(others);
    expect(engine.stats().cachedTokens).toBeGreaterThanOrEqual(20);
    expect(await engine.check()).toBe('');
  });
});

describe('two ranks beside one', () => {
  const prompt = randomPrompt(randomInts(11), 50);

  it('score prompts and embed them nearly the same', async () => {
    const found = [];
    for (const tp of [1, 2]) {
      const { run } = open(await model(), { tp });
      const scored = await run({ prompt, promptLogprobs: 3, logprobs: 2, maxTokens: 6 });
      const embedded = await run({ prompt, pooling: 'mean', maxTokens: 0 });
      found.push({ ...scored, embedding: embedded.embedding! });
    }
    const [one, two] = found as [(typeof found)[0], (typeof found)[0]];
    expect(two.tokens).toEqual(one.tokens);
    expect(two.promptAlternatives).toEqual(one.promptAlternatives);
    for (const key of ['logprobs', 'promptLogprobs', 'embedding'] as const)
      expect(largestDifference(Float32Array.from(two[key]), Float32Array.from(one[key]))).toBeLessThan(1e-5);
  });

  it('compute the same with any number of threads', async () => {
    const request = {
      prompt,
      maxTokens: 20,
      logprobs: 0,
      sampling: { temperature: 1, topK: 0, topP: 1, minP: 0, seed: 3 },
    };
    const outcomes = [];
    for (const threads of [1, 2, 4])
      outcomes.push(await open(await model(), { tp: 2, threads }).run(request));
    for (const { tokens, logprobs } of outcomes) {
      expect(tokens).toEqual(outcomes[0]!.tokens);
      expect(logprobs).toEqual(outcomes[0]!.logprobs);
    }
  });

  it('keep as many bytes of a page together as one, and of latent attention each all of them', async () => {
    const pageBytes = (handle: ModelHandle, tp: number) => open(handle, { tp }).engine.stats().pageBytes;
    const latent = await addon.loadModel(familySpec('deepseek-v3'));
    expect(pageBytes(await model(), 2)).toBe(pageBytes(await model(), 1));
    expect(pageBytes(latent, 2)).toBe(2 * pageBytes(latent, 1));
  });
});

describe('what cannot be shared is refused', () => {
  const refusal = async (change: Partial<NativeModelSpec>, tp: number) => {
    const spec = { ...specFor('plain'), files: [], tensors: [], random: 'host' as const, ...change };
    const handle = await addon.loadModel(spec);
    try {
      open(handle, { tp });
    } catch (error) {
      return `${(error as { code: string }).code}: ${(error as Error).message}`;
    }
    return 'opened';
  };
  const size = { hiddenSize: 48, intermediateSize: 36, heads: 12, kvHeads: 6, headDim: 4 };

  it.each([
    [{}, 2, /^opened$/],
    [{}, 3, /^opened$/],
    [{}, 5, /^tensor_parallel: tp = 5 does not divide the 12 heads \(heads\); .* tp = 1, 2, 3, 6, 12$/],
    [{}, 4, /tp = 4 neither divides the 6 KV heads \(kvHeads\) nor is a multiple/],
    [
      { intermediateSize: 35 },
      2,
      /does not divide the 35 rows of gate and up \(intermediateSize\); .* tp = 1$/,
    ],
    [{ vocabSize: 40 }, 3, /is too many for a vocabulary of 40 tokens; .* tp = 1, 2$/],
  ] as const)('%j by %i', async (change, tp, reason) => {
    expect(await refusal({ ...size, ...change }, tp)).toMatch(reason);
  });

  it('a number that is none', async () => {
    for (const tp of [0, 65, 1.5, Number.NaN]) expect(await refusal(size, tp)).toMatch(/^bad_request: tp/);
  });
});
