// The fixture models of test/fixtures/tiny-llama as NativeModelSpecs, and the reference outputs that came with them.
// Reads safetensors headers itself: the product's reader is tested elsewhere.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NativeModelSpec, NativeTensor } from '../../../src/native/index.js';

const folder = fileURLToPath(new URL('../../fixtures/tiny-llama/', import.meta.url));

type Config = Omit<NativeModelSpec, 'files' | 'tensors'>;
type Name = 'plain' | 'bf16' | 'llama3';

interface Header {
  readonly [name: string]: { dtype: NativeTensor['dtype']; shape: number[]; data_offsets: [number, number] };
}

export interface Reference {
  readonly config: Config;
  readonly prompt: Int32Array;
  readonly greedy: number[];
  /** Row-major [prompt.length, vocabSize]. */
  readonly logits: Float32Array;
}

export function reference(name: Name): Reference {
  const { config, prompt, greedy } = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'))[name];
  const bytes = readFileSync(join(folder, `${name}.logits.f32`));
  const logits = new Float32Array(new Uint8Array(bytes).buffer);
  return { config, prompt: Int32Array.from(prompt), greedy, logits };
}

/** The spec of a safetensors file. */
export function specOf(file: string, config: Config): NativeModelSpec {
  const bytes = readFileSync(file);
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const { __metadata__, ...header } = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes)) as Header;
  const tensors = Object.entries(header).map(([name, { dtype, shape, data_offsets }]) => ({
    name,
    dtype,
    shape,
    file: 0,
    offset: 8 + headerBytes + data_offsets[0],
  }));
  return { ...config, files: [file], tensors };
}

export function specFor(name: Name): NativeModelSpec {
  const { config } = reference(name);
  if (name !== 'bf16') return specOf(join(folder, `${name}.safetensors`), config);
  return repacked(specOf(join(folder, 'plain.safetensors'), config), 'BF16', toBf16);
}

/** Writes the float tensors of a spec to a new file, each element through `convert` to 16 bits, with one odd offset. */
export function repacked(
  spec: NativeModelSpec,
  dtype: 'BF16' | 'F16',
  convert: (value: number) => number,
): NativeModelSpec {
  const source = readFileSync(spec.files[0]!);
  const parts: Uint8Array[] = [Buffer.of(0)];
  let offset = 1;
  const tensors = spec.tensors.map((tensor) => {
    const size = tensor.shape.reduce((a, b) => a * b, 1);
    const values = new Float32Array(
      source.buffer.slice(source.byteOffset + tensor.offset).slice(0, size * 4),
    );
    const bytes = new Uint8Array(Uint16Array.from(values, convert).buffer);
    parts.push(bytes);
    const moved = { ...tensor, dtype, offset };
    offset += bytes.length;
    return moved;
  });
  const file = join(mkdtempSync(join(tmpdir(), 'espalier-')), `${dtype}.bin`);
  writeFileSync(file, Buffer.concat(parts));
  return { ...spec, files: [file], tensors };
}

const scratch = new DataView(new ArrayBuffer(4));

/** bfloat16 bits, rounded to nearest even. */
export function toBf16(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** binary16 bits of a value in its normal range, cut off. */
export function toF16(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const sign = (bits >>> 16) & 0x8000;
  return exponent <= 0 ? sign : sign | (exponent << 10) | ((bits >>> 13) & 0x3ff);
}

/** The value of binary16 bits as {@link toF16} makes them. */
export function fromF16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  return (bits & 0x7c00) === 0 ? 0 : sign * 2 ** (((bits >>> 10) & 31) - 15) * (1 + (bits & 0x3ff) / 1024);
}
