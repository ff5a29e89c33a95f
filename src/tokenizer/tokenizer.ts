// A tokenizer made from a Hugging Face folder's files: encode, decode, exact token bytes, the TokenizerImage, and chat
// templates. The parts live in files of their own; this one puts them together.
import { type ChatTemplateOptions, ChatTemplates } from './chat-template.js';
import { type EncodeOptions, Encoder } from './encoder.js';
import { TOKEN_SPECIAL, TOKEN_TEXT, type TokenizerImage } from './image.js';
import { buildTokenizerImage } from './image-build.js';
import { type DecodeOptions, type DecoderVocabulary, IncrementalDecoder } from './incremental.js';
import { readSpecialIds } from './special-ids.js';
import { type LeadingSpaceRule, readTokenText } from './token-text.js';
import { asRecord, readTokenizerJson, type TokenizerJson } from './tokenizer-json.js';
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

/** One tokenizer. Immutable; safe to share between requests. */
export class Tokenizer implements DecoderVocabulary {
  readonly vocabSize: number;
  readonly bosTokenId: number | undefined;
  /** Every id that ends an output, from generation_config.json, config.json and tokenizer_config.json. */
  readonly eosTokenIds: readonly number[];
  readonly image: TokenizerImage;
  readonly leadingSpace: LeadingSpaceRule;
  readonly #vocabulary: Vocabulary;
  readonly #encoder: Encoder;
  readonly #templates: ChatTemplates;

  private constructor(
    json: TokenizerJson,
    vocabulary: Vocabulary,
    leadingSpace: LeadingSpaceRule,
    bos: number | undefined,
    tokenizerConfig: Readonly<Record<string, unknown>>,
    chatTemplate: string | undefined,
  ) {
    this.#vocabulary = vocabulary;
    this.vocabSize = vocabulary.vocabSize;
    this.bosTokenId = bos;
    this.eosTokenIds = vocabulary.eos;
    this.leadingSpace = leadingSpace;
    this.image = buildTokenizerImage(vocabulary);
    this.#encoder = new Encoder(json, vocabulary, tokenizerConfig, bos);
    this.#templates = new ChatTemplates(tokenizerConfig, chatTemplate);
  }

  /**
   * Makes a tokenizer of a folder's files.
   * @throws TokenizerError `invalid_tokenizer` (a broken file) or `unsupported_tokenizer` (a section that has no exact
   * bytes or that the encoder does not do), naming the file and what
   */
  static fromFiles(files: TokenizerFiles): Tokenizer {
    const json = readTokenizerJson(files.tokenizerJson, files.maxVocabSize);
    const tokenizerConfig = asRecord(files.tokenizerConfig ?? {}, 'tokenizer_config.json');
    const text = readTokenText(json);
    const ids = new Map<string, number>(json.vocabulary);
    for (const token of json.addedTokens) ids.set(token.content, token.id);
    const { bos, eos } = readSpecialIds(files, (content) => ids.get(content));
    const vocabulary = readVocabulary(json, text, eos, files.vocabSize);
    return new Tokenizer(json, vocabulary, text.leadingSpace, bos, tokenizerConfig, files.chatTemplate);
  }

  /** The ids of a text. Special tokens in it are recognised; lone surrogates count as U+FFFD. */
  encode(text: string, options: EncodeOptions = {}): Int32Array {
    return this.#encoder.encode(text, options);
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
    return this.#vocabulary.specialBytes(id);
  }

  /** The token as tokenizer.json writes it. */
  pieceOf(id: number): string | undefined {
    return this.#vocabulary.pieceOf(id);
  }

  /** The id of a token, written as tokenizer.json writes it; special tokens by their content. */
  tokenId(piece: string): number | undefined {
    return this.#vocabulary.idOf(piece);
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
}
