// Vocabularies of any size made of one: its first tokens, or all of them and pairs of them. Texts are cut greedily.
import { buildImageFromBytes, type Tokenizer, type TokenizerImage } from '../../src/tokenizer/index.js';
import { generator } from '../gpu/vocabulary.js';

export interface SizedVocabulary {
  readonly image: TokenizerImage;
  encode(text: string): Int32Array;
}

const MAX_BYTES = 24;

/** `size` tokens, the last of which ends a sequence. Every byte is a token. */
export function sizedVocabulary(tokenizer: Tokenizer, size: number): SizedVocabulary {
  const tokens = new Map<string, number>();
  const add = (token: string) => {
    if (token.length > 0 && token.length <= MAX_BYTES && tokens.size < size - 1 && !tokens.has(token))
      tokens.set(token, tokens.size);
  };
  for (let byte = 0; byte < 256; byte++) add(String.fromCharCode(byte));
  const { tokenBytes, tokenByteStart, vocabSize } = tokenizer.image;
  const given = Array.from({ length: vocabSize }, (_, id) =>
    String.fromCharCode(...tokenBytes.subarray(tokenByteStart[id], tokenByteStart[id + 1])),
  );
  for (const token of given) add(token);
  const below = generator(5);
  while (tokens.size < size - 1) add(given[below(given.length)] + given[below(given.length)]);
  const bytes = [...tokens.keys()].map((token) => Uint8Array.from(token, (byte) => byte.charCodeAt(0)));
  return {
    image: buildImageFromBytes([...bytes, null], [size - 1]),
    encode: (text) => greedy(Buffer.from(text, 'utf8').toString('latin1'), tokens),
  };
}

function greedy(text: string, tokens: ReadonlyMap<string, number>): Int32Array {
  const ids: number[] = [];
  for (let at = 0; at < text.length; ) {
    let length = Math.min(MAX_BYTES, text.length - at);
    while (!tokens.has(text.slice(at, at + length))) length--;
    ids.push(tokens.get(text.slice(at, at + length))!);
    at += length;
  }
  return Int32Array.from(ids);
}
