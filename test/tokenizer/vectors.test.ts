// Every small tokenizer of test/fixtures/tokenizers against what Python's `tokenizers` says of it: ids, text, and the
// exact bytes of the ids' tokens.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { IncrementalDecoder, openTokenizerImage, Tokenizer } from '../../src/tokenizer/index.js';

interface Vector {
  text: string;
  ids: number[];
  bare: number[];
  decoded: string;
  skipped: string;
}

const folder = fileURLToPath(new URL('../fixtures/tokenizers/', import.meta.url));
const readJson = (path: string) => JSON.parse(readFileSync(folder + path, 'utf8'));
const kinds = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

/** The bytes that a tokenizer is given to write: the text after its normaliser, with the space put before it. */
const written: Record<string, (text: string) => string> = {
  qwen: (text) => text.normalize('NFC'),
  splits: (text) => text.replaceAll('&', () => '$&$1$$'),
  'prefix-space': (text) => (text === '' || text.startsWith(' ') ? text : ` ${text}`),
  llama2: (text) => (text === '' ? '' : ` ${text}`).replaceAll('▁', ' '),
  gemma: (text) => text.replaceAll('▁', ' '),
  unigram: (text) => text.replaceAll('▁', ' ').replace(/^(?=[^ ])/, ' '),
  // Unigram takes a byte token's name in a text for the byte.
  'unigram-bytes': (text) =>
    text
      .replaceAll('▁', ' ')
      .replace('<0x41>', 'A')
      .replace(/^(?=[^ ])/, ' '),
};

/** Where the encoding library gives other ids for the same text (docs/tokenizer.md says why). */
const otherIds: Record<string, readonly string[]> = { gemma: ['  '] };

it('has fixtures of every kind', () => {
  expect(kinds).toEqual(
    expect.arrayContaining(['gemma', 'gpt2', 'llama2', 'llama3', 'qwen', 'unigram', 'unigram-bytes']),
  );
});

describe.each(kinds)('%s', (kind) => {
  const { vectors, vocab_size } = readJson(`${kind}/vectors.json`) as {
    vectors: Vector[];
    vocab_size: number;
  };
  const tokenizer = Tokenizer.fromFiles({
    tokenizerJson: readJson(`${kind}/tokenizer.json`),
    tokenizerConfig: readJson(`${kind}/tokenizer_config.json`),
  });

  it('has the vocabulary', () => {
    expect(tokenizer.vocabSize).toBe(vocab_size);
    expect(tokenizer.eosTokenIds.length).toBe(1);
    expect(openTokenizerImage(tokenizer.image.buffer.slice(0)).hash).toBe(tokenizer.image.hash);
  });

  it.each(vectors)('encodes $text', ({ text, ids, bare }) => {
    if (otherIds[kind]?.includes(text)) {
      expect([...tokenizer.encode(text)]).not.toEqual(ids);
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(tokenizer.decode(ids));
      return;
    }
    expect([...tokenizer.encode(text)]).toEqual(ids);
    expect([...tokenizer.encode(text, { addSpecialTokens: false })]).toEqual(bare);
  });

  it.each(vectors)('decodes $text', ({ ids, decoded, skipped }) => {
    expect(tokenizer.decode(ids)).toBe(decoded);
    expect(tokenizer.decode(ids, { skipSpecialTokens: true })).toBe(skipped);
  });

  it.each(vectors)('decodes $text token by token', ({ ids, decoded }) => {
    const decoder = new IncrementalDecoder(tokenizer);
    const pieces = ids.map((id) => decoder.push([id]));
    expect(pieces.join('') + decoder.end()).toBe(decoded);
    for (const piece of pieces) expect(piece).not.toMatch(/\p{Surrogate}/u);
  });

  it.each(
    vectors.filter(({ bare }) => !bare.some((id) => tokenizer.isSpecial(id))),
  )('has the exact bytes of $text', ({ text, bare }) => {
    const joined = Buffer.concat(bare.map((id) => tokenizer.tokenBytes(id)!));
    expect(joined.toString('utf8')).toBe((written[kind] ?? ((same) => same))(text));
  });
});
