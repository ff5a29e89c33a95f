// Embeddings against transformers' logits, which are linear in the hidden states that are pooled; and that they do not depend
// on chunks, company, cached prefixes or retraction.
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import type { NativeRequest } from '../../../src/native/index.js';
import { type Harness, harness, randomInts, randomPrompt, vocabSize } from './harness.js';
import { reference, specFor } from './tiny-llama.js';

const poolings = ['mean', 'last'] as const;
const embedding = (prompt: Int32Array, pooling: 'mean' | 'last') => ({ prompt, pooling, maxTokens: 0 });
const { hiddenSize } = reference('plain').config;

/** The head's rows, [vocabSize, size]. */
function headOf(name: 'plain' | 'llama3', size: number): Float32Array {
  const { tensors, files } = specFor(name);
  const find = (wanted: string) => tensors.find((tensor) => tensor.name === wanted);
  const { offset, dtype } = find('lm_head.weight') ?? find('model.embed_tokens.weight')!;
  const { buffer } = new Uint8Array(readFileSync(files[0]!)).slice(offset);
  const count = vocabSize * size;
  if (dtype === 'F32') return new Float32Array(buffer, 0, count);
  const bits = Uint32Array.from(new Uint16Array(buffer, 0, count), (half) => half << 16);
  return new Float32Array(bits.buffer);
}

function times(head: Float32Array, hidden: Float32Array): number[] {
  return Array.from({ length: vocabSize }, (_, row) =>
    hidden.reduce((sum, value, i) => sum + value * head[row * hidden.length + i]!, 0),
  );
}

const largestGap = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);

describe.each([{ overlap: false }, { overlap: true }])('with overlap: $overlap,', ({ overlap }) => {
  const opened: Harness[] = [];
  const start = async (...[options, name]: Parameters<typeof harness>) => {
    const started = await harness({ overlap, ...options }, name);
    opened.push(started);
    return started;
  };
  afterAll(() => Promise.all(opened.map(({ engine }) => engine.close())));

  it.each([
    'plain',
    'llama3',
  ] as const)('of %s, times the head, they are the logits of transformers', async (name) => {
    const { run } = await start({}, name);
    const { prompt, logits, config } = reference(name);
    const head = headOf(name, config.hiddenSize);
    const row = (i: number) => logits.subarray(i * vocabSize, (i + 1) * vocabSize);
    const last = await run(embedding(prompt, 'last'));
    expect(last.embedding).toHaveLength(config.hiddenSize);
    expect(last.tokens).toEqual([]);
    expect(last.finish).toMatchObject({ reason: 'stop', promptTokens: prompt.length, outputTokens: 0 });
    expect(largestGap(times(head, last.embedding!), row(prompt.length - 1))).toBeLessThan(5e-5);
    const mean = await run(embedding(prompt, 'mean'));
    const means = Array.from({ length: vocabSize }, (_, token) =>
      prompt.reduce((sum, _, i) => sum + row(i)[token]! / prompt.length, 0),
    );
    expect(largestGap(times(head, mean.embedding!), means)).toBeLessThan(5e-5);
  });

  it('the mean is that of the last states of all prefixes', async () => {
    const { run } = await start();
    const prompt = randomPrompt(randomInts(5), 50);
    const states = await Promise.all(
      Array.from(prompt, (_, i) => run(embedding(prompt.subarray(0, i + 1), 'last'))),
    );
    const mean = (await run(embedding(prompt, 'mean'))).embedding!;
    const expected = mean.map((_, i) =>
      states.reduce((sum, state) => sum + state.embedding![i]! / prompt.length, 0),
    );
    expect(largestGap(mean, expected)).toBeLessThan(1e-5);
  });

  const prompts = Array.from({ length: 24 }, (_, i) => {
    const next = randomInts(700 + i);
    return Int32Array.of(...randomPrompt(randomInts(i % 3), 13), ...randomPrompt(next, 1 + next(80)));
  });
  const requests = prompts.flatMap((prompt) => poolings.map((pooling) => embedding(prompt, pooling)));
  const inTurn = async ({ run }: Harness, list: readonly Partial<NativeRequest>[] = requests) => {
    const found: Float32Array[] = [];
    for (const request of list) found.push((await run(request)).embedding!);
    return found;
  };
  const together = async ({ run }: Harness) =>
    (await Promise.all(requests.map(run))).map((outcome) => outcome.embedding);

  it.each([1, 7, 512])('chunks of %i change no bit', async (chunkedPrefillSize) => {
    const whole = await inTurn(await start({ radixCache: false, chunkedPrefillSize: 4096 }));
    expect(await inTurn(await start({ radixCache: false, chunkedPrefillSize }))).toEqual(whole);
  });

  it('company and cached prefixes change no bit', async () => {
    const alone = await inTurn(await start({ radixCache: false }));
    const cached = await start();
    expect(await inTurn(cached)).toEqual(alone);
    expect(await inTurn(cached)).toEqual(alone);
    const busy = await start({ chunkedPrefillSize: 40 });
    const generating = prompts.map((prompt, seed) =>
      busy.run({ prompt, maxTokens: 30, sampling: { temperature: 1, topK: 0, topP: 1, minP: 0, seed } }),
    );
    expect(await together(busy)).toEqual(alone);
    const outputs = (await Promise.all(generating)).map(({ tokens }) => tokens);
    expect(await busy.engine.check()).toBe('');
    const undisturbed = await start();
    for (const [seed, prompt] of prompts.entries()) {
      const sampling = { temperature: 1, topK: 0, topP: 1, minP: 0, seed };
      expect((await undisturbed.run({ prompt, maxTokens: 30, sampling })).tokens).toEqual(outputs[seed]);
    }
  });

  it('retraction changes no bit', async () => {
    const alone = await inTurn(await start({ radixCache: false }));
    for (const radixCache of [true, false]) {
      const small = await start({ kvTokens: 256, chunkedPrefillSize: 16, radixCache });
      const generating = prompts.map((prompt) => small.run({ prompt, maxTokens: 60 }));
      expect(await together(small)).toEqual(alone);
      await Promise.all(generating);
      expect(small.engine.stats().retractions).toBeGreaterThan(0);
      expect(await small.engine.check()).toBe('');
    }
  });

  it.each(poolings)('%s: nor does retraction amid the prompt', async (pooling) => {
    const prompt = randomPrompt(randomInts(12), 64);
    const alone = (await (await start()).run(embedding(prompt, pooling))).embedding;
    for (const radixCache of [true, false]) {
      // The output grows longer than was expected, and takes the pages of what came after it.
      const { run, engine } = await start({ kvTokens: 128, chunkedPrefillSize: 1, radixCache });
      const generating = run({ prompt: randomPrompt(randomInts(13), 8), maxTokens: 100 });
      expect((await run(embedding(prompt, pooling))).embedding).toEqual(alone);
      await generating;
      expect(engine.stats().retractions).toBe(1);
      expect(await engine.check()).toBe('');
    }
  });

  it('takes all but the last token from the cache for the last state, and none for the mean', async () => {
    const { run, engine } = await start();
    const { prompt } = reference('plain');
    expect((await run(embedding(prompt, 'mean'))).finish.cachedTokens).toBe(0);
    expect((await run(embedding(prompt, 'last'))).finish.cachedTokens).toBe(prompt.length - 1);
    expect((await run(embedding(prompt, 'mean'))).finish.cachedTokens).toBe(0);
    const { finish, tokens } = await run({ prompt, maxTokens: 32 });
    expect(finish.cachedTokens).toBe(prompt.length - 1);
    expect(tokens).toEqual(reference('plain').greedy);
    const other = await run({ ...embedding(prompt, 'last'), cacheSalt: 'another' });
    expect(other.finish.cachedTokens).toBe(0);
    expect(engine.stats().outputTokens).toBe(32);
  });

  it('may fill the context', async () => {
    const { maxPositions } = reference('plain').config;
    const { run } = await start({ kvTokens: 2 * maxPositions });
    const full = randomPrompt(randomInts(9), maxPositions);
    expect((await run(embedding(full, 'mean'))).embedding).toHaveLength(hiddenSize);
    expect(() => run(embedding(Int32Array.of(...full, 1), 'mean'))).toThrow(/limit maxPositions/);
  });

  it('may fill the KV cache', async () => {
    const { run } = await start({ kvTokens: 64 });
    const full = randomPrompt(randomInts(10), 64);
    expect((await run(embedding(full, 'last'))).embedding).toHaveLength(hiddenSize);
    expect(() => run(embedding(Int32Array.of(...full, 1), 'last'))).toThrow(/limit kvTokens/);
  });

  it('ends by abort without one', async () => {
    const { run, engine } = await start({ chunkedPrefillSize: 1 });
    const ended = run({ ...embedding(randomPrompt(randomInts(11), 250), 'mean'), id: 10 ** 9 });
    engine.abort(10 ** 9);
    const outcome = await ended;
    expect(outcome.finish.reason).toBe('abort');
    expect(outcome.embedding).toBeUndefined();
    expect(await engine.check()).toBe('');
  });

  it.each([
    [{ maxTokens: 1 }, /maxTokens must be 0/],
    [{ promptLogprobs: 0 }, /neither a grammar nor promptLogprobs/],
    [{ grammarFollows: true }, /neither a grammar nor promptLogprobs/],
    [{ pooling: 'cls' as 'mean' }, /'cls' is not mean or last/],
  ] satisfies [Partial<NativeRequest>, RegExp][])('refuses %o', async (wrong, message) => {
    const { run } = await start();
    expect(() => run({ ...embedding(Int32Array.of(1, 2), 'mean'), ...wrong })).toThrow(message);
    expect(() => run({ prompt: Int32Array.of(1), maxTokens: 0 })).toThrow(/maxTokens must be at least 1/);
  });
});

it('goes beside drafts', async () => {
  const { run, engine } = await harness({
    speculation: { kind: 'ngram', maxTokens: 4, minMatch: 1, maxMatch: 3, maxForced: 8, kvTokens: 1 },
  });
  const { prompt, greedy } = reference('plain');
  const [generated, ...pooled] = await Promise.all([
    run({ prompt, maxTokens: 32 }),
    ...poolings.map((pooling) => run(embedding(prompt, pooling))),
  ]);
  expect(generated.tokens).toEqual(greedy);
  const alone = await harness();
  for (const [i, pooling] of poolings.entries())
    expect(pooled[i]!.embedding).toEqual((await alone.run(embedding(prompt, pooling))).embedding);
  await Promise.all([engine.close(), alone.engine.close()]);
});
