// Gemma (arXiv:2403.08295), Gemma 2 (arXiv:2408.00118) and the text half of Gemma 3 (arXiv:2503.19786).
import type { ConfigReader } from './config-reader.js';
import { type DecoderConfig, type Family, readShape, windowsOf } from './family.js';
import { readRope, readRopeOf } from './rope.js';

/** Norms are 1 + weight, embeddings are scaled by the root of their size, and are the head as well. */
function readCommon(config: ConfigReader) {
  // 'gelu' in the first releases stood for the approximation; newer ones have another name for the field.
  config.one('hidden_act', 'gelu_pytorch_tanh', 'gelu');
  config.one('hidden_activation', 'gelu_pytorch_tanh');
  config.one('use_bidirectional_attention', false);
  const shape = readShape(config, { headDim: 256 });
  const bias = config.flag('attention_bias', false);
  return {
    ...shape,
    tiedEmbeddings: config.flag('tie_word_embeddings', true),
    normOffset: 1,
    activation: 'gelu-tanh' as const,
    embeddingScale: Math.sqrt(shape.hiddenSize),
    ...(bias ? { qkvBias: true, outputBias: true } : {}),
  };
}

/** Norms after attention and feed-forward; a scale of attention's own; soft caps where the configuration has them. */
function readSecond(config: ConfigReader) {
  const attentionSoftCap = config.optionalNumber('attn_logit_softcapping');
  const logitSoftCap = config.optionalNumber('final_logit_softcapping');
  return {
    ...readCommon(config),
    outputNorms: true,
    attentionScale: config.number('query_pre_attn_scalar', 256) ** -0.5,
    ...(attentionSoftCap ? { attentionSoftCap } : {}),
    ...(logitSoftCap ? { logitSoftCap } : {}),
  };
}

export const gemma: Family = {
  architectures: ['GemmaForCausalLM'],
  read(config) {
    const common = readCommon(config);
    return { ...common, ...readRope(config, common) };
  },
};

export const gemma2: Family = {
  architectures: ['Gemma2ForCausalLM'],
  read(config) {
    const second = readSecond(config);
    const window = config.optionalCount('sliding_window');
    config.one('sliding_window_size', window);
    return {
      ...second,
      ...readRope(config, second),
      ...windowsOf(config, second.layers, window, (layer) => layer % 2 === 0),
    };
  },
};

/** Layers with a window rotate by plain frequencies of a base of their own. */
function readRopes(config: ConfigReader, shape: { headDim: number; maxPositions: number }) {
  const options = { ...shape, theta: 1_000_000 };
  const local = config.number('rope_local_base_freq', 10_000);
  const byLayer = config.object('rope_parameters');
  if (byLayer === undefined) return { ...readRope(config, options), windowRopeTheta: local };
  const window = byLayer.object('sliding_attention');
  window?.one('rope_type', 'default');
  const windowRopeTheta = window?.number('rope_theta', local) ?? local;
  window?.finish();
  const rope = readRopeOf(config, byLayer.object('full_attention'), options);
  byLayer.finish();
  return { ...rope, windowRopeTheta };
}

function readThird(config: ConfigReader): DecoderConfig {
  const second = readSecond(config);
  const window = config.optionalCount('sliding_window') ?? 4096;
  const pattern = config.count('sliding_window_pattern', 6);
  return {
    ...second,
    ...readRopes(config, second),
    ...windowsOf(config, second.layers, window, (layer) => (layer + 1) % pattern !== 0),
    qkNorm: true,
  };
}

export const gemma3: Family = { architectures: ['Gemma3ForCausalLM'], read: readThird };

/** What configurations of the models with images leave out of `text_config`. */
const TEXT_DEFAULTS = {
  vocab_size: 262_208,
  num_attention_heads: 8,
  num_key_value_heads: 4,
  head_dim: 256,
  max_position_embeddings: 131_072,
};

/** Reads text alone: the engine has no way to give it images. */
export const gemma3WithImages: Family = {
  architectures: ['Gemma3ForConditionalGeneration'],
  read(config) {
    const images = ['vision_config', 'image_token_index', 'boi_token_index', 'eoi_token_index'];
    for (const name of [...images, 'image_token_id', 'mm_tokens_per_image', 'tie_word_embeddings'])
      config.value(name);
    const text = config.object('text_config', TEXT_DEFAULTS);
    if (text === undefined) throw config.invalid('text_config', 'is needed', undefined);
    const third = readThird(text);
    text.finish();
    return third;
  },
  tensors(tensor) {
    const { name } = tensor;
    if (/^(model\.)?(vision_tower|multi_modal_projector)\./.test(name)) return [];
    return [
      {
        ...tensor,
        name: name.replace(/^model\.language_model\./, 'model.').replace(/^language_model\./, ''),
      },
    ];
  },
};
