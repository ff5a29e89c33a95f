#include "cuda/device/model_shape.h"

#include <cmath>
#include <string>

#include "cuda/device/check.h"

namespace espalier::cuda {
namespace {

constexpr size_t kMostPositions = size_t{1} << 24;

size_t rounded(size_t value, size_t step) { return (value + step - 1) / step * step; }

// The tensor-core kernels' sizes; float32 has none of them.
size_t padded_head(size_t dim, int32_t compute) {
  if (compute == ESP_CUDA_F32) return rounded(dim, 16);
  for (const int size : kHeadDims)
    if (dim <= static_cast<size_t>(size)) return static_cast<size_t>(size);
  return rounded(dim, 16);
}

void check_experts(const esp_cuda_config& c) {
  const esp_cuda_experts& e = c.experts;
  for (size_t i = 0; c.expert_layers && i < c.layers; ++i)
    need(c.expert_layers[i] == 0 || e.count > 0, "a layer has experts, the model none");
  if (e.count == 0) return;
  need(e.count <= kMostExperts, "the CUDA back end takes up to " + std::to_string(kMostExperts) + " experts");
  need(e.groups > 0 && e.count % e.groups == 0 && e.groups_kept > 0 && e.groups_kept <= e.groups &&
           e.group_members > 0 && e.group_members <= e.count / e.groups,
       "the router's groups do not fit the experts");
  need(e.per_token > 0 && e.per_token <= e.count / e.groups * e.groups_kept && e.intermediate_size > 0,
       "the number or size of a token's experts is out of range");
  need(!c.output_norms, "the CUDA back end has no norms after mixtures of experts");
}

void check_shard(const esp_cuda_config& c) {
  const esp_cuda_shard& s = c.shard;
  if (s.count == 0) return;
  need(s.count > 0 && s.rank >= 0 && s.rank < s.count, "shard: there is no such rank");
  need(s.tokens > 0 && s.first_token <= c.vocab_size && s.tokens <= c.vocab_size - s.first_token,
       "shard: its tokens are outside the vocabulary");
  need(s.first_token % 8 == 0 && s.kv_heads >= c.kv_heads, "shard: first_token or kv_heads does not fit");
}

const esp_cuda_config& checked(const esp_cuda_config& c) {
  need(c.heads > 0 && c.kv_heads > 0 && c.heads % c.kv_heads == 0, "heads must be a multiple of kv_heads");
  need(c.hidden_size > 0 && c.hidden_size % 8 == 0, "hidden_size must be a multiple of 8");
  need(c.intermediate_size > 0, "intermediate_size is missing");
  need(c.vocab_size > 0 && c.vocab_size <= (size_t{1} << 22), "vocab_size is out of range");
  need(c.max_positions > 0 && c.max_positions <= kMostPositions, "max_positions is out of range");
  need(c.layers > 0 && c.rope_frequencies != nullptr, "the configuration is incomplete");
  need(c.rope_size % 2 == 0 && c.rope_size <= c.head_dim, "rope_size is odd, or larger than a head");
  need(c.attention_scale >= 0 && c.attention_soft_cap >= 0 && c.logit_soft_cap >= 0,
       "attention_scale or a soft cap is negative");
  for (size_t i = 0; c.windows && i < c.layers; ++i) need(c.windows[i] >= 0, "an attention window is negative");
  if (c.latent.kv_rank == 0) {
    need(c.head_dim > 0 && c.head_dim % 2 == 0 && c.head_dim <= 256,
         "the CUDA back end takes even head sizes up to 256");
  } else {
    need(c.rope_size > 0 && c.latent.nope_size > 0 && c.latent.value_size > 0, "latent attention is incomplete");
    need(rounded(c.latent.kv_rank, 16) + rounded(c.rope_size, 16) <= kMostLatentWidth,
         "the CUDA back end takes latent vectors, with the rotated part, of up to " +
             std::to_string(kMostLatentWidth) + " elements");
  }
  check_experts(c);
  check_shard(c);
  return c;
}

}  // namespace

ModelShape::ModelShape(const esp_cuda_config& c) : config(checked(c)), expert_layers(c.layers) {
  for (size_t i = 0; c.expert_layers && i < c.layers; ++i) expert_layers[i] = c.expert_layers[i] != 0;
  config.windows = config.expert_layers = nullptr;
  config.rope_frequencies = config.window_frequencies = nullptr;
  const auto whole = [](size_t value, size_t step) { return static_cast<int>(rounded(value, step)); };
  hidden = static_cast<int>(c.hidden_size);
  vocab = static_cast<int>(c.vocab_size);
  if (config.shard.count == 0) config.shard = {0, 1, 0, c.vocab_size, c.kv_heads};
  tokens = static_cast<int>(config.shard.tokens);
  inner = whole(c.intermediate_size, 8);
  expert_inner = whole(c.experts.intermediate_size, 8);
  shared_inner = whole(c.experts.shared_intermediate_size, 8);
  const int head_count = static_cast<int>(c.heads), kv_count = static_cast<int>(c.kv_heads);
  if (c.latent.kv_rank > 0) {
    latent = {whole(c.latent.kv_rank, 16), whole(c.latent.nope_size, 8), whole(c.rope_size, 16),
              whole(c.latent.value_size, 8), whole(c.latent.q_rank, 8)};
    heads = {head_count, 1, latent.width()};
    q_size = qkv_size = head_count * latent.width();
    output_inputs = head_count * latent.value;
    key_elements = static_cast<size_t>(latent.width());
    return;
  }
  heads = {head_count, kv_count, static_cast<int>(padded_head(c.head_dim, c.compute))};
  q_size = output_inputs = head_count * heads.dim;
  qkv_size = q_size + 2 * kv_count * heads.dim;
  key_elements = static_cast<size_t>(kv_count) * static_cast<size_t>(heads.dim);
}

bool ModelShape::is_padded() const {
  const auto differs = [](int size, size_t given) { return static_cast<size_t>(size) != given; };
  const esp_cuda_latent& l = config.latent;
  if (differs(inner, config.intermediate_size) || differs(expert_inner, config.experts.intermediate_size) ||
      differs(shared_inner, config.experts.shared_intermediate_size))
    return true;
  if (!is_latent()) return differs(heads.dim, config.head_dim);
  return differs(latent.rank, l.kv_rank) || differs(latent.nope, l.nope_size) || differs(latent.rope, config.rope_size) ||
         differs(latent.value, l.value_size) || differs(latent.bottleneck, l.q_rank);
}

RowMap ModelShape::query_rows() const {
  const bool pairs = config.rope_interleaved == 0;
  if (is_latent())
    return {.unit = config.latent.nope_size + config.rope_size,
            .padded = static_cast<size_t>(latent.query()),
            .split = config.latent.nope_size,
            .rotated = config.rope_size,
            .rotated_at = static_cast<size_t>(latent.nope),
            .pairs = pairs};
  return {.unit = config.head_dim,
          .padded = static_cast<size_t>(heads.dim),
          .split = 0,
          .rotated = static_cast<size_t>(rotated()),
          .rotated_at = 0,
          .pairs = pairs};
}

RowMap ModelShape::latent_key_rows() const {
  return {.unit = config.latent.kv_rank + config.rope_size,
          .padded = static_cast<size_t>(latent.width()),
          .split = config.latent.kv_rank,
          .rotated = config.rope_size,
          .rotated_at = static_cast<size_t>(latent.rank),
          .pairs = config.rope_interleaved == 0};
}

}  // namespace espalier::cuda
