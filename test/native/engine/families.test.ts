// Every family against transformers: logits of all positions, and greedy tokens through each way that a token can take
// to the pages.
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { loadNative } from '../../../src/native/index.js';
import { familyNames, familyReference, familySpec, largestDifference } from './families.js';
import { engineOn, type Harness } from './harness.js';

const addon = loadNative();
// Logits reach 7 in size; float32 sums in another order differ by up to 1.6e-5 (measured).
const MAX_ERROR = 1e-4;

it('there is a reference for every folder of test/fixtures/families', () => {
  const folder = fileURLToPath(new URL('../../fixtures/families', import.meta.url));
  expect(readdirSync(folder).sort()).toEqual([...familyNames].sort());
});

describe.each(familyNames)('%s', (name) => {
  const { prompt, greedy, logits } = familyReference(name);
  const loaded = addon.loadModel(familySpec(name));

  it(`gives the reference's logits within ${MAX_ERROR}, in chunks of any size the same`, async () => {
    const model = await loaded;
    const whole = await addon.logits(model, prompt, prompt.length);
    const difference = largestDifference(whole, logits);
    console.log(`${name} (${addon.cpuKernels}): largest difference ${difference}`);
    expect(difference).toBeLessThanOrEqual(MAX_ERROR);
    for (const chunk of [1, 3, 7, 16, 39])
      expect(Buffer.from((await addon.logits(model, prompt, chunk)).buffer)).toEqual(
        Buffer.from(whole.buffer),
      );
  });

  describe('continues as the reference does', () => {
    const harnesses: Harness[] = [];
    const open = async (options: Parameters<typeof engineOn>[1]) => {
      const harness = engineOn(await loaded, options);
      harnesses.push(harness);
      return harness;
    };
    const request = { prompt, maxTokens: greedy.length };
    afterAll(() => Promise.all(harnesses.map(({ engine }) => engine.close())));

    it.each([
      ['in one chunk, then decoding', { radixCache: false }],
      ['in chunks of 7, on one thread', { radixCache: false, chunkedPrefillSize: 7, threads: 1 }],
      ['with tokens that are planned before they are known', { overlap: true }],
      ['in pages of 3', { pageSize: 3, kvTokens: 300 }],
    ])('%s', async (_, options) => {
      const { run } = await open(options);
      expect((await run(request)).tokens).toEqual(greedy);
    });

    it('from a cached prefix', async () => {
      const { engine, run } = await open({});
      await run({ prompt: prompt.slice(0, 21), maxTokens: 1 });
      expect((await run(request)).tokens).toEqual(greedy);
      expect(engine.stats().cachedTokens).toBeGreaterThanOrEqual(20);
      const extended = Int32Array.of(...prompt, ...greedy.slice(0, 20));
      expect((await run({ prompt: extended, maxTokens: 12 })).tokens).toEqual(greedy.slice(20));
      expect(await engine.check()).toBe('');
    });

    it('beside others, and retracted for want of pages', async () => {
      // Requests of a tiny model may be over before the others are there: then nothing is short.
      let retractions = 0;
      for (let round = 0; round < 20 && retractions === 0; round++) {
        const { engine, run } = await open({ kvTokens: 160, chunkedPrefillSize: 16 });
        const others = [3, 11, 29].map((length) => run({ prompt: prompt.slice(-length), maxTokens: 24 }));
        const [first, second] = await Promise.all([run(request), run(request), ...others]);
        expect(first.tokens).toEqual(greedy);
        expect(second.tokens).toEqual(greedy);
        retractions = engine.stats().retractions;
      }
      expect(retractions).toBeGreaterThan(0);
    });
  });
});

it.each(['scalar', 'avx2'])('the %s kernels give the references too', (kernels) => {
  const script = `
    import { loadNative } from './src/native/index.ts';
    import { familyNames, familyReference, familySpec, largestDifference } from './test/native/engine/families.ts';
    const addon = loadNative();
    const out = {};
    for (const name of familyNames) {
      const { prompt, logits } = familyReference(name);
      const model = await addon.loadModel(familySpec(name));
      const whole = await addon.logits(model, prompt, 40);
      const parts = await addon.logits(model, prompt, 3);
      out[name] = [largestDifference(whole, logits), largestDifference(whole, parts)];
    }
    console.log(JSON.stringify(out));`;
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const env = { ...process.env, ESPALIER_CPU_KERNELS: kernels };
  const args = ['--import', 'tsx', '--input-type=module', '-e', script];
  const out: Record<string, [number, number]> = JSON.parse(
    execFileSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' }),
  );
  for (const [difference, chunks] of Object.values(out)) {
    expect(difference).toBeLessThanOrEqual(MAX_ERROR);
    expect(chunks).toBe(0);
  }
  expect(Object.keys(out)).toEqual(familyNames);
}, 60_000);
