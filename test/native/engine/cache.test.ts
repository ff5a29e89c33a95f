// The prefix cache as callers see it: salts, what is listed, what is evicted; priorities; log-probabilities of prompts.
import { afterAll, describe, expect, it } from 'vitest';
import { addon, type Harness, harness, model, randomInts, randomPrompt } from './harness.js';
import { reference } from './tiny-llama.js';

const vocabSize = 203;
const { prompt } = reference('plain');

describe.each([{ overlap: false }, { overlap: true }])('with overlap: $overlap,', ({ overlap }) => {
  const opened: Harness[] = [];
  const start = async (options: Parameters<typeof harness>[0] = {}) => {
    const started = await harness({ overlap, ...options });
    opened.push(started);
    return started;
  };
  afterAll(() => Promise.all(opened.map(({ engine }) => engine.close())));

  it('salts keep prefixes apart', async () => {
    const { run, engine } = await start();
    const cached = async (cacheSalt?: string) =>
      (await run({ prompt, ...(cacheSalt !== undefined && { cacheSalt }) })).finish.cachedTokens;
    expect([await cached(), await cached('a'), await cached('b')]).toEqual([0, 0, 0]);
    expect([await cached(''), await cached('a'), await cached('b')]).toEqual([39, 39, 39]);
    const listed = await engine.cachedPrefixes({ most: 100 });
    expect([...new Set(listed.map(({ salt }) => salt))]).toEqual(['', 'a', 'b']);
    expect(await engine.check()).toBe('');
  });

  it('nodes are listed with their tokens, parents first', async () => {
    const { run, engine } = await start();
    const { tokens } = await run({ prompt, maxTokens: 5 });
    await run({ prompt: Int32Array.of(...prompt.subarray(0, 20), 1, 2, 3, 4), maxTokens: 1 });
    const listed = await engine.cachedPrefixes({ most: 100 });
    expect(listed.length).toBe(engine.stats().cacheNodes);
    const pathOf = (index: number): number[] =>
      index < 0 ? [] : [...pathOf(listed[index]!.parent), ...listed[index]!.tokens];
    const paths = listed.map((_, index) => pathOf(index).join());
    expect(paths).toContain([...prompt, ...tokens.slice(0, 4)].join());
    expect(paths).toContain([...prompt.subarray(0, 20), 1, 2, 3, 4].join());
    expect(listed[0]).toMatchObject({ parent: -1, pages: 5, lockedPages: 0, hits: 1, salt: '' });
    expect(await engine.cachedPrefixes({ most: 1 })).toHaveLength(1);
    expect(await engine.cachedPrefixes({ most: 0 })).toEqual([]);
  });

  it('a chat goes on from the last token of an output, in the middle of a page', async () => {
    const { run, engine } = await start({ pageSize: 16 });
    let chat = prompt;
    let known = 0;
    for (let turn = 0; turn < 4; turn++) {
      const { tokens, finish } = await run({ prompt: chat, maxTokens: 7 });
      expect(finish.cachedTokens).toBe(known);
      const apart = await start({ radixCache: false });
      expect((await apart.run({ prompt: chat, maxTokens: 7 })).tokens).toEqual(tokens);
      // An output's last token is never computed.
      known = chat.length + 6;
      chat = Int32Array.of(...chat, ...tokens, ...randomPrompt(randomInts(turn), 5));
    }
    expect(engine.stats().headTokens).toBeGreaterThan(10);
    expect(await engine.check()).toBe('');
  });

  it('what makes room goes to the host tier, and is copied back', async () => {
    const prompts = [1, 2, 3, 4, 5].map((first) =>
      Int32Array.of(first, ...randomPrompt(randomInts(first), 69)),
    );
    const alone = await start({ radixCache: false });
    const expected = [];
    for (const one of prompts) expected.push((await alone.run({ prompt: one })).tokens);
    const { run, engine } = await start({ kvTokens: 100, hostKvTokens: 400 });
    for (let round = 0; round < 3; round++)
      for (const [i, one] of prompts.entries()) {
        const { tokens, finish } = await run({ prompt: one });
        expect(tokens).toEqual(expected[i]);
        expect(finish.cachedTokens).toBe(round === 0 ? 0 : 69);
      }
    const stats = engine.stats();
    expect(stats).toMatchObject({ hostPagesTotal: 100, hostPagesEvicted: 0 });
    expect(stats.hostPagesLoaded).toBeGreaterThan(100);
    expect(stats.hostPagesStored).toBeGreaterThan(stats.hostPagesUsed);
    const listed = await engine.cachedPrefixes({ most: 1000 });
    expect(listed.reduce((sum, { hostPages }) => sum + hostPages, 0)).toBe(stats.hostPagesUsed);
    expect(await engine.check()).toBe('');
    expect(await engine.flushCache()).toBe(stats.hostPagesUsed + stats.pagesCached);
    expect(engine.stats()).toMatchObject({ hostPagesUsed: 0, pagesFree: 25, cacheNodes: 0 });
  });

  it('what is often found outlives what was used last, with lfu', async () => {
    for (const radixEviction of ['lfu', 'lru'] as const) {
      const { run, engine } = await start({ kvTokens: 128, radixEviction });
      const often = randomPrompt(randomInts(1), 40);
      for (let i = 0; i < 4; i++) await run({ prompt: often, maxTokens: 1 });
      for (let i = 0; i < 3; i++) await run({ prompt: randomPrompt(randomInts(10 + i), 40), maxTokens: 1 });
      const { finish } = await run({ prompt: often, maxTokens: 1 });
      expect(finish.cachedTokens > 20).toBe(radixEviction === 'lfu');
      expect(engine.stats().pagesEvicted).toBeGreaterThan(0);
      expect(await engine.check()).toBe('');
    }
  });

  it('a request takes the place of one that is far less urgent', async () => {
    const long = { prompt: randomPrompt(randomInts(4), 9), priority: -20, maxTokens: 240 };
    const expected = (await (await start()).run(long)).tokens;
    const { run, engine } = await start({ maxRunning: 1, schedulePolicy: 'priority', radixCache: false });
    // On a busy machine the long one may not have begun, or be over, when the others come.
    for (let round = 0; round < 200 && engine.stats().preemptions === 0; round++) {
      const short = (priority: number) =>
        run({ prompt: Int32Array.of(priority + 1, 2, 3), priority, maxTokens: 2 });
      const first = run(long);
      for (const end = performance.now() + 20; engine.stats().running === 0 && performance.now() < end; );
      const outcomes = await Promise.all([first, ...[0, 3, 5].map(short)]);
      expect(outcomes[0]!.tokens).toEqual(expected);
      const times = outcomes.map(({ finish }) => finish.totalMicros);
      if (engine.stats().preemptions > 0) expect(times[0]).toBe(Math.max(...times));
      expect(await engine.check()).toBe('');
    }
    expect(engine.stats().preemptions).toBeGreaterThan(0);
  });

  it("a prompt's log-probabilities are the model's, cached or not, in any chunks, retracted or not", async () => {
    const logits = await addon.logits(await model('plain'), prompt, 64);
    const expected = Array.from({ length: prompt.length - 1 }, (_, i) => {
      const row = logits.subarray(i * vocabSize, (i + 1) * vocabSize);
      return row[prompt[i + 1]!]! - Math.log(row.reduce((sum, logit) => sum + Math.exp(logit), 0));
    });
    const best = (i: number) => {
      const row = logits.subarray(i * vocabSize, (i + 1) * vocabSize);
      return row.indexOf(Math.max(...row));
    };
    const { greedy } = reference('plain');
    for (const options of [{}, { chunkedPrefillSize: 7 }, { radixCache: false }, { kvTokens: 140 }]) {
      const { run, engine } = await start(options);
      for (const from of [0, 1, 13, 39, 40]) {
        const others = [1, 2].map((seed) =>
          run({ prompt: randomPrompt(randomInts(seed), 30), maxTokens: 60 }),
        );
        const outcome = await run({ prompt, maxTokens: 20, promptLogprobs: 1, promptLogprobsFrom: from });
        expect(outcome.tokens).toEqual(greedy.slice(0, 20));
        const first = Math.max(1, from);
        expect(outcome.promptLogprobs).toHaveLength(prompt.length - first);
        for (const [i, value] of outcome.promptLogprobs.entries()) {
          expect(value).toBeCloseTo(expected[first - 1 + i]!, 4);
          expect(outcome.promptAlternatives[i]).toBe(best(first - 1 + i));
        }
        expect(outcome.finish.cachedTokens).toBeLessThanOrEqual(from);
        await Promise.all(others);
        expect(await engine.check()).toBe('');
      }
    }
    const { run } = await start();
    expect(() => run({ prompt, promptLogprobs: 0, promptLogprobsFrom: 41 })).toThrow(/promptLogprobsFrom/);
    expect(() => run({ prompt, priority: 1.5 })).toThrow(/priority/);
  });
});
