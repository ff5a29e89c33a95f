// The engine on one GPU through the public API: Llama-3-8B's shape with random weights, decode by batch, prefill, many
// requests at once, shared prefixes, constraints. The limits are those of the card, measured in the same run by
// build/cuda/espalier_cuda_bench. Where ESPALIER_VLLM names a prepared folder, vLLM follows on the same card. Writes
// docs/benchmarks/gpu.json and gpu.md (elsewhere: ESPALIER_BENCH_OUT).
import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Engine, type EngineOptions, type GenerateRequest } from '../../src/engine/index.js';
import { freshPrompts, median, sharedPrompts, steps, type Timed, timed, warm } from '../gpu/load.js';
import { KV_BYTES, WEIGHT_BYTES, writeModelFolder } from '../gpu/model.js';
import { type Figures, writeReport } from '../gpu/report.js';
import { KEY_HEAVY_SCHEMA, mediumSchema } from '../gpu/schemas.js';
import { runVllm } from '../gpu/vllm.js';
import type { BenchOptions } from '../options.js';

export const name = 'gpu';
export const description = 'an 8B shape on one GPU: decode, prefill, throughput, prefixes, constraints';

const PREFIXES = [
  { key: 'prefix_1024', requests: 256, shared: 1024, own: 64, output: 32 },
  { key: 'prefix_4096', requests: 512, shared: 4096, own: 32, output: 8 },
] as const;

/** No white space, as in the peers' figures: a random model would write little else. */
const COMPACT = { whitespace: 'compact' } as const;

const native =
  process.env.ESPALIER_CUDA_BENCH ??
  fileURLToPath(new URL('../../build/cuda/espalier_cuda_bench', import.meta.url));

export async function run({ quick, only, log }: BenchOptions): Promise<Record<string, unknown>> {
  const wants = (part: string) => only === undefined || only.includes(part);
  const card = probe(log);
  const model = writeModelFolder();
  const options: EngineOptions = {
    model,
    loadFormat: 'dummy',
    device: 'cuda',
    maxRunning: 512,
    chunkedPrefillSize: 16_384,
  };
  const figures: Figures = { ...card.figures };
  const note = (key: string, value: number, text: string) => {
    figures[key] = value;
    log(`${key.padEnd(30)} ${text}`);
  };
  const bench = new GpuBench(card.bandwidth, quick ? 1 : 3, note);
  try {
    {
      const start = performance.now();
      await using engine = new Engine(options);
      await engine.generate({ promptTokens: [1, 2, 3], maxTokens: 1, ignoreEos: true });
      const seconds = (performance.now() - start) / 1000;
      note('start_seconds', seconds, `${seconds.toFixed(1)} s to the first token`);
      const whole = performance.now() / 1000;
      note(
        'start_process_seconds',
        whole,
        `${whole.toFixed(1)} s from the start of the process, the probe among them`,
      );
      const warming = await warm(engine);
      note('warm_up_seconds', warming, `${warming.toFixed(1)} s more until all batch sizes are prepared`);
      if (wants('decode')) for (const batch of [1, 16, 64, 256]) await bench.decode(engine, batch);
      if (wants('prefill')) await bench.prefill(engine);
      if (wants('throughput')) await bench.throughput(engine);
      if (wants('prefix')) for (const load of PREFIXES) await bench.prefix(engine, load, '');
      if (wants('constrained')) await bench.constrained(engine);
    }
    if (wants('jump')) {
      await using engine = new Engine({ ...options, jumpForward: 'text' });
      await warm(engine);
      await bench.keyHeavy(engine, '');
    }
    if (wants('off')) {
      await using engine = new Engine({ ...options, radixCache: false, jumpForward: false });
      await warm(engine);
      await bench.keyHeavy(engine, '_off');
      for (const load of PREFIXES) await bench.prefix(engine, load, '_off');
    }
  } finally {
    rmSync(model, { recursive: true });
  }
  const gain = (key: string, value: number) => {
    if (Number.isFinite(value)) note(key, value, `${value.toFixed(2)} times`);
  };
  for (const { key } of PREFIXES) gain(`${key}_gain`, figures[`${key}_off`] / figures[key]);
  gain('jump_forward_gain', figures.key_heavy / figures.key_heavy_off);
  return conclude(card.name, figures, only);
}

/** vLLM's turn, where it is there; a whole run is reported, before it, too: what was measured outlives its failure. */
function conclude(card: string, summary: Figures, only: BenchOptions['only']): Record<string, unknown> {
  const isWhole = only === undefined;
  if (isWhole) writeReport(card, summary);
  const { ESPALIER_VLLM: folder } = process.env;
  if (folder === undefined || !(isWhole || only.includes('vllm'))) return { card, summary };
  const vllm = runVllm(folder);
  if (isWhole) writeReport(card, summary, vllm);
  return { card, summary, vllm };
}

/** What the card is and can: its name, the bandwidth of a copy, and how long sampling takes. */
function probe(log: (line: string) => void): { name: string; bandwidth: number; figures: Figures } {
  // The timed device has nothing to probe (docs/cuda.md).
  if (!existsSync(native)) return { name: 'no card', bandwidth: Number.NaN, figures: {} };
  const text = execFileSync(native, ['probe', '--layers', '1'], { encoding: 'utf8' });
  log(text.trim());
  const figures = JSON.parse(text.trim().split('\n').at(-1)!) as Figures;
  return { name: text.split(',')[0], bandwidth: figures.copy_bytes_per_second, figures };
}

class GpuBench {
  readonly #bandwidth: number;
  readonly #rounds: number;
  readonly #note: (key: string, value: number, text: string) => void;

  constructor(bandwidth: number, rounds: number, note: (key: string, value: number, text: string) => void) {
    this.#bandwidth = bandwidth;
    this.#rounds = rounds;
    this.#note = note;
  }

  async #repeat(load: () => Promise<Timed>): Promise<Timed> {
    const runs: Timed[] = [];
    for (let i = 0; i < this.#rounds; i++) runs.push(await load());
    const seconds = median(runs.map((run) => run.seconds));
    return { ...runs[0], seconds };
  }

  /** The time of 128 output tokens less that of one, on cached prompts of 512. */
  async decode(engine: Engine, batch: number): Promise<void> {
    const prompts = freshPrompts(batch, 512);
    const request = (maxTokens: number): GenerateRequest => ({ maxTokens, ignoreEos: true });
    await timed(engine, prompts, request(128));
    await timed(engine, prompts, request(1));
    const one = await this.#repeat(() => timed(engine, prompts, request(1)));
    const all = await this.#repeat(() => timed(engine, prompts, request(128)));
    const step = (all.seconds - one.seconds) / 127;
    const limit = (WEIGHT_BYTES + batch * 576 * KV_BYTES) / this.#bandwidth;
    const key = `decode_b${batch}`;
    this.#note(key, batch / step, `${(batch / step).toFixed(0)} tok/s, ${(step * 1e3).toFixed(2)} ms a step`);
    this.#note(`${key}_ratio`, limit / step, `${(limit / step).toFixed(3)} of the limit`);
  }

  async prefill(engine: Engine): Promise<void> {
    const load = () => timed(engine, freshPrompts(8, 2048), { maxTokens: 1, ignoreEos: true });
    await load();
    const { seconds } = await this.#repeat(load);
    this.#note('prefill', (8 * 2048) / seconds, `${((8 * 2048) / seconds).toFixed(0)} tok/s, 8 x 2,048`);
  }

  async throughput(engine: Engine): Promise<void> {
    const load = () => timed(engine, freshPrompts(512, 512), { maxTokens: 128, ignoreEos: true });
    await load();
    const { seconds, outputTokens } = await this.#repeat(load);
    this.#note(
      'throughput_512',
      outputTokens / seconds,
      `${(outputTokens / seconds).toFixed(0)} output tok/s, ${seconds.toFixed(2)} s`,
    );
  }

  /** Prefixes never seen before. */
  async prefix(engine: Engine, load: (typeof PREFIXES)[number], suffix: '' | '_off'): Promise<void> {
    const { key, requests, shared, own, output } = load;
    const once = () =>
      timed(engine, sharedPrompts(requests, shared, own), { maxTokens: output, ignoreEos: true });
    if (suffix === '') await once();
    const { seconds } = suffix === '' ? await this.#repeat(once) : await once();
    this.#note(
      key + suffix,
      seconds,
      `${seconds.toFixed(3)} s for ${requests} x (${shared} shared + ${own} own, ${output} out)`,
    );
  }

  /** 128 requests of 256 tokens in and 128 out, with and without a schema, in turns. */
  async constrained(engine: Engine): Promise<void> {
    const prompts = () => freshPrompts(128, 256);
    for (const temperature of [0, 1]) {
      const free = () =>
        timed(engine, prompts(), { maxTokens: 128, temperature, ignoreEos: true }, (seed) => ({ seed }));
      const under = (variant: (i: number) => number) =>
        timed(engine, prompts(), { maxTokens: 128, temperature }, (seed) => ({
          seed,
          schema: mediumSchema(variant(seed)),
          compile: COMPACT,
        }));
      await free();
      const cold = await under(() => temperature);
      const [plain, one, many]: Timed[][] = [[], [], []];
      for (let round = 0; round < this.#rounds; round++) {
        plain.push(await free());
        one.push(await under(() => temperature));
        many.push(await under((seed) => 1000 * (2 * round + temperature + 1) + seed));
      }
      const rate = ({ outputTokens, seconds }: Timed) => outputTokens / seconds;
      const base = median(plain.map(rate));
      const ratio = (value: number) => `${value.toFixed(0)} tok/s, ${(value / base).toFixed(3)} of free`;
      const short = [cold, ...many, ...one].reduce((sum, run) => sum + run.short, 0);
      const key = `constrained_t${temperature}`;
      this.#note(`${key}_free`, base, `${base.toFixed(0)} tok/s; ${steps(plain[0])}`);
      const report = (name: string, runs: Timed[], text: string) => {
        const value = median(runs.map(rate));
        this.#note(key + name, value / base, `${text}: ${ratio(value)}; ${steps(runs[0])}`);
      };
      report('_ratio', one, 'one schema');
      report('_first_ratio', [cold], 'its first run');
      report('_many_ratio', many, '128 schemas, cold');
      if (short > 0) throw new Error(`${short} outputs ended early: the ratios would flatter`);
    }
  }

  /** Requests a second of a form whose text is mostly keys; each output is a whole object. */
  async keyHeavy(engine: Engine, suffix: '' | '_off'): Promise<void> {
    const prompts = freshPrompts(128, 16);
    const load = () =>
      timed(
        engine,
        prompts,
        { maxTokens: 1000, schema: KEY_HEAVY_SCHEMA, compile: COMPACT, temperature: 1 },
        (seed) => ({ seed }),
      );
    await load();
    const { seconds, outputTokens } = await this.#repeat(load);
    this.#note(
      `key_heavy${suffix}`,
      prompts.length / seconds,
      `${(prompts.length / seconds).toFixed(1)} requests/s, ${(outputTokens / prompts.length).toFixed(0)} tokens each`,
    );
  }
}
