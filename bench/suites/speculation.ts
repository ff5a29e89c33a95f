// Speculative decoding with the embedded model on its held-out extraction set: the same outputs in fewer steps. Each way has
// its turn in each round: ratios hold where single figures drift with the machine. Writes docs/benchmarks/speculation.json and
// speculation.md, except with --quick.
import { readFileSync, rmSync } from 'node:fs';
import {
  Engine,
  type EngineOptions,
  type GenerateRequest,
  type SpeculationOptions,
} from '../../src/engine/index.js';
import { writeShallowModel } from '../../test/support/shallow-model.js';
import { coupling } from '../engine/coupling.js';
import { type JumpRate, jsonJump } from '../engine/json-jump.js';
import { LONG_KEYS } from '../engine/long-keys.js';
import { type Way, writeSpeculationPages } from '../engine/speculation-page.js';
import type { BenchOptions } from '../options.js';
import { median } from '../percentiles.js';

const BATCHES = [1, 8];
const MAX_TOKENS = 96;

export const name = 'speculation';
export const description =
  'drafts by grammar, look-up and model, and forced text: steps, acceptance, tokens per second';

/** How forced text may be written: JSON of long keys. */
const JUMPS = {
  off: { jumpForward: false },
  tokens: { jumpForward: true },
  text: { jumpForward: 'text' },
  drafts: { jumpForward: true, speculation: { kind: 'grammar' } },
} as const satisfies Record<string, EngineOptions>;

export async function run({ quick, log }: BenchOptions): Promise<Record<string, unknown>> {
  const rounds = quick ? 3 : 9;
  const shallow = writeShallowModel(6);
  try {
    const ways: Record<string, SpeculationOptions | undefined> = {
      off: undefined,
      grammar: { kind: 'grammar' },
      ngram: { kind: 'ngram' },
      // Not worth its time, as it is no smaller a model: it shows what drafts by a good and by a poor model are taken.
      'draft, 6 of 8 layers': { kind: 'draft', model: shallow },
    };
    const extraction: Record<string, Record<string, Way>> = {};
    for (const batch of BATCHES) extraction[batch] = await compare(ways, rounds, batch, quick ? 8 : 24, log);
    const jumps: Record<string, Record<string, JumpRate>> = {};
    for (const batch of BATCHES) jumps[batch] = await jump(batch, rounds, log);
    const figures = { extraction, jumps, coupling: await coupling(shallow, quick ? 6 : 40, log) };
    if (!quick) writeSpeculationPages(figures);
    return { json_jump_speedup: jumps[BATCHES[0]!]!.text!.speedup, ...figures };
  } finally {
    rmSync(shallow, { recursive: true });
  }
}

async function jump(
  batch: number,
  rounds: number,
  log: (line: string) => void,
): Promise<Record<string, JumpRate>> {
  const rates = await jsonJump({ ways: JUMPS, request: LONG_KEYS, batch, rounds });
  for (const [way, { objects, speedup }] of Object.entries(rates))
    log(
      `JSON of long keys, ${batch} at once, ${way.padEnd(6)}: ${objects.toFixed(1)} objects/s, ${speedup.toFixed(2)} times off`,
    );
  return rates;
}

async function compare(
  ways: Readonly<Record<string, SpeculationOptions | undefined>>,
  rounds: number,
  batch: number,
  count: number,
  log: (line: string) => void,
): Promise<Record<string, Way>> {
  const requests = extractions(count);
  const results: Record<string, Way> = {};
  const engines = Object.entries(ways).map(([way, speculation]) => ({
    way,
    engine: new Engine(speculation ? { speculation } : {}),
    speeds: [] as number[],
  }));
  try {
    for (const { engine } of engines) await tokensPerSecond(engine, requests, batch);
    for (let round = 0; round < rounds; round++)
      for (const { engine, speeds } of engines) speeds.push(await tokensPerSecond(engine, requests, batch));
    const base = engines[0].speeds;
    for (const { way, engine, speeds } of engines) {
      const { forwardSteps, outputTokens, draftTokens, acceptedTokens } = await engine.stats();
      const result: Way = {
        speedup: median(speeds.map((speed, round) => speed / base[round])),
        tokensPerSecond: median(speeds),
        stepsPerToken: forwardSteps / outputTokens,
        drafted: draftTokens / outputTokens,
        accepted: draftTokens === 0 ? 0 : acceptedTokens / draftTokens,
      };
      results[way] = result;
      log(
        `extraction, ${batch} at once, ${way.padEnd(20)}: ${Math.round(result.tokensPerSecond)} tokens/s, ${result.speedup.toFixed(2)} times off; ${result.stepsPerToken.toFixed(2)} steps and ${result.drafted.toFixed(2)} drafted tokens a token, ${(100 * result.accepted).toFixed(0)} % of them kept`,
      );
    }
  } finally {
    await Promise.all(engines.map(({ engine }) => engine.close()));
  }
  return results;
}

function extractions(count: number): GenerateRequest[] {
  const file = new URL('../../models/sprout/eval/extract.jsonl', import.meta.url);
  const rows = readFileSync(file, 'utf8').trimEnd().split('\n').slice(0, count);
  return rows.map((line) => {
    const { messages, schema } = JSON.parse(line) as Pick<GenerateRequest, 'messages' | 'schema'>;
    return { messages, schema, maxTokens: MAX_TOKENS } as GenerateRequest;
  });
}

/** The requests in groups of `batch` at once. */
async function tokensPerSecond(
  engine: Engine,
  requests: readonly GenerateRequest[],
  batch: number,
): Promise<number> {
  const start = performance.now();
  let tokens = 0;
  for (let i = 0; i < requests.length; i += batch) {
    const results = await Promise.all(
      requests.slice(i, i + batch).map((request) => engine.generate(request)),
    );
    for (const result of results) tokens += result.tokens.length;
  }
  return (1000 * tokens) / (performance.now() - start);
}
