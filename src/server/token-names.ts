// What tokens are called in answers: their text, and their bytes where clients join them themselves.
import type { TokenizerImage } from '../tokenizer/index.js';

/** What is needed of a tokenizer: to name its tokens, to tell the model's formats, and to follow a grammar. */
export interface TokenBytes {
  readonly image: TokenizerImage;
  /** The id of a token as the tokenizer's file writes it. */
  tokenId(text: string): number | undefined;
  tokenBytes(id: number): Uint8Array | undefined;
  specialBytes(id: number): Uint8Array | undefined;
  isSpecial(id: number): boolean;
  readonly vocabSize: number;
  readonly chatTemplates: readonly string[];
}

export interface TokenName {
  /** Bytes that are no UTF-8 by themselves read as U+FFFD. */
  readonly text: string;
  readonly bytes: readonly number[];
}

const utf8 = new TextDecoder();

/** The texts of the special tokens. */
export function specialTokens(tokenizer: TokenBytes): string[] {
  const ids = Array.from({ length: tokenizer.vocabSize }, (_, id) => id);
  return ids.filter((id) => tokenizer.isSpecial(id)).map((id) => tokenName(tokenizer, id).text);
}

/** An id that the vocabulary lacks has no bytes. */
export function tokenName(tokenizer: TokenBytes, id: number): TokenName {
  const bytes = tokenizer.tokenBytes(id) ?? tokenizer.specialBytes(id) ?? new Uint8Array();
  return { text: utf8.decode(bytes), bytes: [...bytes] };
}
