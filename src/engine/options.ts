// Engine options: checked, with every default filled in.
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { RequestError } from '../errors.js';
import type { NativeEngineOptions } from '../native/index.js';
import type { EngineOptions } from './types.js';

/** The model that ships with the package. */
export const EMBEDDED_MODEL = fileURLToPath(new URL('../../models/sprout', import.meta.url));

const RANGES = {
  threads: { min: 1, max: 1024, default: () => Math.min(16, availableParallelism()) },
  kvTokens: { min: 1, max: 2 ** 31 - 1, default: () => 32_768 },
  pageSize: { min: 1, max: 4096, default: () => 16 },
  maxRunning: { min: 1, max: 65_536, default: () => 64 },
  maxQueued: { min: 0, max: 2 ** 31 - 1, default: () => 1024 },
  chunkedPrefillSize: { min: 1, max: 2 ** 31 - 1, default: () => 512 },
} as const;

/** @throws RequestError `invalid_option`, naming it */
export function resolveOptions(options: EngineOptions): {
  readonly model: string;
  readonly native: NativeEngineOptions;
} {
  const known = [...Object.keys(RANGES), 'model', 'radixCache'];
  for (const name of Object.keys(options))
    if (!known.includes(name)) throw invalid(name, `is not an option; known are ${known.join(', ')}`);
  const number = (name: keyof typeof RANGES): number => {
    const range = RANGES[name];
    const value = options[name] ?? range.default();
    if (!Number.isInteger(value) || value < range.min || value > range.max)
      throw invalid(name, `must be an integer from ${range.min} to ${range.max}, found ${String(value)}`);
    return value;
  };
  const { model = EMBEDDED_MODEL, radixCache = true } = options;
  if (typeof model !== 'string') throw invalid('model', 'must be the path of a model folder');
  if (typeof radixCache !== 'boolean') throw invalid('radixCache', 'must be true or false');
  return {
    model,
    native: {
      threads: number('threads'),
      kvTokens: number('kvTokens'),
      pageSize: number('pageSize'),
      maxRunning: number('maxRunning'),
      maxQueued: number('maxQueued'),
      chunkedPrefillSize: number('chunkedPrefillSize'),
      radixCache,
    },
  };
}

function invalid(name: string, reason: string): RequestError {
  return new RequestError('invalid_option', `option '${name}' ${reason}`, name);
}
