#include "node/model_spec.h"

#include <algorithm>
#include <string>
#include <vector>

#include "node/values.h"

namespace espalier {
namespace {

Napi::Array array_of(const Napi::Object& object, const char* key) {
  const Napi::Value value = object.Get(key);
  if (!value.IsArray()) throw coded_error(object.Env(), "bad_request", std::string(key) + " must be an array");
  return value.As<Napi::Array>();
}

// Fields that may be absent and then keep their defaults.
bool has(const Napi::Object& object, const char* key) { return !object.Get(key).IsUndefined(); }

void read(const Napi::Object& object, const char* key, double& out) {
  if (has(object, key)) out = number_of(object, key);
}

void read(const Napi::Object& object, const char* key, size_t& out) {
  if (has(object, key)) out = static_cast<size_t>(integer_of(object, key, 0, kMostInteger));
}

void read(const Napi::Object& object, const char* key, bool& out) {
  if (has(object, key)) out = boolean_of(object, key);
}

template <class T>
T one_of(const Napi::Object& object, const char* key, std::initializer_list<std::pair<const char*, T>> names) {
  const std::string found = string_of(object, key);
  std::string known;
  for (const auto& [name, value] : names) {
    if (found == name) return value;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  throw coded_error(object.Env(), "model_config",
                    std::string(key) + " '" + found + "' is not one of " + known);
}

RopeScaling rope_scaling_of(const Napi::Value& value) {
  RopeScaling scaling;
  if (value.IsUndefined() || value.IsNull()) return scaling;
  const Napi::Object object = object_of(value, "ropeScaling");
  using Kind = RopeScaling::Kind;
  scaling.kind = one_of<Kind>(
      object, "kind",
      {{"linear", Kind::Linear}, {"llama3", Kind::Llama3}, {"yarn", Kind::Yarn}, {"factors", Kind::Factors}});
  read(object, "factor", scaling.factor);
  read(object, "lowFreqFactor", scaling.low_freq_factor);
  read(object, "highFreqFactor", scaling.high_freq_factor);
  read(object, "originalMaxPositions", scaling.original_max_positions);
  read(object, "betaFast", scaling.beta_fast);
  read(object, "betaSlow", scaling.beta_slow);
  read(object, "truncate", scaling.truncate);
  read(object, "attentionFactor", scaling.attention_factor);
  if (scaling.kind != Kind::Factors) return scaling;
  const Napi::Array factors = array_of(object, "factors");
  for (uint32_t i = 0; i < factors.Length(); ++i) {
    const Napi::Value factor = factors.Get(i);
    if (!factor.IsNumber()) throw coded_error(value.Env(), "model_config", "ropeScaling.factors must be numbers");
    scaling.factors.push_back(factor.As<Napi::Number>().DoubleValue());
  }
  return scaling;
}

LatentAttention latent_of(const Napi::Object& object) {
  LatentAttention latent;
  read(object, "kvRank", latent.kv_rank);
  read(object, "qRank", latent.q_rank);
  read(object, "nopeSize", latent.nope_size);
  read(object, "valueSize", latent.value_size);
  read(object, "normEps", latent.norm_eps);
  return latent;
}

Experts experts_of(const Napi::Object& object) {
  Experts experts;
  read(object, "count", experts.count);
  read(object, "perToken", experts.per_token);
  read(object, "intermediateSize", experts.intermediate_size);
  read(object, "sharedIntermediateSize", experts.shared_intermediate_size);
  read(object, "sharedGate", experts.shared_gate);
  const Napi::Object from = object_of(object.Get("router"), "experts.router");
  Router& router = experts.router;
  router.scores = one_of<Router::Scores>(
      from, "scores", {{"softmax", Router::Scores::Softmax}, {"sigmoid", Router::Scores::Sigmoid}});
  read(from, "bias", router.bias);
  read(from, "groups", router.groups);
  read(from, "groupsKept", router.groups_kept);
  read(from, "groupMembers", router.group_members);
  read(from, "normalize", router.normalize);
  read(from, "scale", router.scale);
  return experts;
}

std::vector<LayerKind> layer_kinds_of(const Napi::Object& spec) {
  std::vector<LayerKind> kinds;
  if (!has(spec, "layerKinds")) return kinds;
  const Napi::Array list = array_of(spec, "layerKinds");
  for (uint32_t i = 0; i < list.Length(); ++i) {
    const Napi::Object object = object_of(list.Get(i), "a layer kind");
    LayerKind kind;
    read(object, "window", kind.window);
    read(object, "experts", kind.experts);
    kinds.push_back(kind);
  }
  return kinds;
}

ModelConfig config_of(const Napi::Object& spec) {
  ModelConfig config;
  const auto count = [&](const char* key) { return static_cast<size_t>(integer_of(spec, key, 0, kMostInteger)); };
  config.vocab_size = count("vocabSize");
  config.hidden_size = count("hiddenSize");
  config.intermediate_size = count("intermediateSize");
  config.layers = count("layers");
  config.heads = count("heads");
  config.kv_heads = count("kvHeads");
  config.head_dim = count("headDim");
  config.max_positions = count("maxPositions");
  config.rope_theta = number_of(spec, "ropeTheta");
  config.rms_norm_eps = number_of(spec, "rmsNormEps");
  config.tied_embeddings = boolean_of(spec, "tiedEmbeddings");
  config.rope_scaling = rope_scaling_of(spec.Get("ropeScaling"));
  config.layer_kinds = layer_kinds_of(spec);
  read(spec, "ropeSize", config.rope_size);
  read(spec, "ropeInterleaved", config.rope_interleaved);
  read(spec, "windowRopeTheta", config.window_rope_theta);
  read(spec, "qkvBias", config.qkv_bias);
  read(spec, "outputBias", config.output_bias);
  read(spec, "mlpBias", config.mlp_bias);
  read(spec, "qkNorm", config.qk_norm);
  read(spec, "outputNorms", config.output_norms);
  read(spec, "normOffset", config.norm_offset);
  read(spec, "embeddingScale", config.embedding_scale);
  read(spec, "attentionScale", config.attention_scale);
  read(spec, "attentionSoftCap", config.attention_soft_cap);
  read(spec, "logitSoftCap", config.logit_soft_cap);
  if (has(spec, "activation"))
    config.activation =
        one_of<Activation>(spec, "activation", {{"silu", Activation::Silu}, {"gelu-tanh", Activation::GeluTanh}});
  if (has(spec, "latent")) config.latent = latent_of(object_of(spec.Get("latent"), "latent"));
  if (has(spec, "experts")) config.experts = experts_of(object_of(spec.Get("experts"), "experts"));
  return config;
}

DType dtype_of(const Napi::Object& tensor) {
  const std::string name = string_of(tensor, "dtype");
  constexpr std::pair<const char*, DType> kKnown[] = {
      {"F32", DType::F32},   {"F16", DType::F16},   {"BF16", DType::BF16}, {"Q8_0", DType::Q8_0},
      {"Q4_0", DType::Q4_0}, {"Q4_K", DType::Q4_K}, {"Q6_K", DType::Q6_K}};
  std::string known;
  for (const auto& [text, dtype] : kKnown) {
    if (name == text) return dtype;
    known += (known.empty() ? "" : ", ") + std::string(text);
  }
  throw coded_error(tensor.Env(), "model_tensor",
                    "tensor " + string_of(tensor, "name") + " has dtype " + name + "; supported: " + known);
}

TensorSpec tensor_of(const Napi::Object& object) {
  TensorSpec tensor;
  tensor.name = string_of(object, "name");
  tensor.dtype = dtype_of(object);
  tensor.file = integer_of(object, "file", 0, kMostInteger);
  tensor.offset = integer_of(object, "offset", 0, kMostInteger);
  read(object, "headRows", tensor.head_rows);
  const Napi::Array shape = array_of(object, "shape");
  for (uint32_t i = 0; i < shape.Length(); ++i) {
    const Napi::Value size = shape.Get(i);
    if (!size.IsNumber() || !(size.As<Napi::Number>().DoubleValue() >= 0))
      throw coded_error(object.Env(), "model_tensor", "tensor " + tensor.name + " has a shape that is not of numbers");
    tensor.shape.push_back(static_cast<size_t>(std::min(size.As<Napi::Number>().DoubleValue(), 0x1p53)));
  }
  return tensor;
}

}  // namespace

ModelSpec spec_of(const Napi::Value& value) {
  const Napi::Object object = object_of(value, "the model spec");
  ModelSpec spec;
  spec.config = config_of(object);
  const Napi::Value random = object.Get("random");
  if (!random.IsUndefined()) {
    const std::string place = string_of(object, "random");
    if (place != "host" && place != "device")
      throw coded_error(value.Env(), "bad_request", "random '" + place + "' is not host or device");
    spec.source = place == "host" ? WeightSource::RandomOnHost : WeightSource::RandomOnDevice;
    return spec;
  }
  const Napi::Array files = array_of(object, "files");
  for (uint32_t i = 0; i < files.Length(); ++i) {
    const Napi::Value path = files.Get(i);
    if (!path.IsString()) throw coded_error(value.Env(), "bad_request", "files must be an array of paths");
    spec.files.push_back(path.As<Napi::String>().Utf8Value());
  }
  const Napi::Array tensors = array_of(object, "tensors");
  for (uint32_t i = 0; i < tensors.Length(); ++i)
    spec.tensors.push_back(tensor_of(object_of(tensors.Get(i), "a tensor")));
  return spec;
}

}  // namespace espalier
