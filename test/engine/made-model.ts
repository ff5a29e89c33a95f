// Small model folders for tests: any files, safetensors written byte by byte, a tokenizer of test/fixtures.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const fixtures = fileURLToPath(new URL('../fixtures/tokenizers/', import.meta.url));

export const madeConfig = {
  architectures: ['LlamaForCausalLM'],
  vocab_size: 512,
  hidden_size: 16,
  intermediate_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  max_position_embeddings: 128,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: true,
};

/** The bytes of a safetensors file: header (any JSON, or text as it is), then that many bytes of data. */
export function safetensors(header: unknown, dataBytes: number, declaredLength?: bigint): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const prefix = Buffer.alloc(8);
  prefix.writeBigUInt64LE(declaredLength ?? BigInt(text.length));
  return Buffer.concat([prefix, text, Buffer.alloc(dataBytes)]);
}

/** A folder of these files, gone after the test. Objects are written as JSON. */
export function madeFolder(files: Record<string, unknown>): string {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files))
    writeFileSync(
      join(folder, name),
      typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content),
    );
  return folder;
}

/** A whole model folder; `change` replaces files, or removes those that are undefined. */
export function madeModel(change: Record<string, unknown> = {}, tokenizer = 'qwen'): string {
  const weights = safetensors({ embed: { dtype: 'F32', shape: [2, 2], data_offsets: [0, 16] } }, 16);
  const files: Record<string, unknown> = { 'config.json': madeConfig, 'model.safetensors': weights };
  const folder = madeFolder({});
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    cpSync(join(fixtures, tokenizer, name), join(folder, name));
  for (const [name, content] of Object.entries({ ...files, ...change })) {
    if (content === undefined) rmSync(join(folder, name), { force: true });
    else
      writeFileSync(
        join(folder, name),
        typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content),
      );
  }
  return folder;
}

/** The error that `make` throws. */
export async function faultOf(make: () => unknown): Promise<Error & { code?: string; param?: string }> {
  try {
    await make();
  } catch (error) {
    return error as Error & { code?: string };
  }
  throw new Error('nothing was refused');
}
