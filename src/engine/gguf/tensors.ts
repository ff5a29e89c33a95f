// ggml's names of tensors as the engine's. The matrices of all experts are one tensor there, cut here where it lies.
import type { NativeTensor } from '../../native/index.js';
import { bytesOf } from '../dtypes.js';
import type { GgufTensor } from './reader.js';

const OUTER: Readonly<Record<string, string>> = {
  token_embd: 'model.embed_tokens',
  output_norm: 'model.norm',
  output: 'lm_head',
};

/** In a layer; `post_attention_norm` and what follows are Gemma's. */
const INNER: Readonly<Record<string, string>> = {
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_qkv: 'self_attn.qkv_proj',
  attn_output: 'self_attn.o_proj',
  attn_q_norm: 'self_attn.q_norm',
  attn_k_norm: 'self_attn.k_norm',
  ffn_norm: 'post_attention_layernorm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
  ffn_gate_inp: 'mlp.gate',
  ffn_gate_shexp: 'mlp.shared_experts.gate_proj',
  ffn_up_shexp: 'mlp.shared_experts.up_proj',
  ffn_down_shexp: 'mlp.shared_experts.down_proj',
  ffn_gate_inp_shexp: 'mlp.shared_expert_gate',
};

const WITH_OUTPUT_NORMS: Readonly<Record<string, string>> = {
  ffn_norm: 'pre_feedforward_layernorm',
  post_attention_norm: 'post_attention_layernorm',
  post_ffw_norm: 'post_feedforward_layernorm',
};

/** What is read when the configuration is. */
const READ = new Set(['rope_freqs.weight', 'rope_factors_long.weight', 'rope_factors_short.weight']);

export interface TensorOptions {
  /** Rows of a head of queries and keys, where they lie as interleaved rotation needs them. */
  readonly headRows?: number;
  readonly outputNorms: boolean;
  /** Gate and up are one matrix, under the name of up (Phi-3). */
  readonly fusedGate: boolean;
}

/** A tensor under the engine's name, as one or several; unknown ones keep theirs and are refused by it. */
export function engineTensors(tensor: GgufTensor, options: TensorOptions): NativeTensor[] {
  if (READ.has(tensor.name)) return [];
  const found = { ...tensor, file: 0 };
  const [, layer, part, kind] = /^(?:blk\.(\d+)\.)?(\w+)\.(weight|bias)$/.exec(tensor.name) ?? [];
  if (part === undefined) return [found];
  if (layer === undefined) return [{ ...found, name: OUTER[part] ? `${OUTER[part]}.${kind}` : tensor.name }];
  const base = `model.layers.${layer}.`;
  const experts = /^ffn_(gate|up|down)_exps$/.exec(part)?.[1];
  if (experts && tensor.shape.length === 3)
    return expertsOf(found, (i) => `${base}mlp.experts.${i}.${experts}_proj.${kind}`);
  const name = nameInLayer(part, options);
  if (name === undefined) return [found];
  const isRotated = part === 'attn_q' || part === 'attn_k';
  return [
    {
      ...found,
      name: `${base}${name}.${kind}`,
      shape: part === 'ffn_gate_inp_shexp' && tensor.shape.length === 1 ? [1, ...tensor.shape] : tensor.shape,
      ...(isRotated && options.headRows ? { headRows: options.headRows } : {}),
    },
  ];
}

function nameInLayer(part: string, { outputNorms, fusedGate }: TensorOptions): string | undefined {
  if (fusedGate && part === 'ffn_up') return 'mlp.gate_up_proj';
  return (outputNorms ? WITH_OUTPUT_NORMS[part] : undefined) ?? INNER[part];
}

function expertsOf(tensor: NativeTensor, nameOf: (expert: number) => string): NativeTensor[] {
  const [count = 0, rows = 0, cols = 0] = tensor.shape;
  const bytes = rows * bytesOf(tensor.dtype, cols);
  return Array.from({ length: count }, (_, i) => ({
    ...tensor,
    name: nameOf(i),
    shape: [rows, cols],
    offset: tensor.offset + i * bytes,
  }));
}
