#include "models/check_config.h"

namespace espalier {
namespace {

// Far above any model; keeps every product of two sizes below within 64 bits.
constexpr size_t kMaxDimension = size_t{1} << 28;

void need(bool ok, const std::string& message) {
  if (!ok) throw ModelError("model_config", message);
}

void count(size_t value, const char* name) {
  need(value >= 1 && value <= kMaxDimension, std::string(name) + " = " + std::to_string(value) + " is out of range");
}

void check_latent(const ModelConfig& c) {
  const LatentAttention& latent = c.latent;
  if (latent.kv_rank == 0) return;
  count(latent.kv_rank, "latent.kvRank");
  count(latent.nope_size, "latent.nopeSize");
  count(latent.value_size, "latent.valueSize");
  count(c.rope_size, "ropeSize");
  need(latent.q_rank <= kMaxDimension, "latent.qRank is out of range");
  need(latent.kv_rank <= 65536 && latent.nope_size <= 65536 && latent.value_size <= 65536,
       "latent.kvRank, nopeSize or valueSize is out of range");
  need(latent.norm_eps >= 0, "latent.normEps must not be negative");
  need(c.kv_heads == 1 && c.head_dim == latent.kv_rank + c.rope_size,
       "latent attention has one KV head of kvRank + ropeSize elements");
  need(!c.qkv_bias && !c.qk_norm, "latent attention has neither biases nor norms of heads");
  for (const LayerKind& kind : c.layer_kinds) need(kind.window == 0, "latent attention has no window");
}

void check_experts(const ModelConfig& c) {
  bool any = c.experts.count > 0;
  for (const LayerKind& kind : c.layer_kinds) any |= kind.experts;
  if (!any) return;
  const Experts& experts = c.experts;
  const Router& router = experts.router;
  count(experts.count, "experts.count");
  count(experts.intermediate_size, "experts.intermediateSize");
  need(experts.count <= 65536, "experts.count is out of range");
  need(experts.shared_intermediate_size <= kMaxDimension, "experts.sharedIntermediateSize is out of range");
  need(!c.mlp_bias, "experts have no biases");
  need(router.groups >= 1 && experts.count % router.groups == 0,
       "experts.count is not a multiple of experts.router.groups");
  const size_t size = experts.count / router.groups;
  need(router.groups_kept >= 1 && router.groups_kept <= router.groups, "experts.router.groupsKept is out of range");
  need(router.group_members >= 1 && router.group_members <= size, "experts.router.groupMembers is out of range");
  need(experts.per_token >= 1 && experts.per_token <= router.groups_kept * size, "experts.perToken is out of range");
}

}  // namespace

void check_config(const ModelConfig& c) {
  count(c.vocab_size, "vocabSize");
  count(c.hidden_size, "hiddenSize");
  count(c.intermediate_size, "intermediateSize");
  count(c.layers, "layers");
  count(c.heads, "heads");
  count(c.kv_heads, "kvHeads");
  count(c.head_dim, "headDim");
  count(c.max_positions, "maxPositions");
  need(c.layers <= 4096 && c.heads <= 65536 && c.head_dim <= 131072, "layers, heads or headDim is out of range");
  need(c.heads % c.kv_heads == 0,
       "heads (" + std::to_string(c.heads) + ") is not a multiple of kvHeads (" + std::to_string(c.kv_heads) + ")");
  need(c.rotated() % 2 == 0, (c.rope_size ? "ropeSize (" : "headDim (") + std::to_string(c.rotated()) + ") is odd");
  need(c.rotated() <= c.head_dim, "ropeSize is larger than headDim");
  need(c.rope_theta > 0, "ropeTheta must be positive");
  need(c.window_rope_theta >= 0, "windowRopeTheta must not be negative");
  need(c.rms_norm_eps >= 0, "rmsNormEps must not be negative");
  need(c.attention_scale >= 0, "attentionScale must not be negative");
  need(c.attention_soft_cap >= 0 && c.logit_soft_cap >= 0, "soft caps must not be negative");
  need(c.layer_kinds.empty() || c.layer_kinds.size() == c.layers,
       "layerKinds describes " + std::to_string(c.layer_kinds.size()) + " of " + std::to_string(c.layers) + " layers");
  check_latent(c);
  check_experts(c);
}

}  // namespace espalier
