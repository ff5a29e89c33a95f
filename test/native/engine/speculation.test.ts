// Drafts change how many steps an output takes, never the output: against the same requests without drafts, token for token.
import { afterAll, describe, expect, it } from 'vitest';
import type { NativeRequest, NativeSpeculation } from '../../../src/native/index.js';
import { addon, defaults, type Harness, harness, model, randomInts, randomPrompt } from './harness.js';
import { reference } from './tiny-llama.js';

const opened: Harness[] = [];
const start = async (options: Parameters<typeof harness>[0] = {}) => {
  const started = await harness(options);
  opened.push(started);
  return started;
};
afterAll(() => Promise.all(opened.map(({ engine }) => engine.close())));

const numbers = { maxTokens: 6, maxForced: 16, minMatch: 1, maxMatch: 6, kvTokens: 2048 };
/** By prompt look-up, by a draft model that is nearly the model, and by one that is quite another. */
const kinds: Record<string, () => Promise<NativeSpeculation>> = {
  ngram: async () => ({ ...numbers, kind: 'ngram' }),
  'a close model': async () => ({ ...numbers, kind: 'draft', draftModel: await model('bf16') }),
  'another model': async () => ({ ...numbers, kind: 'draft', draftModel: await model('llama3') }),
};

/** Prompts that repeat themselves, so that look-up finds something; every third greedy. */
function randomRequest(next: (below: number) => number): Partial<NativeRequest> {
  const stem = randomPrompt(randomInts(next(4)), 3 + next(12));
  const prompt = Int32Array.of(
    ...stem,
    ...randomPrompt(next, 1 + next(8)),
    ...stem.subarray(0, 2 + next(20)),
  );
  const temperature = next(3) === 0 ? 0 : (2 + next(10)) / 10;
  return {
    prompt,
    maxTokens: 1 + next(60),
    stopTokens: next(3) === 0 ? Int32Array.of(next(203), next(203), next(203)) : new Int32Array(0),
    sampling: {
      temperature,
      topK: next(2) * (1 + next(40)),
      topP: next(2) ? 1 : 0.9,
      minP: next(4) ? 0 : 0.02,
      seed: next(1000),
      ...(next(3) === 0 && { repetitionPenalty: 1.2, frequencyPenalty: 0.5, presencePenalty: -0.3 }),
    },
    ...(next(4) === 0 && { minTokens: 1 + next(10) }),
    ...(next(4) === 0 && {
      logitBias: { tokens: Int32Array.of(next(100), 100 + next(100)), biases: Float32Array.of(5, -5) },
    }),
    ...(next(4) === 0 && { logprobs: next(4) }),
    ...(next(8) === 0 && { speculate: false }),
  };
}

const seed = Number(process.env.ESPALIER_SEED ?? Math.floor(Math.random() * 2 ** 31));

describe.each(Object.keys(kinds))('drafts by %s', (kind) => {
  it.each(['greedy', 'sampled'])('leave the reference output as it is, %s, in fewer steps', async (how) => {
    const { prompt } = reference('plain');
    const sampling = { temperature: how === 'greedy' ? 0 : 0.4, topK: 0, topP: 1, minP: 0, seed: 7 };
    // Of its own output, the model says the most again.
    const plain = await start();
    const first = await plain.run({ prompt, maxTokens: 80, sampling });
    const longer = Int32Array.of(...prompt, ...first.tokens.slice(0, 40));
    const expected = await plain.run({ prompt: longer, maxTokens: 60, sampling });
    const speculation = await kinds[kind]!();
    const { run, engine } = await start({ speculation, chunkedPrefillSize: 128 });
    const { tokens, finish } = await run({ prompt: longer, maxTokens: 60, sampling });
    expect(tokens).toEqual(expected.tokens);
    const { draftTokens, acceptedTokens, forwardSteps } = engine.stats();
    expect(finish).toMatchObject({ draftTokens, acceptedTokens, outputTokens: 60 });
    expect(draftTokens).toBeGreaterThan(0);
    expect(acceptedTokens).toBeLessThanOrEqual(draftTokens);
    // Each step's own token is no draft's.
    expect(forwardSteps + acceptedTokens).toBe(60);
    if (kind === 'a close model') expect(acceptedTokens).toBeGreaterThan(draftTokens / 2);
    expect(await engine.check()).toBe('');
  });

  it(`leave ${120} random requests as they are, aborts and short memory among them (ESPALIER_SEED=${seed})`, async () => {
    const next = randomInts(seed);
    const requests = Array.from({ length: 120 }, () => randomRequest(next));
    const plain = await start({ radixCache: false });
    const expected = [];
    for (const request of requests) expected.push(await plain.run(request));
    const speculation = { ...(await kinds[kind]!()), kvTokens: 160 };
    for (const options of [
      { kvTokens: 300, chunkedPrefillSize: 32 },
      { kvTokens: 200, pageSize: 1, chunkedPrefillSize: 7, radixCache: false },
      { pageSize: 16 },
    ]) {
      const { run, engine } = await start({ ...options, speculation });
      const aborted = new Set<number>();
      const outcomes = requests.map((request, i) => {
        const outcome = run({ ...request, id: 5e6 + i });
        if (next(12) === 0) {
          const victim = next(i + 1);
          setTimeout(() => engine.abort(5e6 + victim), next(20));
          aborted.add(victim);
        }
        return outcome;
      });
      for (const [i, { tokens, allowed, logprobs, alternatives, finish }] of (
        await Promise.all(outcomes)
      ).entries()) {
        const wanted = expected[i]!;
        if (aborted.has(i) && finish.reason === 'abort') {
          expect(tokens).toEqual(wanted.tokens.slice(0, tokens.length));
          continue;
        }
        expect({ tokens, allowed, logprobs, alternatives }).toEqual({
          tokens: wanted.tokens,
          allowed: wanted.allowed,
          logprobs: wanted.logprobs,
          alternatives: wanted.alternatives,
        });
        const { reason, stopToken, outputTokens } = wanted.finish;
        expect(finish).toMatchObject({ reason, stopToken, outputTokens });
        if (requests[i]!.speculate === false) expect(finish.draftTokens).toBe(0);
      }
      expect(await engine.check()).toBe('');
      const stats = engine.stats();
      expect(stats.pagesFree + stats.pagesCached).toBe(stats.pagesTotal);
      expect(stats.draftTokens).toBeGreaterThan(0);
      await engine.flushCache();
      expect(await engine.check()).toBe('');
      expect(engine.stats().pagesFree).toBe(stats.pagesTotal);
    }
  });
});

describe('an engine that drafts', () => {
  const refusal = async (options: object) => {
    const handle = await model();
    try {
      addon.createEngine(handle, { ...defaults, ...options }, () => {});
    } catch (error) {
      return error as Error & { code: string };
    }
    throw new Error('nothing was refused');
  };

  it('refuses what it cannot do, by name', async () => {
    const ngram = await kinds.ngram!();
    expect(await refusal({ speculation: ngram, overlap: true })).toMatchObject({
      code: 'bad_request',
      message: expect.stringContaining('overlap'),
    });
    for (const [name, value] of [
      ['kind', 'eagle'],
      ['maxTokens', 0],
      ['minMatch', 0],
      ['maxMatch', 0],
      ['kvTokens', 0],
    ] as const)
      expect(await refusal({ speculation: { ...ngram, [name]: value } })).toMatchObject({
        code: 'bad_request',
        message: expect.stringContaining(name === 'kind' ? 'eagle' : name),
      });
    expect(await refusal({ speculation: { ...ngram, kind: 'draft' } })).toMatchObject({
      code: 'bad_request',
    });
  });
});
