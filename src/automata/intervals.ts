// Sets of symbols as sorted, disjoint, non-adjacent closed intervals.

/** Sorted by `lo`, disjoint and not adjacent. */
export type Intervals = readonly (readonly [lo: number, hi: number])[];

/** Any intervals in any order, brought to normal form. */
export function normalizeIntervals(raw: Iterable<readonly [number, number]>): Intervals {
  const sorted: (readonly [number, number])[] = [];
  for (const interval of raw) if (interval[0] <= interval[1]) sorted.push(interval);
  sorted.sort(byBegin);
  const result: [number, number][] = [];
  for (const [lo, hi] of sorted) {
    const last = result[result.length - 1];
    if (last && lo <= last[1] + 1) last[1] = Math.max(last[1], hi);
    else result.push([lo, hi]);
  }
  return result;
}

function byBegin(a: readonly [number, number], b: readonly [number, number]): number {
  return a[0] - b[0];
}

export function unionIntervals(a: Intervals, b: Intervals): Intervals {
  return normalizeIntervals([...a, ...b]);
}

export function intersectIntervals(a: Intervals, b: Intervals): Intervals {
  const result: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const lo = Math.max(a[i][0], b[j][0]);
    const hi = Math.min(a[i][1], b[j][1]);
    if (lo <= hi) result.push([lo, hi]);
    if (a[i][1] < b[j][1]) i++;
    else j++;
  }
  return result;
}

/** All symbols 0..maxSymbol that are not in `a`. */
export function complementIntervals(a: Intervals, maxSymbol: number): Intervals {
  const result: [number, number][] = [];
  let next = 0;
  for (const [lo, hi] of a) {
    if (lo > maxSymbol) break;
    if (lo > next) result.push([next, lo - 1]);
    next = hi + 1;
  }
  if (next <= maxSymbol) result.push([next, maxSymbol]);
  return result;
}
