// The engine on a GGUF file: loaded like a folder, and continuing as the same model from its folder does.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { exportGguf } from '../../../bench/gguf/export.js';
import { ggufModelSpec, readGguf } from '../../../src/engine/gguf/index.js';
import { Engine } from '../../../src/engine/index.js';
import { readModelFolder, readModelSpec } from '../../../src/engine/model-folder.js';
import { faultOf, madeFolder } from '../made-model.js';

const sprout = fileURLToPath(new URL('../../../models/sprout', import.meta.url));

/** sprout as float32, with its own tokenizer.json. */
function exportedSprout(): string {
  const { tokenizerFiles } = readModelFolder(sprout, { cache: false });
  const { tokenizerJson } = tokenizerFiles() as {
    tokenizerJson: { model: { vocab: object }; added_tokens: { id: number; content: string }[] };
  };
  const tokens: string[] = [];
  for (const [token, id] of Object.entries(tokenizerJson.model.vocab)) tokens[id] = token;
  for (const { id, content } of tokenizerJson.added_tokens) tokens[id] = content;
  const path = join(madeFolder({}), 'sprout.gguf');
  exportGguf(readModelSpec(sprout), path, {
    architecture: 'llama',
    dtype: 'F32',
    metadata: {
      'tokenizer.huggingface.json': JSON.stringify(tokenizerJson),
      'tokenizer.ggml.tokens': tokens,
      'tokenizer.ggml.bos_token_id': 0,
      'tokenizer.ggml.eos_token_id': 5,
    },
  });
  return path;
}

it('continues as the folder does', async () => {
  const request = { prompt: 'Tell me about the sea.', maxTokens: 24, temperature: 0 };
  const cache = madeFolder({});
  await using folder = new Engine({ model: sprout, cache });
  await using file = new Engine({ model: exportedSprout(), cache });
  const [expected, found] = await Promise.all([folder.generate(request), file.generate(request)]);
  expect(found.text).toBe(expected.text);
  expect([...found.tokens]).toEqual([...expected.tokens]);
  expect((await file.ready()).modelId).toBe('sprout');
  const schema = {
    type: 'object',
    properties: { a: { enum: ['one', 'two'] } },
    required: ['a'],
    additionalProperties: false,
  };
  const { value } = await file.generateObject({ prompt: 'Give JSON:', schema, maxTokens: 64 });
  expect(value).toHaveProperty('a');
});

it('keeps the tokenizer of a file for the next time', () => {
  const path = exportedSprout();
  const cache = madeFolder({});
  expect(readModelFolder(path, { cache }).cache.state).toBe('written');
  const again = readModelFolder(path, { cache });
  expect(again.cache.state).toBe('loaded');
  expect([...again.tokenizer.eosTokenIds]).toEqual([5]);
  expect([...again.tokenizer.encode('the sea')]).toEqual([
    ...readModelFolder(sprout, { cache: false }).tokenizer.encode('the sea'),
  ]);
});

it('refuses what it does not know, by name', async () => {
  const file = readGguf(exportedSprout());
  const cases: [key: string, value: string | number, code: string, message: RegExp][] = [
    [
      'general.architecture',
      'mamba',
      'unsupported_architecture',
      /'mamba' is not supported; supported: llama/,
    ],
    ['llama.odd', 1, 'unsupported_config', /'llama.odd' = 1 is not supported; it may change/],
    ['llama.rope.scaling.type', 'odd', 'unsupported_config', /rope.scaling.type' = "odd"/],
    ['llama.attention.head_count', 'eight', 'config_invalid', /head_count' must be one number/],
    ['llama.attention.value_length', 7, 'unsupported_config', /value_length' = 7/],
    ['llama.block_count', 4_000_000, 'config_invalid', /block_count' is too many/],
    ['split.count', 3, 'unsupported_config', /join the parts/],
  ];
  for (const [key, value, code, message] of cases) {
    const metadata = new Map([...file.metadata, [key, value] as const]);
    const fault = await faultOf(() => ggufModelSpec({ ...file, metadata }));
    expect(fault.code).toBe(code);
    expect(fault.message).toMatch(message);
  }
});

it('reads factors of rotation where the file has them', () => {
  const path = exportedSprout();
  const file = readGguf(path);
  const norm = file.tensors.find(({ name }) => name === 'output_norm.weight')!;
  const factors = { ...norm, name: 'rope_freqs.weight', shape: [16] };
  const { ropeScaling, tensors } = ggufModelSpec({ ...file, tensors: [...file.tensors, factors] });
  expect(ropeScaling).toMatchObject({ kind: 'factors', attentionFactor: 1 });
  expect(ropeScaling!.factors).toHaveLength(16);
  expect(tensors.some(({ name }) => name === 'rope_freqs.weight')).toBe(false);
});
