// DeepSeek-V2 (arXiv:2405.04434), V3 and R1 (arXiv:2412.19437): latent attention, shared and routed experts.
import type { NativeExperts } from '../../native/index.js';
import type { ConfigReader } from './config-reader.js';
import type { DecoderConfig, Family } from './family.js';
import { readRope, yarnScale } from './rope.js';

type Router = NativeExperts['router'];

/** Attention is scaled by yarn's mscale for all dimensions, squared: once for queries, once for keys. */
function attentionScale(config: ConfigReader, querySize: number, factor: number | undefined): number {
  const parameters = config.object('rope_scaling') ?? config.object('rope_parameters');
  const mscale = Number(parameters?.value('mscale_all_dim') ?? 0);
  return querySize ** -0.5 * (factor !== undefined && mscale > 0 ? yarnScale(factor, mscale) ** 2 : 1);
}

function readLatent(config: ConfigReader) {
  const kvRank = config.count('kv_lora_rank');
  const qRank = config.optionalCount('q_lora_rank');
  const nopeSize = config.count('qk_nope_head_dim');
  const ropeSize = config.count('qk_rope_head_dim');
  // Written by newer versions, and follows from the others.
  config.one('qk_head_dim', nopeSize + ropeSize);
  config.one('head_dim', ropeSize);
  const heads = config.count('num_attention_heads');
  config.one('num_key_value_heads', heads);
  const maxPositions = config.count('max_position_embeddings');
  const rope = readRope(config, { headDim: ropeSize, maxPositions });
  return {
    heads,
    kvHeads: 1,
    headDim: kvRank + ropeSize,
    maxPositions,
    ...rope,
    ropeSize,
    attentionScale: attentionScale(config, nopeSize + ropeSize, rope.ropeScaling?.factor),
    latent: { kvRank, nopeSize, valueSize: config.count('v_head_dim'), ...(qRank ? { qRank } : {}) },
  };
}

function readDecoder(config: ConfigReader, readRouter: (config: ConfigReader) => Router): DecoderConfig {
  config.one('hidden_act', 'silu');
  config.one('attention_bias', false);
  config.one('mlp_bias', false);
  const layers = config.count('num_hidden_layers');
  const step = config.count('moe_layer_freq', 1);
  const dense = Number(config.value('first_k_dense_replace') ?? 0);
  const intermediateSize = config.count('moe_intermediate_size');
  const count = config.count('n_routed_experts');
  const shared = config.optionalCount('n_shared_experts');
  return {
    vocabSize: config.count('vocab_size'),
    hiddenSize: config.count('hidden_size'),
    intermediateSize: config.count('intermediate_size'),
    layers,
    rmsNormEps: config.number('rms_norm_eps', 1e-6),
    tiedEmbeddings: config.flag('tie_word_embeddings', false),
    ...readLatent(config),
    ropeInterleaved: config.flag('rope_interleave', true),
    layerKinds: Array.from({ length: layers }, (_, i) => ({ experts: i >= dense && i % step === 0 })),
    experts: {
      count,
      perToken: config.count('num_experts_per_tok'),
      intermediateSize,
      ...(shared ? { sharedIntermediateSize: shared * intermediateSize } : {}),
      router: readRouter(config),
    },
  };
}

/** Weights that are divided by their sum are scaled by some implementations and not by others: refused. */
function routerOfV2(config: ConfigReader): Router {
  config.one('scoring_func', 'softmax');
  config.one('norm_topk_prob', false);
  const scale = config.number('routed_scaling_factor', 1);
  const grouped = config.one('topk_method', 'greedy', 'group_limited_greedy') === 'group_limited_greedy';
  const groups = config.optionalCount('n_group') ?? 1;
  const groupsKept = config.optionalCount('topk_group') ?? 1;
  return { scores: 'softmax', scale, ...(grouped ? { groups, groupsKept } : {}) };
}

/** A group is worth its two best experts. */
function routerOfV3(config: ConfigReader): Router {
  config.one('scoring_func', 'sigmoid');
  config.one('topk_method', 'noaux_tc');
  return {
    scores: 'sigmoid',
    bias: true,
    groups: config.count('n_group', 8),
    groupsKept: config.count('topk_group', 4),
    groupMembers: 2,
    normalize: config.flag('norm_topk_prob', true),
    scale: config.number('routed_scaling_factor', 2.5),
  };
}

/** Layers beyond the last one predict further tokens; the logits do not depend on them. */
const withoutPrediction: Family['tensors'] = (tensor, { layers }) => {
  const layer = /^model\.layers\.(\d+)\./.exec(tensor.name)?.[1];
  return layer !== undefined && Number(layer) >= layers ? [] : [tensor];
};

export const deepseekV2: Family = {
  architectures: ['DeepseekV2ForCausalLM'],
  read: (config) => readDecoder(config, routerOfV2),
};

export const deepseekV3: Family = {
  architectures: ['DeepseekV3ForCausalLM'],
  read: (config) => readDecoder(config, routerOfV3),
  tensors: withoutPrediction,
};
