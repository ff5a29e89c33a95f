// Binds a model's tensors: every name, shape and byte range is checked before a weight is read.
#include "models/decoder.h"

#include <cstring>
#include <string>
#include <unordered_map>

#include "models/random_weights.h"
#include "models/rope.h"
#include "models/widen.h"

namespace espalier {
namespace {

// Far above any model; keeps every product of sizes below within 64 bits.
constexpr size_t kMaxDimension = size_t{1} << 28;

void check_config(const ModelConfig& c) {
  const auto need = [](bool ok, const std::string& message) {
    if (!ok) throw ModelError("model_config", message);
  };
  const auto count = [&](size_t value, const char* name) {
    need(value >= 1 && value <= kMaxDimension, std::string(name) + " = " + std::to_string(value) + " is out of range");
  };
  count(c.vocab_size, "vocabSize");
  count(c.hidden_size, "hiddenSize");
  count(c.intermediate_size, "intermediateSize");
  count(c.layers, "layers");
  count(c.heads, "heads");
  count(c.kv_heads, "kvHeads");
  count(c.head_dim, "headDim");
  count(c.max_positions, "maxPositions");
  need(c.layers <= 4096 && c.heads <= 65536 && c.head_dim <= 65536, "layers, heads or headDim is out of range");
  need(c.heads % c.kv_heads == 0,
       "heads (" + std::to_string(c.heads) + ") is not a multiple of kvHeads (" + std::to_string(c.kv_heads) + ")");
  need(c.head_dim % 2 == 0, "headDim (" + std::to_string(c.head_dim) + ") is odd");
  need(c.rope_theta > 0, "ropeTheta must be positive");
  need(c.rms_norm_eps >= 0, "rmsNormEps must not be negative");
}

std::string shape_text(const std::vector<size_t>& shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

/// Looks tensors up by name and checks them; owns nothing.
class Binder {
 public:
  Binder(const ModelSpec& spec, const std::vector<std::unique_ptr<MappedFile>>& files,
         std::vector<std::unique_ptr<std::byte[]>>& copies)
      : spec_(spec), files_(files), copies_(copies) {
    for (const TensorSpec& tensor : spec.tensors)
      if (!by_name_.emplace(tensor.name, &tensor).second)
        throw ModelError("model_tensor", "tensor " + tensor.name + " is given twice");
  }

  bool has(const std::string& name) const { return by_name_.contains(name); }

  Matrix matrix(const std::string& name, size_t rows, size_t cols) {
    const TensorSpec& tensor = find(name, {rows, cols});
    return {bytes(tensor, rows * cols), tensor.dtype, rows, cols};
  }

  std::vector<float> vector(const std::string& name, size_t size) {
    const TensorSpec& tensor = find(name, {size});
    const std::byte* source = bytes(tensor, size);
    std::vector<float> values(size);
    widen(source, tensor.dtype, size, values.data());
    return values;
  }

 private:
  const TensorSpec& find(const std::string& name, const std::vector<size_t>& expected) const {
    const auto found = by_name_.find(name);
    if (found == by_name_.end())
      throw ModelError("model_tensor", "tensor " + name + " is missing (expected shape " + shape_text(expected) + ")");
    if (found->second->shape != expected)
      throw ModelError("model_tensor", "tensor " + name + " has shape " + shape_text(found->second->shape) +
                                           ", expected " + shape_text(expected));
    return *found->second;
  }

  const std::byte* bytes(const TensorSpec& tensor, size_t elements) {
    if (tensor.file >= files_.size())
      throw ModelError("model_tensor", "tensor " + tensor.name + " is in file " + std::to_string(tensor.file) +
                                           ", but there are " + std::to_string(files_.size()) + " files");
    const MappedFile& file = *files_[tensor.file];
    const size_t size = elements * dtype_bytes(tensor.dtype);
    if (tensor.offset > file.size() || size > file.size() - tensor.offset)
      throw ModelError("model_file", "tensor " + tensor.name + " needs bytes " + std::to_string(tensor.offset) +
                                         " to " + std::to_string(tensor.offset + size) + ", but " +
                                         spec_.files[tensor.file] + " has " + std::to_string(file.size()));
    const std::byte* start = file.data() + tensor.offset;
    if (tensor.offset % dtype_bytes(tensor.dtype) == 0) return start;
    copies_.push_back(std::make_unique<std::byte[]>(size));
    std::memcpy(copies_.back().get(), start, size);
    return copies_.back().get();
  }

  const ModelSpec& spec_;
  const std::vector<std::unique_ptr<MappedFile>>& files_;
  std::vector<std::unique_ptr<std::byte[]>>& copies_;
  std::unordered_map<std::string, const TensorSpec*> by_name_;
};

DecoderLayer bind_layer(Binder& binder, const ModelConfig& c, size_t index) {
  const std::string base = "model.layers." + std::to_string(index) + ".";
  const size_t q_size = c.heads * c.head_dim, kv_size = c.kv_heads * c.head_dim;
  DecoderLayer layer;
  layer.input_norm = binder.vector(base + "input_layernorm.weight", c.hidden_size);
  layer.q = binder.matrix(base + "self_attn.q_proj.weight", q_size, c.hidden_size);
  layer.k = binder.matrix(base + "self_attn.k_proj.weight", kv_size, c.hidden_size);
  layer.v = binder.matrix(base + "self_attn.v_proj.weight", kv_size, c.hidden_size);
  layer.o = binder.matrix(base + "self_attn.o_proj.weight", c.hidden_size, q_size);
  layer.post_norm = binder.vector(base + "post_attention_layernorm.weight", c.hidden_size);
  layer.gate = binder.matrix(base + "mlp.gate_proj.weight", c.intermediate_size, c.hidden_size);
  layer.up = binder.matrix(base + "mlp.up_proj.weight", c.intermediate_size, c.hidden_size);
  layer.down = binder.matrix(base + "mlp.down_proj.weight", c.hidden_size, c.intermediate_size);
  for (const char* bias : {"self_attn.q_proj.bias", "self_attn.k_proj.bias", "self_attn.v_proj.bias",
                           "self_attn.o_proj.bias", "mlp.gate_proj.bias", "mlp.up_proj.bias", "mlp.down_proj.bias"})
    if (binder.has(base + bias))
      throw ModelError("model_tensor", "tensor " + base + bias + " is there, but this decoder has no biases");
  return layer;
}

}  // namespace

Decoder::Decoder(const ModelSpec& spec) : config_(spec.config), source_(spec.source) {
  check_config(config_);
  rope_frequencies_ = make_rope_frequencies(config_);
  if (source_ == WeightSource::Files) {
    bind(spec);
    return;
  }
  RandomWeights random(source_ == WeightSource::RandomOnHost, copies_);
  embedding_ = random.matrix(config_.vocab_size, config_.hidden_size);
  lm_head_ = config_.tied_embeddings ? embedding_ : random.matrix(config_.vocab_size, config_.hidden_size);
  final_norm_.assign(config_.hidden_size, 1.0f);
  for (size_t i = 0; i < config_.layers; ++i) layers_.push_back(random.layer(config_));
}

void Decoder::bind(const ModelSpec& spec) {
  try {
    for (const std::string& path : spec.files) files_.push_back(std::make_unique<MappedFile>(path));
  } catch (const FileError& error) {
    throw ModelError("model_file", error.what());
  }
  Binder binder(spec, files_, copies_);
  embedding_ = binder.matrix("model.embed_tokens.weight", config_.vocab_size, config_.hidden_size);
  lm_head_ =
      config_.tied_embeddings ? embedding_ : binder.matrix("lm_head.weight", config_.vocab_size, config_.hidden_size);
  final_norm_ = binder.vector("model.norm.weight", config_.hidden_size);
  for (size_t i = 0; i < config_.layers; ++i) layers_.push_back(bind_layer(binder, config_, i));
}

}  // namespace espalier
