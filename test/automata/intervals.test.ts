// Interval sets against plain sets of numbers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  complementIntervals,
  type Intervals,
  intersectIntervals,
  normalizeIntervals,
  unionIntervals,
} from '../../src/automata/index.js';

const MAX = 40;
const raw = fc.array(
  fc.tuple(fc.nat(MAX), fc.nat(MAX)).map(([a, b]) => [a, b] as const),
  { maxLength: 8 },
);
const members = (set: Iterable<readonly [number, number]>) => {
  const result = new Set<number>();
  for (const [lo, hi] of set) for (let symbol = lo; symbol <= hi; symbol++) result.add(symbol);
  return [...result].sort((a, b) => a - b);
};

function expectNormal(set: Intervals): void {
  set.forEach(([lo, hi], i) => {
    expect(lo).toBeLessThanOrEqual(hi);
    if (i > 0) expect(lo).toBeGreaterThan(set[i - 1][1] + 1);
  });
}

describe('interval sets', () => {
  it('normalise to sorted, disjoint, non-adjacent intervals of the same symbols', () => {
    fc.assert(
      fc.property(raw, (intervals) => {
        const set = normalizeIntervals(intervals);
        expectNormal(set);
        expect(members(set)).toEqual(members(intervals));
      }),
    );
  });

  it('do not change the intervals that they are made from', () => {
    const intervals: [number, number][] = [
      [5, 7],
      [1, 6],
    ];
    normalizeIntervals(intervals);
    expect(intervals).toEqual([
      [5, 7],
      [1, 6],
    ]);
  });

  it('unite, intersect and complement as sets do', () => {
    fc.assert(
      fc.property(raw, raw, fc.nat(MAX + 5), (x, y, max) => {
        const [a, b] = [normalizeIntervals(x), normalizeIntervals(y)];
        const [inA, inB] = [members(a), members(b)];
        const union = unionIntervals(a, b);
        const both = intersectIntervals(a, b);
        const rest = complementIntervals(a, max);
        for (const set of [union, both, rest]) expectNormal(set);
        expect(members(union)).toEqual([...new Set([...inA, ...inB])].sort((p, q) => p - q));
        expect(members(both)).toEqual(inA.filter((symbol) => inB.includes(symbol)));
        expect(members(rest)).toEqual(members([[0, max]]).filter((symbol) => !inA.includes(symbol)));
      }),
    );
  });
});
