// What the radix benchmark runs on: sprout, and the shape of Qwen2-0.5B with random weights and a made vocabulary.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineOptions } from '../../src/engine/index.js';
import { tokenizerJson } from '../gpu/vocabulary.js';

export interface BenchModel {
  readonly name: string;
  readonly options: EngineOptions;
  /** Ids below this are plain tokens. */
  readonly plainTokens: number;
  /** Requests of a load with the cache on, and how many run with the cache off. */
  readonly requests: number;
  readonly uncachedRequests: number;
  /** Objects that are made at once. */
  readonly objects: number;
  readonly rounds: number;
  [Symbol.dispose](): void;
}

export function sprout(quick: boolean): BenchModel {
  return {
    name: 'sprout',
    options: {},
    plainTokens: 2000,
    requests: 64,
    uncachedRequests: quick ? 16 : 64,
    objects: 16,
    rounds: quick ? 1 : 3,
    [Symbol.dispose]() {},
  };
}

export function qwen2HalfBillion(): BenchModel {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-qwen2-0.5b-'));
  const config = {
    architectures: ['Qwen2ForCausalLM'],
    vocab_size: 151_936,
    hidden_size: 896,
    intermediate_size: 4864,
    num_hidden_layers: 24,
    num_attention_heads: 14,
    num_key_value_heads: 2,
    max_position_embeddings: 32_768,
    rms_norm_eps: 1e-6,
    rope_theta: 1_000_000,
    tie_word_embeddings: true,
    use_sliding_window: false,
    hidden_act: 'silu',
    bos_token_id: 128_000,
    eos_token_id: 128_001,
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizerJson()));
  return {
    name: 'qwen2-0.5b',
    options: { model: folder, loadFormat: 'dummy', contextLength: 4096, warm: 'none', cache: false },
    plainTokens: 128_000,
    requests: 64,
    uncachedRequests: 16,
    objects: 4,
    rounds: 1,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
