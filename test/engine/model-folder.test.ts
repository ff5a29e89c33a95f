// Model folders: what is read from a good one, and that every fault names file, what and code.
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readModelFolder } from '../../src/engine/model-folder.js';
import { ModelError, TokenizerError } from '../../src/errors.js';
import { faultOf, madeConfig, madeFolder, madeModel, safetensors } from './made-model.js';

const shard = (name: string) =>
  safetensors({ [name]: { dtype: 'F16', shape: [3], data_offsets: [0, 6] } }, 6);

describe('readModelFolder', () => {
  it('reads the numbers of the decoder, the weights and the tokenizer', () => {
    const path = madeModel({ 'generation_config.json': { eos_token_id: [420, 421] } });
    const folder = readModelFolder(path);
    expect(folder.id).toBe(basename(path));
    expect(folder.spec).toMatchObject({
      files: [join(path, 'model.safetensors')],
      vocabSize: 512,
      hiddenSize: 16,
      heads: 4,
      kvHeads: 2,
      headDim: 4,
      layers: 2,
      maxPositions: 128,
      ropeTheta: 10_000,
      rmsNormEps: 1e-5,
      tiedEmbeddings: true,
    });
    expect(folder.spec.ropeScaling).toBeUndefined();
    expect(folder.spec.tensors).toMatchObject([{ name: 'embed', file: 0, shape: [2, 2] }]);
    expect(folder.tokenizer.vocabSize).toBe(512);
    expect(folder.tokenizer.eosTokenIds).toEqual([420, 421, 422]);
  });

  it('reads sharded weights, one file entry per shard', () => {
    const path = madeModel({
      'model.safetensors': undefined,
      'model.safetensors.index.json': { weight_map: { a: 'one.safetensors', b: 'two.safetensors' } },
      'one.safetensors': shard('a'),
      'two.safetensors': shard('b'),
    });
    const { files, tensors } = readModelFolder(path).spec;
    expect(files).toEqual([join(path, 'one.safetensors'), join(path, 'two.safetensors')]);
    expect(tensors).toMatchObject([
      { name: 'a', file: 0 },
      { name: 'b', file: 1 },
    ]);
  });

  it('reads rope settings in both spellings', () => {
    const llama3 = {
      rope_type: 'llama3',
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 8192,
    };
    const expected = {
      kind: 'llama3',
      factor: 8,
      lowFreqFactor: 1,
      highFreqFactor: 4,
      originalMaxPositions: 8192,
    };
    const scalingOf = (fields: object) =>
      readModelFolder(madeModel({ 'config.json': { ...madeConfig, ...fields } })).spec;
    expect(scalingOf({ rope_theta: 5e5, rope_scaling: llama3 })).toMatchObject({
      ropeTheta: 5e5,
      ropeScaling: expected,
    });
    expect(scalingOf({ rope_parameters: { ...llama3, rope_theta: 7 } })).toMatchObject({
      ropeTheta: 7,
      ropeScaling: expected,
    });
    expect(scalingOf({ rope_scaling: { type: 'linear', factor: 2 } }).ropeScaling).toMatchObject({
      kind: 'linear',
      factor: 2,
    });
  });
});

describe('faults', () => {
  const config = (fields: object) => ({ 'config.json': { ...madeConfig, ...fields } });

  it.each<[string, Record<string, unknown>, string, RegExp]>([
    ['no config.json', { 'config.json': undefined }, 'model_not_found', /config.json/],
    ['config.json that is not JSON', { 'config.json': '{' }, 'invalid_json', /config.json is not valid JSON/],
    ['config.json that is a list', { 'config.json': [] }, 'config_invalid', /config.json/],
    [
      'another architecture',
      config({ architectures: ['MambaForCausalLM'] }),
      'unsupported_architecture',
      /MambaForCausalLM.*LlamaForCausalLM/,
    ],
    ['no architecture', config({ architectures: undefined }), 'unsupported_architecture', /undefined/],
    ['a missing number', config({ hidden_size: undefined }), 'config_invalid', /'hidden_size'/],
    [
      'a number that is text',
      config({ num_hidden_layers: '2' }),
      'config_invalid',
      /'num_hidden_layers'.*"2"/,
    ],
    ['a negative number', config({ vocab_size: -1 }), 'config_invalid', /'vocab_size'/],
    ['heads that do not divide', config({ num_key_value_heads: 3 }), 'config_invalid', /multiple/],
    ['a head size that is no integer', config({ hidden_size: 18 }), 'config_invalid', /head_dim/],
    ['an epsilon of 0', config({ rms_norm_eps: 0 }), 'config_invalid', /rms_norm_eps/],
    ['another activation', config({ hidden_act: 'gelu' }), 'unsupported_config', /hidden_act.*gelu/],
    ['biases', config({ attention_bias: true }), 'unsupported_config', /attention_bias/],
    [
      'quantized weights',
      config({ quantization_config: { bits: 4 } }),
      'unsupported_config',
      /quantization_config/,
    ],
    [
      'another rope scaling',
      config({ rope_scaling: { type: 'yarn', factor: 2 } }),
      'unsupported_config',
      /yarn/,
    ],
    [
      'a broken rope scaling',
      config({ rope_scaling: { type: 'linear' } }),
      'config_invalid',
      /rope_scaling.factor/,
    ],
    ['no weights', { 'model.safetensors': undefined }, 'weights_missing', /neither model.safetensors nor/],
    ['broken weights', { 'model.safetensors': 'x' }, 'weights_truncated', /model.safetensors/],
    [
      'an empty index',
      { 'model.safetensors': undefined, 'model.safetensors.index.json': {} },
      'weights_invalid',
      /weight_map/,
    ],
    [
      'a shard outside the folder',
      { 'model.safetensors': undefined, 'model.safetensors.index.json': { weight_map: { a: '../x' } } },
      'weights_invalid',
      /outside/,
    ],
    [
      'a shard that is missing',
      { 'model.safetensors': undefined, 'model.safetensors.index.json': { weight_map: { a: 'gone' } } },
      'weights_missing',
      /gone/,
    ],
    ['no tokenizer', { 'tokenizer.json': undefined }, 'tokenizer_missing', /tokenizer.json/],
  ])('refuses %s', async (_, change, code, message) => {
    const path = madeModel(change);
    const error = await faultOf(() => readModelFolder(path));
    expect(error).toBeInstanceOf(ModelError);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(path);
  });

  it('refuses a path without a folder, and a broken tokenizer', async () => {
    expect((await faultOf(() => readModelFolder('/nowhere/at/all'))).code).toBe('model_not_found');
    const file = join(madeFolder({ x: 'x' }), 'x');
    expect((await faultOf(() => readModelFolder(file))).code).toBe('model_not_found');
    const broken = await faultOf(() => readModelFolder(madeModel({ 'tokenizer.json': {} })));
    expect(broken).toBeInstanceOf(TokenizerError);
    expect(broken.code).toBe('invalid_tokenizer');
  });
});
