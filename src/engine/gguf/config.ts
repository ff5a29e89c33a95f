// The metadata of an architecture as the fields of the config.json that it was made of: the families of ../families read
// those. Names of keys: github.com/ggml-org/ggml/blob/master/docs/gguf.md.
import { ModelError } from '../../errors.js';
import { MAX_GGUF_TENSORS } from './limits.js';
import type { Metadata } from './metadata.js';
import type { GgufTensor } from './reader.js';

export type ConfigFields = Record<string, unknown>;

export interface GgufArchitecture {
  /** Rows of queries and keys lie as ggml's interleaved rotation needs them. */
  readonly interleaved?: true;
  /** Norm weights have the 1 that the family adds already in them. */
  readonly normsAreWhole?: true;
  /** What only this architecture has, beyond {@link commonFields}. */
  fields(source: ConfigSource): ConfigFields;
}

export interface ConfigSource {
  readonly metadata: Metadata;
  readonly name: string;
  /** The tensor of this name. */
  tensor(name: string): GgufTensor | undefined;
  /** The values of a small float32 tensor. */
  floats(name: string): number[] | undefined;
}

const key = ({ name }: ConfigSource, field: string) => `${name}.${field}`;

/** What nearly every architecture has. */
export function commonFields(source: ConfigSource): ConfigFields {
  const { metadata } = source;
  const layers = metadata.needed(key(source, 'block_count'));
  if (layers > MAX_GGUF_TENSORS) throw metadata.invalid(key(source, 'block_count'), 'is too many', layers);
  const hidden = metadata.needed(key(source, 'embedding_length'));
  const heads = metadata.needed(key(source, 'attention.head_count'));
  const headDim = metadata.number(key(source, 'attention.key_length')) ?? hidden / heads;
  metadata.one(key(source, 'attention.value_length'), headDim);
  metadata.one(key(source, 'attention.causal'), true);
  metadata.one(key(source, 'attention.layer_norm_epsilon'));
  const embedding = source.tensor('token_embd.weight');
  const vocab = embedding?.shape.length === 2 ? embedding.shape[0] : undefined;
  if (vocab === undefined)
    throw new ModelError(
      'model_tensor',
      `${metadata.path}: tensor token_embd.weight is missing or no matrix`,
    );
  metadata.one(key(source, 'vocab_size'), vocab);
  return {
    vocab_size: vocab,
    hidden_size: hidden,
    num_attention_heads: heads,
    num_key_value_heads: metadata.number(key(source, 'attention.head_count_kv')) ?? heads,
    head_dim: headDim,
    intermediate_size: metadata.needed(key(source, 'feed_forward_length')),
    num_hidden_layers: layers,
    max_position_embeddings: metadata.needed(key(source, 'context_length')),
    rms_norm_eps: metadata.needed(key(source, 'attention.layer_norm_rms_epsilon')),
    tie_word_embeddings: source.tensor('output.weight') === undefined,
    ...ropeFields(source, headDim),
  };
}

function ropeFields(source: ConfigSource, headDim: number): ConfigFields {
  const { metadata } = source;
  const theta = metadata.number(key(source, 'rope.freq_base'));
  const rotated = metadata.number(key(source, 'rope.dimension_count')) ?? headDim;
  const scaling = ropeScaling(source);
  return {
    ...(theta === undefined ? {} : { rope_theta: theta }),
    ...(rotated === headDim ? {} : { partial_rotary_factor: rotated / headDim }),
    ...(scaling ? { rope_scaling: scaling } : {}),
  };
}

function ropeScaling(source: ConfigSource): ConfigFields | undefined {
  const { metadata } = source;
  const of = (field: string) => metadata.number(key(source, `rope.scaling.${field}`));
  const kind = metadata.text(key(source, 'rope.scaling.type')) ?? 'none';
  const factor = of('factor') ?? metadata.number(key(source, 'rope.scale_linear'));
  const original = of('original_context_length');
  const attention = of('attn_factor');
  metadata.value(key(source, 'rope.scaling.finetuned'));
  const long = source.floats('rope_factors_long.weight');
  const short = source.floats('rope_factors_short.weight');
  if (long || short) {
    return {
      type: 'longrope',
      long_factor: long,
      short_factor: short,
      ...(original === undefined ? {} : { original_max_position_embeddings: original }),
      ...(attention === undefined ? {} : { attention_factor: attention }),
    };
  }
  if (kind === 'linear') return { rope_type: 'linear', factor: factor ?? 1 };
  if (kind === 'yarn') {
    return {
      rope_type: 'yarn',
      factor: factor ?? 1,
      ...(original === undefined ? {} : { original_max_position_embeddings: original }),
    };
  }
  if (kind !== 'none')
    throw metadata.unsupported(key(source, 'rope.scaling.type'), kind, 'supported: none, linear, yarn');
  return factor === undefined || factor === 1 ? undefined : { rope_type: 'linear', factor };
}

/** How many experts there are, and how many a token takes. */
function expertCounts(source: ConfigSource) {
  const { metadata } = source;
  metadata.one(key(source, 'expert_weights_scale'), 0, 1);
  metadata.one(key(source, 'expert_gating_func'), 1);
  metadata.one(key(source, 'expert_group_count'), 0, 1);
  metadata.one(key(source, 'expert_group_used_count'), 0, 1);
  return {
    count: metadata.needed(key(source, 'expert_count')),
    used: metadata.needed(key(source, 'expert_used_count')),
  };
}

function llamaFields(source: ConfigSource): ConfigFields {
  const { metadata, name } = source;
  const has = (tensor: string) => source.tensor(`blk.0.${tensor}`) !== undefined;
  if ((metadata.number(`${name}.expert_count`) ?? 0) > 0) {
    const { count, used } = expertCounts(source);
    return {
      architectures: ['MixtralForCausalLM'],
      num_local_experts: count,
      num_experts_per_tok: used,
    };
  }
  metadata.one(`${name}.expert_used_count`, 0);
  return {
    architectures: ['LlamaForCausalLM'],
    ...(has('attn_q.bias') ? { attention_bias: true } : {}),
    ...(has('ffn_gate.bias') ? { mlp_bias: true } : {}),
  };
}

function mixtureFields(source: ConfigSource, normalized: boolean): ConfigFields {
  const { metadata } = source;
  const { count, used } = expertCounts(source);
  metadata.one(key(source, 'expert_weights_norm'), normalized);
  const layers = Array.from({ length: metadata.needed(key(source, 'block_count')) }, (_, i) => i);
  return {
    mlp_only_layers: layers.filter((i) => source.tensor(`blk.${i}.ffn_gate_inp.weight`) === undefined),
    num_experts: count,
    num_experts_per_tok: used,
    moe_intermediate_size: metadata.needed(key(source, 'expert_feed_forward_length')),
    norm_topk_prob: normalized,
  };
}

/** ggml has no key for the scale of attention: it follows from the size of the model. */
function gemmaScale(source: ConfigSource, largest: number): ConfigFields {
  const { metadata } = source;
  const heads = metadata.needed(key(source, 'attention.head_count'));
  const hidden = metadata.needed(key(source, 'embedding_length'));
  const headDim = metadata.number(key(source, 'attention.key_length')) ?? hidden / heads;
  const isLargest = metadata.needed(key(source, 'block_count')) === largest;
  return { query_pre_attn_scalar: isLargest ? hidden / heads : headDim };
}

function softCaps(source: ConfigSource): ConfigFields {
  const { metadata } = source;
  const attention = metadata.number(key(source, 'attn_logit_softcapping'));
  const logits = metadata.number(key(source, 'final_logit_softcapping'));
  return {
    ...(attention ? { attn_logit_softcapping: attention } : {}),
    ...(logits ? { final_logit_softcapping: logits } : {}),
  };
}

const windowOf = (source: ConfigSource) =>
  source.metadata.number(key(source, 'attention.sliding_window')) || undefined;

/** By `general.architecture`. */
export const ARCHITECTURES: Readonly<Record<string, GgufArchitecture>> = {
  llama: { interleaved: true, fields: llamaFields },
  qwen2: { fields: () => ({ architectures: ['Qwen2ForCausalLM'] }) },
  qwen3: { fields: () => ({ architectures: ['Qwen3ForCausalLM'] }) },
  qwen2moe: {
    fields: (source) => ({
      architectures: ['Qwen2MoeForCausalLM'],
      ...mixtureFields(source, false),
      shared_expert_intermediate_size: source.metadata.needed(
        key(source, 'expert_shared_feed_forward_length'),
      ),
    }),
  },
  qwen3moe: {
    fields: (source) => ({ architectures: ['Qwen3MoeForCausalLM'], ...mixtureFields(source, true) }),
  },
  gemma: { normsAreWhole: true, fields: () => ({ architectures: ['GemmaForCausalLM'] }) },
  gemma2: {
    normsAreWhole: true,
    fields: (source) => ({
      architectures: ['Gemma2ForCausalLM'],
      sliding_window: windowOf(source),
      ...gemmaScale(source, 46),
      ...softCaps(source),
    }),
  },
  gemma3: {
    normsAreWhole: true,
    fields: (source) => ({
      architectures: ['Gemma3ForCausalLM'],
      sliding_window: windowOf(source),
      sliding_window_pattern: source.metadata.number(key(source, 'attention.sliding_window_pattern')) ?? 6,
      rope_local_base_freq: source.metadata.number(key(source, 'rope.freq_base_swa')) ?? 10_000,
      ...gemmaScale(source, 62),
      ...softCaps(source),
    }),
  },
  phi3: {
    fields: (source) => ({ architectures: ['Phi3ForCausalLM'], sliding_window: windowOf(source) }),
  },
};
