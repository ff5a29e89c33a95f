// Opens the tokenizer of a Hugging Face folder. What takes long, making the TokenizerImage and reading tokenizer.json, is
// done once per content: the image is kept in the cache folder under a hash of everything that decides it.
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ModelError } from '../errors.js';
import { hasNative, loadNative, type NativeAddon, type TokenizerHandle } from '../native/index.js';
import { packageVersion } from '../package/index.js';
import { IMAGE_VERSION, Tokenizer, type TokenizerFiles } from '../tokenizer/index.js';
import { cacheFolder } from './cache-folder.js';
import { imageFile, readImageFile, type StoredImage, writeImageFile } from './image-file.js';
import { parseJson, readFileBytes, readTextFile } from './json-file.js';

/** Counts up when what is kept changes within one version of the package. */
const CACHE_FORMAT = 1;

export interface OpenTokenizerOptions extends Pick<TokenizerFiles, 'vocabSize' | 'maxVocabSize'> {
  /**
   * The folder for caches, or false to keep nothing. Default: the environment's ESPALIER_CACHE (`off` keeps nothing),
   * else `espalier` in the platform's folder for caches.
   */
  readonly cache?: string | false;
  /** The chat template's text, in place of all that the files have. */
  readonly chatTemplate?: string;
  /** What opens images natively; default: the addon where it is built. null: nothing native. */
  readonly addon?: Pick<NativeAddon, 'openTokenizer' | 'loadTokenizer'> | null;
}

/** What became of the cache when a tokenizer was opened. */
export type CacheOutcome =
  /** Read from `file`. */
  | { readonly state: 'loaded'; readonly file: string }
  /** Made anew and written; `replaced` says what was wrong with a file that was there. */
  | { readonly state: 'written'; readonly file: string; readonly replaced?: string }
  /** Made anew, and could not be written. */
  | { readonly state: 'unwritable'; readonly file: string; readonly reason: string }
  | { readonly state: 'off' };

export interface OpenedTokenizer {
  readonly tokenizer: Tokenizer;
  /** The parsed files that the tokenizer is made of. */
  files(): TokenizerFiles;
  /** The native form of the vocabulary. @throws EngineError `native_missing` */
  native(): TokenizerHandle;
  readonly cache: CacheOutcome;
}

/**
 * Opens the tokenizer of a folder, or of a tokenizer.json and the files beside it. From the cache this takes some 40 ms
 * for 128k tokens; tokenizer.json is then not parsed before a text is encoded (`tokenizer.prepare()` does so at once).
 * @throws ModelError `tokenizer_missing`, `file_unreadable`, `file_too_large`, `invalid_json`
 * @throws TokenizerError as {@link Tokenizer.fromFiles}
 */
export function openTokenizer(path: string, options: OpenTokenizerOptions = {}): OpenedTokenizer {
  const raw = readRawFiles(resolve(path));
  return openTokenizerSource(
    {
      small: parseSmall(raw),
      tokenizerJson: () => parseJson(raw.path, raw.take()),
      contents: () => [
        raw.tokenizerJson,
        ...Object.keys(SMALL_FILES).map((name) => raw.small[name as SmallFile]),
      ],
    },
    options,
  );
}

/** The files of a tokenizer, wherever they are. */
export interface TokenizerSource {
  readonly small: Omit<TokenizerFiles, 'tokenizerJson'>;
  /** Called at most once. */
  readonly tokenizerJson: () => unknown;
  /** All that decides the tokenizer's image, called at most once, before `tokenizerJson`. */
  readonly contents: () => readonly (Uint8Array | undefined)[];
}

/** As {@link openTokenizer}, of files from elsewhere. @throws TokenizerError as {@link Tokenizer.fromFiles} */
export function openTokenizerSource(
  source: TokenizerSource,
  options: OpenTokenizerOptions = {},
): OpenedTokenizer {
  const { vocabSize, maxVocabSize } = options;
  const small = {
    ...withTemplate(source.small, options.chatTemplate),
    ...(vocabSize !== undefined && { vocabSize }),
    ...(maxVocabSize !== undefined && { maxVocabSize }),
  };
  const tokenizerJson = once(source.tokenizerJson);
  const files = () => ({ ...small, tokenizerJson: tokenizerJson() });
  const addon = options.addon === undefined ? (hasNative() ? loadNative() : null) : options.addon;
  const folder = cacheFolder(options.cache);
  if (folder === undefined) {
    const tokenizer = Tokenizer.fromFiles(files());
    return { tokenizer, files, native: nativeForm(tokenizer, addon), cache: { state: 'off' } };
  }
  const key = contentKey(source.contents(), options);
  const file = imageFile(folder, key);
  const { stored, damage } = readStored(file, key, addon);
  if (stored) {
    const tokenizer = Tokenizer.fromImage(stored.image, stored.facts, { ...small, tokenizerJson });
    const native = nativeForm(tokenizer, addon, stored.native);
    return { tokenizer, files, native, cache: { state: 'loaded', file } };
  }
  const tokenizer = Tokenizer.fromFiles(files());
  const cache = store(file, key, tokenizer, damage);
  return { tokenizer, files, native: nativeForm(tokenizer, addon), cache };
}

/** With a template given, the files' own count for nothing, not even those for tools. */
function withTemplate(small: TokenizerSource['small'], chatTemplate: string | undefined): typeof small {
  if (chatTemplate === undefined) return small;
  const { chat_template: _, ...tokenizerConfig }: Record<string, unknown> = {
    ...(small.tokenizerConfig as object | undefined),
  };
  return { ...small, tokenizerConfig, chatTemplate };
}

type Addon = NonNullable<OpenTokenizerOptions['addon']> | null;

/** A damaged file is made anew, whatever is wrong with it. */
function readStored(file: string, key: string, addon: Addon): { stored?: StoredImage; damage?: string } {
  try {
    const stored = readImageFile(file, key, addon ?? undefined);
    return stored ? { stored } : {};
  } catch (error) {
    return { damage: (error as Error).message };
  }
}

/** Whatever keeps the file from being written, the tokenizer is there; the outcome tells. */
function store(file: string, key: string, tokenizer: Tokenizer, replaced: string | undefined): CacheOutcome {
  try {
    writeImageFile(file, key, tokenizer.image, tokenizer);
    return { state: 'written', file, ...(replaced !== undefined && { replaced }) };
  } catch (error) {
    return { state: 'unwritable', file, reason: (error as Error).message };
  }
}

function nativeForm(tokenizer: Tokenizer, addon: Addon, mapped?: TokenizerHandle): () => TokenizerHandle {
  return once(() => mapped ?? (addon ?? loadNative()).loadTokenizer(new Uint8Array(tokenizer.image.buffer)));
}

const SMALL_FILES = {
  tokenizerConfig: 'tokenizer_config.json',
  generationConfig: 'generation_config.json',
  config: 'config.json',
} as const;
type SmallFile = keyof typeof SMALL_FILES;

/** The files as bytes; tokenizer.json's are let go when they are taken. */
class RawFiles {
  readonly path: string;
  readonly folder: string;
  readonly small: { readonly [file in SmallFile]?: Buffer };
  #tokenizerJson: Buffer | undefined;

  constructor(path: string, tokenizerJson: Buffer) {
    this.path = path;
    this.folder = dirname(path);
    this.#tokenizerJson = tokenizerJson;
    this.small = Object.fromEntries(
      Object.entries(SMALL_FILES).map(([name, file]) => [name, readFileBytes(join(this.folder, file))]),
    );
  }

  get tokenizerJson(): Buffer {
    return this.#tokenizerJson!;
  }

  take(): Buffer {
    const bytes = this.tokenizerJson;
    this.#tokenizerJson = undefined;
    return bytes;
  }
}

function readRawFiles(path: string): RawFiles {
  const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  const file = isFolder ? join(path, 'tokenizer.json') : path;
  const bytes = readFileBytes(file);
  if (bytes === undefined)
    throw new ModelError(
      'tokenizer_missing',
      isFolder
        ? `${path} has no ${basename(file)}; save the model's fast tokenizer there`
        : `there is no tokenizer at ${path}; give a tokenizer.json or the folder that has one`,
    );
  return new RawFiles(file, bytes);
}

/** All but tokenizer.json, parsed. */
function parseSmall({ small, folder }: RawFiles): Omit<TokenizerFiles, 'tokenizerJson'> {
  const chatTemplate = readTextFile(join(folder, 'chat_template.jinja'));
  const parsed = Object.fromEntries(
    Object.entries(SMALL_FILES).map(([name, file]) => {
      const bytes = small[name as SmallFile];
      return [name, bytes && parseJson(join(folder, file), bytes)];
    }),
  );
  return {
    ...parsed,
    ...(chatTemplate !== undefined && { chatTemplate }),
  };
}

/** Names all that decides an image and its facts; chat templates do not. */
function contentKey(
  contents: readonly (Uint8Array | undefined)[],
  { vocabSize, maxVocabSize }: OpenTokenizerOptions,
): string {
  const hash = createHash('sha256');
  const lengths = contents.map((bytes) => bytes?.length ?? null);
  const versions = [CACHE_FORMAT, IMAGE_VERSION, packageVersion()];
  hash.update(JSON.stringify({ versions, lengths, vocabSize, maxVocabSize }));
  for (const bytes of contents) if (bytes) hash.update(bytes);
  return hash.digest('hex');
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
