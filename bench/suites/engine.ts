// The engine on sprout: tokens per second by batch size, prefill, what a shared prefix saves, what a constraint costs.
// Each figure stands beside its counterpart of the same run: ratios hold where single figures drift with the machine.
import { Engine, type GenerateRequest, type GenerateResult } from '../../src/engine/index.js';
import type { BenchOptions } from '../options.js';
import type { RaceModel } from '../race/models.js';
import { writeRacePages } from '../race/page.js';
import { race } from '../race/race.js';

const BATCHES = [1, 8, 64];
const SCHEMA = {
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: 40 },
    tags: { type: 'array', items: { type: 'string', maxLength: 20 }, minItems: 2, maxItems: 8 },
    age: { type: 'integer', minimum: 0, maximum: 150 },
  },
  required: ['name', 'tags', 'age'],
  additionalProperties: false,
};

export const name = 'engine';
export const description =
  'the engine: decode by batch, prefill, shared prefixes, constraints (--only sprout); against llama.cpp (--only race, race-sprout, race-qwen2)';

/** Only a run of both models writes the pages. */
export async function run(options: BenchOptions): Promise<Record<string, unknown>> {
  const { quick, log, only = ['sprout', 'race'] } = options;
  const models: RaceModel[] = [];
  if (only.includes('race') || only.includes('race-sprout')) models.push('sprout');
  if (only.includes('race') || only.includes('race-qwen2')) models.push('qwen2-0.5b');
  const alone = only.includes('sprout') ? await runSprout(options) : {};
  if (models.length === 0) return alone;
  const figures = await race(models, { quick, log });
  if (models.length === 2 && !quick) writeRacePages(figures);
  return { ...alone, race: figures };
}

async function runSprout({ quick, log }: BenchOptions): Promise<Record<string, unknown>> {
  await using engine = new Engine();
  await using uncached = new Engine({ radixCache: false });
  await Promise.all([
    engine.generate({ prompt: 'warm up', maxTokens: 64, ignoreEos: true }),
    uncached.ready(),
  ]);
  const outputTokens = quick ? 64 : 192;
  const decode: Record<string, number> = {};
  for (const batch of BATCHES) {
    decode[batch] = await tokensPerSecond(engine, batch, (i) => free(i, outputTokens));
    log(`decode, ${String(batch).padStart(2)} at once: ${Math.round(decode[batch])} tokens/s`);
  }
  const constrained = await tokensPerSecond(engine, 64, (i) => ({
    ...free(i, outputTokens),
    ignoreEos: false,
    schema: SCHEMA,
    temperature: 1,
    seed: i,
  }));
  const unconstrained = await tokensPerSecond(engine, 64, (i) => ({
    ...free(i, outputTokens),
    temperature: 1,
    seed: i,
  }));
  log(
    `64 at once, temperature 1: ${Math.round(constrained)} tokens/s under a schema, ${(constrained / unconstrained).toFixed(2)} of the free ${Math.round(unconstrained)}`,
  );
  const prefix = await sharedPrefix(engine, uncached, quick ? 32 : 128);
  log(
    `${prefix.requests} requests with a shared prefix of ${prefix.prefixTokens} tokens: ${prefix.cachedMs.toFixed(0)} ms, ${prefix.ratio.toFixed(1)} times as fast as with the cache off (${prefix.uncachedMs.toFixed(0)} ms)`,
  );
  log(`prefill with the cache off: ${Math.round(prefix.prefillTokensPerSecond)} tokens/s`);
  return { decode, constrained, unconstrained, constrainedRatio: constrained / unconstrained, prefix };
}

const free = (i: number, maxTokens: number): GenerateRequest => ({
  prompt: `Request ${i}: tell me more.`,
  maxTokens,
  ignoreEos: true,
});

async function tokensPerSecond(
  engine: Engine,
  batch: number,
  request: (i: number) => GenerateRequest,
): Promise<number> {
  const { results, ms } = await timed(
    engine,
    Array.from({ length: batch }, (_, i) => request(i)),
  );
  return (1000 * results.reduce((sum, { tokens }) => sum + tokens.length, 0)) / ms;
}

async function sharedPrefix(engine: Engine, uncached: Engine, requests: number) {
  const prefix =
    'You are a helpful assistant with many tools and rules, and this text stands before every request. '.repeat(
      12,
    );
  const prefixTokens = (await engine.tokenize(prefix)).length;
  const all = Array.from({ length: requests }, (_, i) => ({
    prompt: `${prefix}Question ${i}:`,
    maxTokens: 4,
    ignoreEos: true,
  }));
  await engine.flushCache();
  const cached = await timed(engine, all);
  const plain = await timed(uncached, all);
  const promptTokens = plain.results.reduce((sum, { usage }) => sum + usage.promptTokens, 0);
  return {
    requests,
    prefixTokens,
    cachedMs: cached.ms,
    uncachedMs: plain.ms,
    ratio: plain.ms / cached.ms,
    prefillTokensPerSecond: (1000 * promptTokens) / plain.ms,
  };
}

async function timed(
  engine: Engine,
  requests: readonly GenerateRequest[],
): Promise<{ results: GenerateResult[]; ms: number }> {
  const start = performance.now();
  const results = await Promise.all(requests.map((request) => engine.generate(request)));
  return { results, ms: performance.now() - start };
}
