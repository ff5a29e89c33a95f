// Text to token ids with @huggingface/tokenizers, set up by encoder-config.ts. Adds what the library lacks: byte
// fallback of Unigram models, and `add_bos_token`.
import { Tokenizer as LibraryTokenizer } from '@huggingface/tokenizers';
import { TokenizerError } from '../errors.js';
import { encoderConfig } from './encoder-config.js';
import type { TokenizerJson } from './tokenizer-json.js';
import type { Vocabulary } from './vocabulary.js';

export interface EncodeOptions {
  /** Add what the post-processor adds, e.g. a begin token; default true. */
  readonly addSpecialTokens?: boolean;
}

/** Encodes text as one tokenizer does. */
export class Encoder {
  readonly #library: LibraryTokenizer;
  readonly #vocabulary: Vocabulary;
  readonly #unknownId: number | undefined;
  /** Unigram's ids of the 256 byte tokens; absent when it has no byte fallback. */
  readonly #byteIds: readonly number[] | undefined;
  readonly #forcedBos: number | undefined;

  /** @throws TokenizerError `unsupported_tokenizer` or `invalid_tokenizer` */
  constructor(
    json: TokenizerJson,
    vocabulary: Vocabulary,
    tokenizerConfig: Readonly<Record<string, unknown>>,
    bos: number | undefined,
  ) {
    const config = encoderConfig(json);
    try {
      this.#library = new LibraryTokenizer(config, tokenizerConfig);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new TokenizerError('invalid_tokenizer', `tokenizer.json cannot be used: ${reason}`, { cause });
    }
    if (json.modelType === 'BPE') forgetFile(this.#library as unknown as LibraryState);
    this.#vocabulary = vocabulary;
    this.#unknownId = json.unknownToken === undefined ? undefined : vocabulary.idOf(json.unknownToken);
    this.#byteIds = json.modelType === 'Unigram' && json.byteFallback ? byteTokenIds(vocabulary) : undefined;
    this.#forcedBos = tokenizerConfig.add_bos_token === true ? bos : undefined;
  }

  encode(text: string, options: EncodeOptions = {}): Int32Array {
    const addSpecialTokens = options.addSpecialTokens ?? true;
    const wellFormed = text.replace(/\p{Surrogate}/gu, '\uFFFD');
    const { ids, tokens } = this.#library.encode(wellFormed, { add_special_tokens: addSpecialTokens });
    const found: number[] = [];
    if (addSpecialTokens && this.#forcedBos !== undefined && ids[0] !== this.#forcedBos)
      found.push(this.#forcedBos);
    for (let i = 0; i < ids.length; i++) {
      const id = ids[i] as number | undefined;
      if (id === undefined)
        throw new TokenizerError(
          'invalid_tokenizer',
          `tokenizer.json: ${JSON.stringify(tokens[i])} is not in the vocabulary and there is no unknown token`,
        );
      if (this.#byteIds && id === this.#unknownId && this.#vocabulary.idOf(tokens[i]!) === undefined)
        for (const byte of new TextEncoder().encode(tokens[i]!)) found.push(this.#byteIds[byte]!);
      else found.push(id);
    }
    return Int32Array.from(found);
  }
}

/** Fields of the library's tokenizer that hold the file it was made of. */
interface LibraryState {
  tokenizer: object;
  readonly model: { config: object; merges: readonly unknown[] };
}

/**
 * Lets go of the vocabulary and the merges as the file has them: the library has made maps of them and does not look there
 * again. They are more than half of its objects, and every collection of garbage would go through them.
 */
function forgetFile(library: LibraryState): void {
  const { model } = library;
  library.tokenizer = { ...library.tokenizer, model: undefined };
  model.config = { ...model.config, vocab: undefined, merges: undefined };
  model.merges = [];
}

function byteTokenIds(vocabulary: Vocabulary): readonly number[] | undefined {
  const ids: number[] = [];
  for (let byte = 0; byte < 256; byte++) {
    const id = vocabulary.idOf(`<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`);
    if (id === undefined) return undefined;
    ids.push(id);
  }
  return ids;
}
