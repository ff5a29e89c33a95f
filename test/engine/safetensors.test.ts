// safetensors headers: what is read from good files, and every fault of a bad one.
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSafetensorsHeader } from '../../src/engine/safetensors.js';
import { ModelError } from '../../src/errors.js';
import { faultOf, madeFolder, safetensors } from './made-model.js';

const file = (content: Buffer) => join(madeFolder({ 'model.safetensors': content }), 'model.safetensors');
const tensor = (from: number, to: number, shape: unknown = [(to - from) / 4], dtype: unknown = 'F32') => ({
  dtype,
  shape,
  data_offsets: [from, to],
});

describe('readSafetensorsHeader', () => {
  it('places tensors after the header, in the order of their data', () => {
    const header = {
      __metadata__: { format: 'pt' },
      b: tensor(8, 16),
      a: tensor(0, 8, [2, 2], 'BF16'),
      c: tensor(16, 16, [0]),
    };
    const start = 8 + JSON.stringify(header).length;
    expect(readSafetensorsHeader(file(safetensors(header, 16)))).toEqual([
      expect.objectContaining({ name: 'a', dtype: 'BF16', shape: [2, 2], offset: start }),
      expect.objectContaining({ name: 'b', dtype: 'F32', shape: [2], offset: start + 8 }),
      expect.objectContaining({ name: 'c', shape: [0], offset: start + 16 }),
    ]);
  });

  it.each<[string, Buffer, string, RegExp]>([
    ['an empty file', Buffer.alloc(0), 'weights_truncated', /header/],
    ['a file shorter than its header', safetensors({}, 0, 1000n), 'weights_truncated', /header/],
    ['a header that is too long', safetensors({}, 0, 2n ** 60n), 'weights_invalid', /MAX_HEADER_BYTES/],
    ['a header that is not JSON', safetensors('{', 0), 'weights_invalid', /not JSON/],
    ['a header that is a list', safetensors([], 0), 'weights_invalid', /not an object/],
    [
      'data that is cut off',
      safetensors({ a: tensor(0, 16) }, 15),
      'weights_truncated',
      /asks for \d+ bytes/,
    ],
    [
      'tensors that overlap',
      safetensors({ a: tensor(0, 8), b: tensor(4, 12) }, 12),
      'weights_invalid',
      /'a' and 'b' overlap/,
    ],
    [
      'a size that does not fit the shape',
      safetensors({ a: tensor(0, 8, [3]) }, 8),
      'weights_invalid',
      /needs 12 bytes, has 8/,
    ],
    [
      'a shape that overflows',
      safetensors({ a: tensor(0, 8, [2 ** 40, 2 ** 40]) }, 8),
      'weights_invalid',
      /needs/,
    ],
    ['a negative dimension', safetensors({ a: tensor(0, 8, [-2]) }, 8), 'weights_invalid', /shape/],
    ['no shape', safetensors({ a: { dtype: 'F32', data_offsets: [0, 4] } }, 4), 'weights_invalid', /shape/],
    [
      'offsets in reverse',
      safetensors({ a: { dtype: 'F32', shape: [1], data_offsets: [8, 4] } }, 8),
      'weights_invalid',
      /data_offsets/,
    ],
    [
      'one offset',
      safetensors({ a: { dtype: 'F32', shape: [1], data_offsets: [8] } }, 8),
      'weights_invalid',
      /data_offsets/,
    ],
    ['a null tensor', safetensors({ a: null }, 8), 'weights_invalid', /'a'/],
    [
      'a dtype of no use',
      safetensors({ a: tensor(0, 8, [8], 'I8') }, 8),
      'unsupported_dtype',
      /'a' has dtype I8; supported are F32, F16, BF16/,
    ],
  ])('refuses %s', async (_, content, code, message) => {
    const path = file(content);
    const error = await faultOf(() => readSafetensorsHeader(path));
    expect(error).toBeInstanceOf(ModelError);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(path);
  });

  it('says that a file is missing', async () => {
    expect((await faultOf(() => readSafetensorsHeader('/nowhere/x.safetensors'))).code).toBe(
      'weights_missing',
    );
  });

  it('throws only its own errors on damaged headers (property)', () => {
    const good = safetensors({ a: tensor(0, 8), b: tensor(8, 16, [2, 2], 'F16') }, 16);
    fc.assert(
      fc.property(
        fc.nat(good.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.nat(good.length),
        (at, flip, end) => {
          const bad = Buffer.from(good.subarray(0, end));
          if (at < bad.length) bad[at] = bad[at]! ^ flip;
          const path = file(bad);
          try {
            for (const { offset } of readSafetensorsHeader(path))
              expect(offset).toBeLessThanOrEqual(bad.length);
          } catch (error) {
            expect(error).toBeInstanceOf(ModelError);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
