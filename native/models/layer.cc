#include "models/layer.h"

#include <cstring>

namespace espalier {
namespace {

Matrix transposed(const Matrix& from, WeightMemory& memory) {
  if (!from.data) return {nullptr, from.dtype, from.cols, from.rows};
  const size_t bytes = dtype_bytes(from.dtype);
  memory.push_back(std::make_unique_for_overwrite<std::byte[]>(from.rows * from.cols * bytes));
  std::byte* to = memory.back().get();
  for (size_t r = 0; r < from.rows; ++r)
    for (size_t c = 0; c < from.cols; ++c)
      std::memcpy(to + (c * from.rows + r) * bytes, from.row(r) + c * bytes, bytes);
  return {to, from.dtype, from.cols, from.rows};
}

FeedForward bind_feed_forward(Weights& weights, const ModelConfig& c, const std::string& base, size_t size, bool bias) {
  FeedForward mlp;
  mlp.gate = weights.matrix(base + "gate_proj.weight", size, c.hidden_size);
  mlp.up = weights.matrix(base + "up_proj.weight", size, c.hidden_size);
  mlp.down = weights.matrix(base + "down_proj.weight", c.hidden_size, size);
  if (!bias) return mlp;
  mlp.gate_bias = weights.vector(base + "gate_proj.bias", size);
  mlp.up_bias = weights.vector(base + "up_proj.bias", size);
  mlp.down_bias = weights.vector(base + "down_proj.bias", c.hidden_size);
  return mlp;
}

ExpertWeights bind_experts(Weights& weights, const ModelConfig& c, const std::string& base) {
  const Experts& experts = c.experts;
  ExpertWeights bound;
  bound.router = weights.matrix(base + "gate.weight", experts.count, c.hidden_size);
  if (experts.router.bias) bound.router_bias = weights.vector(base + "gate.e_score_correction_bias", experts.count);
  for (size_t i = 0; i < experts.count; ++i)
    bound.experts.push_back(bind_feed_forward(weights, c, base + "experts." + std::to_string(i) + ".",
                                              experts.intermediate_size, false));
  if (experts.shared_intermediate_size)
    bound.shared =
        bind_feed_forward(weights, c, base + "shared_experts.", experts.shared_intermediate_size, false);
  if (experts.shared_gate) bound.shared_gate = weights.matrix(base + "shared_expert_gate.weight", 1, c.hidden_size);
  return bound;
}

void bind_attention(Weights& weights, const ModelConfig& c, const std::string& base, DecoderLayer& layer) {
  const size_t q_size = c.heads * c.head_dim, kv_size = c.kv_heads * c.head_dim;
  layer.q = weights.matrix(base + "q_proj.weight", q_size, c.hidden_size);
  layer.k = weights.matrix(base + "k_proj.weight", kv_size, c.hidden_size);
  layer.v = weights.matrix(base + "v_proj.weight", kv_size, c.hidden_size);
  if (c.qkv_bias) {
    layer.q_bias = weights.vector(base + "q_proj.bias", q_size);
    layer.k_bias = weights.vector(base + "k_proj.bias", kv_size);
    layer.v_bias = weights.vector(base + "v_proj.bias", kv_size);
  }
  if (c.qk_norm) {
    layer.q_norm = bind_norm(weights, c, base + "q_norm.weight", c.head_dim);
    layer.k_norm = bind_norm(weights, c, base + "k_norm.weight", c.head_dim);
  }
}

// The rows of kv_b_proj are, head by head, those that make the key and those that make the value.
void bind_latent_attention(Weights& weights, const ModelConfig& c, const std::string& base, LatentWeights& latent,
                           WeightMemory& memory) {
  const LatentAttention& l = c.latent;
  const size_t q_size = c.heads * c.query_size();
  if (l.q_rank) {
    latent.q_down = weights.matrix(base + "q_a_proj.weight", l.q_rank, c.hidden_size);
    latent.q_norm = bind_norm(weights, c, base + "q_a_layernorm.weight", l.q_rank);
    latent.q_up = weights.matrix(base + "q_b_proj.weight", q_size, l.q_rank);
  } else {
    latent.q_up = weights.matrix(base + "q_proj.weight", q_size, c.hidden_size);
  }
  latent.kv_down = weights.matrix(base + "kv_a_proj_with_mqa.weight", l.kv_rank + c.rope_size, c.hidden_size);
  latent.kv_norm = bind_norm(weights, c, base + "kv_a_layernorm.weight", l.kv_rank);
  const size_t both = l.nope_size + l.value_size;
  const Matrix kv_up = weights.matrix(base + "kv_b_proj.weight", c.heads * both, l.kv_rank);
  if (is_quantized(kv_up.dtype))
    throw ModelError("model_tensor", "tensor " + base + "kv_b_proj.weight is quantised, and it is used transposed");
  for (size_t head = 0; head < c.heads; ++head) {
    latent.key_up.push_back(transposed(kv_up.rows_from(head * both, l.nope_size), memory));
    latent.value_up.push_back(kv_up.rows_from(head * both + l.nope_size, l.value_size));
  }
}

}  // namespace

std::vector<float> bind_norm(Weights& weights, const ModelConfig& config, const std::string& name, size_t size) {
  std::vector<float> norm = weights.vector(name, size);
  if (config.norm_offset != 0)
    for (float& value : norm) value += static_cast<float>(config.norm_offset);
  return norm;
}

DecoderLayer bind_layer(Weights& weights, const ModelConfig& c, size_t index, WeightMemory& memory) {
  const std::string base = "model.layers." + std::to_string(index) + ".";
  const std::string attention = base + "self_attn.";
  DecoderLayer layer;
  layer.input_norm = bind_norm(weights, c, base + "input_layernorm.weight", c.hidden_size);
  if (c.latent.kv_rank)
    bind_latent_attention(weights, c, attention, layer.latent, memory);
  else
    bind_attention(weights, c, attention, layer);
  layer.o = weights.matrix(attention + "o_proj.weight", c.hidden_size, c.heads * c.value_size());
  if (c.output_bias) layer.o_bias = weights.vector(attention + "o_proj.bias", c.hidden_size);
  if (c.output_norms) {
    layer.attention_output_norm = bind_norm(weights, c, base + "post_attention_layernorm.weight", c.hidden_size);
    layer.post_norm = bind_norm(weights, c, base + "pre_feedforward_layernorm.weight", c.hidden_size);
    layer.mlp_output_norm = bind_norm(weights, c, base + "post_feedforward_layernorm.weight", c.hidden_size);
  } else {
    layer.post_norm = bind_norm(weights, c, base + "post_attention_layernorm.weight", c.hidden_size);
  }
  if (c.layer_kind(index).experts)
    layer.experts = bind_experts(weights, c, base + "mlp.");
  else
    layer.mlp = bind_feed_forward(weights, c, base + "mlp.", c.intermediate_size, c.mlp_bias);
  return layer;
}

}  // namespace espalier
