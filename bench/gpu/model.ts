// A model folder of Llama-3-8B's shape without weights, for `loadFormat: 'dummy'`: config.json and a made tokenizer.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tokenizerJson, VOCABULARY_SIZE } from './vocabulary.js';

export const SHAPE = {
  layers: 32,
  hidden: 4096,
  intermediate: 14_336,
  heads: 32,
  kvHeads: 8,
  headDim: 128,
  vocabulary: VOCABULARY_SIZE,
} as const;

/** Bytes of bfloat16 weights that a step reads: all but the embedding, of which it reads a row per token. */
export const WEIGHT_BYTES =
  2 *
  (SHAPE.layers *
    (SHAPE.hidden * (SHAPE.heads + 2 * SHAPE.kvHeads) * SHAPE.headDim +
      SHAPE.heads * SHAPE.headDim * SHAPE.hidden +
      3 * SHAPE.hidden * SHAPE.intermediate) +
    SHAPE.vocabulary * SHAPE.hidden);
/** Bytes of keys and values per token. */
export const KV_BYTES = 2 * 2 * SHAPE.layers * SHAPE.kvHeads * SHAPE.headDim;

/** Writes the folder, in the system's temporary one. Resolves to its path. */
export function writeModelFolder(): string {
  return writeFolder({
    architectures: ['LlamaForCausalLM'],
    hidden_size: SHAPE.hidden,
    intermediate_size: SHAPE.intermediate,
    num_hidden_layers: SHAPE.layers,
    num_attention_heads: SHAPE.heads,
    num_key_value_heads: SHAPE.kvHeads,
    head_dim: SHAPE.headDim,
    max_position_embeddings: 8192,
    rms_norm_eps: 1e-5,
    rope_theta: 500_000,
    tie_word_embeddings: false,
  });
}

/** The same for any config.json, with the made vocabulary. */
export function writeFolder(config: Readonly<Record<string, unknown>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-bench-'));
  const ids = { vocab_size: SHAPE.vocabulary, eos_token_id: 128_001, bos_token_id: 128_000 };
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ ...config, ...ids }));
  writeFileSync(join(folder, 'tokenizer.json'), JSON.stringify(tokenizerJson()));
  return folder;
}
