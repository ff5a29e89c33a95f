// The head of a GGUF file, versions 2 and 3: metadata and the table of tensors; the native engine maps the file. The
// format: github.com/ggml-org/ggml/blob/master/docs/gguf.md. Little-endian: magic, version, counts of tensors and keys,
// the keys with their values, the tensors' names, dimensions (the fastest first), types and offsets, then, aligned, data.
import { ModelError } from '../../errors.js';
import type { NativeDtype } from '../../native/index.js';
import { bytesOf, DTYPES } from '../dtypes.js';
import { Cursor } from './cursor.js';
import {
  MAX_GGUF_ALIGNMENT,
  MAX_GGUF_ARRAY_LENGTH,
  MAX_GGUF_KEYS,
  MAX_GGUF_NAME_BYTES,
  MAX_GGUF_STRING_BYTES,
  MAX_GGUF_TENSORS,
} from './limits.js';
import { dtypeOf, ggmlTypeName } from './types.js';

/** Whole numbers of 64 bits are bigints where a number cannot hold them. */
export type GgufScalar = number | bigint | boolean | string;
export type GgufValue = GgufScalar | readonly GgufScalar[];

export interface GgufTensor {
  readonly name: string;
  readonly dtype: NativeDtype;
  /** The slowest first, as everywhere else: rows, columns. */
  readonly shape: readonly number[];
  /** Byte offset in the file. */
  readonly offset: number;
}

export interface GgufFile {
  readonly path: string;
  readonly version: number;
  readonly metadata: ReadonlyMap<string, GgufValue>;
  readonly tensors: readonly GgufTensor[];
  /** Names metadata and tensors by content. */
  readonly digest: string;
}

const MAGIC = 0x46554747; // GGUF
const VERSIONS = [2, 3];
const DEFAULT_ALIGNMENT = 32;
const MAX_DIMENSIONS = 4;

/**
 * Reads and checks the head of a file: counts, names, types, sizes, and that tensors lie in the file and do not overlap.
 * @throws ModelError `model_not_found`, `model_file` (what and at which byte), `unsupported_dtype`
 */
export function readGguf(path: string): GgufFile {
  const cursor = new Cursor(path);
  try {
    if (cursor.fileSize < 24 || cursor.u32('the magic number') !== MAGIC)
      throw cursor.fault("it does not begin with 'GGUF'", 0);
    const version = cursor.u32('the version');
    if (!VERSIONS.includes(version))
      throw cursor.fault(
        `version ${version} is not supported; supported: ${VERSIONS.join(', ')}${version > 0xffff ? ' (is it big-endian?)' : ''}`,
        4,
      );
    const tensorCount = cursor.count('the number of tensors', MAX_GGUF_TENSORS, 'MAX_GGUF_TENSORS');
    const keyCount = cursor.count('the number of keys', MAX_GGUF_KEYS, 'MAX_GGUF_KEYS');
    const metadata = readMetadata(cursor, keyCount);
    const entries = Array.from({ length: tensorCount }, () => readTensor(cursor));
    const tensors = placed(cursor, entries, alignmentOf(cursor, metadata));
    return { path, version, metadata, tensors, digest: cursor.digest() };
  } finally {
    cursor.close();
  }
}

function readString(cursor: Cursor, what: string, most = MAX_GGUF_STRING_BYTES): string {
  const limit = most === MAX_GGUF_STRING_BYTES ? 'MAX_GGUF_STRING_BYTES' : 'MAX_GGUF_NAME_BYTES';
  const length = cursor.count(`the length of ${what}`, most, limit);
  return cursor.take(length, what).toString('utf8');
}

function readMetadata(cursor: Cursor, count: number): Map<string, GgufValue> {
  const metadata = new Map<string, GgufValue>();
  for (let i = 0; i < count; i++) {
    const at = cursor.position;
    const key = readString(cursor, `key ${i}`, MAX_GGUF_NAME_BYTES);
    if (metadata.has(key)) throw cursor.fault(`key '${key}' is there twice`, at);
    metadata.set(key, readValue(cursor, cursor.u32(`the type of '${key}'`), key));
  }
  return metadata;
}

const ARRAY = 9;
const STRING = 8;

interface Scalar {
  readonly bytes: number;
  readonly read: (bytes: Buffer, at: number) => number | bigint | boolean;
}

const whole = (value: bigint): number | bigint => {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
};

/** By the number of the type; booleans are checked apart. */
const SCALARS: Readonly<Record<number, Scalar>> = {
  0: { bytes: 1, read: (bytes, at) => bytes.readUInt8(at) },
  1: { bytes: 1, read: (bytes, at) => bytes.readInt8(at) },
  2: { bytes: 2, read: (bytes, at) => bytes.readUInt16LE(at) },
  3: { bytes: 2, read: (bytes, at) => bytes.readInt16LE(at) },
  4: { bytes: 4, read: (bytes, at) => bytes.readUInt32LE(at) },
  5: { bytes: 4, read: (bytes, at) => bytes.readInt32LE(at) },
  6: { bytes: 4, read: (bytes, at) => bytes.readFloatLE(at) },
  7: { bytes: 1, read: (bytes, at) => bytes.readUInt8(at) !== 0 },
  10: { bytes: 8, read: (bytes, at) => whole(bytes.readBigUInt64LE(at)) },
  11: { bytes: 8, read: (bytes, at) => whole(bytes.readBigInt64LE(at)) },
  12: { bytes: 8, read: (bytes, at) => bytes.readDoubleLE(at) },
};

function readValue(cursor: Cursor, type: number, key: string): GgufValue {
  if (type === STRING) return readString(cursor, `'${key}'`);
  if (type === ARRAY) return readArray(cursor, key);
  return scalarOf(cursor, type, key).read(cursor.take(SCALARS[type]!.bytes, `'${key}'`), 0);
}

function scalarOf(cursor: Cursor, type: number, key: string): Scalar {
  const scalar = SCALARS[type];
  if (!scalar) throw cursor.fault(`'${key}' has the unknown type ${type}`, cursor.position - 4);
  return scalar;
}

/** Arrays of arrays are in the format and in no model. */
function readArray(cursor: Cursor, key: string): readonly GgufScalar[] {
  const type = cursor.u32(`the type of the elements of '${key}'`);
  if (type === ARRAY) throw cursor.fault(`'${key}' is an array of arrays, which is not supported`);
  const what = `the length of '${key}'`;
  if (type === STRING) {
    const length = cursor.count(what, MAX_GGUF_ARRAY_LENGTH, 'MAX_GGUF_ARRAY_LENGTH');
    if (length * 8 > cursor.remaining)
      throw cursor.fault(`'${key}' has more elements than the file has room`);
    return Array.from({ length }, (_, i) => readString(cursor, `'${key}'[${i}]`));
  }
  const { bytes, read } = scalarOf(cursor, type, key);
  const length = cursor.count(what, MAX_GGUF_ARRAY_LENGTH, 'MAX_GGUF_ARRAY_LENGTH');
  const all = cursor.take(length * bytes, `'${key}'`);
  return Array.from({ length }, (_, i) => read(all, i * bytes));
}

function alignmentOf(cursor: Cursor, metadata: ReadonlyMap<string, GgufValue>): number {
  const value = metadata.get('general.alignment') ?? DEFAULT_ALIGNMENT;
  const isPower = typeof value === 'number' && value >= 1 && Number.isInteger(Math.log2(value));
  if (!isPower || value > MAX_GGUF_ALIGNMENT)
    throw cursor.fault(
      `general.alignment is ${String(value)}, not a power of two up to MAX_GGUF_ALIGNMENT = ${MAX_GGUF_ALIGNMENT}`,
    );
  return value;
}

interface Entry {
  readonly name: string;
  readonly dtype: NativeDtype;
  readonly shape: readonly number[];
  /** From where the data begins. */
  readonly offset: number;
  readonly bytes: number;
}

function readTensor(cursor: Cursor): Entry {
  const at = cursor.position;
  const name = readString(cursor, 'the name of a tensor', MAX_GGUF_NAME_BYTES);
  const dimensions = cursor.u32(`the number of dimensions of '${name}'`);
  if (dimensions < 1 || dimensions > MAX_DIMENSIONS)
    throw cursor.fault(`tensor '${name}' has ${dimensions} dimensions, not 1 to ${MAX_DIMENSIONS}`, at);
  const most = Number.MAX_SAFE_INTEGER;
  const shape = Array.from({ length: dimensions }, () =>
    cursor.count(`a dimension of '${name}'`, most, 'of whole numbers'),
  ).reverse();
  const type = cursor.u32(`the type of '${name}'`);
  const dtype = dtypeOf(type);
  if (!dtype)
    throw new ModelError(
      'unsupported_dtype',
      `${cursor.path}: tensor '${name}' has type ${ggmlTypeName(type)}; supported are ${Object.keys(DTYPES).join(', ')}`,
    );
  const bytes = bytesOf(
    dtype,
    shape.reduce((product, size) => product * size, 1),
  );
  if (shape.includes(0) || !(bytes <= cursor.fileSize))
    throw cursor.fault(`tensor '${name}' of shape [${shape}] and type ${dtype} does not fit the file`, at);
  if (shape.at(-1)! % DTYPES[dtype].elements !== 0)
    throw cursor.fault(
      `tensor '${name}' has rows of ${shape.at(-1)} elements, which are not whole blocks of ${DTYPES[dtype].elements} (${dtype})`,
      at,
    );
  const offset = cursor.count(`the offset of '${name}'`, cursor.fileSize, "of the file's size");
  return { name, dtype, shape, offset, bytes };
}

/** Offsets in the file, checked. */
function placed(cursor: Cursor, entries: readonly Entry[], alignment: number): GgufTensor[] {
  const start = Math.ceil(cursor.position / alignment) * alignment;
  const names = new Set<string>();
  for (const { name, offset, bytes } of entries) {
    if (names.has(name)) throw cursor.fault(`tensor '${name}' is there twice`);
    names.add(name);
    if (offset % alignment !== 0)
      throw cursor.fault(`tensor '${name}' has offset ${offset}, not a multiple of ${alignment}`);
    if (start + offset + bytes > cursor.fileSize)
      throw new ModelError(
        'model_file',
        `${cursor.path} is truncated: tensor '${name}' ends at byte ${start + offset + bytes}, the file has ${cursor.fileSize}; fetch it again`,
      );
  }
  const inOrder = [...entries].sort((a, b) => a.offset - b.offset);
  for (const [i, { name, offset }] of inOrder.entries()) {
    const before = inOrder[i - 1];
    if (before && before.offset + before.bytes > offset)
      throw cursor.fault(`tensors '${before.name}' and '${name}' overlap`, start + offset);
  }
  return entries.map(({ name, dtype, shape, offset }) => ({ name, dtype, shape, offset: start + offset }));
}
