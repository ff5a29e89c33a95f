// How many bytes the elements of weights take, by their type: of quantised types whole blocks.
import type { NativeDtype } from '../native/index.js';

/** A row is a sequence of blocks of so many elements. */
export interface BlockLayout {
  readonly elements: number;
  readonly bytes: number;
}

export const DTYPES: Readonly<Record<NativeDtype, BlockLayout>> = {
  F32: { elements: 1, bytes: 4 },
  F16: { elements: 1, bytes: 2 },
  BF16: { elements: 1, bytes: 2 },
  Q8_0: { elements: 32, bytes: 34 },
  Q4_0: { elements: 32, bytes: 18 },
  Q4_K: { elements: 256, bytes: 144 },
  Q6_K: { elements: 256, bytes: 210 },
};

/** Bytes of `elements` elements; a fraction where they are not whole blocks. */
export function bytesOf(dtype: NativeDtype, elements: number): number {
  const { elements: each, bytes } = DTYPES[dtype];
  return (elements / each) * bytes;
}
