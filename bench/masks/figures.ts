// MaskBench's metrics of one engine: time between masks over valid instances, time to the first mask, and verdicts.
import type { WorkerResult } from './workers.js';

/** Microseconds. */
export interface Distribution {
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** Quantiles for a plot, at {@link PLOT_SHARES}. */
  readonly curve: readonly number[];
}

export interface EngineFigures {
  readonly schemas: number;
  readonly tokens: number;
  /** Mask and accept. */
  readonly mask: Distribution;
  /** Compiling, opening a matcher, the first mask. */
  readonly first: Distribution;
  readonly compile: Distribution;
  /** Schemas all of whose instances are judged rightly. */
  readonly passing: number;
  readonly refused: number;
  readonly failed: number;
  readonly validRejected: number;
  readonly invalidAccepted: number;
}

export const PLOT_SHARES: readonly number[] = [
  ...Array.from({ length: 20 }, (_, i) => i * 0.05),
  0.96,
  0.97,
  0.98,
  0.99,
  0.995,
  0.998,
  0.999,
  0.9995,
  0.9999,
  1,
];

export function distribution(values: readonly number[]): Distribution {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / Math.max(1, sorted.length);
  return {
    mean,
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    p999: at(0.999),
    max: at(1),
    curve: PLOT_SHARES.map(at),
  };
}

/** `limitSeconds` stands for the time to the first mask of a schema that took longer. */
export function figuresOf(results: readonly WorkerResult[], limitSeconds: number): EngineFigures {
  const mask: number[] = [];
  const first: number[] = [];
  const compile: number[] = [];
  const counts = { passing: 0, refused: 0, failed: 0, validRejected: 0, invalidAccepted: 0 };
  for (const result of results) {
    if (result.timeout || result.crash) {
      counts.failed++;
      if (result.timeout) first.push(limitSeconds * 1e6);
      continue;
    }
    if (result.compile_error !== undefined) {
      counts.refused++;
      continue;
    }
    const compileMicros = (result.compile_ns ?? 0) / 1000;
    compile.push(compileMicros);
    first.push(compileMicros + ((result.matcher_ns ?? 0) + (result.first_ns ?? 0)) / 1000);
    let right = true;
    for (const { valid, rejected_at, eos, error, fill, acc } of result.tests ?? []) {
      const accepted = rejected_at === null && eos === true && error === undefined;
      if (accepted !== valid || error !== undefined) right = false;
      if (valid && !accepted) counts.validRejected++;
      if (!valid && accepted) counts.invalidAccepted++;
      if (valid) for (const [i, tenths] of fill.entries()) mask.push((tenths + (acc[i] ?? 0)) / 10);
    }
    if (right) counts.passing++;
  }
  return {
    schemas: results.length,
    tokens: mask.length,
    mask: distribution(mask),
    first: distribution(first),
    compile: distribution(compile),
    ...counts,
  };
}
