// What the prefix cache and jump-forward are worth: agents under one system prompt, few-shot prompts, a chat, JSON of long
// keys; each with them and without, in the same run. Writes docs/benchmarks/radix.json and radix.md, except with --quick.
import { Engine, type EngineOptions } from '../../src/engine/index.js';
import { jsonJump } from '../engine/json-jump.js';
import { median } from '../gpu/load.js';
import { KEY_HEAVY_SCHEMA } from '../gpu/schemas.js';
import type { BenchOptions } from '../options.js';
import { AGENT, FEWSHOT, type Load, timeChat, timeLoad } from '../radix/loads.js';
import { type BenchModel, qwen2HalfBillion, sprout } from '../radix/models.js';
import { type Figures, writeReport } from '../radix/report.js';

export const name = 'radix';
export const description = 'prefix cache and jump-forward, on against off: agents, few-shot, chat, JSON';

const MODELS = { sprout, 'qwen2-0.5b': qwen2HalfBillion } as const;
const SECTIONS = { agent, fewshot, chat, json } as const;

/** `--only` takes sections and models (`model:sprout`). */
export async function run({ quick, only = [], log }: BenchOptions): Promise<Record<string, unknown>> {
  const models = only.filter((part) => part.startsWith('model:'));
  const parts = only.filter((part) => !part.startsWith('model:'));
  const figures: Record<string, Figures> = {};
  for (const [key, open] of Object.entries(quick ? { sprout } : MODELS)) {
    if (models.length > 0 && !models.includes(`model:${key}`)) continue;
    using model = open(quick);
    const bench = new ModelBench(model, log);
    for (const [part, section] of Object.entries(SECTIONS))
      if (parts.length === 0 || parts.includes(part)) await section(bench);
    figures[model.name] = bench.figures;
    if (!quick) writeReport(model, bench.figures, bench.threads);
  }
  return { ...figures.sprout, models: figures };
}

class ModelBench {
  readonly figures: Figures = {};
  threads = 0;
  readonly model: BenchModel;
  readonly #log: (line: string) => void;

  constructor(model: BenchModel, log: (line: string) => void) {
    this.model = model;
    this.#log = log;
  }

  note(key: string, value: number, unit: string): void {
    this.figures[key] = value;
    this.#log(`${this.model.name.padEnd(11)} ${key.padEnd(22)} ${value.toPrecision(4)} ${unit}`);
  }

  /** Medians of figures over rounds, with and without in turns, each engine warmed up. */
  async both<K extends string>(
    withOptions: EngineOptions,
    withoutOptions: EngineOptions,
    measure: (engine: Engine, isOn: boolean) => Promise<Record<K, number>>,
  ): Promise<Record<'on' | 'off', Record<K, number>>> {
    await using on = new Engine({ ...this.model.options, ...withOptions });
    await using off = new Engine({ ...this.model.options, ...withoutOptions });
    for (const engine of [on, off])
      await engine.generate({ promptTokens: [20, 21], maxTokens: 4, ignoreEos: true });
    this.threads = (await on.ready()).options.threads;
    const runs: { on: Record<K, number>[]; off: Record<K, number>[] } = { on: [], off: [] };
    for (let round = 0; round < this.model.rounds; round++) {
      runs.on.push(await measure(on, true));
      runs.off.push(await measure(off, false));
    }
    return { on: medians(runs.on), off: medians(runs.off) };
  }

  async load(load: Load): Promise<void> {
    const { key } = load;
    const { model } = this;
    const { on, off } = await this.both({}, { radixCache: false }, async (engine, isOn) => {
      const { requests, uncachedRequests, plainTokens } = model;
      const few = await timeLoad(engine, load, uncachedRequests, plainTokens);
      if (!isOn || requests === uncachedRequests) return { ...few };
      return { ...(await timeLoad(engine, load, requests, plainTokens)), firstTokenMs: few.firstTokenMs };
    });
    this.note(`${key}_on`, on.outputPerSecond, 'output tokens/s');
    this.note(`${key}_off`, off.outputPerSecond, 'output tokens/s');
    this.note(`${key}_speedup`, on.outputPerSecond / off.outputPerSecond, 'times');
    this.note(`${key}_ttft_on`, on.firstTokenMs, 'ms');
    this.note(`${key}_ttft_off`, off.firstTokenMs, 'ms');
    this.note(`${key}_ttft_speedup`, off.firstTokenMs / on.firstTokenMs, 'times');
  }
}

function medians<K extends string>(runs: readonly Record<K, number>[]): Record<K, number> {
  const keys = Object.keys(runs[0]) as K[];
  return Object.fromEntries(keys.map((key) => [key, median(runs.map((run) => run[key]))])) as Record<
    K,
    number
  >;
}

async function agent(bench: ModelBench): Promise<void> {
  await bench.load(AGENT);
}

async function fewshot(bench: ModelBench): Promise<void> {
  await bench.load(FEWSHOT);
}

/** The first turn has no history: the second is what the last is compared with. */
async function chat(bench: ModelBench): Promise<void> {
  const { on, off } = await bench.both({}, { radixCache: false }, async (engine) => {
    const firsts = await timeChat(engine, bench.model.plainTokens);
    return { second: firsts[1], last: firsts.at(-1)! };
  });
  bench.note('chat_second_on', on.second, 'ms');
  bench.note('chat_last_on', on.last, 'ms');
  bench.note('chat_growth_on', on.last / on.second, 'times');
  bench.note('chat_second_off', off.second, 'ms');
  bench.note('chat_last_off', off.last, 'ms');
  bench.note('chat_growth_off', off.last / off.second, 'times');
  bench.note('chat_ttft_speedup', off.last / on.last, 'times');
}

async function json(bench: ModelBench): Promise<void> {
  const { options, objects, rounds } = bench.model;
  const run = {
    ways: {
      off: { ...options, jumpForward: false },
      on: { ...options, jumpForward: 'text' },
    },
    request: {
      promptTokens: [20, 21, 22, 23],
      maxTokens: 1500,
      temperature: 1,
      schema: KEY_HEAVY_SCHEMA,
      compile: { whitespace: 'compact' },
    },
    rounds,
  } as const;
  for (const [key, batch] of [
    ['json_jump', objects],
    ['json_jump_one', 1],
  ] as const) {
    const { on, off } = await jsonJump({ ...run, batch });
    bench.note(`${key}_on`, on!.objects, `objects/s, ${batch} at a time`);
    bench.note(`${key}_off`, off!.objects, `objects/s, ${batch} at a time`);
    bench.note(`${key}_speedup`, on!.speedup, 'times');
    bench.note(`${key}_tokens`, on!.tokens / off!.tokens, 'times the tokens/s');
  }
}
