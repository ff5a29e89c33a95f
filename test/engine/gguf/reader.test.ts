// The head of GGUF files: what is written is read, and what is broken is refused with its place, whatever the bytes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Float, ggufHead, writeGguf } from '../../../bench/gguf/writer.js';
import { readGguf } from '../../../src/engine/gguf/index.js';
import { ModelError } from '../../../src/errors.js';
import { faultOf, madeFolder } from '../made-model.js';

const tensors = [
  { name: 'one', dtype: 'F32' as const, shape: [3, 5] },
  { name: 'two', dtype: 'Q8_0' as const, shape: [2, 64] },
];
const metadata = {
  'general.architecture': 'llama',
  'some.number': 7,
  'some.float': new Float(0.5),
  'some.flag': true,
  'some.texts': ['a', '', 'é\u0000'],
  'some.integers': Int32Array.of(-1, 2),
  'some.floats': Float32Array.of(0.25, -4),
};

function fileOf(bytes: Uint8Array): string {
  const path = join(madeFolder({}), 'made.gguf');
  writeFileSync(path, bytes);
  return path;
}

function whole(): Buffer {
  return Buffer.concat([ggufHead(metadata, tensors), Buffer.alloc(64 + 160)]);
}

/** The file with these bytes in place of those that follow `after`, or at an offset. */
function changed(after: string | number, bytes: readonly number[]): string {
  const file = whole();
  file.set(bytes, typeof after === 'number' ? after : file.indexOf(after) + after.length);
  return fileOf(file);
}

const u64 = (value: bigint): number[] => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  return [...bytes];
};

describe('readGguf', () => {
  it('reads what was written', () => {
    const path = join(madeFolder({}), 'made.gguf');
    const data = [Uint8Array.from({ length: 60 }, (_, i) => i), new Uint8Array(136)];
    writeGguf(
      path,
      metadata,
      tensors.map((tensor, i) => ({ ...tensor, data: () => [data[i]!] })),
    );
    const file = readGguf(path);
    expect(file.version).toBe(3);
    expect(Object.fromEntries(file.metadata)).toEqual({
      ...metadata,
      'some.float': 0.5,
      'some.integers': [-1, 2],
      'some.floats': [0.25, -4],
    });
    const start = ggufHead(metadata, tensors).length;
    expect(file.tensors).toEqual([
      { ...tensors[0], offset: start },
      { ...tensors[1], offset: start + 64 },
    ]);
  });

  it('names files by their content', () => {
    const [first, second, other] = [whole(), whole(), whole()].map((bytes, i) => {
      if (i === 2) bytes[bytes.indexOf('some.number') + 'some.number'.length + 4] = 8;
      return readGguf(fileOf(bytes)).digest;
    });
    expect(first).toBe(second);
    expect(other).not.toBe(first);
  });

  it.each([
    ['another magic', 0, [1], /does not begin with 'GGUF', at byte 0/],
    ['version 1', 4, [1], /version 1 is not supported; supported: 2, 3, at byte 4/],
    ['the other byte order', 4, [0, 0, 0, 3], /big-endian/],
    ['too many tensors', 8, u64(1n << 40n), /number of tensors is 1099511627776 \(limit MAX_GGUF_TENSORS/],
    ['too many keys', 16, u64(1n << 63n), /number of keys is .*MAX_GGUF_KEYS/],
    ['more keys than there are', 16, u64(60_000n), /truncated|unknown type|limit|length/],
    ['a key too long', 24, u64(5000n), /length of key 0 is 5000 \(limit MAX_GGUF_NAME_BYTES/],
    ['a value of no type', 'some.number', [77], /'some.number' has the unknown type 77/],
    ['an array of arrays', 'some.integers', [9, 0, 0, 0, 9], /array of arrays/],
    [
      'an array too long',
      'some.integers',
      [9, 0, 0, 0, 5, 0, 0, 0, ...u64(1n << 50n)],
      /MAX_GGUF_ARRAY_LENGTH/,
    ],
    ['an array beyond the file', 'some.integers', [9, 0, 0, 0, 5, 0, 0, 0, ...u64(100_000n)], /is truncated/],
    ['texts beyond the file', 'some.texts', [9, 0, 0, 0, 8, 0, 0, 0, ...u64(100_000n)], /more elements than/],
    ['a tensor without dimensions', 'one', [0], /tensor 'one' has 0 dimensions/],
    ['a tensor of too many', 'one', [9], /tensor 'one' has 9 dimensions/],
    ['a dimension of nothing', 'one', [2, 0, 0, 0, ...u64(0n)], /tensor 'one' of shape \[3,0\]/],
    ['a dimension beyond the file', 'one', [2, 0, 0, 0, ...u64(1n << 52n)], /does not fit the file/],
    ['rows that are no blocks', 'two', [2, 0, 0, 0, ...u64(48n)], /not whole blocks of 32/],
    [
      'an offset between alignments',
      'one',
      [2, 0, 0, 0, ...u64(5n), ...u64(3n), 0, 0, 0, 0, 8],
      /multiple of 32/,
    ],
    [
      'tensors that overlap',
      'two',
      [2, 0, 0, 0, ...u64(64n), ...u64(2n), 8, 0, 0, 0, 32],
      /'one' and 'two' overlap/,
    ],
  ])('refuses %s', async (_, after, bytes, message) => {
    const path = changed(after, bytes);
    const fault = await faultOf(() => readGguf(path));
    expect(fault).toBeInstanceOf(ModelError);
    expect(fault.code).toBe('model_file');
    expect(fault.message).toMatch(message);
    expect(fault.message).toContain(path);
  });

  it('refuses a type that the engine does not read, by its name', async () => {
    const fault = await faultOf(() => readGguf(changed('two', [2, 0, 0, 0, ...u64(64n), ...u64(2n), 10])));
    expect(fault.code).toBe('unsupported_dtype');
    expect(fault.message).toMatch(/tensor 'two' has type Q2_K; supported are F32, .*Q6_K/);
  });

  it.each([0, 3, 48, 2 ** 21])('refuses the alignment %i', async (alignment) => {
    const head = ggufHead({ 'general.alignment': alignment }, []);
    const fault = await faultOf(() => readGguf(fileOf(head)));
    expect(fault.message).toMatch(/general.alignment is .* not a power of two/);
  });

  it('says what is missing where a file is cut off anywhere', async () => {
    const bytes = whole();
    for (let length = 0; length < bytes.length - 24; length += 7) {
      const fault = await faultOf(() => readGguf(fileOf(bytes.subarray(0, length))));
      expect(fault.code).toBe('model_file');
    }
  });

  it('refuses names that are there twice, and files that are not there', async () => {
    const twice = Buffer.concat([ggufHead({}, [tensors[0]!, tensors[0]!]), Buffer.alloc(256)]);
    expect((await faultOf(() => readGguf(fileOf(twice)))).message).toMatch(/'one' is there twice/);
    expect((await faultOf(() => readGguf('/nowhere/a.gguf'))).code).toBe('model_not_found');
  });

  it('throws nothing but its own errors, whatever is changed', () => {
    const bytes = whole();
    const place = fc.tuple(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 0, max: 255 }));
    const path = fileOf(bytes);
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 6 }), (places) => {
        const damaged = Buffer.from(bytes);
        for (const [at, value] of places) damaged[at] = value;
        writeFileSync(path, damaged);
        try {
          readGguf(path);
        } catch (error) {
          if (!(error instanceof ModelError)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});
