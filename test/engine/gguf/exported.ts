// The fixture models of the families as GGUF files, with the metadata that their architectures have beyond the sizes.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { exportGguf } from '../../../bench/gguf/export.js';
import { Float, type MetadataValue } from '../../../bench/gguf/writer.js';
import type { NativeDtype } from '../../../src/native/index.js';
import { familyFolder, familySpec } from '../../native/engine/families.js';

/** By the fixture's name: the architecture, and its keys. */
const EXPORTS: Readonly<
  Record<
    string,
    { architecture: string; keys?: (config: Record<string, never>) => Record<string, MetadataValue> }
  >
> = {
  'llama-biases': { architecture: 'llama' },
  mixtral: { architecture: 'llama' },
  qwen2: { architecture: 'qwen2' },
  'qwen2-moe': {
    architecture: 'qwen2moe',
    keys: (config) => ({
      'qwen2moe.expert_feed_forward_length': config.moe_intermediate_size!,
      'qwen2moe.expert_shared_feed_forward_length': config.shared_expert_intermediate_size!,
    }),
  },
  qwen3: { architecture: 'qwen3' },
  'qwen3-moe': {
    architecture: 'qwen3moe',
    keys: (config) => ({ 'qwen3moe.expert_feed_forward_length': config.moe_intermediate_size! }),
  },
  gemma: { architecture: 'gemma' },
  gemma2: {
    architecture: 'gemma2',
    keys: (config) => ({
      'gemma2.attention.sliding_window': config.sliding_window!,
      'gemma2.attn_logit_softcapping': new Float(config.attn_logit_softcapping!),
      'gemma2.final_logit_softcapping': new Float(config.final_logit_softcapping!),
    }),
  },
  gemma3: {
    architecture: 'gemma3',
    keys: (config) => ({
      'gemma3.attention.sliding_window': config.sliding_window!,
      'gemma3.attention.sliding_window_pattern': 3,
    }),
  },
  phi3: {
    architecture: 'phi3',
    keys: (config) => ({ 'phi3.attention.sliding_window': config.sliding_window! }),
  },
};

export const exportedNames = Object.keys(EXPORTS);

export const familyConfig = (name: string): Record<string, never> =>
  JSON.parse(readFileSync(join(familyFolder(name), 'config.json'), 'utf8'));

/** The path of a family's file, gone after the test. */
export function exportedFamily(name: string, dtype: NativeDtype): string {
  const folder = mkdtempSync(join(tmpdir(), 'espalier-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, `${name}.gguf`);
  const { architecture, keys } = EXPORTS[name]!;
  exportGguf(familySpec(name), path, { architecture, dtype, metadata: keys?.(familyConfig(name)) ?? {} });
  return path;
}
