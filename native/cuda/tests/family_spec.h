// A family fixture as test/native/cuda/write-specs.ts writes it: lines of "key value", read into a ModelSpec.
#pragma once
#include <filesystem>
#include <fstream>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/config.h"

namespace espalier::cuda::test {

class FamilySpec {
 public:
  explicit FamilySpec(const std::filesystem::path& file) {
    std::ifstream in(file);
    for (std::string key, value; in >> key >> value;) lines_[key] = value;
    read_config();
    spec.files = {std::filesystem::path(file).replace_extension(".safetensors")};
    for (size_t i = 0; has(tensor(i) + "name"); ++i)
      spec.tensors.push_back({text(tensor(i) + "name"), dtype(text(tensor(i) + "dtype")),
                              list<size_t>(tensor(i) + "shape."), 0,
                              static_cast<size_t>(number(tensor(i) + "offset", 0))});
    prompt = list<int32_t>("prompt.");
    greedy = list<int32_t>("greedy.");
  }

  ModelSpec spec;
  std::vector<int32_t> prompt, greedy;

 private:
  static std::string tensor(size_t index) { return "tensors." + std::to_string(index) + "."; }
  static DType dtype(const std::string& name) {
    return name == "F32" ? DType::F32 : name == "F16" ? DType::F16 : DType::BF16;
  }
  bool has(const std::string& key) const { return lines_.contains(key); }
  std::string text(const std::string& key) const { return has(key) ? lines_.at(key) : ""; }
  double number(const std::string& key, double otherwise) const {
    return has(key) ? std::stod(lines_.at(key)) : otherwise;
  }
  template <class T>
  std::vector<T> list(const std::string& prefix) const {
    std::vector<T> values;
    while (has(prefix + std::to_string(values.size())))
      values.push_back(static_cast<T>(number(prefix + std::to_string(values.size()), 0)));
    return values;
  }
  void read(const std::string& key, size_t& out) const { out = static_cast<size_t>(number(key, double(out))); }
  void read(const std::string& key, double& out) const { out = number(key, out); }
  void read(const std::string& key, bool& out) const {
    if (has(key)) out = text(key) == "true";
  }

  void read_config() {
    ModelConfig& c = spec.config;
    read("vocabSize", c.vocab_size);
    read("hiddenSize", c.hidden_size);
    read("intermediateSize", c.intermediate_size);
    read("layers", c.layers);
    read("heads", c.heads);
    read("kvHeads", c.kv_heads);
    read("headDim", c.head_dim);
    read("maxPositions", c.max_positions);
    read("ropeTheta", c.rope_theta);
    read("rmsNormEps", c.rms_norm_eps);
    read("tiedEmbeddings", c.tied_embeddings);
    read("ropeSize", c.rope_size);
    read("ropeInterleaved", c.rope_interleaved);
    read("windowRopeTheta", c.window_rope_theta);
    read("qkvBias", c.qkv_bias);
    read("outputBias", c.output_bias);
    read("mlpBias", c.mlp_bias);
    read("qkNorm", c.qk_norm);
    read("outputNorms", c.output_norms);
    read("normOffset", c.norm_offset);
    read("embeddingScale", c.embedding_scale);
    read("attentionScale", c.attention_scale);
    read("attentionSoftCap", c.attention_soft_cap);
    read("logitSoftCap", c.logit_soft_cap);
    if (text("activation") == "gelu-tanh") c.activation = Activation::GeluTanh;
    for (size_t i = 0; i < c.layers && lines_.contains("layers"); ++i) {
      const std::string base = "layerKinds." + std::to_string(i) + ".";
      LayerKind kind;
      read(base + "window", kind.window);
      read(base + "experts", kind.experts);
      c.layer_kinds.push_back(kind);
    }
    read("latent.kvRank", c.latent.kv_rank);
    read("latent.qRank", c.latent.q_rank);
    read("latent.nopeSize", c.latent.nope_size);
    read("latent.valueSize", c.latent.value_size);
    read("latent.normEps", c.latent.norm_eps);
    read_scaling(c.rope_scaling);
    read_experts(c.experts);
  }
  void read_scaling(RopeScaling& s) const {
    const std::string kind = text("ropeScaling.kind");
    using Kind = RopeScaling::Kind;
    s.kind = kind == "linear"    ? Kind::Linear
             : kind == "llama3"  ? Kind::Llama3
             : kind == "yarn"    ? Kind::Yarn
             : kind == "factors" ? Kind::Factors
                                 : Kind::None;
    read("ropeScaling.factor", s.factor);
    read("ropeScaling.lowFreqFactor", s.low_freq_factor);
    read("ropeScaling.highFreqFactor", s.high_freq_factor);
    read("ropeScaling.originalMaxPositions", s.original_max_positions);
    read("ropeScaling.betaFast", s.beta_fast);
    read("ropeScaling.betaSlow", s.beta_slow);
    read("ropeScaling.truncate", s.truncate);
    read("ropeScaling.attentionFactor", s.attention_factor);
    s.factors = list<double>("ropeScaling.factors.");
  }
  void read_experts(Experts& e) const {
    read("experts.count", e.count);
    read("experts.perToken", e.per_token);
    read("experts.intermediateSize", e.intermediate_size);
    read("experts.sharedIntermediateSize", e.shared_intermediate_size);
    read("experts.sharedGate", e.shared_gate);
    if (text("experts.router.scores") == "sigmoid") e.router.scores = Router::Scores::Sigmoid;
    read("experts.router.bias", e.router.bias);
    read("experts.router.groups", e.router.groups);
    read("experts.router.groupsKept", e.router.groups_kept);
    read("experts.router.groupMembers", e.router.group_members);
    read("experts.router.normalize", e.router.normalize);
    read("experts.router.scale", e.router.scale);
  }

  std::unordered_map<std::string, std::string> lines_;
};

}  // namespace espalier::cuda::test
