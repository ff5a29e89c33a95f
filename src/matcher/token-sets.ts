// The token sets of a grammar as ids of one vocabulary: a grammar names tokens by their text or id, matchers know ids.
import type { TokenSet } from '../automata/index.js';
import { CompileError } from '../errors.js';
import { TOKEN_TEXT, type TokenizerImage } from '../tokenizer/index.js';

/** A vocabulary that knows its tokens by their text too, as a Tokenizer does. */
export interface NamedVocabulary {
  readonly image: TokenizerImage;
  /** The id of a token as the tokenizer's file writes it; special tokens by their content. */
  tokenId(text: string): number | undefined;
}

/**
 * For each token set its ids, ascending. `except` leaves the named tokens out of all text tokens; special tokens are only
 * ever allowed by name.
 * @throws CompileError `unknown_token` for a token that the vocabulary does not have
 */
export function resolveTokenSets(
  sets: readonly TokenSet[],
  vocabulary: TokenizerImage | NamedVocabulary,
): Int32Array[] {
  const image = 'image' in vocabulary ? vocabulary.image : vocabulary;
  const named = 'image' in vocabulary ? (text: string) => vocabulary.tokenId(text) : () => undefined;
  const idOf = (token: string | number): number => {
    const id = typeof token === 'number' ? token : (named(token) ?? textToken(image, token));
    if (id === undefined || id < 0 || id >= image.vocabSize)
      throw new CompileError(
        'unknown_token',
        `the grammar names the token ${JSON.stringify(token)}, which this vocabulary of ${image.vocabSize} tokens does not have`,
      );
    return id;
  };
  return sets.map(({ except, tokens }) => {
    const ids = new Set(tokens.map(idOf));
    if (!except) return Int32Array.from(ids).sort();
    return Int32Array.from(image.tokenFlags.keys()).filter(
      (id) => image.tokenFlags[id] === TOKEN_TEXT && !ids.has(id),
    );
  });
}

/** The sets as the native matcher takes them: each set's number of ids and its ids, set after set. */
export function packTokenSets(sets: readonly Int32Array[]): Int32Array {
  return Int32Array.from(sets.flatMap((ids) => [ids.length, ...ids]));
}

/** The text token of exactly these bytes. */
function textToken({ tokenFlags, tokenBytes, tokenByteStart }: TokenizerImage, text: string) {
  const wanted = new TextEncoder().encode(text);
  const id = tokenFlags.findIndex((flag, at) => {
    const bytes = tokenBytes.subarray(tokenByteStart[at], tokenByteStart[at + 1]);
    return (
      flag === TOKEN_TEXT && bytes.length === wanted.length && bytes.every((byte, i) => byte === wanted[i])
    );
  });
  return id < 0 ? undefined : id;
}
