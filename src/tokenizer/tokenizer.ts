// A tokenizer made from a Hugging Face folder's files: encode, decode, exact token bytes, the TokenizerImage, and chat
// templates. The parts live in files of their own; this one puts them together.
import { type ChatTemplateOptions, ChatTemplates } from './chat-template.js';
import { type EncodeOptions, Encoder } from './encoder.js';
import { TOKEN_SPECIAL, TOKEN_TEXT, type TokenizerImage } from './image.js';
import { buildTokenizerImage } from './image-build.js';
import { type DecodeOptions, type DecoderVocabulary, IncrementalDecoder } from './incremental.js';
import { readSpecialIds } from './special-ids.js';
import { type LeadingSpaceRule, readTokenText } from './token-text.js';
import { asRecord, readTokenizerJson } from './tokenizer-json.js';
import { readVocabulary, type Vocabulary } from './vocabulary.js';

/** The parsed files of a folder. Only the first is needed. */
export interface TokenizerFiles {
  readonly tokenizerJson: unknown;
  readonly tokenizerConfig?: unknown;
  /** The text of chat_template.jinja; goes before the template in tokenizer_config.json. */
  readonly chatTemplate?: string;
  readonly generationConfig?: unknown;
  /** config.json: its `eos_token_id` and `bos_token_id` are read. */
  readonly config?: unknown;
  /** The model's number of ids, if larger: ids beyond the tokenizer's are absent. */
  readonly vocabSize?: number;
  /** Ids from here on are refused; default 1,048,576. */
  readonly maxVocabSize?: number;
}

/** What a tokenizer is beyond its image: with both, its files need not be read until a text is encoded. */
export interface TokenizerFacts {
  readonly bosTokenId: number | undefined;
  readonly leadingSpace: LeadingSpaceRule;
}

/** The files of a tokenizer whose image is known: tokenizer.json is asked for when it is needed. */
export interface DeferredTokenizerFiles extends Omit<TokenizerFiles, 'tokenizerJson'> {
  readonly tokenizerJson: () => unknown;
}

/** What needs tokenizer.json. */
interface Parts extends TokenizerFacts {
  readonly vocabulary: Vocabulary;
  readonly encoder: Encoder;
}

/** One tokenizer. Immutable; safe to share between requests. */
export class Tokenizer implements DecoderVocabulary, TokenizerFacts {
  readonly vocabSize: number;
  readonly bosTokenId: number | undefined;
  /** Every id that ends an output, from generation_config.json, config.json and tokenizer_config.json. */
  readonly eosTokenIds: readonly number[];
  readonly image: TokenizerImage;
  readonly leadingSpace: LeadingSpaceRule;
  readonly #templates: ChatTemplates;
  #parts: Parts | (() => Parts);

  private constructor(
    image: TokenizerImage,
    { bosTokenId, leadingSpace }: TokenizerFacts,
    files: Omit<TokenizerFiles, 'tokenizerJson'>,
    parts: Parts | (() => Parts),
  ) {
    this.image = image;
    this.vocabSize = image.vocabSize;
    this.bosTokenId = bosTokenId;
    this.eosTokenIds = [...image.eos];
    this.leadingSpace = leadingSpace;
    this.#templates = new ChatTemplates(configOf(files), files.chatTemplate);
    this.#parts = parts;
  }

  /**
   * Makes a tokenizer of a folder's files.
   * @throws TokenizerError `invalid_tokenizer` (a broken file) or `unsupported_tokenizer` (a section that has no exact
   * bytes or that the encoder does not do), naming the file and what
   */
  static fromFiles(files: TokenizerFiles): Tokenizer {
    const parts = readParts(files);
    return new Tokenizer(buildTokenizerImage(parts.vocabulary), parts, files, parts);
  }

  /**
   * A tokenizer whose image and facts were kept from {@link Tokenizer.fromFiles} of the same files. tokenizer.json is
   * read when first needed: to encode, and for tokens as it writes them. Until then a broken one is not noticed.
   */
  static fromImage(image: TokenizerImage, facts: TokenizerFacts, files: DeferredTokenizerFiles): Tokenizer {
    return new Tokenizer(image, facts, files, () =>
      readParts({ ...files, tokenizerJson: files.tokenizerJson() }),
    );
  }

  /**
   * Reads what {@link Tokenizer.fromImage} left for later, so that no call pays for it.
   * @throws TokenizerError as `fromFiles`
   */
  prepare(): void {
    this.#read();
  }

  /** The ids of a text. Special tokens in it are recognised; lone surrogates count as U+FFFD. */
  encode(text: string, options: EncodeOptions = {}): Int32Array {
    return this.#read().encoder.encode(text, options);
  }

  /** The text of these ids: their bytes joined, malformed UTF-8 as U+FFFD, less the decoder's leading space. */
  decode(ids: Iterable<number>, options: DecodeOptions = {}): string {
    const decoder = new IncrementalDecoder(this, options);
    return decoder.push(ids) + decoder.end();
  }

  /** A text token's exact bytes (a view; do not write to it), undefined for special and absent ids. */
  tokenBytes(id: number): Uint8Array | undefined {
    const { tokenFlags, tokenBytes, tokenByteStart } = this.image;
    if (tokenFlags[id] !== TOKEN_TEXT) return undefined;
    return tokenBytes.subarray(tokenByteStart[id]!, tokenByteStart[id + 1]!);
  }

  isSpecial(id: number): boolean {
    return this.image.tokenFlags[id] === TOKEN_SPECIAL;
  }

  /** What a special token decodes to when it is not skipped. */
  specialBytes(id: number): Uint8Array | undefined {
    return this.#read().vocabulary.specialBytes(id);
  }

  /** The token as tokenizer.json writes it. */
  pieceOf(id: number): string | undefined {
    return this.#read().vocabulary.pieceOf(id);
  }

  /** The id of a token, written as tokenizer.json writes it; special tokens by their content. */
  tokenId(piece: string): number | undefined {
    return this.#read().vocabulary.idOf(piece);
  }

  /** The chat templates as they are written, by which formats of calls and of thinking are told. */
  get chatTemplates(): readonly string[] {
    return this.#templates.texts;
  }

  get hasChatTemplate(): boolean {
    return !this.#templates.isEmpty;
  }

  /**
   * The prompt of a chat. Its text holds the special tokens itself: encode it with `addSpecialTokens: false`.
   * @throws TokenizerError `no_chat_template`, `template_error`
   */
  applyChatTemplate(messages: readonly object[], options: ChatTemplateOptions = {}): string {
    return this.#templates.render(messages, options);
  }
  #read(): Parts {
    if (typeof this.#parts === 'function') this.#parts = this.#parts();
    return this.#parts;
  }
}

function configOf({
  tokenizerConfig,
}: Pick<TokenizerFiles, 'tokenizerConfig'>): Readonly<Record<string, unknown>> {
  return asRecord(tokenizerConfig ?? {}, 'tokenizer_config.json');
}

function readParts(files: TokenizerFiles): Parts {
  const json = readTokenizerJson(files.tokenizerJson, files.maxVocabSize);
  const config = configOf(files);
  const text = readTokenText(json);
  const ids = new Map<string, number>(json.vocabulary);
  for (const token of json.addedTokens) ids.set(token.content, token.id);
  const { bos, eos } = readSpecialIds(files, (content) => ids.get(content));
  const vocabulary = readVocabulary(json, text, eos, files.vocabSize);
  const encoder = new Encoder(json, vocabulary, config, bos);
  return { vocabulary, encoder, bosTokenId: bos, leadingSpace: text.leadingSpace };
}
