// A model that the engine reads from safetensors, written as GGUF: the benchmark's opponent reads no other format, and
// tests hold the two readings to each other.
import { closeSync, openSync, readSync } from 'node:fs';
import { bytesOf, DTYPES } from '../../src/engine/dtypes.js';
import type { NativeDtype, NativeModelSpec, NativeTensor } from '../../src/native/index.js';
import { decode, encode } from './encode.js';
import { Float, type MetadataValue, type WrittenTensor, writeGguf } from './writer.js';

const INNER: readonly (readonly [engine: string, ggml: string])[] = [
  ['input_layernorm', 'attn_norm'],
  ['self_attn.q_proj', 'attn_q'],
  ['self_attn.k_proj', 'attn_k'],
  ['self_attn.v_proj', 'attn_v'],
  ['self_attn.o_proj', 'attn_output'],
  ['self_attn.q_norm', 'attn_q_norm'],
  ['self_attn.k_norm', 'attn_k_norm'],
  ['post_attention_layernorm', 'ffn_norm'],
  ['mlp.gate_proj', 'ffn_gate'],
  ['mlp.up_proj', 'ffn_up'],
  ['mlp.down_proj', 'ffn_down'],
  ['mlp.gate', 'ffn_gate_inp'],
  ['mlp.shared_experts.gate_proj', 'ffn_gate_shexp'],
  ['mlp.shared_experts.up_proj', 'ffn_up_shexp'],
  ['mlp.shared_experts.down_proj', 'ffn_down_shexp'],
  ['mlp.shared_expert_gate', 'ffn_gate_inp_shexp'],
];
const WITH_OUTPUT_NORMS = new Map([
  ['post_attention_layernorm', 'post_attention_norm'],
  ['pre_feedforward_layernorm', 'ffn_norm'],
  ['post_feedforward_layernorm', 'post_ffw_norm'],
]);
const OUTER = new Map([
  ['model.embed_tokens', 'token_embd'],
  ['model.norm', 'output_norm'],
  ['lm_head', 'output'],
]);

export interface ExportOptions {
  /** `general.architecture`. */
  readonly architecture: string;
  /** Of matrices whose rows are whole blocks of it; the others and all vectors are float32. */
  readonly dtype: NativeDtype;
  /** Beside the configuration's. */
  readonly metadata?: Readonly<Record<string, MetadataValue>>;
}

/** Metadata of the decoder's sizes; what only some architectures have is the caller's. */
export function sizesOf(spec: NativeModelSpec, architecture: string): Record<string, MetadataValue> {
  const of = (name: string) => `${architecture}.${name}`;
  return {
    'general.architecture': architecture,
    [of('block_count')]: spec.layers,
    [of('context_length')]: spec.maxPositions,
    [of('embedding_length')]: spec.hiddenSize,
    [of('feed_forward_length')]: spec.intermediateSize,
    [of('attention.head_count')]: spec.heads,
    [of('attention.head_count_kv')]: spec.kvHeads,
    [of('attention.key_length')]: spec.headDim,
    [of('attention.value_length')]: spec.headDim,
    [of('attention.layer_norm_rms_epsilon')]: new Float(spec.rmsNormEps),
    [of('rope.freq_base')]: new Float(spec.ropeTheta),
    [of('rope.dimension_count')]: spec.ropeSize ?? spec.headDim,
    ...scalingOf(spec, architecture),
    ...(spec.experts
      ? { [of('expert_count')]: spec.experts.count, [of('expert_used_count')]: spec.experts.perToken }
      : {}),
  };
}

function scalingOf({ ropeScaling }: NativeModelSpec, architecture: string): Record<string, MetadataValue> {
  if (!ropeScaling) return {};
  const { kind, factor = 1, originalMaxPositions } = ropeScaling;
  const of = (name: string) => `${architecture}.rope.scaling.${name}`;
  if (kind !== 'linear' && kind !== 'yarn') throw new Error(`rope scaling ${kind} is not written here`);
  return {
    [of('type')]: kind,
    [of('factor')]: new Float(factor),
    ...(originalMaxPositions === undefined ? {} : { [of('original_context_length')]: originalMaxPositions }),
  };
}

/** Writes the model of `spec`. */
export function exportGguf(spec: NativeModelSpec, path: string, options: ExportOptions): void {
  const tensors = merged(spec.tensors, options.architecture).map(({ name, shape, parts }): WrittenTensor => {
    const rows = shape.length > 1 && shape.at(-1)! % DTYPES[options.dtype].elements === 0;
    const isRouter = name.includes('ffn_gate_inp');
    const dtype = rows && !isRouter ? options.dtype : 'F32';
    return {
      name,
      shape,
      dtype,
      data: () => parts.map((part) => encode(valuesOf(spec, part, options), dtype)),
    };
  });
  writeGguf(path, { ...sizesOf(spec, options.architecture), ...options.metadata }, tensors);
}

interface Merged {
  readonly name: string;
  readonly shape: readonly number[];
  readonly parts: readonly NativeTensor[];
}

/** ggml has the experts' matrices as one tensor, and Phi-3's q, k, v and its gate and up. */
function merged(tensors: readonly NativeTensor[], architecture: string): Merged[] {
  const outputNorms = tensors.some(({ name }) => name.includes('pre_feedforward_layernorm'));
  const groups = new Map<string, NativeTensor[]>();
  for (const tensor of tensors) {
    const name = ggmlName(tensor.name, outputNorms, architecture);
    groups.set(name, [...(groups.get(name) ?? []), tensor]);
  }
  return [...groups].map(([name, parts]) => {
    const [{ shape }] = parts as [NativeTensor];
    if (name.includes('_exps.')) return { name, shape: [parts.length, ...shape], parts };
    const rows = parts.reduce((sum, part) => sum + part.shape[0]!, 0);
    return { name, shape: [rows, ...shape.slice(1)], parts };
  });
}

function ggmlName(name: string, outputNorms: boolean, architecture: string): string {
  const [, stem = '', kind = ''] = /^(.*)\.(weight|bias)$/.exec(name) ?? [];
  const outer = OUTER.get(stem);
  if (outer) return `${outer}.${kind}`;
  const [, layer, inner = ''] = /^model\.layers\.(\d+)\.(.*)$/.exec(stem) ?? [];
  const expert = /^mlp\.experts\.\d+\.(gate|up|down)_proj$/.exec(inner)?.[1];
  if (expert) return `blk.${layer}.ffn_${expert}_exps.${kind}`;
  const found =
    (outputNorms ? WITH_OUTPUT_NORMS.get(inner) : undefined) ??
    INNER.find(([engine]) => engine === inner)?.[1];
  if (layer === undefined || found === undefined) throw new Error(`no name in GGUF for ${name}`);
  return `blk.${layer}.${architecture === 'phi3' ? fused(found) : found}.${kind}`;
}

const fused = (name: string): string =>
  name.replace(/^attn_[qkv]$/, 'attn_qkv').replace(/^ffn_gate$/, 'ffn_up');

/** In float32, as ggml has them: norms with the family's 1 in them, rows of heads by turns of their halves. */
function valuesOf(
  spec: NativeModelSpec,
  tensor: NativeTensor,
  { architecture }: ExportOptions,
): Float32Array {
  const values = decode(bytesOfTensor(spec, tensor), tensor.dtype);
  if (spec.normOffset && tensor.name.endsWith('norm.weight'))
    return values.map((value) => Math.fround(value + spec.normOffset!));
  if (architecture !== 'llama' || !/\.(q|k)_proj\./.test(tensor.name)) return values;
  const cols = tensor.shape[1] ?? 1;
  const half = spec.headDim / 2;
  const out = new Float32Array(values.length);
  for (let row = 0; row < tensor.shape[0]!; row++) {
    const inHead = row % spec.headDim;
    const to = row - inHead + (inHead < half ? 2 * inHead : 2 * (inHead - half) + 1);
    out.set(values.subarray(row * cols, (row + 1) * cols), to * cols);
  }
  return out;
}

function bytesOfTensor(spec: NativeModelSpec, { dtype, shape, file, offset }: NativeTensor): Uint8Array {
  const bytes = Buffer.alloc(
    bytesOf(
      dtype,
      shape.reduce((a, b) => a * b, 1),
    ),
  );
  const handle = openSync(spec.files[file]!, 'r');
  try {
    readSync(handle, bytes, 0, bytes.length, offset);
  } finally {
    closeSync(handle);
  }
  return bytes;
}
