// MaskBench with other engines in the same run: on the same core, block by block in turn, with the same tokenizer.
import { createReadStream, existsSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import split2 from 'split2';
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

/** Schemas that an engine answers before it is the next one's turn: as many as MaskBench gives a process. */
const BLOCK = 100;

/** By default each engine takes one schema in so many. */
const MODULUS: Readonly<Record<string, number>> = {
  ours: 1,
  'ours-tuned': 1,
  'ours-any-order': 1,
  'ours-portable': 1,
  llg: 1,
  xgr: 10,
  'xgr-compliant': 10,
};

/** What docs/compile.md advises for a server: fewer copies of young objects, and a core for the threads of V8. */
const TUNED = 'ours-tuned';
const TUNED_FLAGS: readonly string[] = ['--max-semi-space-size=64'];

/** Cases that one process answers before a fresh one takes over, where it is not for the whole run. */
const CASES_PER_PROCESS: Readonly<Record<string, number>> = { xgr: 100, 'xgr-compliant': 100 };

export interface PeersOptions {
  /** Each with `@N` where a process of it answers N cases. */
  readonly engines: readonly string[];
  /** An engine takes one schema in so many; `mod`: all of them. */
  readonly moduli: ReadonlyMap<string, number>;
  readonly log: (line: string) => void;
}

/** Whether the peers were set up. */
export function hasPeers(): boolean {
  return existsSync(`${FOLDER}/cases.jsonl`) && existsSync(PEER_WORKER);
}

/** Runs the engines and writes docs/benchmarks/masks.{json,md,svg}. */
export async function againstPeers(options: PeersOptions): Promise<Record<string, EngineFigures>> {
  const { engines, log } = options;
  const workers = new Map(engines.map((engine) => [engine, workerOf(engine)]));
  const results = new Map<string, WorkerResult[]>(engines.map((engine) => [engine, []]));
  const started = performance.now();
  let count = 0;
  for await (const block of blocksOf(`${FOLDER}/cases.jsonl`)) {
    for (const [engine, worker] of workers)
      for (const { line, digest } of block)
        if (digest % modulusOf(engine, options) === 0n) results.get(engine)?.push(await worker.ask(line));
    count += block.length;
    if (count % 1000 === 0) log(`${count} schemas, ${Math.round((performance.now() - started) / 1000)} s`);
  }
  for (const worker of workers.values()) worker.close();
  const figures = Object.fromEntries(
    [...results].map(([engine, list]) => [engine, figuresOf(list, LIMIT_SECONDS)]),
  );
  writeReport(figures, options);
  return figures;
}

interface Case {
  readonly line: string;
  /** Of its name: tells the samples. */
  readonly digest: bigint;
}

async function* blocksOf(file: string): AsyncGenerator<Case[]> {
  let block: Case[] = [];
  for await (const line of createReadStream(file).pipe(split2())) {
    const { sha } = JSON.parse(line) as { sha: string };
    block.push({ line, digest: BigInt(`0x${sha.slice(20, 40)}`) });
    if (block.length < BLOCK) continue;
    yield block;
    block = [];
  }
  if (block.length > 0) yield block;
}

/** An engine's name without what is said of its processes. */
const baseOf = (engine: string) => engine.split('@', 1)[0];

function modulusOf(engine: string, { moduli }: PeersOptions): bigint {
  return BigInt(moduli.get('mod') ?? moduli.get(engine) ?? MODULUS[baseOf(engine)] ?? 10);
}

function workerOf(engine: string): Worker {
  const name = baseOf(engine);
  const given = engine.slice(name.length + 1);
  const flags = name === TUNED ? TUNED_FLAGS : [];
  const command = name.startsWith('ours')
    ? [process.execPath, ...flags, fileURLToPath(new URL('bench/maskbench-worker.mjs', root))]
    : [`${FOLDER}/venv/bin/python`, PEER_WORKER];
  const last = cpus().length - 1;
  const cores = last > 0 ? (name === TUNED ? [last - 1, last] : [last]) : undefined;
  return new Worker({
    command,
    engine: name,
    tokenizer: `${FOLDER}/tokenizer.json`,
    cores,
    limitSeconds: 3 * LIMIT_SECONDS,
    casesPerProcess: given === '' ? (CASES_PER_PROCESS[name] ?? Number.POSITIVE_INFINITY) : Number(given),
  });
}

function writeReport(figures: Record<string, EngineFigures>, { log }: PeersOptions): void {
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
engines on one core (${cpus()[0]?.model ?? 'unknown'}), in one run, by turns of ${BLOCK} schemas; ours in Node ${process.version}. \`ours-tuned\` has a second core for V8's own
threads and \`node ${TUNED_FLAGS.join(' ')}\`, as [compile.md](../compile.md) advises for servers. A column named \`@100\` and xgrammar's have a fresh process
each 100 schemas, as MaskBench runs them; the others are one process for the whole run, as a server is. Each warms up first as a server
would (ours: \`MaskEngine.warm\`, \`warmMasks\` and \`warmCompiler\`). Microseconds: wall time, or processor time where that is less, as the
peers' harness has it: of the whole process for compiling, of the calling thread for all else. Mask + accept is over the
tokens of valid instances; the first mask counts compiling, opening a matcher and its mask. A call from Python takes about 1 µs of
the peers' figures; from Node a call takes 0.2 to 0.4 of ours, of which \`advance\` needs one a token. \`ours-portable\`, where it was run, is the matcher in TypeScript. Sample: ${sizes.join(', ')}.

${table}

![quantiles of mask + accept and of the first mask](masks.svg)
`,
  );
}
