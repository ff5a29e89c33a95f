// Loads on an engine: many requests of random tokens at once, through the public API, by the wall clock.
import type { Engine, GenerateRequest } from '../../src/engine/index.js';
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

export interface Timed {
  readonly seconds: number;
  readonly outputTokens: number;
  /** Requests that ended before their last token. */
  readonly short: number;
}

/** All requests at once; each differs from `common` in its prompt and in what `own` adds. */
export async function timed(
  engine: Engine,
  prompts: readonly Int32Array[],
  common: GenerateRequest,
  own: (i: number) => GenerateRequest = () => ({}),
): Promise<Timed> {
  const start = performance.now();
  const results = await Promise.all(
    prompts.map((promptTokens, i) => engine.generate({ promptTokens, ...common, ...own(i) })),
  );
  const seconds = (performance.now() - start) / 1000;
  return {
    seconds,
    outputTokens: results.reduce((sum, { tokens }) => sum + tokens.length, 0),
    short: results.filter(({ finishReason }) => finishReason !== 'length').length,
  };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}
