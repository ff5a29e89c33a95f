// Token ids into text as they come. Works on exact bytes, so that text never ends inside a UTF-8 character and the
// pieces together are the text of all ids at once; malformed bytes become U+FFFD.
import type { LeadingSpaceRule } from './token-text.js';

/** What a decoder asks of a tokenizer. */
export interface DecoderVocabulary {
  readonly leadingSpace: LeadingSpaceRule;
  isSpecial(id: number): boolean;
  /** A text token's bytes; undefined for special and absent ids. */
  tokenBytes(id: number): Uint8Array | undefined;
  specialBytes(id: number): Uint8Array | undefined;
  pieceOf(id: number): string | undefined;
}

export interface DecodeOptions {
  /** Leave special tokens out; default false. */
  readonly skipSpecialTokens?: boolean;
  /** The ids go on a text (a model's output after its prompt): the space at their start belongs to it. Default false. */
  readonly continuation?: boolean;
}

/** Decodes a stream of tokens. Ids outside the vocabulary stand for nothing. */
export class IncrementalDecoder {
  readonly #vocabulary: DecoderVocabulary;
  readonly #skipSpecial: boolean;
  readonly #leadingSpace: LeadingSpaceRule;
  readonly #utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  #spacesToStrip: number;
  #started = false;

  constructor(vocabulary: DecoderVocabulary, options: DecodeOptions = {}) {
    this.#vocabulary = vocabulary;
    this.#skipSpecial = options.skipSpecialTokens ?? false;
    this.#leadingSpace = options.continuation ? { kind: 'none' } : vocabulary.leadingSpace;
    this.#spacesToStrip = this.#leadingSpace.kind === 'spaces' ? this.#leadingSpace.count : 0;
  }

  /** The text that these ids complete. */
  push(ids: Iterable<number>): string {
    let text = '';
    for (const id of ids) {
      const bytes = this.#bytesOf(id);
      if (bytes && bytes.length > 0) text += this.#utf8.decode(bytes, { stream: true });
    }
    return text;
  }

  /** The text of bytes still held: U+FFFD if they are the start of a character, else nothing. The stream is over. */
  end(): string {
    return this.#utf8.decode();
  }

  #bytesOf(id: number): Uint8Array | undefined {
    const special = this.#vocabulary.isSpecial(id);
    if (special && this.#skipSpecial) return undefined;
    const bytes = special ? this.#vocabulary.specialBytes(id) : this.#vocabulary.tokenBytes(id);
    if (!bytes) return undefined;
    const first = !this.#started;
    this.#started = true;
    const rule = this.#leadingSpace;
    if (first && rule.kind === 'first-token')
      return withoutMetaspaces(this.#vocabulary.pieceOf(id), rule.metaspace, bytes);
    return this.#spacesToStrip > 0 ? this.#stripSpaces(bytes) : bytes;
  }

  #stripSpaces(bytes: Uint8Array): Uint8Array {
    let start = 0;
    while (start < bytes.length && this.#spacesToStrip > 0) {
      if (bytes[start] !== 0x20) {
        this.#spacesToStrip = 0;
        break;
      }
      start++;
      this.#spacesToStrip--;
    }
    return bytes.subarray(start);
  }
}

function withoutMetaspaces(piece: string | undefined, metaspace: string, bytes: Uint8Array): Uint8Array {
  if (!piece?.includes(metaspace)) return bytes;
  return new TextEncoder().encode(piece.replaceAll(metaspace, ''));
}
