// Summaries of many timings.

export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Percentiles by nearest rank, rounded to a tenth; zeros when there is nothing to sum up. */
export function percentiles(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((left, right) => left - right);
  const at = (share: number) => {
    const rank = Math.max(0, Math.ceil(share * sorted.length) - 1);
    return Math.round(10 * (sorted[rank] ?? 0)) / 10;
  };
  return { count: sorted.length, p50: at(0.5), p90: at(0.9), p99: at(0.99), max: at(1) };
}

/** `p50 1.2, p90 3.4, p99 5.6, max 7.8` */
export function printPercentiles({ p50, p90, p99, max }: Percentiles): string {
  return `p50 ${p50}, p90 ${p90}, p99 ${p99}, max ${max}`;
}

/** The middle value, or the mean of the two in the middle; 0 when there is nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}
