#include "cuda/client/describe.h"

#include <string>

#include "engine/errors.h"

namespace espalier {
namespace {

void check_supported(const ModelConfig& c) {
  const auto need = [](bool ok, const std::string& what) {
    if (!ok) throw EngineFailure("unsupported_model", "the CUDA back end has no " + what);
  };
  need(c.hidden_size % 8 == 0, "hidden size of " + std::to_string(c.hidden_size) + ": it must be a multiple of 8");
  if (c.latent.kv_rank)
    need(c.latent.kv_rank + c.rope_size <= 608, "latent vectors of more than 608 elements with the rotated part");
  else
    need(c.head_dim <= 256, "heads of more than 256 elements");
  need(c.experts.count <= 1024, "mixtures of more than 1,024 experts");
  need(c.experts.count == 0 || !c.output_norms, "norms after mixtures of experts");
}

esp_cuda_experts experts_of(const Experts& e) {
  const Router& r = e.router;
  return {.count = e.count,
          .per_token = e.per_token,
          .intermediate_size = e.intermediate_size,
          .shared_intermediate_size = e.shared_intermediate_size,
          .shared_gate = e.shared_gate,
          .sigmoid = r.scores == Router::Scores::Sigmoid,
          .bias = r.bias,
          .groups = r.groups,
          .groups_kept = r.groups_kept,
          .group_members = r.group_members,
          .normalize = r.normalize,
          .scale = static_cast<float>(r.scale)};
}

esp_cuda_shard shard_of(const Decoder& model) {
  const Shard shard = model.shard();
  return {.rank = static_cast<int32_t>(shard.rank),
          .count = static_cast<int32_t>(shard.count),
          .first_token = model.first_token(),
          .tokens = model.lm_head().rows,
          .kv_heads = model.whole().config().kv_heads};
}

// The weights of one layer.
class LayerVisit {
 public:
  LayerVisit(const DecoderLayer& layer, size_t index, const MatrixVisitor& matrix, const VectorVisitor& vector)
      : layer_(layer), index_(index), matrix_(matrix), vector_(vector) {}

  void visit() const {
    vector(ESP_CUDA_INPUT_NORM, layer_.input_norm);
    vector(ESP_CUDA_POST_NORM, layer_.post_norm);
    vector(ESP_CUDA_ATTENTION_OUTPUT_NORM, layer_.attention_output_norm);
    vector(ESP_CUDA_MLP_OUTPUT_NORM, layer_.mlp_output_norm);
    if (layer_.latent.kv_down.rows)
      latent();
    else
      attention();
    matrix(ESP_CUDA_O, layer_.o);
    vector(ESP_CUDA_O_BIAS, layer_.o_bias);
    if (!layer_.experts.experts.empty()) {
      experts();
      return;
    }
    network(layer_.mlp, ESP_CUDA_GATE, ESP_CUDA_UP, ESP_CUDA_DOWN);
    vector(ESP_CUDA_GATE_BIAS, layer_.mlp.gate_bias);
    vector(ESP_CUDA_UP_BIAS, layer_.mlp.up_bias);
    vector(ESP_CUDA_DOWN_BIAS, layer_.mlp.down_bias);
  }

 private:
  void matrix(esp_cuda_tensor tensor, const Matrix& m, size_t part = 0) const {
    if (m.rows > 0) matrix_(tensor, index_, part, m);
  }
  void vector(esp_cuda_vector kind, const std::vector<float>& values) const {
    if (!values.empty()) vector_(kind, index_, values);
  }
  void network(const FeedForward& mlp, esp_cuda_tensor gate, esp_cuda_tensor up, esp_cuda_tensor down,
               size_t part = 0) const {
    matrix(gate, mlp.gate, part);
    matrix(up, mlp.up, part);
    matrix(down, mlp.down, part);
  }
  void attention() const {
    matrix(ESP_CUDA_Q, layer_.q);
    matrix(ESP_CUDA_K, layer_.k);
    matrix(ESP_CUDA_V, layer_.v);
    vector(ESP_CUDA_Q_BIAS, layer_.q_bias);
    vector(ESP_CUDA_K_BIAS, layer_.k_bias);
    vector(ESP_CUDA_V_BIAS, layer_.v_bias);
    vector(ESP_CUDA_Q_NORM, layer_.q_norm);
    vector(ESP_CUDA_K_NORM, layer_.k_norm);
  }
  void latent() const {
    const LatentWeights& l = layer_.latent;
    matrix(ESP_CUDA_Q_DOWN, l.q_down);
    vector(ESP_CUDA_LATENT_Q_NORM, l.q_norm);
    matrix(ESP_CUDA_Q_UP, l.q_up);
    matrix(ESP_CUDA_KV_DOWN, l.kv_down);
    vector(ESP_CUDA_LATENT_KV_NORM, l.kv_norm);
    for (size_t head = 0; head < l.key_up.size(); ++head) {
      matrix(ESP_CUDA_KEY_UP, l.key_up[head], head);
      matrix(ESP_CUDA_VALUE_UP, l.value_up[head], head);
    }
  }
  void experts() const {
    const ExpertWeights& e = layer_.experts;
    matrix(ESP_CUDA_ROUTER, e.router);
    vector(ESP_CUDA_ROUTER_BIAS, e.router_bias);
    for (size_t i = 0; i < e.experts.size(); ++i)
      network(e.experts[i], ESP_CUDA_EXPERT_GATE, ESP_CUDA_EXPERT_UP, ESP_CUDA_EXPERT_DOWN, i);
    network(e.shared, ESP_CUDA_SHARED_GATE, ESP_CUDA_SHARED_UP, ESP_CUDA_SHARED_DOWN);
    matrix(ESP_CUDA_SHARED_SHARE, e.shared_gate);
  }

  const DecoderLayer& layer_;
  const size_t index_;
  const MatrixVisitor& matrix_;
  const VectorVisitor& vector_;
};

}  // namespace

esp_cuda_dtype cuda_dtype(DType dtype) {
  switch (dtype) {
    case DType::F32:
      return ESP_CUDA_F32;
    case DType::F16:
      return ESP_CUDA_F16;
    case DType::BF16:
      return ESP_CUDA_BF16;
    default:
      throw EngineFailure("unsupported_model", "the CUDA back end takes float32, float16 and bfloat16 weights, not quantised ones");
  }
}

CudaConfig::CudaConfig(const Decoder& model, esp_cuda_dtype compute, int device) {
  const ModelConfig& c = model.config();
  check_supported(c);
  for (size_t i = 0; i < c.layers; ++i) {
    const LayerKind kind = c.layer_kind(i);
    windows_.push_back(kind.window < c.max_positions ? static_cast<int32_t>(kind.window) : 0);
    expert_layers_.push_back(kind.experts);
  }
  const auto number = [](double value) { return static_cast<float>(value); };
  const std::vector<float>& of_windows = model.window_rope_frequencies();
  config_ = {.device = device,
             .compute = compute,
             .vocab_size = c.vocab_size,
             .hidden_size = c.hidden_size,
             .intermediate_size = c.intermediate_size,
             .layers = c.layers,
             .heads = c.heads,
             .kv_heads = c.kv_heads,
             .head_dim = c.head_dim,
             .max_positions = c.max_positions,
             .rms_norm_eps = number(c.rms_norm_eps),
             .tied_embeddings = c.tied_embeddings,
             .embedding_scale = number(c.embedding_scale),
             .rope_size = c.rope_size,
             .rope_interleaved = c.rope_interleaved,
             .rope_frequencies = model.rope_frequencies().data(),
             .rope_factor = number(c.rope_scaling.attention_factor),
             .window_frequencies = of_windows.empty() ? nullptr : of_windows.data(),
             .attention_scale = number(c.attention_scale),
             .attention_soft_cap = number(c.attention_soft_cap),
             .logit_soft_cap = number(c.logit_soft_cap),
             .windows = windows_.data(),
             .qkv_bias = c.qkv_bias,
             .output_bias = c.output_bias,
             .mlp_bias = c.mlp_bias,
             .qk_norm = c.qk_norm,
             .output_norms = c.output_norms,
             .gelu = c.activation == Activation::GeluTanh,
             .latent = {.kv_rank = c.latent.kv_rank,
                        .q_rank = c.latent.q_rank,
                        .nope_size = c.latent.nope_size,
                        .value_size = c.latent.value_size,
                        .norm_eps = number(c.latent.norm_eps)},
             .experts = experts_of(c.experts),
             .expert_layers = expert_layers_.data(),
             .shard = shard_of(model)};
}

void for_each_weight(const Decoder& model, const MatrixVisitor& matrix, const VectorVisitor& vector) {
  matrix(ESP_CUDA_EMBEDDING, 0, 0, model.embedding());
  if (!model.config().tied_embeddings) matrix(ESP_CUDA_LM_HEAD, 0, 0, model.lm_head());
  vector(ESP_CUDA_FINAL_NORM, 0, model.final_norm());
  for (size_t i = 0; i < model.layers().size(); ++i) LayerVisit(model.layers()[i], i, matrix, vector).visit();
}

}  // namespace espalier
