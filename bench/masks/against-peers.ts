// MaskBench with other engines in the same run: on the same core, schema by schema in turn, with the same tokenizer.
import { createReadStream, existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type EngineFigures, figuresOf } from './figures.js';
import { plotOf, tableOf } from './report.js';
import { writeBeside, writeSection } from './sections.js';
import { Worker, type WorkerResult } from './workers.js';

const root = new URL('../../', import.meta.url);
/** What `setup` of the peers' harness made: a venv, tokenizer.json, cases.jsonl. */
const FOLDER = process.env.ESPALIER_PEERS ?? fileURLToPath(new URL('.cache/peers', root));
/** The peers' worker. */
const PEER_WORKER =
  process.env.ESPALIER_PEERS_WORKER ?? fileURLToPath(new URL('../shared/peers/worker.py', root));
const LIMIT_SECONDS = 20;

/** By default each engine takes one schema in so many. */
const MODULUS: Readonly<Record<string, number>> = {
  ours: 1,
  'ours-any-order': 1,
  'ours-portable': 1,
  llg: 1,
  xgr: 10,
  'xgr-compliant': 10,
};

export interface PeersOptions {
  readonly engines: readonly string[];
  /** Takes one schema in `modulus` for every engine. */
  readonly modulus?: number | undefined;
  /** Cases that one process answers, as MaskBench has it 100. */
  readonly casesPerProcess: number;
  readonly log: (line: string) => void;
}

/** Whether the peers were set up. */
export function hasPeers(): boolean {
  return existsSync(`${FOLDER}/cases.jsonl`) && existsSync(PEER_WORKER);
}

/** Runs the engines and writes docs/benchmarks/masks.{json,md,svg}. */
export async function againstPeers(options: PeersOptions): Promise<Record<string, EngineFigures>> {
  const { engines, log } = options;
  const workers = new Map(engines.map((engine) => [engine, workerOf(engine, options)]));
  const results = new Map<string, WorkerResult[]>(engines.map((engine) => [engine, []]));
  const started = performance.now();
  let count = 0;
  for await (const line of createInterface({ input: createReadStream(`${FOLDER}/cases.jsonl`) })) {
    const digest = BigInt(`0x${(JSON.parse(line) as { sha: string }).sha.slice(20, 40)}`);
    const takes = (engine: string) => digest % BigInt(options.modulus ?? MODULUS[engine] ?? 10) === 0n;
    for (const [engine, worker] of workers)
      if (takes(engine)) results.get(engine)?.push(await worker.ask(line));
    if (++count % 1000 === 0) log(`${count} schemas, ${Math.round((performance.now() - started) / 1000)} s`);
  }
  for (const worker of workers.values()) worker.close();
  const figures = Object.fromEntries(
    [...results].map(([engine, list]) => [engine, figuresOf(list, LIMIT_SECONDS)]),
  );
  writeReport(figures, options);
  return figures;
}

function workerOf(engine: string, { casesPerProcess }: PeersOptions): Worker {
  const ours = engine.startsWith('ours');
  const command = ours
    ? [process.execPath, fileURLToPath(new URL('bench/maskbench-worker.mjs', root))]
    : [`${FOLDER}/venv/bin/python`, PEER_WORKER];
  const core = cpus().length > 1 ? cpus().length - 1 : undefined;
  return new Worker({
    command,
    engine,
    tokenizer: `${FOLDER}/tokenizer.json`,
    core,
    limitSeconds: 3 * LIMIT_SECONDS,
    casesPerProcess,
  });
}

function writeReport(figures: Record<string, EngineFigures>, { log, casesPerProcess }: PeersOptions): void {
  const table = tableOf(figures);
  log(table);
  const sizes = Object.entries(figures).map(
    ([name, { schemas, tokens }]) => `${name} ${schemas} schemas (${tokens} tokens)`,
  );
  writeBeside(
    'masks.json',
    `${JSON.stringify({ node: process.version, cpu: cpus()[0]?.model, figures }, null, 1)}\n`,
  );
  writeBeside('masks.svg', plotOf(figures));
  writeSection(
    'masks.md',
    '# Masks beside llguidance and xgrammar',
    `Written by \`npm run bench -- masks --only peers\`: MaskBench's development schemas and instances, Llama 3's vocabulary (128,256 tokens), all
engines on one core (${cpus()[0]?.model ?? 'unknown'}), in one run, schema by schema in turn; a fresh process each
${casesPerProcess} schemas, which warms up as a server would (ours: \`MaskEngine.warm\`, \`warmMasks\` and \`warmCompiler\`). Microseconds. Mask + accept is over the
tokens of valid instances; the first mask counts compiling, opening a matcher and its mask. A call from Python takes about 1 µs of
the peers' figures; from Node a call takes 0.2 to 0.4 of ours, of which \`advance\` needs one a token. \`ours-portable\`, where it was run, is the matcher in TypeScript. Sample: ${sizes.join(', ')}.

${table}

![quantiles of mask + accept and of the first mask](masks.svg)
`,
  );
}
