// What schemas share in a process is kept up to a size, and made again when it has gone.
import { expect, it } from 'vitest';
import { BoundedCache } from '../../../src/frontends/json-schema/bounded-cache.js';

it('makes a value once while it is kept; the oldest go when all together are too large', () => {
  const made: string[] = [];
  const cache = new BoundedCache<string>(6, (value) => value.length);
  const get = (key: string) =>
    cache.get(key, () => {
      made.push(key);
      return key;
    });
  for (const key of ['aaa', 'bb', 'aaa', 'c']) expect(get(key)).toBe(key);
  expect(made).toEqual(['aaa', 'bb', 'c']);
  get('dd'); // 8 in all: 'aaa' goes
  get('bb');
  expect(made).toEqual(['aaa', 'bb', 'c', 'dd']);
  get('aaa'); // 8 again: 'bb' goes
  get('bb');
  expect(made).toEqual(['aaa', 'bb', 'c', 'dd', 'aaa', 'bb']);
  get('longer than all'); // not kept, nor anything else
  get('longer than all');
  get('bb');
  expect(made.slice(6)).toEqual(['longer than all', 'longer than all', 'bb']);
});

it('keeps nothing of what fails', () => {
  const cache = new BoundedCache<number>(2);
  expect(() =>
    cache.get('key', () => {
      throw new RangeError('no');
    }),
  ).toThrow(RangeError);
  expect(cache.get('key', () => 1)).toBe(1);
});
