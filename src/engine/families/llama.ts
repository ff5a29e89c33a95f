// Llama 2 to 3.3, Mistral (arXiv:2310.06825) and Mixtral (arXiv:2401.04088).
import type { ConfigReader } from './config-reader.js';
import { type DecoderConfig, type Family, readShape, windowOfAll } from './family.js';
import { readRope } from './rope.js';

function readPlain(config: ConfigReader): DecoderConfig {
  config.one('hidden_act', 'silu');
  config.one('rope_interleaved', false);
  const shape = readShape(config);
  return { ...shape, ...readRope(config, shape), tiedEmbeddings: config.flag('tie_word_embeddings', false) };
}

export const llama: Family = {
  architectures: ['LlamaForCausalLM'],
  read(config) {
    const bias = config.flag('attention_bias', false);
    return {
      ...readPlain(config),
      ...(bias ? { qkvBias: true, outputBias: true } : {}),
      ...(config.flag('mlp_bias', false) ? { mlpBias: true } : {}),
    };
  },
};

export const mistral: Family = {
  architectures: ['MistralForCausalLM'],
  read(config) {
    const plain = readPlain(config);
    return { ...plain, ...windowOfAll(plain.layers, config.optionalCount('sliding_window')) };
  },
};

export const mixtral: Family = {
  architectures: ['MixtralForCausalLM'],
  read(config) {
    const plain = readPlain(config);
    const window = config.optionalCount('sliding_window');
    return {
      ...plain,
      layerKinds: Array.from({ length: plain.layers }, () => ({ experts: true, ...(window && { window }) })),
      experts: {
        count: config.count('num_local_experts'),
        perToken: config.count('num_experts_per_tok'),
        intermediateSize: plain.intermediateSize,
        router: { scores: 'softmax', normalize: true },
      },
    };
  },
  tensors(tensor) {
    const name = tensor.name
      .replace('.block_sparse_moe.', '.mlp.')
      .replace(
        /\.w([123])\.weight$/,
        (_, n) => `.${{ 1: 'gate', 2: 'down', 3: 'up' }[n as 1 | 2 | 3]}_proj.weight`,
      );
    return [{ ...tensor, name }];
  },
};
