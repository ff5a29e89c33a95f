// config.json to a decoder: what is read, the older spellings of the same, and what is refused by name.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDecoder } from '../../src/engine/families/index.js';
import type { NativeTensor } from '../../src/native/index.js';
import { familyFolder, familyNames } from '../native/engine/families.js';

const PATH = '/model/config.json';
type Fields = Record<string, unknown>;

const fieldsOf = (name: string): Fields =>
  JSON.parse(readFileSync(join(familyFolder(name), 'config.json'), 'utf8'));
const decoderOf = (fields: Fields) => readDecoder(fields, PATH);
const configOf = (fields: Fields) => decoderOf(fields).config;
const without = (fields: Fields, ...names: string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
const tensor = (name: string, ...shape: number[]): NativeTensor => ({
  name,
  shape,
  dtype: 'BF16',
  file: 0,
  offset: 100,
});

describe.each(familyNames)('%s', (name) => {
  const fields = fieldsOf(name);

  it('refuses a field that it does not know, unless that says nothing', () => {
    expect(() => configOf({ ...fields, attention_twist: 2 })).toThrow(
      expect.objectContaining({
        code: 'unsupported_config',
        message: expect.stringMatching(/\/model\/config\.json: 'attention_twist' = 2 is not supported/),
      }),
    );
    expect(configOf({ ...fields, attention_twist: null, _attention_twist: 2, dtype: 'bfloat16' })).toEqual(
      configOf(fields),
    );
  });

  it.each([
    ['quantization_config', { quant_method: 'fp8' }],
    ['rope_scaling', { type: 'spiral', factor: 2 }],
    ['rope_scaling', { type: 'linear', factor: 2, twist: 1 }],
  ])('refuses %s it cannot compute', (field, value) => {
    const clean = name === 'gemma3' ? without(fields, 'rope_parameters') : fields;
    expect(() => configOf({ ...clean, [field]: value })).toThrow(
      expect.objectContaining({ code: 'unsupported_config', message: expect.stringContaining(`'${field}`) }),
    );
  });

  it('says which field is senseless', () => {
    const invalid = (change: Fields, field: RegExp) =>
      expect(() => configOf({ ...fields, ...change })).toThrow(
        expect.objectContaining({ code: 'config_invalid', message: expect.stringMatching(field) }),
      );
    invalid({ hidden_size: 0 }, /'hidden_size' must be a positive integer, found 0/);
    invalid({ num_hidden_layers: 2.5 }, /'num_hidden_layers'/);
    invalid({ vocab_size: '101' }, /'vocab_size'/);
    invalid({ tie_word_embeddings: 1 }, /'tie_word_embeddings' must be true or false/);
  });
});

describe('older spellings mean the same', () => {
  it('rope_theta and rope_scaling', () => {
    for (const name of ['llama-biases', 'qwen2', 'deepseek-v2', 'deepseek-v3', 'phi3-longrope']) {
      const fields = fieldsOf(name);
      const {
        rope_type: type,
        rope_theta,
        partial_rotary_factor,
        ...scaling
      } = fields.rope_parameters as Fields;
      const old = {
        ...without(fields, 'rope_parameters', 'head_dim', 'qk_head_dim'),
        rope_theta,
        rope_scaling: { type, ...scaling },
        ...(partial_rotary_factor ? { partial_rotary_factor } : {}),
      };
      expect(configOf(old), name).toEqual(configOf(fields));
    }
  });

  it("Gemma 3's pattern of windows and its two bases", () => {
    const fields = {
      ...without(fieldsOf('gemma3'), 'rope_parameters', 'layer_types'),
      sliding_window_pattern: 3,
    };
    const old = {
      ...fields,
      rope_theta: 1_000_000,
      rope_local_base_freq: 10_000,
      rope_scaling: { factor: 8, rope_type: 'linear' },
    };
    expect(configOf(old)).toEqual(configOf(fieldsOf('gemma3')));
  });

  it("Gemma 2's windows in every second layer, Qwen 2's from one layer on", () => {
    for (const name of ['gemma2', 'qwen2-windows'])
      expect(configOf(without(fieldsOf(name), 'layer_types'))).toEqual(configOf(fieldsOf(name)));
  });

  it("Phi-3's names for longrope; dynamic scaling begins beyond the positions there are", () => {
    const fields = fieldsOf('phi3-longrope');
    for (const rope_type of ['su', 'yarn'])
      expect(
        configOf({ ...fields, rope_parameters: { ...(fields.rope_parameters as Fields), rope_type } }),
      ).toEqual(configOf(fields));
    const plain = without(fieldsOf('mistral'), 'rope_parameters');
    const dynamic = { ...plain, rope_scaling: { type: 'dynamic', factor: 4 } };
    expect(configOf(dynamic)).toEqual(configOf(plain));
  });
});

describe('fields of published configurations', () => {
  it.each([
    ['llama-biases', { is_llama_config: true, rope_interleaved: false, pretraining_tp: 1 }],
    ['qwen2', { use_mrope: false, max_window_layers: 21, sliding_window: 32_768 }],
    ['gemma', { hidden_act: 'gelu', hidden_activation: null }],
    ['gemma2', { sliding_window_size: 10, cache_implementation: 'hybrid', hidden_act: 'gelu_pytorch_tanh' }],
    ['phi3', { full_attn_mod: 1, interpolate_factor: 1, lm_head_bias: false, mlp_bias: false }],
    ['deepseek-v2', { scoring_func: 'softmax', moe_layer_freq: 1, aux_loss_alpha: 0.001, seq_aux: true }],
    [
      'deepseek-v3',
      { scoring_func: 'sigmoid', topk_method: 'noaux_tc', ep_size: 1, num_nextn_predict_layers: 1 },
    ],
    [
      'qwen',
      { bf16: true, attn_dropout_prob: 0, emb_dropout_prob: 0, use_flash_attn: 'auto', onnx_safe: null },
    ],
  ])('of %s change nothing: %j', (name, fields) => {
    expect(configOf({ ...fieldsOf(name), ...fields })).toEqual(configOf(fieldsOf(name)));
  });
});

describe('contextLength', () => {
  const fields = fieldsOf('phi3-longrope-short');
  const read = (contextLength?: number) => readDecoder(fields, PATH, contextLength).config;
  const { long_factor, short_factor } = fields.rope_parameters as {
    long_factor: number[];
    short_factor: number[];
  };

  it('ends the positions, never beyond those of the model', () => {
    expect([read(), read(96), read(1000)].map(({ maxPositions }) => maxPositions)).toEqual([128, 96, 128]);
  });

  it('chooses the factors of longrope, not how attention is sharpened', () => {
    expect(read().ropeScaling).toMatchObject({ factors: long_factor });
    expect(read(97).ropeScaling).toEqual(read().ropeScaling);
    expect(read(96).ropeScaling).toEqual({ ...read().ropeScaling, factors: short_factor });
  });
});

describe('Gemma 3 with images', () => {
  const { architectures: _, ...text } = fieldsOf('gemma3');
  const fields = {
    architectures: ['Gemma3ForConditionalGeneration'],
    model_type: 'gemma3',
    image_token_index: 262144,
    mm_tokens_per_image: 256,
    text_config: text,
    vision_config: { hidden_size: 1152 },
  };

  it('is read as its text half', () => {
    expect(configOf(fields)).toEqual(configOf(fieldsOf('gemma3')));
    const { vocab_size: _size, num_attention_heads: _heads, head_dim: _dim, ...few } = text;
    expect(configOf({ ...fields, text_config: few })).toMatchObject({
      vocabSize: 262_208,
      heads: 8,
      headDim: 256,
    });
    expect(() => configOf({ ...fields, text_config: { ...text, twist: 1 } })).toThrow(/'text_config\.twist'/);
  });

  it('finds its tensors under both prefixes, and leaves those of images', () => {
    const names = ['language_model.model.norm.weight', 'model.language_model.layers.0.mlp.up_proj.weight'];
    const images = ['vision_tower.x', 'model.vision_tower.x', 'multi_modal_projector.x'];
    const found = decoderOf(fields).tensors(
      [...names, ...images, 'lm_head.weight'].map((name) => tensor(name, 4)),
    );
    expect(found.map(({ name }) => name)).toEqual(['model.norm.weight', 'model.layers.0.mlp.up_proj.weight']);
  });
});

describe('tensors', () => {
  it('that hold several matrices are cut by rows', () => {
    const { tensors } = decoderOf(fieldsOf('phi3'));
    expect(tensors([tensor('model.layers.0.self_attn.qkv_proj.weight', 64, 32)])).toEqual([
      { ...tensor('model.layers.0.self_attn.q_proj.weight', 32, 32), offset: 100 },
      { ...tensor('model.layers.0.self_attn.k_proj.weight', 16, 32), offset: 100 + 32 * 64 },
      { ...tensor('model.layers.0.self_attn.v_proj.weight', 16, 32), offset: 100 + 48 * 64 },
    ]);
    // Not what the configuration says: left as it is, for the engine to refuse.
    const odd = tensor('model.layers.0.self_attn.qkv_proj.weight', 63, 32);
    expect(tensors([odd])).toEqual([odd]);
  });

  it('that predict further tokens are left out; a tied head and tables of frequencies, too', () => {
    const names = (model: string, ...list: string[]) =>
      decoderOf(fieldsOf(model))
        .tensors(list.map((name) => tensor(name, 4)))
        .map(({ name }) => name);
    expect(names('deepseek-v3', 'model.layers.2.a', 'model.layers.3.a')).toEqual(['model.layers.2.a']);
    expect(names('qwen3', 'lm_head.weight', 'model.layers.0.self_attn.rotary_emb.inv_freq')).toEqual([]);
    expect(names('qwen2', 'lm_head.weight')).toEqual(['lm_head.weight']);
  });
});

describe('what a family has of its own and is not computed is refused', () => {
  it.each([
    ['deepseek-v2', { norm_topk_prob: true }, /'norm_topk_prob' = true/],
    ['deepseek-v2', { topk_method: 'random' }, /supported: greedy, group_limited_greedy/],
    ['deepseek-v3', { scoring_func: 'softmax' }, /'scoring_func'/],
    ['deepseek-v3', { attention_bias: true }, /'attention_bias'/],
    ['qwen', { no_bias: false }, /'no_bias'/],
    ['qwen', { rotary_pct: 0.5 }, /'rotary_pct'/],
    ['qwen2-moe', { use_sliding_window: true }, /'use_sliding_window'/],
    ['gemma2', { hidden_activation: 'relu' }, /'hidden_activation'/],
    ['gemma3', { use_bidirectional_attention: true }, /'use_bidirectional_attention'/],
    [
      'gemma2',
      { layer_types: ['full_attention', 'chunked_attention', 'full_attention'] },
      /chunked_attention/,
    ],
    ['gemma2', { sliding_window_size: 11 }, /'sliding_window_size'/],
    ['phi3', { full_attn_mod: 2 }, /'full_attn_mod'/],
    ['mistral', { hidden_act: 'gelu' }, /'hidden_act'/],
  ])('%s with %j', (name, change, message) => {
    expect(() => configOf({ ...fieldsOf(name), ...change })).toThrow(
      expect.objectContaining({ code: 'unsupported_config', message: expect.stringMatching(message) }),
    );
  });
});
