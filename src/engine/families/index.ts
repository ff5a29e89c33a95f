// The families that the engine knows: from a model folder's config.json and tensors to a decoder described by data.
import { ModelError } from '../../errors.js';
import type { NativeTensor } from '../../native/index.js';
import { ConfigReader, isObject } from './config-reader.js';
import { deepseekV2, deepseekV3 } from './deepseek.js';
import type { DecoderConfig, Family } from './family.js';
import { gemma, gemma2, gemma3, gemma3WithImages } from './gemma.js';
import { llama, mistral, mixtral } from './llama.js';
import { phi3 } from './phi3.js';
import { qwen, qwen2, qwen2Moe, qwen3, qwen3Moe } from './qwen.js';

export type { DecoderConfig } from './family.js';

const FAMILIES: readonly Family[] = [
  ...[llama, mistral, mixtral, qwen, qwen2, qwen2Moe, qwen3, qwen3Moe, gemma, gemma2, gemma3],
  ...[gemma3WithImages, phi3, deepseekV2, deepseekV3],
];

export interface Decoder {
  readonly config: DecoderConfig;
  /** The tensors of the files under the engine's names. */
  tensors(found: readonly NativeTensor[]): NativeTensor[];
}

/**
 * Reads config.json. `path` is for errors; positions end at `contextLength`, where the model has more.
 * @throws ModelError `config_invalid`, `unsupported_architecture`, `unsupported_config`
 */
export function readDecoder(fields: unknown, path: string, contextLength?: number): Decoder {
  if (!isObject(fields)) throw new ModelError('config_invalid', `${path} must hold a JSON object`);
  const family = familyOf(fields.architectures, path);
  const reader = new ConfigReader(fields, path, contextLength);
  const read = family.read(reader);
  reader.finish();
  const config = { ...read, maxPositions: Math.min(read.maxPositions, reader.contextLength) };
  const rename = (tensor: NativeTensor) => family.tensors?.(tensor, config) ?? [tensor];
  const needed = ({ name }: NativeTensor) =>
    !name.endsWith('.rotary_emb.inv_freq') && !(config.tiedEmbeddings && name === 'lm_head.weight');
  return { config, tensors: (found) => found.flatMap(rename).filter(needed) };
}

function familyOf(architectures: unknown, path: string): Family {
  const names: readonly unknown[] = Array.isArray(architectures) ? architectures : [];
  const family = FAMILIES.find((entry) => entry.architectures.some((name) => names.includes(name)));
  if (family) return family;
  const supported = FAMILIES.flatMap((entry) => entry.architectures).join(', ');
  throw new ModelError(
    'unsupported_architecture',
    `${path}: architecture ${JSON.stringify(architectures)} is not supported; supported: ${supported}`,
  );
}
