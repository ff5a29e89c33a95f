// Qwen (arXiv:2309.16609), Qwen 2 and 2.5 (QwQ as well), Qwen 3, and their mixtures of experts.
import type { NativeExperts, NativeLayerKind } from '../../native/index.js';
import { type ConfigReader, isNumber } from './config-reader.js';
import { type DecoderConfig, type Family, readShape, split, windowsOf } from './family.js';
import { readRope } from './rope.js';

function readPlain(config: ConfigReader, headDim?: number): DecoderConfig {
  config.one('hidden_act', 'silu');
  const shape = readShape(config, headDim === undefined ? {} : { headDim });
  return { ...shape, ...readRope(config, shape), tiedEmbeddings: config.flag('tie_word_embeddings', false) };
}

/** From `max_window_layers` on, where windows are on at all. */
function readWindows(config: ConfigReader, layers: number): Pick<DecoderConfig, 'layerKinds'> {
  const on = config.flag('use_sliding_window', false);
  const size = config.optionalCount('sliding_window');
  const window = on ? size : undefined;
  const from = Number(config.value('max_window_layers') ?? 28);
  return windowsOf(config, layers, window, (layer) => window !== undefined && layer >= from);
}

export const qwen2: Family = {
  architectures: ['Qwen2ForCausalLM'],
  read(config) {
    const plain = readPlain(config);
    return { ...plain, ...readWindows(config, plain.layers), qkvBias: true };
  },
};

export const qwen3: Family = {
  architectures: ['Qwen3ForCausalLM'],
  read(config) {
    const plain = readPlain(config, 128);
    const bias = config.flag('attention_bias', false);
    return {
      ...plain,
      ...readWindows(config, plain.layers),
      qkNorm: true,
      ...(bias ? { qkvBias: true, outputBias: true } : {}),
    };
  },
};

/** Which layers have experts, and the experts themselves. The versions' windows differ, and no model has any. */
function readExperts(config: ConfigReader, layers: number) {
  config.one('use_sliding_window', false);
  for (const name of ['sliding_window', 'max_window_layers']) config.value(name);
  windowsOf(config, layers, undefined, () => false);
  const step = config.count('decoder_sparse_step', 1);
  const dense = config.list('mlp_only_layers', 'layers', isNumber) ?? [];
  const layerKinds: NativeLayerKind[] = Array.from({ length: layers }, (_, i) => ({
    experts: !dense.includes(i) && (i + 1) % step === 0,
  }));
  const ofTransformers5 = config.optionalCount('num_local_experts');
  const experts: NativeExperts = {
    count: config.count('num_experts', ofTransformers5),
    perToken: config.count('num_experts_per_tok'),
    intermediateSize: config.count('moe_intermediate_size'),
    router: { scores: 'softmax', normalize: config.flag('norm_topk_prob', false) },
  };
  return { layerKinds, experts };
}

export const qwen2Moe: Family = {
  architectures: ['Qwen2MoeForCausalLM'],
  read(config) {
    const plain = readPlain(config);
    const { layerKinds, experts } = readExperts(config, plain.layers);
    const sharedIntermediateSize = config.count('shared_expert_intermediate_size');
    return {
      ...plain,
      ...(config.flag('qkv_bias', true) ? { qkvBias: true } : {}),
      layerKinds,
      experts: { ...experts, sharedIntermediateSize, sharedGate: true },
    };
  },
  tensors: (tensor) => [{ ...tensor, name: tensor.name.replace('.shared_expert.', '.shared_experts.') }],
};

export const qwen3Moe: Family = {
  architectures: ['Qwen3MoeForCausalLM'],
  read(config) {
    const plain = readPlain(config);
    const bias = config.flag('attention_bias', false);
    return {
      ...plain,
      ...readExperts(config, plain.layers),
      qkNorm: true,
      ...(bias ? { qkvBias: true, outputBias: true } : {}),
    };
  },
};

const QWEN_NAMES: readonly (readonly [RegExp | string, string])[] = [
  [/^transformer\.wte\./, 'model.embed_tokens.'],
  [/^transformer\.ln_f\./, 'model.norm.'],
  [/^transformer\.h\./, 'model.layers.'],
  ['.ln_1.', '.input_layernorm.'],
  ['.ln_2.', '.post_attention_layernorm.'],
  ['.attn.c_proj.', '.self_attn.o_proj.'],
  ['.attn.', '.self_attn.'],
  ['.mlp.w1.', '.mlp.up_proj.'],
  ['.mlp.w2.', '.mlp.gate_proj.'],
  ['.mlp.c_proj.', '.mlp.down_proj.'],
];

/**
 * The first Qwen. Its dynamic scaling and its attention's factor log(n) begin beyond the length that it was trained on
 * (`seq_length`), and there the positions end here.
 */
export const qwen: Family = {
  architectures: ['QWenLMHeadModel'],
  read(config) {
    const hiddenSize = config.count('hidden_size');
    const heads = config.count('num_attention_heads');
    const headDim = config.count('kv_channels', hiddenSize / heads);
    const positions = config.count('max_position_embeddings', 2 ** 31 - 1);
    config.one('no_bias', true);
    config.one('rotary_pct', 1);
    config.one('scale_attn_weights', true);
    config.one('use_cache_quantization', false);
    for (const name of ['use_dynamic_ntk', 'use_logn_attn', 'use_cache_kernel', 'softmax_in_fp32', 'onnx'])
      config.value(name);
    for (const name of ['attn_dropout_prob', 'emb_dropout_prob', 'intermediate_dropout']) config.value(name);
    return {
      vocabSize: config.count('vocab_size'),
      hiddenSize,
      intermediateSize: Math.floor(config.count('intermediate_size') / 2),
      layers: config.count('num_hidden_layers'),
      heads,
      kvHeads: heads,
      headDim,
      maxPositions: Math.min(positions, config.count('seq_length')),
      ropeTheta: config.number('rotary_emb_base', 10_000),
      rmsNormEps: config.number('layer_norm_epsilon', 1e-6),
      tiedEmbeddings: config.flag('tie_word_embeddings', false),
      qkvBias: true,
    };
  },
  tensors(tensor, { heads, headDim }) {
    const name = QWEN_NAMES.reduce((text, [from, to]) => text.replace(from, to), tensor.name);
    const renamed = { ...tensor, name };
    if (!name.includes('.c_attn.')) return [renamed];
    const size = heads * headDim;
    return split(renamed, 'c_attn', [
      ['q_proj', size],
      ['k_proj', size],
      ['v_proj', size],
    ]);
  },
};
