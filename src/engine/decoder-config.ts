// config.json of the Llama family to the numbers that describe a decoder. Whatever changes the computation and is not
// supported is refused by name.
import { ModelError } from '../errors.js';
import type { NativeModelSpec } from '../native/index.js';

export type DecoderConfig = Omit<NativeModelSpec, 'files' | 'tensors' | 'random'>;

const ARCHITECTURES = ['LlamaForCausalLM'];

/** @throws ModelError `config_invalid`, `unsupported_architecture`, `unsupported_config` */
export function readDecoderConfig(config: unknown, path: string): DecoderConfig {
  if (typeof config !== 'object' || config === null || Array.isArray(config))
    throw new ModelError('config_invalid', `${path} must hold a JSON object`);
  const fields = config as Record<string, unknown>;
  checkArchitecture(fields, path);
  const count = (name: string, fallback?: number): number => {
    const value = fields[name] ?? fallback;
    if (!Number.isSafeInteger(value) || (value as number) < 1 || (value as number) > 2 ** 31 - 1)
      throw new ModelError(
        'config_invalid',
        `${path}: '${name}' must be a positive integer, found ${JSON.stringify(value)}`,
      );
    return value as number;
  };
  const hiddenSize = count('hidden_size');
  const heads = count('num_attention_heads');
  const kvHeads = count('num_key_value_heads', heads);
  if (heads % kvHeads !== 0)
    throw new ModelError(
      'config_invalid',
      `${path}: num_attention_heads ${heads} is not a multiple of num_key_value_heads ${kvHeads}`,
    );
  const ropeParameters = asObject(fields.rope_parameters) ?? {};
  const scaling = readRopeScaling(asObject(fields.rope_scaling) ?? ropeParameters, path);
  return {
    vocabSize: count('vocab_size'),
    hiddenSize,
    intermediateSize: count('intermediate_size'),
    layers: count('num_hidden_layers'),
    heads,
    kvHeads,
    headDim: count('head_dim', hiddenSize / heads),
    maxPositions: count('max_position_embeddings'),
    ropeTheta: positive(fields.rope_theta ?? ropeParameters.rope_theta ?? 10_000, 'rope_theta', path),
    rmsNormEps: positive(fields.rms_norm_eps ?? 1e-6, 'rms_norm_eps', path),
    tiedEmbeddings: fields.tie_word_embeddings === true,
    ...(scaling ? { ropeScaling: scaling } : {}),
  };
}

function checkArchitecture(fields: Record<string, unknown>, path: string): void {
  const architectures = Array.isArray(fields.architectures) ? fields.architectures : [];
  if (!architectures.some((name) => ARCHITECTURES.includes(name)))
    throw new ModelError(
      'unsupported_architecture',
      `${path}: architecture ${JSON.stringify(fields.architectures)} is not supported; supported: ${ARCHITECTURES.join(', ')}`,
    );
  const plain: [name: string, allowed: readonly unknown[]][] = [
    ['hidden_act', ['silu', undefined]],
    ['attention_bias', [false, undefined]],
    ['mlp_bias', [false, undefined]],
    ['quantization_config', [null, undefined]],
  ];
  for (const [name, allowed] of plain)
    if (!allowed.includes(fields[name]))
      throw new ModelError(
        'unsupported_config',
        `${path}: '${name}' = ${JSON.stringify(fields[name])} is not supported`,
      );
}

function readRopeScaling(scaling: Record<string, unknown>, path: string): DecoderConfig['ropeScaling'] {
  const kind = scaling.rope_type ?? scaling.type ?? 'default';
  if (kind === 'default') return undefined;
  if (kind !== 'llama3' && kind !== 'linear')
    throw new ModelError(
      'unsupported_config',
      `${path}: rope scaling of type ${JSON.stringify(kind)} is not supported; supported: llama3, linear`,
    );
  const number = (name: string, fallback?: number) =>
    positive(scaling[name] ?? fallback, `rope_scaling.${name}`, path);
  const factor = number('factor');
  if (kind === 'linear')
    return { kind, factor, lowFreqFactor: 1, highFreqFactor: 1, originalMaxPositions: 1 };
  return {
    kind,
    factor,
    lowFreqFactor: number('low_freq_factor'),
    highFreqFactor: number('high_freq_factor'),
    originalMaxPositions: number('original_max_position_embeddings'),
  };
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function positive(value: unknown, name: string, path: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value <= 0)
    throw new ModelError(
      'config_invalid',
      `${path}: '${name}' must be a positive number, found ${JSON.stringify(value)}`,
    );
  return value;
}
