// How a model folder of sentence-transformers says that embeddings are made: modules.json and 1_Pooling/config.json.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ModelError, RequestError } from '../errors.js';
import { readJsonFile } from '../tokenizer-files/index.js';

/** What an embedding is made of: the mean of the final hidden states of all tokens, or that of the last one. */
export type Pooling = 'mean' | 'last';

const POOLINGS: ReadonlyMap<string, Pooling> = new Map([
  ['pooling_mode_mean_tokens', 'mean'],
  ['pooling_mode_lasttoken', 'last'],
]);
const MODULES = ['Transformer', 'Pooling', 'Normalize'];

/**
 * The pooling that the folder names; 'mean' where it names none.
 * @throws RequestError `unsupported_pooling` for another one
 * @throws ModelError `unsupported_architecture` where further layers follow
 */
export function folderPooling(path: string): Pooling {
  const modules = readIfThere(join(path, 'modules.json'));
  const types = Array.isArray(modules)
    ? modules.map((module: { type?: unknown }) => String(module?.type))
    : [];
  const unknown = types.find((type) => !MODULES.includes(type.slice(type.lastIndexOf('.') + 1)));
  if (unknown !== undefined)
    throw new ModelError(
      'unsupported_architecture',
      `${path}: modules.json asks for ${unknown}, which is not computed; give pooling for embeddings without it`,
    );
  const config = readIfThere(join(path, '1_Pooling', 'config.json'));
  if (config === undefined) return 'mean';
  const names = Object.entries(config ?? {})
    .filter(([name, value]) => name.startsWith('pooling_mode_') && value === true)
    .map(([name]) => name);
  const pooling = names.length === 1 ? POOLINGS.get(names[0]) : undefined;
  if (!pooling)
    throw new RequestError(
      'unsupported_pooling',
      `pooling: the model's own (${names.join(', ') || 'none'}) is not supported; give mean or last`,
      'pooling',
    );
  return pooling;
}

/** A GGUF file has no folder. */
function readIfThere(path: string): unknown {
  return existsSync(path) ? readJsonFile(path) : undefined;
}
