// Random Llamas in weight files, for tests that run a whole model.
#pragma once
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "models/decoder.h"
#include "support.h"

namespace espalier::cuda::test {

struct Shape {
  size_t vocab, hidden, intermediate, layers, heads, kv_heads, head_dim;
  bool tied;
};

inline constexpr Shape kSmall{300, 64, 176, 2, 4, 2, 16, true};
inline constexpr Shape kMiddle{1003, 256, 704, 3, 8, 4, 32, true};
inline constexpr Shape kWide{2000, 512, 1024, 2, 8, 2, 128, false};

/// A model of random weights in a file of its own, deleted with it.
class RandomModel {
 public:
  RandomModel(const Shape& shape, DType dtype) : dtype_(dtype) {
    ModelConfig& c = spec_.config;
    c = {shape.vocab, shape.hidden,   shape.intermediate, shape.layers,
         shape.heads, shape.kv_heads, shape.head_dim,     1024};
    c.tied_embeddings = shape.tied;
    path_ = std::filesystem::temp_directory_path() / ("espalier-cuda-test-" + std::to_string(std::random_device{}()));
    file_ = std::fopen(path_.c_str(), "wb");
    matrix("model.embed_tokens.weight", shape.vocab, shape.hidden, 1);
    if (!shape.tied) matrix("lm_head.weight", shape.vocab, shape.hidden);
    norm("model.norm.weight", shape.hidden);
    const size_t q = shape.heads * shape.head_dim, kv = shape.kv_heads * shape.head_dim;
    for (size_t i = 0; i < shape.layers; ++i) {
      const std::string base = "model.layers." + std::to_string(i) + ".";
      norm(base + "input_layernorm.weight", shape.hidden);
      norm(base + "post_attention_layernorm.weight", shape.hidden);
      matrix(base + "self_attn.q_proj.weight", q, shape.hidden);
      matrix(base + "self_attn.k_proj.weight", kv, shape.hidden);
      matrix(base + "self_attn.v_proj.weight", kv, shape.hidden);
      matrix(base + "self_attn.o_proj.weight", shape.hidden, q);
      matrix(base + "mlp.gate_proj.weight", shape.intermediate, shape.hidden);
      matrix(base + "mlp.up_proj.weight", shape.intermediate, shape.hidden);
      matrix(base + "mlp.down_proj.weight", shape.hidden, shape.intermediate);
    }
    std::fclose(file_);
    spec_.files = {path_};
    decoder = std::make_shared<Decoder>(spec_);
  }
  ~RandomModel() { std::filesystem::remove(path_); }

  std::shared_ptr<const Decoder> decoder;

 private:
  void norm(const std::string& name, size_t size) { write(name, {size}, 0.2f, 1); }
  void matrix(const std::string& name, size_t rows, size_t cols, float deviation = 0) {
    write(name, {rows, cols}, deviation > 0 ? deviation : 1 / std::sqrt(static_cast<float>(cols)), 0);
  }
  void write(const std::string& name, std::vector<size_t> shape, float deviation, float mean) {
    size_t count = 1;
    for (const size_t size : shape) count *= size;
    spec_.tensors.push_back({name, dtype_, std::move(shape), 0, static_cast<size_t>(std::ftell(file_))});
    for (size_t i = 0; i < count; ++i) {
      const float value = mean + normal(deviation);
      const cuda::bf16 bf16(value);
      const cuda::f16 f16(value);
      const void* element = dtype_ == DType::F32   ? static_cast<const void*>(&value)
                            : dtype_ == DType::F16 ? static_cast<const void*>(&f16)
                                                   : &bf16;
      std::fwrite(element, dtype_bytes(dtype_), 1, file_);
    }
  }

  const DType dtype_;
  ModelSpec spec_;
  std::filesystem::path path_;
  std::FILE* file_ = nullptr;
};

}  // namespace espalier::cuda::test
