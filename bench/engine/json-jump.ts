// JSON of long, fixed keys, written in several ways: what a grammar leaves no choice about costs no pass of its own. One prompt
// for all, so that the prefix cache leaves only the output to compute.
import { Engine, type EngineOptions, type GenerateRequest } from '../../src/engine/index.js';
import { median } from '../percentiles.js';
import { timeObjects } from '../radix/loads.js';

export interface JumpRun {
  /** The engine's options of each way; the first is the base that the others are measured against. */
  readonly ways: Readonly<Record<string, EngineOptions>>;
  readonly request: GenerateRequest;
  /** Objects that are written at once. */
  readonly batch: number;
  readonly rounds: number;
}

export interface JumpRate {
  /** Objects a second, and against the base in the same round. */
  readonly objects: number;
  readonly speedup: number;
  /** Tokens a second: forced text is spelt in fewer tokens than a model may choose. */
  readonly tokens: number;
}

/** Rounds in which each way has its turn, after one that warms up; medians of the rounds. */
export async function jsonJump(run: JumpRun): Promise<Record<string, JumpRate>> {
  const { ways, request, batch, rounds } = run;
  const runs = Object.entries(ways).map(([way, options]) => ({
    way,
    engine: new Engine(options),
    timed: [] as { objects: number; tokens: number }[],
  }));
  try {
    for (const { engine } of runs) await timeObjects(engine, request, batch);
    for (let round = 0; round < rounds; round++)
      for (const { engine, timed } of runs) timed.push(await timeObjects(engine, request, batch));
  } finally {
    await Promise.all(runs.map(({ engine }) => engine.close()));
  }
  const base = runs[0]!.timed;
  return Object.fromEntries(
    runs.map(({ way, timed }) => [
      way,
      {
        objects: median(timed.map(({ objects }) => objects)),
        speedup: median(timed.map(({ objects }, round) => objects / base[round]!.objects)),
        tokens: median(timed.map(({ tokens }) => tokens)),
      },
    ]),
  );
}
