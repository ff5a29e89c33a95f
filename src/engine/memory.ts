// How many tokens the KV cache holds where nobody says: what the model's context asks for, within what the machine has.
import { EngineError } from '../errors.js';
import type { NativeEngineOptions, NativeModelSpec } from '../native/index.js';
import type { ModelFolder } from './model-folder.js';

/** Tokens for a model of a short context: many short requests. */
export const DEFAULT_KV_TOKENS = 32_768;
/** Tokens on a machine of little memory. */
export const LEAST_KV_TOKENS = 1024;
/** What the native engine takes at most. */
const MOST_KV_TOKENS = 2 ** 30;
/** Of the memory that is available when the engine opens. */
const SHARE = 0.25;
const BYTES_PER_ELEMENT = 4;

/** Bytes of keys and values per token, in float32, of all ranks together. */
export function kvBytesPerToken({ layers, kvHeads, headDim, latent }: NativeModelSpec, tp = 1): number {
  // Latent attention keeps one vector, from which keys and values are made. Each rank has a KV head at least.
  return (latent ? 1 : 2) * layers * Math.max(kvHeads, tp) * headDim * BYTES_PER_ELEMENT;
}

/** `availableBytes`: what the process may still use, as process.availableMemory() says. */
export function defaultKvTokens(spec: NativeModelSpec, availableBytes: number, tp = 1): number {
  const wanted = Math.max(DEFAULT_KV_TOKENS, spec.maxPositions);
  const fitting = Math.floor((SHARE * availableBytes) / kvBytesPerToken(spec, tp));
  return Math.max(LEAST_KV_TOKENS, Math.min(wanted, fitting));
}

/**
 * The tokens that fit beside the weights in a share of the memory that is available.
 * @throws EngineError `no_memory` where none do
 */
export function kvTokensWithin(
  share: number,
  { spec, weightBytes }: Pick<ModelFolder, 'spec' | 'weightBytes'>,
  availableBytes: number,
  tp = 1,
): number {
  const tokens = Math.floor((share * availableBytes - weightBytes) / kvBytesPerToken(spec, tp));
  if (tokens >= LEAST_KV_TOKENS) return Math.min(tokens, MOST_KV_TOKENS);
  throw new EngineError(
    'no_memory',
    `memoryShare = ${share} of ${availableBytes} bytes leaves no room for a KV cache beside weights of ${weightBytes} bytes`,
  );
}

/** The options with kvTokens filled in; on CUDA 0 stays, and stands for what fits the device. */
export function withKvTokens(
  options: NativeEngineOptions,
  folder: Pick<ModelFolder, 'spec' | 'weightBytes'>,
): NativeEngineOptions {
  const { memoryShare, ...rest } = options;
  if (options.kvTokens > 0) return rest;
  if (options.device === 'cuda') return options;
  const available = process.availableMemory();
  const kvTokens =
    memoryShare === undefined
      ? defaultKvTokens(folder.spec, available, options.tp)
      : kvTokensWithin(memoryShare, folder, available, options.tp);
  return { ...rest, kvTokens };
}
