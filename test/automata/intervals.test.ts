// Interval sets against sets of numbers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  complementIntervals,
  type Intervals,
  intersectIntervals,
  normalizeIntervals,
  unionIntervals,
} from '../../src/automata/index.js';

const MAX = 20;
const raw = fc.array(fc.tuple(fc.nat(MAX), fc.nat(MAX)), { maxLength: 6 });

function members(set: Iterable<readonly [number, number]>): Set<number> {
  const result = new Set<number>();
  for (const [lo, hi] of set) for (let symbol = lo; symbol <= hi; symbol++) result.add(symbol);
  return result;
}

function normal(set: Intervals): boolean {
  return set.every(([lo, hi], i) => lo <= hi && (i === 0 || lo > set[i - 1][1] + 1));
}

describe('intervals', () => {
  it('behave as sets and stay normal', () => {
    fc.assert(
      fc.property(raw, raw, (rawA, rawB) => {
        const [a, b] = [normalizeIntervals(rawA), normalizeIntervals(rawB)];
        const [inA, inB] = [members(a), members(b)];
        expect(inA).toEqual(members(rawA));
        const every = Array.from({ length: MAX + 1 }, (_, i) => i);
        const results: [Intervals, (symbol: number) => boolean][] = [
          [a, (x) => inA.has(x)],
          [unionIntervals(a, b), (x) => inA.has(x) || inB.has(x)],
          [intersectIntervals(a, b), (x) => inA.has(x) && inB.has(x)],
          [complementIntervals(a, MAX), (x) => !inA.has(x)],
        ];
        for (const [set, belongs] of results) {
          expect(normal(set)).toBe(true);
          const inSet = members(set);
          for (const symbol of every) expect(inSet.has(symbol)).toBe(belongs(symbol));
        }
      }),
    );
  });

  it('clip a complement at the largest symbol', () => {
    expect(complementIntervals([[2, 30]], MAX)).toEqual([[0, 1]]);
    expect(complementIntervals([[30, 40]], MAX)).toEqual([[0, MAX]]);
  });
});
