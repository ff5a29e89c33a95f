// The models of the race, as GGUF with Q8_0 weights under .cache: sprout, and a random one of the shape of Qwen2-0.5B with
// as many tokens. Random weights take as long as trained ones.
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bytesOf } from '../../src/engine/dtypes.js';
import { readModelSpec } from '../../src/engine/model-folder.js';
import type { NativeDtype } from '../../src/native/index.js';
import { halfBits } from '../gguf/encode.js';
import { exportGguf } from '../gguf/export.js';
import { Float, type MetadataValue, type WrittenTensor, writeGguf } from '../gguf/writer.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
export const CACHE = join(root, '.cache');
/** Counts up when what is written changes. */
const VERSION = 2;

export type RaceModel = 'sprout' | 'qwen2-0.5b';

/** The path of the model's file, made where it is not there. */
export function raceModel(name: RaceModel): string {
  const folder = join(CACHE, 'gguf');
  const path = join(folder, `${name}-q8_0.${VERSION}.gguf`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const unfinished = `${path}.${process.pid}`;
  if (name === 'sprout') writeSprout(unfinished);
  else writeQwen2(unfinished);
  renameSync(unfinished, path);
  return path;
}

interface SproutTokenizer {
  readonly model: { readonly vocab: Record<string, number>; readonly merges: (string | [string, string])[] };
  readonly added_tokens: { readonly id: number; readonly content: string }[];
}

const sproutFolder = join(root, 'models/sprout');

function sproutTokenizer(): { text: string; names: string[]; merges: string[]; added: Set<number> } {
  const text = readFileSync(join(sproutFolder, 'tokenizer.json'), 'utf8');
  const { model, added_tokens } = JSON.parse(text) as SproutTokenizer;
  const names: string[] = [];
  for (const [token, id] of Object.entries(model.vocab)) names[id] = token;
  for (const { id, content } of added_tokens) names[id] = content;
  const merges = model.merges.map((merge) => (typeof merge === 'string' ? merge : merge.join(' ')));
  return { text, names, merges, added: new Set(added_tokens.map(({ id }) => id)) };
}

function tokenizerMetadata(names: readonly string[], merges: readonly string[], added: ReadonlySet<number>) {
  return {
    'tokenizer.ggml.model': 'gpt2',
    'tokenizer.ggml.pre': 'gpt-2',
    'tokenizer.ggml.tokens': names,
    'tokenizer.ggml.token_type': Int32Array.from(names, (_, id) => (added.has(id) ? 3 : 1)),
    'tokenizer.ggml.merges': merges,
    'tokenizer.ggml.bos_token_id': names.indexOf('<|begin|>'),
    'tokenizer.ggml.eos_token_id': names.indexOf('<|end|>'),
    'tokenizer.ggml.add_bos_token': true,
  } satisfies Record<string, MetadataValue>;
}

function writeSprout(path: string): void {
  const { text, names, merges, added } = sproutTokenizer();
  const metadata = { ...tokenizerMetadata(names, merges, added), 'tokenizer.huggingface.json': text };
  exportGguf(readModelSpec(sproutFolder), path, { architecture: 'llama', dtype: 'Q8_0', metadata });
}

const QWEN2 = {
  vocab: 151_936,
  hidden: 896,
  inner: 4864,
  layers: 24,
  heads: 14,
  kvHeads: 2,
  headDim: 64,
  positions: 32_768,
};

/** sprout's tokens, and joins of two of them until there are enough: of ASCII, as llama.cpp's grammars fail on joined pieces of characters. */
function manyTokens(): Record<string, MetadataValue> {
  const { names, merges, added } = sproutTokenizer();
  const known = new Set(names);
  const base = names.filter((name, id) => !added.has(id) && /^[!-~\u0120]+$/.test(name));
  for (let i = 1; names.length < QWEN2.vocab; i++)
    for (let j = 0; j < base.length && names.length < QWEN2.vocab; j++) {
      const [left, right] = [base[j]!, base[(j * i + i) % base.length]!];
      if (known.has(left + right)) continue;
      known.add(left + right);
      names.push(left + right);
      merges.push(`${left} ${right}`);
    }
  return tokenizerMetadata(names, merges, added);
}

function writeQwen2(path: string): void {
  const { vocab, hidden, inner, layers, heads, kvHeads, headDim, positions } = QWEN2;
  const of = (name: string) => `qwen2.${name}`;
  const metadata = {
    'general.architecture': 'qwen2',
    [of('block_count')]: layers,
    [of('context_length')]: positions,
    [of('embedding_length')]: hidden,
    [of('feed_forward_length')]: inner,
    [of('attention.head_count')]: heads,
    [of('attention.head_count_kv')]: kvHeads,
    [of('attention.layer_norm_rms_epsilon')]: new Float(1e-6),
    [of('rope.freq_base')]: new Float(1_000_000),
    ...manyTokens(),
  };
  const q = heads * headDim;
  const kv = kvHeads * headDim;
  const inLayer: readonly (readonly [name: string, ...shape: number[]])[] = [
    ['attn_norm.weight', hidden],
    ['attn_q.weight', q, hidden],
    ['attn_q.bias', q],
    ['attn_k.weight', kv, hidden],
    ['attn_k.bias', kv],
    ['attn_v.weight', kv, hidden],
    ['attn_v.bias', kv],
    ['attn_output.weight', hidden, q],
    ['ffn_norm.weight', hidden],
    ['ffn_gate.weight', inner, hidden],
    ['ffn_up.weight', inner, hidden],
    ['ffn_down.weight', hidden, inner],
  ];
  const tensors = [
    randomTensor('token_embd.weight', [vocab, hidden]),
    randomTensor('output_norm.weight', [hidden]),
  ];
  for (let i = 0; i < layers; i++)
    for (const [name, ...shape] of inLayer) tensors.push(randomTensor(`blk.${i}.${name}`, shape));
  writeGguf(path, metadata, tensors);
}

/** Norms are 1, biases 0; the elements of matrices are uniform, with a sum of squares of 1 in a row on average. */
function randomTensor(name: string, shape: readonly number[]): WrittenTensor {
  const dtype: NativeDtype = shape.length > 1 ? 'Q8_0' : 'F32';
  const cols = shape.at(-1)!;
  const norm = () => [
    new Uint8Array(new Float32Array(cols).fill(name.endsWith('norm.weight') ? 1 : 0).buffer),
  ];
  return { name, dtype, shape, data: shape.length > 1 ? () => randomRows(name, shape[0]!, cols) : norm };
}

function* randomRows(name: string, rows: number, cols: number): Generator<Uint8Array> {
  let state = [...name].reduce((hash, character) => (Math.imul(hash, 31) + character.charCodeAt(0)) | 1, 7);
  const scale = halfBits(Math.sqrt(3 / cols) / 127);
  const bytes = bytesOf('Q8_0', cols);
  const row = new Uint8Array(bytes);
  for (let r = 0; r < rows; r++) {
    for (let at = 0; at < bytes; at++) {
      // xorshift32 (Marsaglia, 2003)
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      row[at] = at % 34 < 2 ? (scale >>> (8 * (at % 34))) & 255 : state >>> 24;
    }
    yield row;
  }
}
