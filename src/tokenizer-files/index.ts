// Door of the tokenizer's files: a folder in; a tokenizer and its native form out, kept on disk between processes.
export { cacheFolder } from './cache-folder.js';
export { MAX_CACHED_IMAGES } from './image-file.js';
export { MAX_JSON_FILE_BYTES, readJsonFile } from './json-file.js';
export {
  type CacheOutcome,
  type OpenedTokenizer,
  type OpenTokenizerOptions,
  openTokenizer,
  openTokenizerSource,
  type TokenizerSource,
} from './open-tokenizer.js';
