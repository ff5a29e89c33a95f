import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sortByBytes } from '../../src/tokenizer/byte-sort.js';

function pack(strings: readonly Uint8Array[]) {
  const start = new Int32Array(strings.length + 1);
  strings.forEach((string, i) => {
    start[i + 1] = start[i]! + string.length;
  });
  const bytes = new Uint8Array(start[strings.length]!);
  strings.forEach((string, i) => {
    bytes.set(string, start[i]!);
  });
  return { start, bytes };
}

function sorted(strings: readonly Uint8Array[]): number[] {
  const ids = Int32Array.from(strings.keys());
  sortByBytes(ids, pack(strings));
  return [...ids];
}

it('sorts as a comparison of bytes does, equal strings by id (property)', () => {
  // Few different bytes make long shared beginnings; many strings make buckets beyond insertion.
  const string = fc
    .array(fc.constantFrom(0, 1, 127, 128, 255), { maxLength: 6 })
    .map((bytes) => Uint8Array.from(bytes));
  fc.assert(
    fc.property(fc.array(string, { maxLength: 300, size: 'max' }), (strings) => {
      const expected = [...strings.keys()].sort((a, b) => Buffer.compare(strings[a]!, strings[b]!) || a - b);
      expect(sorted(strings)).toEqual(expected);
    }),
  );
});

it('is not slow where all strings begin alike', () => {
  const strings = Array.from({ length: 200 }, (_, i) => {
    const string = new Uint8Array(20_000).fill(97);
    string[19_999] = i;
    return string;
  });
  const start = performance.now();
  expect(sorted(strings.reverse())).toEqual([...strings.keys()].reverse());
  expect(performance.now() - start).toBeLessThan(5000);
});
