// Writes GGUF files, version 3: metadata, the table of tensors, and their data, one after the other.
import { closeSync, openSync, writeSync } from 'node:fs';
import { bytesOf } from '../../src/engine/dtypes.js';
import { GGML_TYPES } from '../../src/engine/gguf/index.js';
import type { NativeDtype } from '../../src/native/index.js';

export const ALIGNMENT = 32;

/** Numbers are written as uint32 unless they are wrapped. */
export type MetadataValue = string | number | boolean | Float | readonly string[] | Int32Array | Float32Array;

export class Float {
  constructor(readonly value: number) {}
}

export interface WrittenTensor {
  readonly name: string;
  readonly dtype: NativeDtype;
  /** The slowest dimension first. */
  readonly shape: readonly number[];
  /** Its bytes, in pieces that are asked for one after the other. */
  readonly data: () => Iterable<Uint8Array>;
}

const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};

const u64 = (value: number): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
};

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([u64(bytes.length), bytes]);
};

const floats = (values: readonly number[]): Buffer => Buffer.from(new Float32Array(values).buffer);

function valueBytes(value: MetadataValue): Buffer {
  if (typeof value === 'string') return Buffer.concat([u32(8), text(value)]);
  if (typeof value === 'boolean') return Buffer.from([...u32(7), Number(value)]);
  if (typeof value === 'number') return Buffer.concat([u32(4), u32(value)]);
  if (value instanceof Float) return Buffer.concat([u32(6), floats([value.value])]);
  const head = (type: number) => Buffer.concat([u32(9), u32(type), u64(value.length)]);
  if (value instanceof Int32Array) return Buffer.concat([head(5), Buffer.from(value.slice().buffer)]);
  if (value instanceof Float32Array) return Buffer.concat([head(6), Buffer.from(value.slice().buffer)]);
  return Buffer.concat([head(8), ...value.map(text)]);
}

const aligned = (size: number): number => Math.ceil(size / ALIGNMENT) * ALIGNMENT;

export const tensorBytes = ({ dtype, shape }: Pick<WrittenTensor, 'dtype' | 'shape'>): number =>
  bytesOf(
    dtype,
    shape.reduce((a, b) => a * b, 1),
  );

/** What stands before the tensors' data. */
export function ggufHead(
  metadata: Readonly<Record<string, MetadataValue>>,
  tensors: readonly Pick<WrittenTensor, 'name' | 'dtype' | 'shape'>[],
): Buffer {
  const keys = Object.entries(metadata);
  const parts: Buffer[] = [Buffer.from('GGUF'), u32(3), u64(tensors.length), u64(keys.length)];
  for (const [key, value] of keys) parts.push(text(key), valueBytes(value));
  let offset = 0;
  for (const tensor of tensors) {
    const dimensions = [...tensor.shape].reverse().map(u64);
    parts.push(text(tensor.name), u32(dimensions.length), ...dimensions);
    parts.push(u32(GGML_TYPES[tensor.dtype]), u64(offset));
    offset += aligned(tensorBytes(tensor));
  }
  const head = Buffer.concat(parts);
  return Buffer.concat([head, Buffer.alloc(aligned(head.length) - head.length)]);
}

export function writeGguf(
  path: string,
  metadata: Readonly<Record<string, MetadataValue>>,
  tensors: readonly WrittenTensor[],
): void {
  const file = openSync(path, 'w');
  try {
    writeSync(file, ggufHead(metadata, tensors));
    for (const tensor of tensors) {
      const size = tensorBytes(tensor);
      let written = 0;
      for (const piece of tensor.data()) written += writeSync(file, piece);
      if (written !== size) throw new Error(`tensor ${tensor.name} gave ${written} bytes, not ${size}`);
      writeSync(file, Buffer.alloc(aligned(size) - size));
    }
  } finally {
    closeSync(file);
  }
}
