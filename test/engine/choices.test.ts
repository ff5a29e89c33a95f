// Several outputs of one prompt, requests together, prompt log-probabilities, the cache's tree and progress, on sprout.
import { afterAll, describe, expect, it } from 'vitest';
import { MAX_CHOICES } from '../../src/engine/choices.js';
import { Engine, type LoadProgress } from '../../src/engine/index.js';
import {
  defaultKvTokens,
  kvBytesPerToken,
  kvTokensWithin,
  LEAST_KV_TOKENS,
} from '../../src/engine/memory.js';
import type { NativeModelSpec } from '../../src/native/index.js';
import { faultOf } from './made-model.js';

const progress: LoadProgress[] = [];
const engine = new Engine({ onProgress: (step) => progress.push(step) });
afterAll(() => engine.close());
const prompt = 'Write one sentence about a tree that stands in a lattice, and about its leaves:';

describe('several outputs of one prompt', () => {
  it('have seeds of their own and one computed prompt', async () => {
    await engine.flushCache();
    const request = { prompt, temperature: 1, seed: 11, maxTokens: 12, ignoreEos: true };
    const results = await engine.generateChoices(request, 4);
    expect(new Set(results.map(({ text }) => text)).size).toBe(4);
    const cached = results.map(({ usage }) => usage.cachedTokens).sort((a, b) => a - b);
    expect(cached[0]).toBe(0);
    expect(cached[1]).toBeGreaterThanOrEqual(16);
    expect((await engine.generate({ ...request, seed: 13 })).text).toBe(results[2]!.text);
  });

  it('come as streams', async () => {
    const texts = ['', ''];
    let ended = 0;
    for await (const { index, text, result } of engine.streamChoices({ prompt, maxTokens: 9 }, 2)) {
      texts[index] += text;
      if (!result) continue;
      ended++;
      expect(result.text).toBe(texts[index]);
    }
    expect(ended).toBe(2);
    expect(texts[0]).toBe(texts[1]);
  });

  it('end together when the caller leaves', async () => {
    for await (const _ of engine.streamChoices({ prompt, maxTokens: 2000, ignoreEos: true }, 3)) break;
    await expect.poll(async () => (await engine.stats()).running).toBe(0);
  });

  it('end together by one signal, of which nobody warns', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    const controller = new AbortController();
    const request = { prompt, maxTokens: 2000, ignoreEos: true, signal: controller.signal };
    let started = 0;
    for await (const { result, tokens } of engine.streamChoices(request, 20)) {
      if (tokens.length > 0 && ++started === 20) controller.abort();
      if (result) expect(result.finishReason).toBe('abort');
    }
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  it('are at least one and not too many', async () => {
    for (const n of [0, 1.5, MAX_CHOICES + 1])
      expect(await faultOf(() => engine.generateChoices({ prompt }, n))).toMatchObject({ param: 'n' });
  });
});

describe('requests together', () => {
  it('give results in their order', async () => {
    const results = await engine.generateAll([
      { prompt, maxTokens: 20, ignoreEos: true },
      { prompt, maxTokens: 1, ignoreEos: true },
      { prompt, regex: 'abc' },
    ]);
    expect(results.map(({ tokens }) => tokens.length).slice(0, 2)).toEqual([20, 1]);
    expect(results[2]!.text).toBe('abc');
    expect(await engine.generateAll([])).toEqual([]);
  });

  it('end when one is refused', async () => {
    const requests = [{ prompt, maxTokens: 2000, ignoreEos: true }, { promptTokens: [] }];
    expect(await faultOf(() => engine.generateAll(requests))).toMatchObject({ param: 'prompt' });
    await expect.poll(async () => (await engine.stats()).running).toBe(0);
  });
});

describe('a prompt', () => {
  it('has log-probabilities with its tokens, the first of which has none', async () => {
    const tokens = await engine.tokenize(prompt);
    const { promptLogprobs } = await engine.generate({ prompt, maxTokens: 1, promptLogprobs: 2 });
    expect(promptLogprobs).toHaveLength(tokens.length);
    expect(promptLogprobs![0]).toBeNull();
    for (const [i, entry] of promptLogprobs!.entries()) {
      if (!entry) continue;
      expect(entry.token).toBe(tokens[i]);
      expect(entry.logprob).toBeLessThanOrEqual(entry.alternatives[0]!.logprob);
      expect(entry.alternatives).toHaveLength(2);
    }
    const later = await engine.generate({ prompt, maxTokens: 1, promptLogprobs: 2, promptLogprobsFrom: 7 });
    expect(later.promptLogprobs).toEqual(promptLogprobs!.slice(7));
    const wrong = { prompt, promptLogprobs: 0, promptLogprobsFrom: 1000 };
    expect(await faultOf(() => engine.generate(wrong))).toMatchObject({ param: 'promptLogprobsFrom' });
  });

  it('is found in the cache with its text', async () => {
    await engine.flushCache();
    await engine.generate({ prompt, maxTokens: 1, cacheSalt: 'tenant' });
    const [root, ...others] = await engine.cachedPrefixes();
    expect(others).toEqual([]);
    expect(root).toMatchObject({ salt: 'tenant', lockedPages: 0, hostPages: 0 });
    // Its whole pages, and the tail.
    const [tail, ...more] = root!.children;
    expect([more, tail!.children]).toEqual([[], []]);
    expect(`${root!.text}${tail!.text}`.replace(/^<[^>]*>/, '')).toBe(prompt);
    expect((await engine.cachedPrefixes(0)).length).toBe(0);
    expect(await faultOf(() => engine.cachedPrefixes(-1))).toMatchObject({ param: 'most' });
  });
});

describe('stop expressions', () => {
  it('end the output before their match', async () => {
    const request = { prompt, maxTokens: 60, ignoreEos: true };
    const { text } = await engine.generate(request);
    const at = /[a-z] [a-z]/.exec(text)!.index;
    const stopped = await engine.generate({ ...request, stopRegex: ['[a-z] [a-z]'] });
    expect(stopped).toMatchObject({ finishReason: 'stop', matchedStop: '[a-z] [a-z]' });
    expect(stopped.text).toBe(text.slice(0, at));
    const kept = await engine.generate({ ...request, stopRegex: ['[a-z] [a-z]'], keepStop: true });
    expect(kept.text).toBe(text.slice(0, at + 3));
  });
});

describe('loading', () => {
  it('is told stage by stage', async () => {
    await engine.ready();
    expect(progress.map(({ stage }) => stage)).toEqual(['folder', 'weights', 'engine', 'ready']);
    expect(progress[1]!.weightBytes).toBeGreaterThan(1e6);
    expect(progress[3]!.elapsedMs).toBeGreaterThanOrEqual(progress[1]!.elapsedMs);
  });

  it('fails with what its listener throws', async () => {
    const failing = new Engine({
      onProgress: () => {
        throw new Error('enough');
      },
    });
    await expect(failing.ready()).rejects.toThrow('enough');
    await failing.close();
  });

  it('takes a KV cache that the machine can hold', () => {
    const spec = { layers: 24, kvHeads: 2, headDim: 64, maxPositions: 32_768 } as NativeModelSpec;
    expect(kvBytesPerToken(spec)).toBe(24_576);
    expect(kvBytesPerToken(spec, spec.kvHeads * 2)).toBe(49_152);
    expect(defaultKvTokens(spec, 2 ** 34)).toBe(32_768);
    expect(defaultKvTokens({ ...spec, maxPositions: 131_072 }, 2 ** 40)).toBe(131_072);
    expect(defaultKvTokens(spec, 2 ** 30)).toBe(10_922);
    expect(defaultKvTokens(spec, 0)).toBe(LEAST_KV_TOKENS);
    const folder = { spec, weightBytes: 2 ** 28 };
    expect(kvTokensWithin(0.5, folder, 2 ** 30)).toBe(Math.floor(2 ** 28 / kvBytesPerToken(spec)));
    expect(() => kvTokensWithin(0.25, folder, 2 ** 30)).toThrow('memoryShare = 0.25');
  });
});
