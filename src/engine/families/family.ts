// What a family is: a reading of its config.json, and of its tensors' names.
import type { NativeModelSpec, NativeTensor } from '../../native/index.js';
import { bytesOf } from '../dtypes.js';
import type { ConfigReader } from './config-reader.js';

/** A decoder in numbers. */
export type DecoderConfig = Omit<NativeModelSpec, 'files' | 'tensors' | 'random'>;

export interface Family {
  /** Names in config.json's `architectures`. */
  readonly architectures: readonly string[];
  /** @throws ModelError `config_invalid`, `unsupported_config` */
  read(config: ConfigReader): DecoderConfig;
  /** A tensor of the files as the engine knows it: under another name, as several, or (none) not at all. */
  tensors?(tensor: NativeTensor, config: DecoderConfig): NativeTensor[];
}

/** What nearly every family has under the same names. */
export function readShape(config: ConfigReader, defaults: { kvHeads?: number; headDim?: number } = {}) {
  const hiddenSize = config.count('hidden_size');
  const heads = config.count('num_attention_heads');
  const kvHeads = config.count('num_key_value_heads', defaults.kvHeads ?? heads);
  if (heads % kvHeads !== 0)
    throw config.invalid('num_key_value_heads', `must divide num_attention_heads (${heads})`, kvHeads);
  return {
    vocabSize: config.count('vocab_size'),
    hiddenSize,
    intermediateSize: config.count('intermediate_size'),
    layers: config.count('num_hidden_layers'),
    heads,
    kvHeads,
    headDim: config.count('head_dim', defaults.headDim ?? hiddenSize / heads),
    maxPositions: config.count('max_position_embeddings'),
    rmsNormEps: config.number('rms_norm_eps', 1e-6),
  };
}

/** All layers with a window, or none. */
export function windowOfAll(layers: number, window: number | undefined): Pick<DecoderConfig, 'layerKinds'> {
  return window === undefined ? {} : { layerKinds: Array.from({ length: layers }, () => ({ window })) };
}

/** Which layers have a window: as `layer_types` says, else as `isWindow` does. */
export function windowsOf(
  config: ConfigReader,
  layers: number,
  window: number | undefined,
  isWindow: (layer: number) => boolean,
): Pick<DecoderConfig, 'layerKinds'> {
  const types = config.list('layer_types', 'names', (item) => typeof item === 'string');
  if (types !== undefined && types.length !== layers)
    throw config.invalid('layer_types', `must have one name for each of ${layers} layers`, types);
  for (const type of types ?? [])
    if (type !== 'full_attention' && type !== 'sliding_attention')
      throw config.unsupported('layer_types', type, 'supported: full_attention, sliding_attention');
  const inWindow = Array.from({ length: layers }, (_, i) =>
    types === undefined ? isWindow(i) : types[i] === 'sliding_attention',
  );
  if (!inWindow.includes(true)) return {};
  if (window === undefined) throw config.invalid('sliding_window', 'is needed by layers with a window', null);
  return { layerKinds: inWindow.map((has) => (has ? { window } : {})) };
}

/** `count` rows of a tensor from `first` on, under a name of their own. */
export function rowsOf(tensor: NativeTensor, name: string, first: number, count: number): NativeTensor {
  const rowBytes = bytesOf(
    tensor.dtype,
    tensor.shape.slice(1).reduce((a, b) => a * b, 1),
  );
  return {
    ...tensor,
    name,
    shape: [count, ...tensor.shape.slice(1)],
    offset: tensor.offset + first * rowBytes,
  };
}

/** A matrix or bias that holds several, cut by rows; one of another size stays, to be refused by its name. */
export function split(
  tensor: NativeTensor,
  fused: string,
  parts: readonly (readonly [name: string, rows: number])[],
): NativeTensor[] {
  if (tensor.shape[0] !== parts.reduce((sum, [, rows]) => sum + rows, 0)) return [tensor];
  let first = 0;
  return parts.map(([part, rows]) => {
    const cut = rowsOf(tensor, tensor.name.replace(fused, part), first, rows);
    first += rows;
    return cut;
  });
}
