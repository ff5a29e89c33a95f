// Outputs do not depend on what else the engine does: batches, chunks, cached prefixes, retraction; and requests end as asked.
import { afterAll, describe, expect, it } from 'vitest';
import { addon, defaults, type Harness, harness, model, randomInts, randomPrompt } from './harness.js';
import { reference } from './tiny-llama.js';

// Planning a step while the last one runs changes nothing that a caller can see.
describe.each([{ overlap: false }, { overlap: true }])('with overlap: $overlap,', ({ overlap }) => {
  const opened: Harness[] = [];
  const start = async (...[options, name]: Parameters<typeof harness>) => {
    const started = await harness({ overlap, ...options }, name);
    opened.push(started);
    return started;
  };
  afterAll(() => Promise.all(opened.map(({ engine }) => engine.close())));

  const sampled = (seed: number) => ({ temperature: 1, topK: 0, topP: 1, minP: 0, seed });

  describe('greedy decoding', () => {
    it.each(['plain', 'bf16', 'llama3'] as const)('of %s equals the reference, alone', async (name) => {
      const { run } = await start({}, name);
      const { prompt, greedy } = reference(name);
      const { tokens, finish } = await run({ prompt, maxTokens: 32 });
      expect(tokens).toEqual(greedy);
      expect(finish).toMatchObject({ reason: 'length', stopToken: -1, promptTokens: 40, cachedTokens: 0 });
      expect(finish.outputTokens).toBe(32);
      expect(finish.totalMicros).toBeGreaterThanOrEqual(finish.firstTokenMicros);
    });

    it.each([1, 7, 40])('equals the reference with prefill chunks of %i', async (chunkedPrefillSize) => {
      const { run } = await start({ chunkedPrefillSize });
      const { prompt, greedy } = reference('plain');
      expect((await run({ prompt, maxTokens: 32 })).tokens).toEqual(greedy);
    });

    it('equals the reference on a cached prefix, and reports what was cached', async () => {
      const { run, engine } = await start();
      const { prompt, greedy } = reference('plain');
      const longer = Int32Array.of(...prompt, ...greedy.slice(0, 9));
      await run({ prompt: prompt.subarray(0, 30), maxTokens: 3 });
      const first = await run({ prompt, maxTokens: 32 });
      expect(first.tokens).toEqual(greedy);
      expect(first.finish.cachedTokens).toBe(30);
      const second = await run({ prompt, maxTokens: 32 });
      expect(second.tokens).toEqual(greedy);
      expect(second.finish.cachedTokens).toBe(39);
      const third = await run({ prompt: longer, maxTokens: 23 });
      expect(third.tokens).toEqual(greedy.slice(9));
      expect(third.finish.cachedTokens).toBe(48);
      expect(engine.stats()).toMatchObject({ cachedTokens: 30 + 39 + 48, promptTokens: 30 + 40 + 40 + 49 });
    });

    it('equals the reference in a batch of others', async () => {
      const { run, engine } = await start();
      const next = randomInts(3);
      const others = Array.from({ length: 12 }, (_, i) =>
        run({ prompt: randomPrompt(next, 5 + next(60)), maxTokens: 40, sampling: sampled(i) }),
      );
      const { prompt, greedy } = reference('plain');
      expect((await run({ prompt, maxTokens: 32 })).tokens).toEqual(greedy);
      await Promise.all(others);
      expect(await engine.check()).toBe('');
    });
  });

  describe('sampled decoding', () => {
    const requests = Array.from({ length: 24 }, (_, i) => {
      const next = randomInts(100 + i);
      const stem = randomPrompt(randomInts(i % 3), 20);
      return {
        prompt: Int32Array.of(...stem, ...randomPrompt(next, 1 + next(30))),
        maxTokens: 10 + next(30),
        sampling: { temperature: 0.7 + next(10) / 10, topK: next(2) * 50, topP: 0.95, minP: 0.01, seed: i },
      };
    });
    const outputs = async (options: Parameters<typeof harness>[0], oneByOne: boolean) => {
      const { run, engine } = await start(options);
      const tokens: number[][] = [];
      if (oneByOne) for (const request of requests) tokens.push((await run(request)).tokens);
      else tokens.push(...(await Promise.all(requests.map(run))).map((outcome) => outcome.tokens));
      expect(await engine.check()).toBe('');
      const stats = engine.stats();
      expect(stats.pagesFree + stats.pagesCached).toBe(stats.pagesTotal);
      return tokens;
    };
    const alone = outputs({ radixCache: false, threads: 1 }, true);

    it('is the same in a batch as alone, with other threads, chunks, pages and caches', async () => {
      const tokens = await alone;
      expect(await outputs({}, false)).toEqual(tokens);
      expect(await outputs({ pageSize: 16, chunkedPrefillSize: 5 }, false)).toEqual(tokens);
      expect(await outputs({ pageSize: 1, maxRunning: 3 }, true)).toEqual(tokens);
    });

    it('is the same when requests are retracted for want of pages', async () => {
      const long = requests.slice(0, 6).map((request) => ({ ...request, maxTokens: 180 }));
      const unloaded = await start();
      const expected: number[][] = [];
      for (const request of long) expected.push((await unloaded.run(request)).tokens);
      for (const radixCache of [true, false]) {
        const { run, engine } = await start({ kvTokens: 300, chunkedPrefillSize: 11, radixCache });
        const outcomes = await Promise.all(long.map(run));
        expect(outcomes.map(({ tokens }) => tokens)).toEqual(expected);
        expect(await engine.check()).toBe('');
        const stats = engine.stats();
        expect(stats.retractions).toBeGreaterThan(0);
        expect(stats.pagesFree + stats.pagesCached).toBe(75);
        if (!radixCache) expect(stats).toMatchObject({ pagesCached: 0, cachedTokens: 0 });
        // Retraction is no second prompt.
        expect(stats.promptTokens).toBe(long.reduce((sum, { prompt }) => sum + prompt.length, 0));
      }
    });

    it('shares the prefix of prompts that come together', async () => {
      const { run } = await start();
      const prompt = randomPrompt(randomInts(77), 48);
      const outcomes = await Promise.all(
        [0, 1, 2, 3].map((seed) => run({ prompt, sampling: sampled(seed) })),
      );
      const cached = outcomes.map(({ finish }) => finish.cachedTokens).sort((a, b) => a - b);
      expect(cached).toEqual([0, 47, 47, 47]);
    });

    it('depends on the seed', async () => {
      const { run } = await start();
      const of = async (seed: number) => (await run({ maxTokens: 30, sampling: sampled(seed) })).tokens;
      expect(await of(5)).toEqual(await of(5));
      expect(await of(5)).not.toEqual(await of(6));
      expect(await of(2 ** 53 - 1)).not.toEqual(await of(2 ** 32 - 1));
    });
  });

  describe('a request ends', () => {
    const { prompt, greedy } = reference('plain');

    it('before a stop token, which it names', async () => {
      const { run } = await start();
      const stop = greedy[10]!;
      const until = greedy.indexOf(stop);
      const { tokens, finish } = await run({ prompt, maxTokens: 32, stopTokens: Int32Array.of(202, stop) });
      expect(tokens).toEqual(greedy.slice(0, until));
      expect(finish).toMatchObject({ reason: 'stop', stopToken: stop, outputTokens: until });
    });

    it('where the model has no more positions', async () => {
      const { run } = await start();
      const long = randomPrompt(randomInts(1), 250);
      const { tokens, finish } = await run({ prompt: long, maxTokens: 1000 });
      expect(tokens.length).toBe(6);
      expect(finish.reason).toBe('length');
    });

    it('when aborted while it waits', async () => {
      const { run, engine } = await start({ maxRunning: 1 });
      const queue = Array.from({ length: 20 }, (_, i) => run({ id: 1e6 + i, maxTokens: 240 }));
      for (let i = 19; i > 0; --i) engine.abort(1e6 + i);
      engine.abort(424242);
      const last = (await Promise.all(queue)).at(-1)!;
      expect(last).toMatchObject({ tokens: [], finish: { reason: 'abort', firstTokenMicros: 0 } });
      expect(await engine.check()).toBe('');
      expect(engine.stats()).toMatchObject({ running: 0, queued: 0 });
    });

    it('when aborted while it runs', async () => {
      const { run, engine } = await start();
      // A busy machine may let a request end before its abort arrives.
      for (let attempt = 0; attempt < 20; ++attempt) {
        const before = engine.stats().outputTokens;
        const running = run({ id: 2e5 + attempt, maxTokens: 250 });
        while (engine.stats().outputTokens === before) await new Promise((next) => setImmediate(next));
        engine.abort(2e5 + attempt);
        const { tokens, finish } = await running;
        expect(finish.outputTokens).toBe(tokens.length);
        expect(await engine.check()).toBe('');
        if (finish.reason === 'abort' && tokens.length > 0) return;
      }
      throw new Error('no request was aborted while it ran');
    });

    it('at once, by name, when the request is not valid', async () => {
      const { engine, run } = await start({ kvTokens: 64 });
      const refused = (request: object, message: RegExp) =>
        expect(() => run(request)).toThrow(
          expect.objectContaining({ code: 'bad_request', message: expect.stringMatching(message) }),
        );
      refused({ prompt: new Int32Array(0) }, /prompt is empty/);
      refused({ prompt: Int32Array.of(203) }, /token 203 is outside/);
      refused({ prompt: [1, 2] }, /prompt must be an Int32Array/);
      refused({ prompt: randomPrompt(randomInts(1), 256) }, /limit maxPositions = 256/);
      refused({ maxTokens: 63 }, /limit kvTokens = 64/);
      refused({ maxTokens: 0 }, /maxTokens/);
      refused({ maxTokens: 1.5 }, /maxTokens must be an integer/);
      refused({ sampling: { ...sampled(1), topP: 0 } }, /topP/);
      refused({ sampling: { ...sampled(1), temperature: Number.NaN } }, /temperature/);
      refused({ sampling: { ...sampled(1), seed: -1 } }, /seed/);
      refused({ grammar: {} }, /grammar/);
      expect((await run({ maxTokens: 62 })).finish.outputTokens).toBe(62);
      expect(engine.stats()).toMatchObject({ running: 0, queued: 0 });
    });

    it('at once when its id belongs to a live request', async () => {
      const { run } = await start({ maxRunning: 1 });
      const live = Array.from({ length: 20 }, (_, i) => run({ id: 3e6 + i, maxTokens: 200 }));
      expect(() => run({ id: 3e6 + 19 })).toThrow(
        expect.objectContaining({ code: 'bad_request', message: 'id 3000019 belongs to a live request' }),
      );
      await Promise.all(live);
      await run({ id: 3e6 + 19 });
    });

    it('at once when the queue is full', async () => {
      const { run } = await start({ maxRunning: 2, maxQueued: 3 });
      const accepted: ReturnType<typeof run>[] = [];
      const ask = () => {
        // One may end before the next one is asked for.
        while (accepted.length < 100) accepted.push(run({ maxTokens: 200 }));
      };
      expect(ask).toThrow(expect.objectContaining({ code: 'queue_full' }));
      expect(accepted.length).toBeGreaterThanOrEqual(5);
      for (const { tokens } of await Promise.all(accepted)) expect(tokens).toHaveLength(200);
      await run();
    });
  });

  describe('the engine', () => {
    it('keeps its books through 200 random requests, aborts among them', async () => {
      const { run, engine } = await start({ kvTokens: 400, maxQueued: 1000 });
      const next = randomInts(9);
      const stems = [0, 1, 2, 3].map((i) => randomPrompt(randomInts(50 + i), 40));
      const outcomes = [];
      for (let i = 0; i < 200; ++i) {
        const stem = stems[next(4)]!.subarray(0, next(40));
        const prompt = Int32Array.of(...stem, ...randomPrompt(next, 1 + next(20)));
        const id = 2e6 + i;
        outcomes.push(run({ id, prompt, maxTokens: 1 + next(40), sampling: sampled(i) }));
        if (next(5) === 0) engine.abort(2e6 + next(i + 1));
        if (next(10) === 0) expect(await engine.check()).toBe('');
        if (next(30) === 0) await engine.flushCache();
      }
      const reasons = (await Promise.all(outcomes)).map(({ finish }) => finish.reason);
      expect(new Set(reasons)).toEqual(new Set(['length', 'abort']));
      expect(await engine.check()).toBe('');
      const stats = engine.stats();
      expect(stats).toMatchObject({ running: 0, queued: 0, pagesTotal: 100 });
      expect(stats.pagesFree + stats.pagesCached).toBe(100);
      expect(stats.pagesCached).toBeGreaterThan(0);
      expect(await engine.flushCache()).toBe(stats.pagesCached);
      expect(engine.stats().pagesFree).toBe(100);
      expect(await engine.check()).toBe('');
    });

    it('forgets prefixes on flushCache', async () => {
      const { run, engine } = await start();
      const { prompt } = reference('plain');
      await run({ prompt });
      expect((await run({ prompt })).finish.cachedTokens).toBe(39);
      expect(await engine.flushCache()).toBeGreaterThan(0);
      expect((await run({ prompt })).finish.cachedTokens).toBe(0);
    });

    it('refuses broken options by name', async () => {
      const handle = await model();
      for (const [key, value] of [
        ['threads', 0],
        ['kvTokens', 0],
        ['pageSize', 1.5],
        ['maxRunning', '4'],
        ['chunkedPrefillSize', -1],
        ['maxQueued', Number.NaN],
        ['radixCache', 1],
      ])
        expect(() => addon.createEngine(handle, { ...defaults, [key as string]: value }, () => {})).toThrow(
          expect.objectContaining({ code: 'bad_request', message: expect.stringContaining(key as string) }),
        );
      expect(() => addon.createEngine({} as never, defaults, () => {})).toThrow(/model handle/);
    });
  });
});
