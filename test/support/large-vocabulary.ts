// A vocabulary large enough for what only many tokens bring about.
import { buildImageFromBytes, type TokenizerImage } from '../../src/tokenizer/index.js';

const encoder = new TextEncoder();

const PIECES = [
  '"',
  '",',
  '":',
  '"}',
  ' ',
  '\n',
  'a',
  'b',
  'c',
  'x',
  'n',
  'na',
  'me',
  '1',
  '23',
  '-',
  '\\',
  '\\n',
  'é',
  '😀',
  '{',
  ']',
];

const WHITE = [' ', '\n', '\t'];

/**
 * A vocabulary of so many tokens that lexemes have rows and not lists, and whole subtrees are taken: all bytes, some cut
 * characters, texts of JSON's pieces, and white space.
 */
export function largeVocabulary(random: () => number): TokenizerImage {
  const texts = new Set<string>();
  const addUpTo = (count: number, pieces: readonly string[], most: number) => {
    while (texts.size < count) {
      const length = 1 + Math.floor(random() * most);
      texts.add(Array.from({ length }, () => pieces[Math.floor(random() * pieces.length)]).join(''));
    }
  };
  addUpTo(4000, PIECES, 5);
  addUpTo(4400, WHITE, 9);
  const tokens = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));
  for (const text of texts) {
    const bytes = encoder.encode(text);
    if (bytes.length > 1) tokens.push(random() < 0.1 ? bytes.slice(0, -1) : bytes);
  }
  return buildImageFromBytes([...tokens, null], [tokens.length]);
}
