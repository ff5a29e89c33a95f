// The header of a safetensors file: which tensors it holds and where. Only the header is read here; the native engine maps
// the file. Its format: u64 length of the header, JSON header, data.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ModelError } from '../errors.js';

/** Longest header that is read, as in the reference implementation. */
export const MAX_HEADER_BYTES = 100_000_000;

const BYTES_PER_ELEMENT = { F32: 4, F16: 2, BF16: 2 } as const;
export type TensorDtype = keyof typeof BYTES_PER_ELEMENT;

export interface TensorLocation {
  readonly name: string;
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  /** Byte offset in the file. */
  readonly offset: number;
}

/**
 * The tensors of a file, checked: known dtypes, sizes that fit their shapes, ranges inside the file and not overlapping.
 * @throws ModelError `weights_missing`, `weights_truncated`, `weights_invalid`, `unsupported_dtype`
 */
export function readSafetensorsHeader(path: string): TensorLocation[] {
  const { header, dataStart, fileSize } = readHeader(path);
  const tensors: (TensorLocation & { readonly end: number })[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    tensors.push(checkTensor(path, name, entry, dataStart));
  }
  tensors.sort((a, b) => a.offset - b.offset);
  for (let i = 1; i < tensors.length; i++)
    if (tensors[i].offset < tensors[i - 1].end)
      throw invalid(path, `tensors '${tensors[i - 1].name}' and '${tensors[i].name}' overlap`);
  const last = tensors.at(-1);
  if (last && last.end > fileSize)
    throw new ModelError(
      'weights_truncated',
      `${path} is truncated: its header asks for ${last.end} bytes, the file has ${fileSize}; fetch it again`,
    );
  return tensors;
}

function readHeader(path: string): { header: Record<string, unknown>; dataStart: number; fileSize: number } {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    throw new ModelError('weights_missing', `cannot open ${path}: ${(cause as Error).message}`, { cause });
  }
  try {
    const fileSize = fstatSync(file).size;
    const prefix = readExactly(file, path, 0, 8);
    const length = Number(prefix.readBigUInt64LE());
    if (length > MAX_HEADER_BYTES)
      throw invalid(
        path,
        `its header would have ${length} bytes (limit MAX_HEADER_BYTES = ${MAX_HEADER_BYTES})`,
      );
    if (8 + length > fileSize) throw truncatedHeader(path, fileSize, 8 + length);
    const text = readExactly(file, path, 8, length).toString('utf8');
    return { header: parseHeader(path, text), dataStart: 8 + length, fileSize };
  } finally {
    closeSync(file);
  }
}

function readExactly(file: number, path: string, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  const read = readSync(file, buffer, 0, length, position);
  if (read < length) throw truncatedHeader(path, position + read, position + length);
  return buffer;
}

function parseHeader(path: string, text: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch (cause) {
    throw invalid(path, `its header is not JSON: ${(cause as Error).message}`);
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    throw invalid(path, 'its header is not an object');
  return header as Record<string, unknown>;
}

function checkTensor(
  path: string,
  name: string,
  entry: unknown,
  dataStart: number,
): TensorLocation & { end: number } {
  const { dtype, shape, data_offsets: offsets } = (entry ?? {}) as Record<string, unknown>;
  const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  if (!Array.isArray(shape) || !shape.every(isCount))
    throw invalid(path, `tensor '${name}' has no valid shape`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount) || offsets[0] > offsets[1])
    throw invalid(path, `tensor '${name}' has no valid data_offsets`);
  if (typeof dtype !== 'string' || !Object.hasOwn(BYTES_PER_ELEMENT, dtype))
    throw new ModelError(
      'unsupported_dtype',
      `${path}: tensor '${name}' has dtype ${String(dtype)}; supported are ${Object.keys(BYTES_PER_ELEMENT).join(', ')}`,
    );
  const known = dtype as TensorDtype;
  const bytes = shape.reduce((product, dimension) => product * dimension, BYTES_PER_ELEMENT[known]);
  const [from, to] = offsets as [number, number];
  if (to - from !== bytes)
    throw invalid(
      path,
      `tensor '${name}' of shape [${shape}] and dtype ${known} needs ${bytes} bytes, has ${to - from}`,
    );
  return { name, dtype: known, shape, offset: dataStart + from, end: dataStart + to };
}

function invalid(path: string, reason: string): ModelError {
  return new ModelError('weights_invalid', `${path} is not a valid safetensors file: ${reason}`);
}

function truncatedHeader(path: string, has: number, needs: number): ModelError {
  return new ModelError(
    'weights_truncated',
    `${path} is truncated inside its header (${has} bytes, ${needs} needed); fetch it again`,
  );
}
