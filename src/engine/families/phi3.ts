// Phi-3 (arXiv:2404.14219), Phi-3.5-mini and Phi-4: q, k, v in one matrix, gate and up in another.
import { type Family, readShape, split, windowOfAll } from './family.js';
import { readRope } from './rope.js';

export const phi3: Family = {
  architectures: ['Phi3ForCausalLM'],
  read(config) {
    config.one('hidden_act', 'silu');
    config.one('attention_bias', false);
    config.one('lm_head_bias', false);
    config.one('full_attn_mod', 1);
    config.one('interpolate_factor', 1);
    const shape = readShape(config);
    const rope = readRope(config, { ...shape, longrope: ['longrope', 'su', 'yarn'] });
    // Without longrope it says nothing.
    config.value('original_max_position_embeddings');
    return {
      ...shape,
      ...rope,
      tiedEmbeddings: config.flag('tie_word_embeddings', false),
      ...windowOfAll(shape.layers, config.optionalCount('sliding_window')),
    };
  },
  tensors(tensor, { heads, kvHeads, headDim, intermediateSize }) {
    if (tensor.name.includes('.qkv_proj.'))
      return split(tensor, 'qkv_proj', [
        ['q_proj', heads * headDim],
        ['k_proj', kvHeads * headDim],
        ['v_proj', kvHeads * headDim],
      ]);
    if (tensor.name.includes('.gate_up_proj.'))
      return split(tensor, 'gate_up_proj', [
        ['gate_proj', intermediateSize],
        ['up_proj', intermediateSize],
      ]);
    return [tensor];
  },
};
