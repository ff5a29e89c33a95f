// A Hugging Face model folder: config.json, the tokenizer's files, and the weights' headers, checked and brought into the
// form that the native engine takes; or a GGUF file, which has all of them. Weights themselves are mapped natively.
import { existsSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { ModelError } from '../errors.js';
import type { NativeModelSpec, NativeTensor } from '../native/index.js';
import {
  type OpenedTokenizer,
  type OpenTokenizerOptions,
  openTokenizer,
  openTokenizerSource,
  readJsonFile,
} from '../tokenizer-files/index.js';
import { readDecoder } from './families/index.js';
import { type GgufFile, ggufModelSpec, ggufTokenizer, readGguf } from './gguf/index.js';
import { readSafetensorsHeader } from './safetensors.js';

export interface ModelFolder extends Pick<OpenedTokenizer, 'tokenizer' | 'native' | 'cache'> {
  readonly path: string;
  /** The folder's name, or the file's without `.gguf`. */
  readonly id: string;
  readonly spec: NativeModelSpec;
  /** Bytes of the weights' files. */
  readonly weightBytes: number;
  /** What the tokenizer is made of: another thread makes its own. */
  readonly tokenizerFiles: OpenedTokenizer['files'];
}

export interface ModelSpecOptions extends Pick<NativeModelSpec, 'random'> {
  /** Most positions; default and limit: those of the model. */
  readonly contextLength?: number;
}

/** With `random`, weights are made there and those in the folder are not looked at. */
export interface ModelFolderOptions
  extends ModelSpecOptions,
    Pick<OpenTokenizerOptions, 'cache' | 'addon' | 'chatTemplate'> {}

/**
 * Reads and checks a folder, or a file that ends in `.gguf`.
 * @throws ModelError `model_not_found`, `config_invalid`, `vocabulary_mismatch`, `unsupported_architecture`, `weights_*`, `unsupported_dtype`, `model_file`
 * @throws TokenizerError when the tokenizer's files are missing or broken
 */
export function readModelFolder(
  folder: string,
  { random, contextLength, ...tokenizerOptions }: ModelFolderOptions = {},
): ModelFolder {
  const path = resolve(folder);
  const specOptions = { ...(random && { random }), ...(contextLength && { contextLength }) };
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (path.endsWith(GGUF) && !isFolder) {
    const file = readGguf(path);
    return modelOf(path, basename(path, GGUF), specOfGguf(file, specOptions), (vocabSize) =>
      openTokenizerSource(
        { ...ggufTokenizer(file), contents: () => [Buffer.from(`gguf ${file.digest}`)] },
        { ...tokenizerOptions, vocabSize },
      ),
    );
  }
  if (!isFolder)
    throw new ModelError(
      'model_not_found',
      `there is no model folder at ${path}; give the path of a Hugging Face model folder`,
    );
  return modelOf(path, basename(path), readModelSpec(path, specOptions), (vocabSize) =>
    openTokenizer(path, { ...tokenizerOptions, vocabSize }),
  );
}

const GGUF = '.gguf';

function specOfGguf(file: GgufFile, { random, contextLength }: ModelSpecOptions): NativeModelSpec {
  const spec = ggufModelSpec(file, contextLength);
  return random ? { ...spec, random, files: [], tensors: [] } : spec;
}

function modelOf(
  path: string,
  id: string,
  spec: NativeModelSpec,
  open: (vocabSize: number) => OpenedTokenizer,
): ModelFolder {
  const { tokenizer, native, cache, files: tokenizerFiles } = open(spec.vocabSize);
  if (tokenizer.vocabSize > spec.vocabSize)
    throw new ModelError(
      'vocabulary_mismatch',
      `${path}: the tokenizer has ${tokenizer.vocabSize} ids, the model ${spec.vocabSize} (config.json's vocab_size, or the rows of token_embd.weight); they belong to different models`,
    );
  return {
    path,
    id,
    spec,
    weightBytes: spec.files.reduce((sum, file) => sum + statSync(file).size, 0),
    tokenizer,
    native,
    cache,
    tokenizerFiles,
  };
}

/** config.json and the headers of the weights; with `random`, config.json alone. `path` is a folder's. */
export function readModelSpec(
  path: string,
  { random, contextLength }: ModelSpecOptions = {},
): NativeModelSpec {
  const configPath = join(path, 'config.json');
  const fields = readJsonFile(configPath);
  if (fields === undefined)
    throw new ModelError(
      'model_not_found',
      `${path} has no config.json; a Hugging Face model folder is needed`,
    );
  const decoder = readDecoder(fields, configPath, contextLength);
  if (random) return { ...decoder.config, random, files: [], tensors: [] };
  const { files, tensors } = readWeights(path);
  return { ...decoder.config, files, tensors: decoder.tensors(tensors) };
}

/** One file, or the shards that an index names. */
function readWeights(path: string): { files: string[]; tensors: NativeTensor[] } {
  const single = join(path, 'model.safetensors');
  const indexPath = join(path, 'model.safetensors.index.json');
  const files = existsSync(single) ? [single] : shardsOf(path, indexPath);
  const tensors = files.flatMap((file, index) =>
    readSafetensorsHeader(file).map((tensor) => ({ ...tensor, file: index })),
  );
  return { files, tensors };
}

function shardsOf(path: string, indexPath: string): string[] {
  const index = readJsonFile(indexPath) as { readonly weight_map?: Record<string, unknown> } | undefined;
  if (index === undefined)
    throw new ModelError(
      'weights_missing',
      `${path} has neither model.safetensors nor model.safetensors.index.json`,
    );
  const names = new Set(Object.values(index.weight_map ?? {}));
  if (names.size === 0) throw new ModelError('weights_invalid', `${indexPath} names no files in weight_map`);
  return [...names].map((name) => {
    if (typeof name !== 'string' || basename(name) !== name)
      throw new ModelError(
        'weights_invalid',
        `${indexPath} names a file outside the folder: ${String(name)}`,
      );
    return join(path, name);
  });
}
