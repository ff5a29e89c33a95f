// Loads on an engine: many requests of random tokens at once, through the public API, by the wall clock.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine, GenerateRequest } from '../../src/engine/index.js';
import type { NativeStats } from '../../src/native/index.js';
import { generator } from './vocabulary.js';

/** Ids below this are plain tokens. */
const PLAIN = 128_000;
let seeds = 1;

/** Tokens never used before in this process. */
export function freshTokens(count: number): Int32Array {
  const next = generator(++seeds * 7919);
  return Int32Array.from({ length: count }, () => next(PLAIN));
}

export function freshPrompts(count: number, tokens: number): Int32Array[] {
  return Array.from({ length: count }, () => freshTokens(tokens));
}

/** Prompts of one shared beginning and an end of their own. */
export function sharedPrompts(count: number, shared: number, own: number): Int32Array[] {
  const beginning = freshTokens(shared);
  return freshPrompts(count, own).map((end) => Int32Array.of(...beginning, ...end));
}

type Counters = Omit<NativeStats, 'cold'>;

export interface Timed {
  readonly seconds: number;
  readonly outputTokens: number;
  /** Requests that ended before their last token. */
  readonly short: number;
  /** The engine's counters, by how much they rose. */
  readonly spent: Counters;
}

/** All requests at once; each differs from `common` in its prompt and in what `own` adds. */
export async function timed(
  engine: Engine,
  prompts: readonly Int32Array[],
  common: GenerateRequest,
  own: (i: number) => GenerateRequest = () => ({}),
): Promise<Timed> {
  const before = await engine.stats();
  const start = performance.now();
  const results = await Promise.all(
    prompts.map((promptTokens, i) => engine.generate({ promptTokens, ...common, ...own(i) })),
  );
  const seconds = (performance.now() - start) / 1000;
  const after = await engine.stats();
  const keys = Object.keys(after).filter((key): key is keyof Counters => key !== 'cold');
  return {
    seconds,
    spent: Object.fromEntries(keys.map((key) => [key, after[key] - before[key]])) as unknown as Counters,
    outputTokens: results.reduce((sum, { tokens }) => sum + tokens.length, 0),
    short: results.filter(({ finishReason }) => finishReason !== 'length').length,
  };
}

/** Waits until the engine, which has no requests, has prepared all batch sizes. Resolves to the seconds that took. */
export async function warm(engine: Engine): Promise<number> {
  const start = performance.now();
  while ((await engine.stats()).cold) await sleep(20);
  return (performance.now() - start) / 1000;
}

/** Where a run's time went: its steps, the time of each and the host's share of it. */
export function steps({ seconds, spent }: Timed): string {
  const each = (micros: number) => (micros / spent.forwardSteps / 1e3).toFixed(2);
  return `${spent.forwardSteps} steps of ${each(seconds * 1e6)} ms (${each(spent.waitMicros)} waiting for tokens, ${each(spent.maskMicros)} masks), ${spent.overlappedSteps} overlapped`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
