// Our engine against llama.cpp's CPU build on the same file, with as many threads, in turn: each round measures each task
// with one and then with the other. Figures are the medians of rounds: tokens a second by the clock, and milliseconds of
// processor time a token, which other work on the machine disturbs less.
import { availableParallelism } from 'node:os';
import { Engine, type EngineOptions } from '../../src/engine/index.js';
import { type RaceModel, raceModel } from './models.js';
import { OPPONENT_VERSION, Opponent, type Run } from './opponent.js';

const SCHEMA = {
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: 24 },
    kind: { enum: ['person', 'place', 'thing'] },
    tags: { type: 'array', items: { type: 'string', maxLength: 12 }, minItems: 3, maxItems: 3 },
    known: { type: 'boolean' },
  },
  required: ['name', 'kind', 'tags', 'known'],
  additionalProperties: false,
};

/** How our engine writes what a grammar forces. Drafts change no output; text does, as the tokenizer spells it. */
const WAYS = {
  plain: {},
  drafts: { speculation: { kind: 'grammar' } },
  text: { jumpForward: 'text' },
} as const satisfies Record<string, EngineOptions>;
type Way = keyof typeof WAYS;

interface Task {
  readonly name: string;
  readonly way: Way;
  readonly requests: number;
  readonly promptTokens: number;
  readonly maxTokens: number;
  readonly schema?: typeof SCHEMA;
}

/** What counts in a task: the tokens of the output, or of the prompt where the output is one token. */
interface Measured {
  readonly tokens: number;
  readonly ms: number;
  readonly cpuMs: number;
}

export interface TaskFigures {
  readonly ours: number;
  readonly theirs: number;
  /** By the clock, and by processor time. */
  readonly ratio: number;
  readonly oursCpuMs: number;
  readonly theirsCpuMs: number;
  readonly cpuRatio: number;
}

/** By model and task. */
export type RaceModels = Readonly<Record<string, Readonly<Record<string, TaskFigures>>>>;

export interface RaceFigures {
  readonly opponent: string;
  readonly rounds: number;
  readonly kernels: string;
  /** With how many threads each, and what came of it. */
  readonly races: readonly { readonly threads: number; readonly models: RaceModels }[];
}

/** One thread, and as many as there are processors; ESPALIER_BENCH_THREADS lists others, with commas between. */
function threadCounts(): number[] {
  const asked = process.env.ESPALIER_BENCH_THREADS?.split(',').map(Number);
  return asked ?? [...new Set([1, Math.min(16, availableParallelism())])];
}

const tasksOf = (model: RaceModel, quick: boolean): Task[] => {
  const tokens = (full: number) => Math.ceil(full / (model === 'sprout' ? 1 : 3) / (quick ? 2 : 1));
  const free = (name: string, requests: number, promptTokens: number, maxTokens: number): Task => ({
    name,
    way: 'plain',
    requests,
    promptTokens,
    maxTokens,
  });
  const json = (way: Way, requests: number): Task => ({
    ...free(`JSON, ${requests}`, requests, 8, tokens(requests === 1 ? 96 : 48)),
    ...(way !== 'plain' && { name: `JSON, ${requests}, ${way}` }),
    way,
    schema: SCHEMA,
  });
  return [
    free('decode, 1', 1, 8, tokens(96)),
    free('decode, 16', 16, 8, tokens(48)),
    free('prefill', 1, 512, 1),
    ...(['plain', 'drafts', 'text'] as const).flatMap((way) => [json(way, 1), json(way, 16)]),
  ];
};

/** The same ids for both; none of them special in the race's vocabularies. */
const promptOf = (task: Task, i: number, round: number): number[] =>
  Array.from({ length: task.promptTokens }, (_, k) => 300 + ((k * 37 + i * 101 + round * 7) % 1500));

export async function race(
  models: readonly RaceModel[],
  { quick, log }: { quick: boolean; log: (line: string) => void },
): Promise<RaceFigures> {
  const rounds = quick ? 1 : 3;
  const races: { threads: number; models: RaceModels }[] = [];
  let kernels = '';
  // Neither side keeps the process alive while it computes.
  const alive = setInterval(() => {}, 1000);
  try {
    for (const threads of threadCounts()) {
      const figures: Record<string, Record<string, TaskFigures>> = {};
      for (const model of models) {
        const raced = await raceOne(model, { threads, rounds, quick, log });
        figures[model] = raced.tasks;
        kernels = raced.kernels;
      }
      races.push({ threads, models: figures });
    }
  } finally {
    clearInterval(alive);
  }
  return { opponent: `node-llama-cpp ${OPPONENT_VERSION}`, rounds, kernels, races };
}

async function raceOne(
  model: RaceModel,
  options: { threads: number; rounds: number; quick: boolean; log: (line: string) => void },
): Promise<{ kernels: string; tasks: Record<string, TaskFigures> }> {
  const { threads, rounds, quick, log } = options;
  const path = raceModel(model);
  await using theirs = await Opponent.open(path, { threads, sequences: 16, context: 1024 });
  const ours = engines(path, threads);
  try {
    const { kernels } = await ours.plain.ready();
    const tasks = await raceModelTasks(tasksOf(model, quick), rounds, ours, theirs, (line) =>
      log(`${model}, ${threads} thread(s): ${line}`),
    );
    return { kernels, tasks };
  } finally {
    await Promise.all(Object.values(ours).map((engine) => engine.close()));
  }
}

function engines(model: string, threads: number): Record<Way, Engine> {
  const open = (way: EngineOptions) =>
    new Engine({ model, threads, radixCache: false, kvTokens: 16_384, ...way });
  return { plain: open(WAYS.plain), drafts: open(WAYS.drafts), text: open(WAYS.text) };
}

async function raceModelTasks(
  tasks: readonly Task[],
  rounds: number,
  ours: Readonly<Record<Way, Engine>>,
  theirs: Opponent,
  log: (line: string) => void,
): Promise<Record<string, TaskFigures>> {
  const runs = tasks.map((task) => ({ task, ours: [] as Measured[], theirs: [] as Measured[] }));
  for (let round = 0; round < rounds; round++)
    for (const run of runs) {
      const { task } = run;
      const prompts = Array.from({ length: task.requests }, (_, i) => promptOf(task, i, round));
      run.ours.push(await measured(task, () => runOurs(ours[task.way], prompts, task)));
      run.theirs.push(await measured(task, () => theirs.run(prompts, task.maxTokens, task.schema)));
    }
  return Object.fromEntries(
    runs.map((run) => {
      const found = compared(run.ours, run.theirs);
      log(
        `${run.task.name.padEnd(16)} ${found.ours.toFixed(1)} against ${found.theirs.toFixed(1)} tokens/s: ${found.ratio.toFixed(2)} by the clock, ${found.cpuRatio.toFixed(2)} by processor time`,
      );
      return [run.task.name, found];
    }),
  );
}

async function measured(task: Task, run: () => Promise<Run>): Promise<Measured> {
  const before = process.cpuUsage();
  const { ms, tokens } = await run();
  const { user, system } = process.cpuUsage(before);
  return { tokens: task.maxTokens === 1 ? task.promptTokens : tokens, ms, cpuMs: (user + system) / 1000 };
}

async function runOurs(engine: Engine, prompts: readonly number[][], { maxTokens, schema }: Task) {
  const start = performance.now();
  const results = await Promise.all(
    prompts.map((promptTokens, seed) =>
      engine.generate({
        promptTokens,
        maxTokens,
        seed,
        temperature: schema ? 1 : 0,
        ...(schema ? { schema } : { ignoreEos: true }),
      }),
    ),
  );
  const tokens = results.reduce((sum, result) => sum + result.tokens.length, 0);
  return { ms: performance.now() - start, tokens };
}

function compared(ours: readonly Measured[], theirs: readonly Measured[]): TaskFigures {
  const rate = (runs: readonly Measured[]) => median(runs.map(({ tokens, ms }) => (1000 * tokens) / ms));
  const cpu = (runs: readonly Measured[]) => median(runs.map(({ tokens, cpuMs }) => cpuMs / tokens));
  return {
    ours: rate(ours),
    theirs: rate(theirs),
    ratio: rate(ours) / rate(theirs),
    oursCpuMs: cpu(ours),
    theirsCpuMs: cpu(theirs),
    cpuRatio: cpu(theirs) / cpu(ours),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
