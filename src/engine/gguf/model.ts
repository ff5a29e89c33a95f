// A GGUF file as the native engine takes a model: its architecture's configuration, and its tensors under the engine's
// names.
import { closeSync, openSync, readSync } from 'node:fs';
import { ModelError } from '../../errors.js';
import type { NativeModelSpec } from '../../native/index.js';
import { type DecoderConfig, readDecoder } from '../families/index.js';
import { ARCHITECTURES, type ConfigSource, commonFields, type GgufArchitecture } from './config.js';
import { Metadata } from './metadata.js';
import type { GgufFile, GgufTensor } from './reader.js';
import { engineTensors } from './tensors.js';

/** Longest tensor that is read here: factors of rotation, one for each pair of a head's elements. */
const MAX_FACTORS = 65_536;

/**
 * The model of a file; positions end at `contextLength`, where it has more.
 * @throws ModelError `unsupported_architecture`, `unsupported_config`, `config_invalid`, `model_file`, `model_tensor`
 */
export function ggufModelSpec(file: GgufFile, contextLength?: number): NativeModelSpec {
  const metadata = new Metadata(file);
  const name = architectureName(metadata);
  const architecture = ARCHITECTURES[name]!;
  const source = sourceOf(file, metadata, name);
  const fields = { ...commonFields(source), ...architecture.fields(source) };
  metadata.finish(`${name}.`);
  const decoder = readDecoder(fields, file.path, contextLength);
  const config = adjusted(decoder.config, architecture, source);
  const options = {
    ...(architecture.interleaved ? { headRows: config.headDim } : {}),
    outputNorms: config.outputNorms === true,
    fusedGate: name === 'phi3',
  };
  const tensors = decoder.tensors(file.tensors.flatMap((tensor) => engineTensors(tensor, options)));
  return { ...config, files: [file.path], tensors };
}

function architectureName(metadata: Metadata): string {
  const name = metadata.text('general.architecture');
  const supported = Object.keys(ARCHITECTURES).join(', ');
  if (name === undefined || !Object.hasOwn(ARCHITECTURES, name))
    throw new ModelError(
      'unsupported_architecture',
      `${metadata.path}: architecture '${name}' is not supported; supported: ${supported}`,
    );
  if ((metadata.number('split.count') ?? 1) > 1)
    throw metadata.unsupported('split.count', metadata.value('split.count'), 'join the parts to one file');
  return name;
}

function sourceOf(file: GgufFile, metadata: Metadata, name: string): ConfigSource {
  const byName = new Map(file.tensors.map((tensor) => [tensor.name, tensor]));
  const tensor = (of: string) => byName.get(of);
  const floats = (of: string) => {
    const found = tensor(of);
    return found && readFloats(file.path, found);
  };
  return { metadata, name, tensor, floats };
}

/** What the file says otherwise than the config.json that it was made of. */
function adjusted(
  config: DecoderConfig,
  { normsAreWhole }: GgufArchitecture,
  source: ConfigSource,
): DecoderConfig {
  const factors = source.floats('rope_freqs.weight');
  const { normOffset, ...rest } = config;
  return {
    ...rest,
    ...(normOffset !== undefined && !normsAreWhole ? { normOffset } : {}),
    ...(factors ? { ropeScaling: { kind: 'factors', factors, attentionFactor: 1 } } : {}),
  };
}

function readFloats(path: string, { name, dtype, shape, offset }: GgufTensor): number[] {
  const [length = 0, ...more] = shape;
  if (dtype !== 'F32' || more.length > 0 || length > MAX_FACTORS)
    throw new ModelError(
      'model_tensor',
      `${path}: tensor ${name} must be a vector of at most ${MAX_FACTORS} float32`,
    );
  const bytes = Buffer.alloc(4 * length);
  const file = openSync(path, 'r');
  try {
    readSync(file, bytes, 0, bytes.length, offset);
  } finally {
    closeSync(file);
  }
  return Array.from({ length }, (_, i) => bytes.readFloatLE(4 * i));
}
