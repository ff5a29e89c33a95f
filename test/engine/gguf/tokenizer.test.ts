// Tokenizers of GGUF files: those of the fixtures, written as converters write them, give the same ids as their own
// tokenizer.json.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type GgufFile, type GgufValue, ggufTokenizer } from '../../../src/engine/gguf/index.js';
import { mergesOf } from '../../../src/engine/gguf/sentencepiece.js';
import { Tokenizer } from '../../../src/tokenizer/index.js';
import { faultOf } from '../made-model.js';

interface TokenizerJson {
  readonly model: { readonly vocab: Record<string, number>; readonly merges: (string | [string, string])[] };
  readonly added_tokens: { readonly id: number; readonly content: string; readonly special: boolean }[];
}

const folder = (name: string) =>
  fileURLToPath(new URL(`../../fixtures/tokenizers/${name}/`, import.meta.url));
const json = (name: string, file: string) => JSON.parse(readFileSync(folder(name) + file, 'utf8'));

const fileOf = (entries: Record<string, GgufValue>): GgufFile => ({
  path: 'made.gguf',
  version: 3,
  metadata: new Map(Object.entries(entries)),
  tensors: [],
  digest: '',
});

/** As llama.cpp's converters write a tokenizer. */
function converted(name: string, entries: Record<string, GgufValue>): GgufFile {
  const { model, added_tokens } = json(name, 'tokenizer.json') as TokenizerJson;
  const tokens: string[] = [];
  for (const [token, id] of Object.entries(model.vocab)) tokens[id] = token;
  const types: number[] = tokens.map((token) => (/^<0x[0-9A-F]{2}>$/.test(token) ? 6 : 1));
  for (const { id, content, special } of added_tokens) {
    tokens[id] = content;
    types[id] = content === '<unk>' ? 2 : special ? 3 : 4;
  }
  return fileOf({
    'tokenizer.ggml.tokens': Array.from(tokens, (token, id) => token ?? `[PAD${id}]`),
    'tokenizer.ggml.token_type': Array.from(tokens, (_, id) => types[id] ?? 5),
    ...entries,
  });
}

const merges = (name: string) =>
  (json(name, 'tokenizer.json') as TokenizerJson).model.merges.map((merge) =>
    typeof merge === 'string' ? merge : merge.join(' '),
  );

/** SentencePiece gives pieces the score of their place among the merges. */
function scores(name: string): number[] {
  const { model } = json(name, 'tokenizer.json') as TokenizerJson;
  const rank = new Map<string, number>();
  for (const [i, merge] of merges(name).entries()) {
    const piece = merge.replace(' ', '');
    if (!rank.has(piece)) rank.set(piece, i);
  }
  const out: number[] = [];
  for (const [piece, id] of Object.entries(model.vocab)) out[id] = -(rank.get(piece) ?? 1e6);
  return Array.from(out, (score) => score ?? 0);
}

function opened(file: GgufFile): Tokenizer {
  const { small, tokenizerJson } = ggufTokenizer(file);
  return Tokenizer.fromFiles({ ...small, tokenizerJson: tokenizerJson() });
}

const bpe = { 'tokenizer.ggml.model': 'gpt2' };
const spm = { 'tokenizer.ggml.model': 'llama' };

describe('ggufTokenizer', () => {
  it.each([
    [
      'gpt2',
      () =>
        converted('gpt2', { ...bpe, 'tokenizer.ggml.pre': 'gpt-2', 'tokenizer.ggml.merges': merges('gpt2') }),
    ],
    [
      'qwen',
      () =>
        converted('qwen', { ...bpe, 'tokenizer.ggml.pre': 'qwen2', 'tokenizer.ggml.merges': merges('qwen') }),
    ],
    [
      'llama3',
      () =>
        converted('llama3', {
          ...bpe,
          'tokenizer.ggml.pre': 'llama-bpe',
          'tokenizer.ggml.merges': merges('llama3'),
          'tokenizer.ggml.bos_token_id': 420,
          'tokenizer.ggml.eos_token_id': 421,
        }),
    ],
    [
      'llama2',
      () =>
        converted('llama2', {
          ...spm,
          'tokenizer.ggml.scores': scores('llama2'),
          'tokenizer.ggml.bos_token_id': 1,
          'tokenizer.ggml.eos_token_id': 2,
        }),
    ],
    [
      'gemma',
      () =>
        converted('gemma', {
          ...spm,
          'tokenizer.ggml.scores': scores('gemma'),
          'tokenizer.ggml.bos_token_id': 2,
          'tokenizer.ggml.eos_token_id': 1,
          'tokenizer.ggml.add_space_prefix': false,
        }),
    ],
  ])('%s gives the ids of its tokenizer.json', (name, file) => {
    const ours = opened(file());
    const theirs = Tokenizer.fromFiles({
      tokenizerJson: json(name, 'tokenizer.json'),
      tokenizerConfig: json(name, 'tokenizer_config.json'),
    });
    const texts = [
      'Hello world, how are you?',
      ' The quick  brown fox\n\n jumps 12345 times.\t{"a": [1, 2.5e3]}',
      "I'm they'll WE'D naïve café 東京 😀\r\n",
      '',
      'a',
    ];
    for (const text of texts) {
      expect([...ours.encode(text)]).toEqual([...theirs.encode(text)]);
      expect(ours.decode(ours.encode(text))).toBe(theirs.decode(theirs.encode(text)));
    }
  });

  it('takes a whole tokenizer.json where the file has one', () => {
    const text = readFileSync(`${folder('qwen')}tokenizer.json`, 'utf8');
    const file = converted('qwen', { ...bpe, 'tokenizer.huggingface.json': text });
    const plain = Tokenizer.fromFiles({ tokenizerJson: JSON.parse(text) });
    expect([...opened(file).encode('Hello 東京')]).toEqual([...plain.encode('Hello 東京')]);
  });

  it('knows what ends an output, and the chat template', () => {
    const file = converted('qwen', {
      ...bpe,
      'tokenizer.ggml.pre': 'qwen2',
      'tokenizer.ggml.merges': merges('qwen'),
      'tokenizer.ggml.eos_token_id': 420,
      'tokenizer.chat_template': '{% for m in messages %}[{{ m.content }}]{% endfor %}',
    });
    const tokenizer = opened(file);
    expect([...tokenizer.eosTokenIds].sort()).toEqual([420, 422]); // <|im_end|> ends a turn too
    expect(tokenizer.applyChatTemplate([{ role: 'user', content: 'hi' }])).toBe('[hi]');
  });

  it.each([
    [{ 'tokenizer.ggml.model': 'bert' }, 'unsupported_tokenizer', /model 'bert' is not supported/],
    [
      { ...bpe, 'tokenizer.ggml.pre': 'odd' },
      'unsupported_tokenizer',
      /pre 'odd' is not supported; supported: gpt-2/,
    ],
    [{ ...bpe, 'tokenizer.ggml.pre': 'gpt-2' }, 'config_invalid', /tokenizer.ggml.merges' is needed/],
    [{ ...bpe, 'tokenizer.ggml.bos_token_id': 5000 }, 'config_invalid', /must be the id of one of/],
    [{ ...bpe, 'tokenizer.ggml.token_type': [1] }, 'config_invalid', /token_type' must have/],
    [{ ...spm, 'tokenizer.ggml.scores': [1] }, 'config_invalid', /scores' must have/],
    [
      {
        ...bpe,
        'tokenizer.ggml.tokens': ['a', 'a'],
        'tokenizer.ggml.token_type': [1, 1],
        'tokenizer.ggml.pre': 'gpt-2',
        'tokenizer.ggml.merges': [],
      },
      'config_invalid',
      /has a token twice/,
    ],
    [{ 'tokenizer.huggingface.json': '{' }, 'config_invalid', /is not JSON/],
    [
      {
        ...spm,
        'tokenizer.ggml.tokens': ['a'.repeat(300)],
        'tokenizer.ggml.token_type': [1],
        'tokenizer.ggml.scores': [0],
      },
      'config_invalid',
      /MAX_PIECE_CHARACTERS/,
    ],
  ])('refuses %j', async (entries, code, message) => {
    const fault = await faultOf(() => opened(converted('gpt2', entries as Record<string, GgufValue>)));
    expect(fault.code).toBe(code);
    expect(fault.message).toMatch(message);
  });

  it('refuses a file without tokens', async () => {
    expect((await faultOf(() => ggufTokenizer(fileOf({})))).code).toBe('tokenizer_missing');
  });
});

describe('mergesOf', () => {
  it('has every way to make a piece, the highest score first', () => {
    const pieces = ['a', 'b', 'c', 'ab', 'bc', 'abc'];
    expect(mergesOf(pieces, [0, 0, 0, -2, -1, -3], () => true)).toEqual([
      ['b', 'c'],
      ['a', 'b'],
      ['a', 'bc'],
      ['ab', 'c'],
    ]);
  });
});
