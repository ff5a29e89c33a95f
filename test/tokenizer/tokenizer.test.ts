// The Tokenizer on made-up files: ids, flags and exact bytes, special ids from every file, and each fault by its code.
import { describe, expect, it } from 'vitest';
import { TokenizerError } from '../../src/errors.js';
import {
  TOKEN_ABSENT,
  TOKEN_SPECIAL,
  TOKEN_TEXT,
  Tokenizer,
  type TokenizerFiles,
} from '../../src/tokenizer/index.js';

const text = (bytes: Uint8Array | undefined) => (bytes ? Buffer.from(bytes).toString('latin1') : undefined);

/** A byte-level tokenizer of a few tokens: ids 0 to 4, an added text token 6 and a special token 7; 5 is a gap. */
function byteLevel(change: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    model: { type: 'BPE', vocab: { a: 0, b: 1, Ġ: 2, Ġa: 3, Ã: 4 }, merges: [['Ġ', 'a']] },
    added_tokens: [
      { id: 6, content: 'é x', special: false },
      { id: 7, content: '<end>', special: true },
    ],
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
    decoder: { type: 'ByteLevel' },
    ...change,
  };
}

const sentencePiece = {
  model: {
    type: 'BPE',
    unk_token: '<unk>',
    byte_fallback: true,
    vocab: { '<unk>': 0, '▁': 1, a: 2, '▁a': 3, '<0x0A>': 4, '<0xe9>': 5, '▁▁é': 6 },
    merges: ['▁ a'],
  },
  added_tokens: [{ id: 0, content: '<unk>', special: true }],
  normalizer: { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
  decoder: {
    type: 'Sequence',
    decoders: [
      { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
      { type: 'ByteFallback' },
      { type: 'Fuse' },
    ],
  },
};

const open = (tokenizerJson: unknown, files: Partial<TokenizerFiles> = {}) =>
  Tokenizer.fromFiles({ tokenizerJson, ...files });

function fault(make: () => unknown): { code: string; message: string } {
  try {
    make();
  } catch (error) {
    expect(error).toBeInstanceOf(TokenizerError);
    return { code: (error as TokenizerError).code, message: (error as Error).message };
  }
  throw new Error('nothing was refused');
}

describe('exact bytes', () => {
  it('inverts the byte-level table; added tokens are their own text', () => {
    const tokenizer = open(byteLevel());
    expect([0, 1, 2, 3, 4].map((id) => text(tokenizer.tokenBytes(id)))).toEqual([
      'a',
      'b',
      ' ',
      ' a',
      '\xc3',
    ]);
    expect(Buffer.from(tokenizer.tokenBytes(6)!).toString('utf8')).toBe('é x');
    expect(tokenizer.tokenBytes(5)).toBeUndefined();
    expect(tokenizer.tokenBytes(7)).toBeUndefined();
    expect(tokenizer.tokenBytes(99)).toBeUndefined();
    expect(tokenizer.isSpecial(7)).toBe(true);
    expect(tokenizer.isSpecial(6)).toBe(false);
    const { tokenFlags } = tokenizer.image;
    expect([...tokenFlags]).toEqual([0, 0, 0, 0, 0, TOKEN_ABSENT, TOKEN_TEXT, TOKEN_SPECIAL]);
  });

  it('covers all 256 bytes', () => {
    const standIns = Array.from({ length: 256 + 68 }, (_, unit) => String.fromCharCode(unit));
    const vocab = Object.fromEntries(standIns.map((standIn, id) => [standIn, id]));
    const tokenizer = open(byteLevel({ model: { type: 'BPE', vocab, merges: [] }, added_tokens: [] }));
    const single = standIns.map((_, id) => tokenizer.tokenBytes(id)!).filter((bytes) => bytes.length === 1);
    expect(new Set(single.map((bytes) => bytes[0])).size).toBe(256);
    expect(tokenizer.tokenBytes(0x100)).toEqual(Uint8Array.of(0));
    expect(tokenizer.tokenBytes(0x143)).toEqual(Uint8Array.of(0xad));
  });

  it('reads the metaspace and byte fallback, in either case', () => {
    const tokenizer = open(sentencePiece);
    expect([1, 2, 3, 4, 5].map((id) => text(tokenizer.tokenBytes(id)))).toEqual([
      ' ',
      'a',
      ' a',
      '\n',
      '\xe9',
    ]);
    expect(Buffer.from(tokenizer.tokenBytes(6)!).toString('utf8')).toBe('  é');
    expect(tokenizer.isSpecial(0)).toBe(true);
  });

  it('takes <0xNN> as text where the decoder has no byte fallback', () => {
    const decoder = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'never' };
    const tokenizer = open({ ...sentencePiece, decoder });
    expect(text(tokenizer.tokenBytes(4))).toBe('<0x0A>');
  });

  it('pads the vocabulary to the size of the model', () => {
    const tokenizer = open(byteLevel(), { vocabSize: 12 });
    expect(tokenizer.vocabSize).toBe(12);
    expect(tokenizer.image.tokenFlags[11]).toBe(TOKEN_ABSENT);
    expect(open(byteLevel(), { vocabSize: 3 }).vocabSize).toBe(8);
  });
});

describe('encode', () => {
  it('replaces lone surrogates and drops nothing silently', () => {
    const tokenizer = open(byteLevel());
    expect([...tokenizer.encode('a b')]).toEqual([0, 2, 1]);
    expect(tokenizer.encode('').length).toBe(0);
    expect(tokenizer.decode([])).toBe('');
  });

  it('adds a begin token where tokenizer_config.json asks for it and the post-processor does not', () => {
    const tokenizerConfig = { bos_token: '<end>', add_bos_token: true };
    const tokenizer = open(byteLevel(), { tokenizerConfig });
    expect([...tokenizer.encode('a')]).toEqual([7, 0]);
    expect([...tokenizer.encode('a', { addSpecialTokens: false })]).toEqual([0]);
  });

  it('takes 300,000 characters of Unigram text without a deep stack', () => {
    const pieces = [
      ['<unk>', 0],
      ['▁', -1],
      ['a', -1],
    ];
    const tokenizer = open({
      model: { type: 'Unigram', unk_id: 0, vocab: pieces },
      pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
      decoder: { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always' },
    });
    const long = 'a '.repeat(150_000);
    expect(tokenizer.encode(long).length).toBe(300_001);
  });
});

describe('decode', () => {
  it('leaves special tokens out on request, and ignores ids outside the vocabulary', () => {
    const tokenizer = open(byteLevel());
    expect(tokenizer.decode([0, 7, 1, 5, 99, -1])).toBe('a<end>b');
    expect(tokenizer.decode([0, 7, 1], { skipSpecialTokens: true })).toBe('ab');
  });

  it('keeps spaces before punctuation, which transformers may clean up', () => {
    const tokenizer = open(byteLevel(), { tokenizerConfig: { clean_up_tokenization_spaces: true } });
    expect(tokenizer.decode([0, 2, 0])).toBe('a a');
  });
});

describe('special ids', () => {
  it('gathers end-of-sequence ids from every file, each once', () => {
    const tokenizer = open(byteLevel(), {
      tokenizerConfig: { eos_token: { content: '<end>' }, bos_token: 'a' },
      generationConfig: { eos_token_id: [1, 7] },
      config: { eos_token_id: 0, bos_token_id: 2 },
    });
    expect(tokenizer.eosTokenIds).toEqual([1, 7, 0]);
    expect([...tokenizer.image.eos]).toEqual([1, 7, 0]);
    expect(tokenizer.isSpecial(1)).toBe(true);
    expect(tokenizer.tokenBytes(1)).toBeUndefined();
    expect(tokenizer.decode([1])).toBe('b');
    expect(tokenizer.bosTokenId).toBe(0);
    expect(tokenizer.tokenId('<end>')).toBe(7);
  });

  it('takes one number, null and nothing', () => {
    expect(open(byteLevel(), { generationConfig: { eos_token_id: 7 } }).eosTokenIds).toEqual([7]);
    expect(open(byteLevel(), { generationConfig: { eos_token_id: null } }).eosTokenIds).toEqual([]);
    const none = open(byteLevel());
    expect(none.eosTokenIds).toEqual([]);
    expect(none.bosTokenId).toBeUndefined();
  });

  it('refuses wrong ones, naming file and field', () => {
    const config = (files: Partial<TokenizerFiles>) => fault(() => open(byteLevel(), files)).message;
    expect(config({ generationConfig: { eos_token_id: 'x' } })).toMatch(
      /generation_config.json: eos_token_id/,
    );
    expect(config({ generationConfig: { eos_token_id: [1.5] } })).toMatch(/1\.5/);
    expect(config({ config: { eos_token_id: 400 } })).toMatch(/400 is outside the vocabulary of 8/);
    expect(config({ tokenizerConfig: { eos_token: '<gone>' } })).toMatch(/eos_token "<gone>"/);
    expect(config({ tokenizerConfig: { bos_token: 5 } })).toMatch(/bos_token is neither/);
    expect(config({ tokenizerConfig: [] })).toMatch(/tokenizer_config.json is not an object/);
  });
});

describe('faults', () => {
  const bpe = (model: object) => byteLevel({ model: { type: 'BPE', vocab: { a: 0 }, merges: [], ...model } });

  it.each<[string, unknown, RegExp]>([
    ['no object', null, /the file is not an object/],
    ['no model', {}, /model is not an object/],
    ['a vocabulary that is a list', bpe({ vocab: ['a'] }), /model.vocab is not an object/],
    ['an id that is no number', bpe({ vocab: { a: 'x' } }), /token id x/],
    ['a negative id', bpe({ vocab: { a: -1 } }), /token id -1/],
    ['an id beyond the limit', bpe({ vocab: { a: 1 << 20 } }), /maxVocabSize = 1048576/],
    ['two tokens of one id', bpe({ vocab: { a: 0, b: 0 } }), /id 0 to two tokens/],
    ['no merges', bpe({ merges: null }), /merges is not a list/],
    ['a broken merge', bpe({ merges: ['a b c'] }), /merges\[0\]/],
    [
      'an added token without content',
      byteLevel({ added_tokens: [{ id: 9 }] }),
      /added_tokens\[0\] has no content/,
    ],
    ['added tokens that are no list', byteLevel({ added_tokens: {} }), /added_tokens is not a list/],
    ['a decoder without a type', byteLevel({ decoder: {} }), /decoder has no type/],
    [
      'a sequence without a list',
      byteLevel({ decoder: { type: 'Sequence' } }),
      /decoder.decoders is not a list/,
    ],
    ['an unknown post-processor', byteLevel({ post_processor: { type: 'Odd' } }), /Odd/],
    [
      'pieces that are no pairs',
      { model: { type: 'Unigram', vocab: ['a'] }, decoder: { type: 'Metaspace' } },
      /model.vocab\[0\]/,
    ],
  ])('refuses %s', (_, json, message) => {
    const error = fault(() => open(json));
    expect(error.code).toBe('invalid_tokenizer');
    expect(error.message).toMatch(message);
  });

  it('refuses sections nested without end', () => {
    let decoder: object = { type: 'ByteLevel' };
    for (let i = 0; i < 50; i++) decoder = { type: 'Sequence', decoders: [decoder] };
    expect(fault(() => open(byteLevel({ decoder }))).message).toMatch(/nested more than 16 deep/);
  });

  it.each<[string, unknown, RegExp]>([
    ['WordPiece', byteLevel({ model: { type: 'WordPiece', vocab: {} } }), /model type "WordPiece"/],
    ['word suffixes', bpe({ end_of_word_suffix: '</w>' }), /end_of_word_suffix "<\/w>"/],
    ['no decoder', byteLevel({ decoder: null, pre_tokenizer: null }), /no decoder/],
    ['another decoder', byteLevel({ decoder: { type: 'CTC' } }), /decoder \{"type":"CTC"\}/],
    [
      'a decoder beside ByteLevel',
      byteLevel({ decoder: { type: 'Sequence', decoders: [{ type: 'ByteLevel' }, { type: 'CTC' }] } }),
      /CTC/,
    ],
    ['a decoder without a space', byteLevel({ decoder: { type: 'Fuse' } }), /no replacement for the space/],
    [
      'Strip on each token',
      {
        ...sentencePiece,
        decoder: {
          type: 'Sequence',
          decoders: [{ type: 'Metaspace' }, { type: 'Strip', content: ' ', start: 1 }],
        },
      },
      /Strip/,
    ],
    ['a normaliser', byteLevel({ normalizer: { type: 'BertNormalizer' } }), /normalizer BertNormalizer/],
    [
      'a pre-tokenizer',
      byteLevel({
        pre_tokenizer: { type: 'Sequence', pretokenizers: [{ type: 'Whitespace' }, { type: 'ByteLevel' }] },
      }),
      /pre-tokenizer Whitespace/,
    ],
    [
      'a behaviour of Split',
      byteLevel({
        pre_tokenizer: { type: 'Split', pattern: { String: 'a' }, behavior: 'Removed', invert: false },
      }),
      /Split behavior "Removed"/,
    ],
    [
      'a pattern of Split',
      byteLevel({ pre_tokenizer: { type: 'Split', pattern: {}, behavior: 'Isolated', invert: false } }),
      /Split pattern/,
    ],
    [
      'single words',
      byteLevel({ added_tokens: [{ id: 6, content: 'x', single_word: true }] }),
      /"x" with single_word/,
    ],
  ])('does not support %s, by name', (_, json, message) => {
    const error = fault(() => open(json));
    expect(error.code).toBe('unsupported_tokenizer');
    expect(error.message).toMatch(message);
  });
});
