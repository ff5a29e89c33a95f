// Random vocabularies: every byte, JSON fragments, random byte strings, duplicates, pieces of given texts, absent ids.
import { buildImageFromBytes, type TokenizerImage } from '../../src/tokenizer/index.js';

const encoder = new TextEncoder();
const fragments = [
  '": "',
  '", "',
  '{"',
  '"}',
  '}]',
  ']}',
  '[]',
  '{}',
  ', ',
  ': ',
  ':"',
  ',"',
  'true',
  'false',
  'null',
  '\n  ',
  '    ',
  '\\u00',
  '\\"',
  '1.',
  '00',
  'e+',
];

export function randomVocabulary(texts: readonly Uint8Array[], random: () => number): TokenizerImage {
  const below = (n: number) => Math.floor(random() * n);
  const tokens: (Uint8Array | null)[] = [];
  for (let byte = 0; byte < 256; byte++) tokens.push(Uint8Array.of(byte));
  for (const fragment of fragments) tokens.push(encoder.encode(fragment));
  for (const text of texts)
    for (let i = 0; i < 24 && text.length > 1; i++) {
      const start = below(text.length - 1);
      tokens.push(text.slice(start, start + 2 + below(7)));
    }
  for (let i = 0; i < 40; i++) tokens.push(Uint8Array.from({ length: 1 + below(5) }, () => below(256)));
  for (let i = 0; i < 10; i++) tokens.push(tokens[below(tokens.length)]);
  for (let i = 0; i < 3; i++) tokens.push(null);
  for (let i = tokens.length - 1; i > 0; i--) {
    const j = below(i + 1);
    [tokens[i], tokens[j]] = [tokens[j], tokens[i]];
  }
  const eos = [tokens.push(null) - 1, tokens.push(null) - 1].slice(0, 1 + below(2));
  return buildImageFromBytes(tokens, eos);
}

/** A random way to cut `text` into tokens of the vocabulary (single bytes are always there). */
export function randomTokens(text: Uint8Array, image: TokenizerImage, random: () => number): number[] {
  const tokens: number[] = [];
  for (let at = 0; at < text.length; ) {
    const ways: [token: number, end: number][] = [];
    for (let node = 1, depth = at, end = image.nodeSkip[0]; node < end && depth < text.length; ) {
      if (image.nodeByte[node] !== text[depth]) {
        node = image.nodeSkip[node];
        continue;
      }
      depth++;
      for (let i = image.nodeTokenStart[node]; i < image.nodeTokenStart[node + 1]; i++)
        ways.push([image.nodeTokens[i], depth]);
      end = image.nodeSkip[node];
      node++;
    }
    const [token, next] = ways[Math.floor(random() * ways.length)];
    tokens.push(token);
    at = next;
  }
  return tokens;
}
