// Streaming against decoding at once: any ids, cut anywhere, give the same text and never half a character.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IncrementalDecoder, Tokenizer } from '../../src/tokenizer/index.js';

const folder = fileURLToPath(new URL('../fixtures/tokenizers/', import.meta.url));
const open = (kind: string) =>
  Tokenizer.fromFiles({
    tokenizerJson: JSON.parse(readFileSync(`${folder}${kind}/tokenizer.json`, 'utf8')),
    tokenizerConfig: JSON.parse(readFileSync(`${folder}${kind}/tokenizer_config.json`, 'utf8')),
  });

describe.each(['gpt2', 'llama2', 'gemma', 'unigram'])('%s', (kind) => {
  const tokenizer = open(kind);

  it('gives the same text however the ids are cut (property)', () => {
    const id = fc.integer({ min: -1, max: tokenizer.vocabSize + 1 });
    fc.assert(
      fc.property(fc.array(fc.array(id, { maxLength: 4 }), { maxLength: 12 }), fc.boolean(), (cuts, skip) => {
        const options = { skipSpecialTokens: skip };
        const decoder = new IncrementalDecoder(tokenizer, options);
        const pieces = cuts.map((ids) => decoder.push(ids));
        const streamed = pieces.join('') + decoder.end();
        expect(streamed).toBe(tokenizer.decode(cuts.flat(), options));
        for (const piece of pieces) expect(piece).not.toMatch(/\p{Surrogate}/u);
      }),
    );
  });

  it('gives back any text (property)', () => {
    const character = fc.constantFrom('a', ' ', 'é', '園', '👩‍👩‍👧', '\n', '"', 't', 'he', '1', '\u0000');
    fc.assert(
      fc.property(fc.array(character, { maxLength: 20 }), (characters) => {
        const text = characters.join('');
        const decoded = tokenizer.decode(tokenizer.encode(text), { skipSpecialTokens: true });
        if (kind === 'unigram') expect(decoded.length).toBeLessThanOrEqual(text.length * 8 + 1);
        else expect(decoded).toBe(text);
      }),
    );
  });
});

describe('the bytes held back', () => {
  const tokenizer = open('gpt2');
  const ids = (bytes: number[]) =>
    bytes.map((byte) => {
      for (let id = 0; id < 256; id++) {
        const own = tokenizer.tokenBytes(id)!;
        if (own.length === 1 && own[0] === byte) return id;
      }
      throw new Error(`no token of byte ${byte}`);
    });

  it('wait for the rest of their character, and become U+FFFD if it never comes', () => {
    const decoder = new IncrementalDecoder(tokenizer);
    const [first, second, third] = ids([0xe5, 0x9c, 0x92]);
    expect([decoder.push([first!]), decoder.push([second!]), decoder.push([third!])]).toEqual(['', '', '園']);
    expect(decoder.push([first!, second!])).toBe('');
    expect(decoder.end()).toBe('\ufffd');
    expect(tokenizer.decode(ids([0xe5, 0x41, 0xff]))).toBe('\ufffdA\ufffd');
  });

  it('keep a byte order mark', () => {
    expect(tokenizer.decode(ids([0xef, 0xbb, 0xbf, 0x41]))).toBe('\ufeffA');
  });
});

describe('the leading space', () => {
  it('is taken once from the text, not from each piece', () => {
    const tokenizer = open('llama2');
    const decoder = new IncrementalDecoder(tokenizer, { skipSpecialTokens: true });
    const space = tokenizer.tokenId('▁')!;
    const bos = tokenizer.tokenId('<s>')!;
    expect([bos, space, space, space].map((id) => decoder.push([id]))).toEqual(['', '', ' ', ' ']);
    expect(tokenizer.decode([bos, space])).toBe('<s> ');
    expect(tokenizer.tokenBytes(space)).toEqual(Uint8Array.of(0x20));
  });

  it.each(['llama2', 'unigram'])('stays where the ids go on a text (%s)', (kind) => {
    const tokenizer = open(kind);
    const space = tokenizer.tokenId('▁')!;
    expect(tokenizer.decode([space, space], { continuation: true })).toBe('  ');
  });

  it('is every metaspace of the first token with a Metaspace decoder', () => {
    const tokenizer = open('unigram');
    const space = tokenizer.tokenId('▁')!;
    expect(tokenizer.decode([space, space])).toBe(' ');
  });
});
