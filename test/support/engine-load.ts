// Random loads on a small engine: many requests at once that share prefixes, with constraints, penalties, stops, several
// outputs, aborts, and so few pages that requests are retracted. Their outputs are compared with those of an engine that
// runs one at a time without a prefix cache, and the pages are counted in the end.
import { isDeepStrictEqual } from 'node:util';
import { Engine, type GenerateRequest, type GenerateResult } from '../../src/engine/index.js';
import { loadNative, type NativeAddon, type NativeEngine } from '../../src/native/index.js';
import { seededRandom } from './random-schema.js';

type Below = (n: number) => number;

export interface LoadCounts {
  requests: number;
  outputs: number;
  aborted: number;
  retractions: number;
  cachedTokens: number;
  /** Tokens copied from the beginning of a page, and pages copied back from the host tier. */
  headTokens: number;
  hostPagesLoaded: number;
}

export const noCounts = (): LoadCounts => ({
  requests: 0,
  outputs: 0,
  aborted: 0,
  retractions: 0,
  cachedTokens: 0,
  headTokens: 0,
  hostPagesLoaded: 0,
});

interface Case {
  readonly request: GenerateRequest;
  readonly outputs: number;
  /** Milliseconds after which it is aborted. */
  readonly abortAfter: number | undefined;
}

const PROMPT_TOKENS = 70;
const OUTPUT_TOKENS = 90;
const GREEDY_REQUESTS = 8;
/** Milliseconds per request of a load within which aborts come: about as long as it runs. */
const ABORT_MS = 20;
const SCHEMAS = [
  {
    type: 'object',
    properties: { a: { type: 'integer' }, b: { type: 'string', maxLength: 9 } },
    required: ['a', 'b'],
  },
  { enum: ['yes', 'no', 'certainly not'] },
  { type: 'array', items: { type: 'boolean' }, minItems: 2, maxItems: 6 },
];
const REGEXES = ['[a-f]{3,20}', '\\d{1,3}(, \\d{1,3}){2,9}', '(yes|no)( and (yes|no))*'];

function randomCase(below: Below, stems: readonly number[][], abortWithin: number): Case {
  const some = (chance: number) => below(100) < chance;
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const stem = pick(stems);
  const own = Array.from({ length: 1 + below(20) }, () => 10 + below(2000));
  const request: Record<string, unknown> = {
    promptTokens: [...stem.slice(0, below(stem.length)), ...own],
    maxTokens: 1 + below(OUTPUT_TOKENS),
    seed: below(2 ** 31),
    temperature: some(40) ? 0 : 0.5 + below(10) / 10,
  };
  const add = (chance: number, fields: () => object) => {
    if (some(chance)) Object.assign(request, fields());
  };
  add(30, () => ({ topK: 1 + below(50) }));
  add(30, () => ({ topP: 0.5 + below(50) / 100 }));
  add(20, () => ({ minP: below(20) / 100 }));
  add(25, () => ({ repetitionPenalty: 0.8 + below(10) / 10, frequencyPenalty: below(3) - 1 }));
  add(20, () => ({
    presencePenalty: below(3) - 1,
    logitBias: { [below(2000)]: below(20) - 10, [below(2000)]: 5 },
  }));
  add(20, () => ({ minTokens: below((request.maxTokens as number) + 1), stopTokenIds: [below(2000)] }));
  add(20, () => ({ stop: ['e ', 'the', pick(['\n', 'an', 'zz'])].slice(below(3)) }));
  add(20, () => ({
    stopRegex: [pick(['[0-9]+\\.', '[a-z]{4,} [a-z]', '(\\n|,) ?[A-Z]'])],
    keepStop: some(30),
  }));
  add(20, () => ({ logprobs: below(4) }));
  add(15, () => ({ promptLogprobs: below(3), promptLogprobsFrom: below(3) * 9 }));
  add(60, () => ({ ignoreEos: true }));
  add(30, () => ({ priority: below(40) - 20, cacheSalt: pick(['', 'a', 'b']) }));
  add(35, () => (some(50) ? { schema: pick(SCHEMAS) } : { regex: pick(REGEXES) }));
  const from = request.promptLogprobsFrom as number | undefined;
  if (from !== undefined && from > (request.promptTokens as number[]).length)
    delete request.promptLogprobsFrom;
  return {
    request: request as GenerateRequest,
    outputs: some(15) ? 2 + below(2) : 1,
    abortAfter: some(15) ? below(abortWithin) : undefined,
  };
}

/** Requests that use more than admission expects, so that pages run out. */
function greedyCase(below: Below): Case {
  const promptTokens = Array.from({ length: 5 + below(10) }, () => 10 + below(2000));
  const request = {
    promptTokens,
    maxTokens: OUTPUT_TOKENS,
    temperature: 1,
    seed: below(2 ** 31),
    ignoreEos: true,
  };
  return { request, outputs: 1, abortAfter: undefined };
}

/** An engine and the native one under it. */
function open(options: ConstructorParameters<typeof Engine>[0]) {
  const addon = loadNative();
  let native: (NativeEngine & { check(): Promise<string> }) | undefined;
  const watched: NativeAddon = {
    ...addon,
    createEngine: (...given) => {
      native = addon.createEngine(...given) as typeof native;
      return native!;
    },
  };
  return { engine: new Engine({ ...options, warm: 'none' }, watched), check: () => native!.check() };
}

async function alone({ request, outputs }: Case, engine: Engine): Promise<GenerateResult[]> {
  const results: GenerateResult[] = [];
  for (let i = 0; i < outputs; i++)
    results.push(await engine.generate({ ...request, seed: request.seed! + i }));
  return results;
}

async function amongOthers(
  { request, outputs, abortAfter }: Case,
  engine: Engine,
): Promise<GenerateResult[]> {
  if (abortAfter === undefined) return engine.generateChoices(request, outputs);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), abortAfter);
  return engine.generateChoices({ ...request, signal: controller.signal }, outputs);
}

/** Throws where a result is not that of the same request alone, or, of one that was aborted, not the beginning of it. */
function compare(found: GenerateResult, expected: GenerateResult, { request, abortAfter }: Case): void {
  const facts = ({ usage, ...rest }: GenerateResult) => rest;
  const wasCut = abortAfter !== undefined && found.finishReason === 'abort';
  const fits = wasCut
    ? isDeepStrictEqual(found.tokens, expected.tokens.slice(0, found.tokens.length))
    : isDeepStrictEqual(facts(found), facts(expected));
  if (!fits)
    throw new Error(
      `an output differs from that of the request alone.\nrequest: ${JSON.stringify(request)}\nfound: ${JSON.stringify(facts(found))}\nalone: ${JSON.stringify(facts(expected))}`,
    );
}

/** Runs a load of `count` requests on sprout, shared by `tp` ranks. Throws where something is wrong. */
export async function runEngineLoad(seed: number, count: number, tp = 1): Promise<LoadCounts> {
  const random = seededRandom(seed);
  const below: Below = (n) => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)]!;
  const stems = Array.from({ length: 4 }, () =>
    Array.from({ length: PROMPT_TOKENS }, () => 10 + below(2000)),
  );
  const cases = Array.from({ length: count }, (_, i) =>
    i < GREEDY_REQUESTS ? greedyCase(below) : randomCase(below, stems, ABORT_MS * count),
  );
  const options = {
    kvTokens: 190 + below(100),
    hostKvTokens: pick([0, 60, 500]),
    pageSize: pick([1, 4, 16]),
    maxRunning: 4 + below(13),
    chunkedPrefillSize: 16 + below(100),
    schedulePolicy: pick(['lpm', 'fcfs', 'priority'] as const),
    radixEviction: pick(['lru', 'lfu'] as const),
    overlap: below(2) === 0,
    threads: 1 + below(2),
    tp,
    maxQueued: 3 * count,
  };
  const lonely = open({ radixCache: false, threads: 2, tp });
  const loaded = open(options);
  try {
    const running = cases.map((one) => amongOthers(one, loaded.engine));
    for (const promise of running) promise.catch(() => {}); // awaited below
    await loaded.engine.ready();
    for (let i = 0; i < 5; i++) {
      const wrong = await loaded.check();
      if (wrong) throw new Error(`amid the load: ${wrong}`);
      if (i === 3) await loaded.engine.flushCache();
    }
    const counts = { ...noCounts(), requests: count };
    for (const [i, promise] of running.entries()) {
      const found = await promise;
      const expected = await alone(cases[i]!, lonely.engine);
      for (const [k, result] of found.entries()) {
        compare(result, expected[k]!, cases[i]!);
        counts.outputs++;
        if (result.finishReason === 'abort') counts.aborted++;
      }
    }
    await checkPages(loaded);
    const { retractions, cachedTokens, headTokens, hostPagesLoaded } = await loaded.engine.stats();
    return { ...counts, retractions, cachedTokens, headTokens, hostPagesLoaded };
  } catch (error) {
    throw new Error(`${(error as Error).message}\noptions: ${JSON.stringify(options)}`, { cause: error });
  } finally {
    await Promise.all([lonely.engine.close(), loaded.engine.close()]);
  }
}

/** That all pages are free or cached, and, once the cache is flushed, free. */
async function checkPages({ engine, check }: ReturnType<typeof open>): Promise<void> {
  const wrong = await check();
  if (wrong) throw new Error(`after the load: ${wrong}`);
  const { pagesTotal, pagesFree, pagesCached, running, queued } = await engine.stats();
  if (running + queued > 0) throw new Error('requests are left after the load');
  if (pagesFree + pagesCached !== pagesTotal)
    throw new Error(`of ${pagesTotal} pages, ${pagesFree} are free and ${pagesCached} cached: some leaked`);
  await engine.flushCache();
  const after = await engine.stats();
  const left = pagesTotal - after.pagesFree + after.hostPagesUsed;
  if (left + after.cacheNodes !== 0)
    throw new Error(`a flush leaves ${left} pages and ${after.cacheNodes} nodes`);
}
