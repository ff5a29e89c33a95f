// The vocabulary as ids: for each, whether it is text, special or absent, and its exact bytes. Built once from
// tokenizer.json and the model's special ids; tokenizer.ts makes the TokenizerImage of it.
import { TokenizerError } from '../errors.js';
import { TOKEN_ABSENT, TOKEN_SPECIAL, TOKEN_TEXT, type TokenFlag } from './image.js';
import type { TokenSource } from './image-build.js';
import type { TokenText } from './token-text.js';
import type { TokenizerJson } from './tokenizer-json.js';

export interface Vocabulary extends TokenSource {
  /** What a special token decodes to when it is not skipped. */
  specialBytes(id: number): Uint8Array | undefined;
  /** The token as tokenizer.json writes it. */
  pieceOf(id: number): string | undefined;
  idOf(piece: string): number | undefined;
}

/**
 * @param vocabSize the model's number of ids, if it has more than the tokenizer
 * @param eos end-of-sequence ids, special whatever the file says
 * @throws TokenizerError `invalid_tokenizer` for an end-of-sequence id that the vocabulary lacks
 */
export function readVocabulary(
  json: TokenizerJson,
  text: TokenText,
  eos: readonly number[],
  vocabSize = 0,
): Vocabulary {
  const pieces: (string | undefined)[] = [];
  const ids = new Map<string, number>();
  for (const [piece, id] of json.vocabulary) {
    pieces[id] = piece;
    ids.set(piece, id);
  }
  const special = new Set<number>();
  const added = new Set<number>();
  for (const token of json.addedTokens) {
    pieces[token.id] = token.content;
    ids.set(token.content, token.id);
    added.add(token.id);
    if (token.special) special.add(token.id);
    else special.delete(token.id);
  }
  const size = Math.max(pieces.length, vocabSize);
  for (const id of eos) {
    if (id >= size)
      throw new TokenizerError(
        'invalid_tokenizer',
        `end-of-sequence id ${id} is outside the vocabulary of ${size} tokens`,
      );
    special.add(id);
  }
  const literal = (id: number) => {
    const piece = pieces[id];
    if (piece === undefined) return undefined;
    return added.has(id) ? text.bytesOfAdded(piece) : text.bytesOf(piece);
  };
  return {
    vocabSize: size,
    eos,
    flag: (id): TokenFlag =>
      special.has(id) ? TOKEN_SPECIAL : pieces[id] === undefined ? TOKEN_ABSENT : TOKEN_TEXT,
    bytes: literal,
    specialBytes: (id) => (special.has(id) ? literal(id) : undefined),
    pieceOf: (id) => pieces[id],
    idOf: (piece) => ids.get(piece),
  };
}
