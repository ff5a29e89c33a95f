// The lexemes of all grammars of one vocabulary by content, and the bound on what is remembered of them.
import type { TokenizerImage } from '../tokenizer/index.js';
import type { CountedContent } from './counted-lexeme.js';
import { CountedLexeme } from './counted-lexeme.js';
import { Lexeme, type LexemeContent } from './lexeme.js';
import { PlainReader, type Reader } from './reader.js';
import { type VocabularyTrie, vocabularyTrie } from './trie.js';
import { maskWords } from './walk.js';

/** Memory that the lexemes of one vocabulary may take before they are dropped and begun anew. */
export const MAX_LEXEME_BYTES = 256 * 1024 * 1024;

export class LexemeTable {
  readonly vocabulary: VocabularyTrie;
  /** Words of a mask row. */
  readonly words: number;
  readonly #maxBytes: number;
  readonly #lexemes = new Map<number, Lexeme[]>();
  readonly #counted = new Map<string, CountedLexeme>();
  readonly #readers = new WeakMap<Lexeme, (PlainReader | undefined)[]>();
  readonly #lexemeIds = new WeakMap<Lexeme, number>();
  #holders: Reader[] = [];
  #bytes = 0;
  #readerCount = 0;
  #lexemeCount = 0;

  /** `maxBytes`: default {@link MAX_LEXEME_BYTES}. `vocabulary`: another table's, to begin with what it shares. */
  constructor(
    image: TokenizerImage,
    options: { readonly maxBytes?: number; readonly vocabulary?: VocabularyTrie } = {},
  ) {
    this.vocabulary = options.vocabulary
      ? { ...options.vocabulary, parts: new Map() }
      : vocabularyTrie(image);
    this.words = maskWords(image.vocabSize);
    this.#maxBytes = options.maxBytes ?? MAX_LEXEME_BYTES;
  }

  /** Bytes of what is remembered, about. */
  get bytes(): number {
    return this.#bytes;
  }

  intern(content: LexemeContent): Lexeme {
    const hash = hashOf(content);
    let alike = this.#lexemes.get(hash);
    if (!alike) this.#lexemes.set(hash, (alike = []));
    let lexeme = alike.find((known) => isSame(known.content, content));
    if (!lexeme) {
      alike.push((lexeme = new Lexeme(content)));
      this.#lexemeIds.set(lexeme, this.#lexemeCount++);
      this.grow(1024 + content.byteLength + 4 * lexeme.stateCount * (lexeme.classCount + WORDS_PER_STATE));
    }
    return lexeme;
  }

  internCounted(content: CountedContent): CountedLexeme {
    const places = content.map(({ next, mayEnd, end }) => [
      next.map(({ character, place, bounds }) => [this.#lexemeIds.get(character), place, bounds]),
      mayEnd,
      end,
    ]);
    const key = JSON.stringify(places);
    let lexeme = this.#counted.get(key);
    if (!lexeme) {
      this.#counted.set(key, (lexeme = new CountedLexeme(this, content)));
      this.grow(1024 + 4 * key.length);
    }
    return lexeme;
  }

  /** The place of a lexeme's state, the same for all states behind which the same may follow. */
  reader(lexeme: Lexeme, state: number): PlainReader {
    let readers = this.#readers.get(lexeme);
    if (!readers) this.#readers.set(lexeme, (readers = []));
    return (readers[state] ??= this.#makeReader(lexeme, state));
  }

  #makeReader(lexeme: Lexeme, state: number): PlainReader {
    const rest = lexeme.restOf(state);
    if (!rest || (state === 0 && isSame(rest, lexeme.content))) return new PlainReader(this, lexeme, state);
    const alike = this.intern(rest);
    return alike === lexeme && state === 0 ? new PlainReader(this, lexeme, 0) : this.reader(alike, 0);
  }

  nextReaderId(): number {
    return this.#readerCount++;
  }

  /** Takes note of a reader that holds a mask. */
  hold(reader: Reader): void {
    this.#holders.push(reader);
  }

  /** Takes note of `bytes` more memory; drops all that is remembered when it is too much. */
  grow(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes <= this.#maxBytes) return;
    this.#bytes = bytes;
    for (const reader of this.#holders) reader.forget();
    this.#holders = [];
    this.#lexemes.clear();
    this.#counted.clear();
    this.vocabulary.parts.clear();
  }
}

/** Words beside the transitions that a lexeme takes for each state. */
const WORDS_PER_STATE = 12;

const tables = new WeakMap<TokenizerImage, LexemeTable>();

/** The table of a vocabulary, made when first asked for. */
export function lexemeTableOf(image: TokenizerImage): LexemeTable {
  let table = tables.get(image);
  if (!table) tables.set(image, (table = new LexemeTable(image)));
  return table;
}

/** A table that knows nothing yet, of the shared one's vocabulary. `maxBytes`: default {@link MAX_LEXEME_BYTES}. */
export function emptyLexemes(image: TokenizerImage, maxBytes = MAX_LEXEME_BYTES): LexemeTable {
  return new LexemeTable(image, { maxBytes, vocabulary: lexemeTableOf(image).vocabulary });
}

function hashOf(content: LexemeContent): number {
  let hash = content.length;
  for (let i = 0; i < content.length; i++) hash = Math.imul(hash ^ content[i], 0x01000193);
  return hash;
}

function isSame(a: LexemeContent, b: LexemeContent): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i]);
}
