// The fixture models of test/fixtures/families (make-families.py), read as the engine reads a folder, and the outputs that
// transformers gave.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readModelSpec } from '../../../src/engine/model-folder.js';
import type { NativeModelSpec } from '../../../src/native/index.js';

const root = fileURLToPath(new URL('../../fixtures/families/', import.meta.url));

export const familyNames = [
  ...[
    'llama-biases',
    'mistral',
    'mixtral',
    'qwen',
    'qwen2',
    'qwen2-windows',
    'qwen2-moe',
    'qwen3',
    'qwen3-moe',
  ],
  ...[
    'gemma',
    'gemma2',
    'gemma3',
    'phi3',
    'phi3-longrope',
    'phi3-longrope-short',
    'deepseek-v2',
    'deepseek-v2-lite',
    'deepseek-v3',
  ],
];

export const familyFolder = (name: string): string => join(root, name);

const expected = (name: string) => JSON.parse(readFileSync(join(root, name, 'expected.json'), 'utf8'));

export function familySpec(name: string): NativeModelSpec {
  const { contextLength } = expected(name);
  return readModelSpec(familyFolder(name), { contextLength });
}

export interface FamilyReference {
  readonly prompt: Int32Array;
  readonly greedy: number[];
  /** Row-major [prompt.length, vocabSize]. */
  readonly logits: Float32Array;
}

export function familyReference(name: string): FamilyReference {
  const { prompt, greedy } = expected(name);
  const logits = new Float32Array(new Uint8Array(readFileSync(join(root, name, 'logits.f32'))).buffer);
  return { prompt: Int32Array.from(prompt), greedy, logits };
}

/** NaN where either has one, or where they differ in length. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.NaN;
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}
