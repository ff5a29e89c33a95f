// Floats as the elements of weight files, and back: float32, float16, bfloat16, and Q8_0, rounded as ggml rounds.
import type { NativeDtype } from '../../src/native/index.js';

const view = new DataView(new ArrayBuffer(4));

/** The bits of the nearest half-precision number, even ones in between. */
export function halfBits(value: number): number {
  view.setFloat32(0, value);
  const bits = view.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = Math.abs(Math.fround(value));
  if (Number.isNaN(value)) return 0x7e00;
  if (magnitude >= 65520) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | roundToEven(magnitude * 2 ** 24);
  const rounded = (bits & 0x7fffffff) + 0xfff + ((bits >>> 13) & 1);
  return sign | ((rounded >>> 13) - (112 << 10));
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  return rest > 0.5 || (rest === 0.5 && below % 2 === 1) ? below + 1 : below;
}

export function halfValue(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}

/** The nearest bfloat16, even ones in between. */
function bfloatBits(value: number): number {
  view.setFloat32(0, value);
  const bits = view.getUint32(0);
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** @throws Error for a type that is not written here */
export function encode(values: Float32Array, dtype: NativeDtype): Uint8Array {
  switch (dtype) {
    case 'F32':
      return new Uint8Array(values.slice().buffer);
    case 'F16':
      return new Uint8Array(Uint16Array.from(values, halfBits).buffer);
    case 'BF16':
      return new Uint8Array(Uint16Array.from(values, bfloatBits).buffer);
    case 'Q8_0':
      return encodeQ8(values);
    default:
      throw new Error(`${dtype} is not written here`);
  }
}

function encodeQ8(values: Float32Array): Uint8Array {
  const blocks = values.length / 32;
  const bytes = new Uint8Array(blocks * 34);
  const out = new DataView(bytes.buffer);
  for (let block = 0; block < blocks; block++) {
    const part = values.subarray(block * 32, block * 32 + 32);
    const largest = part.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const scale = Math.fround(largest / 127);
    const inverse = scale === 0 ? 0 : Math.fround(1 / scale);
    out.setUint16(block * 34, halfBits(scale), true);
    for (let i = 0; i < 32; i++) {
      const scaled = Math.fround(part[i]! * inverse);
      out.setInt8(block * 34 + 2 + i, Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5));
    }
  }
  return bytes;
}

/** @throws Error for a type that is not read here */
export function decode(bytes: Uint8Array, dtype: NativeDtype): Float32Array {
  const copy = bytes.slice().buffer;
  if (dtype === 'F32') return new Float32Array(copy);
  if (dtype === 'F16') return Float32Array.from(new Uint16Array(copy), halfValue);
  if (dtype === 'BF16')
    return new Float32Array(Uint32Array.from(new Uint16Array(copy), (bits) => bits << 16).buffer);
  if (dtype !== 'Q8_0') throw new Error(`${dtype} is not read here`);
  const view = new DataView(copy);
  return Float32Array.from(
    { length: (bytes.length / 34) * 32 },
    (_, i) => halfValue(view.getUint16((i >> 5) * 34, true)) * view.getInt8((i >> 5) * 34 + 2 + (i & 31)),
  );
}
