// The weights of one Llama-family decoder, found by their Hugging Face names and checked against the configuration.
// Matrices stay in their file's element type; norm weights are widened to float. Immutable, shared by all back ends.
// Instead of files, the weights may be random.
#pragma once
#include <memory>
#include <vector>

#include "files/mapped_file.h"
#include "models/config.h"

namespace espalier {

/// A row-major matrix [rows, cols] of `dtype`, in a mapped file or in the model's own memory.
struct Matrix {
  const std::byte* data = nullptr;
  DType dtype = DType::F32;
  size_t rows = 0;
  size_t cols = 0;

  const std::byte* row(size_t index) const { return data + index * cols * dtype_bytes(dtype); }
};

struct DecoderLayer {
  std::vector<float> input_norm;
  Matrix q, k, v, o;
  std::vector<float> post_norm;
  Matrix gate, up, down;
};

class Decoder {
 public:
  /// Maps the files and binds the tensors.
  /// @throws ModelError `model_config`, `model_file` or `model_tensor`, naming what is wrong.
  explicit Decoder(const ModelSpec& spec);

  const ModelConfig& config() const { return config_; }
  /// RandomOnDevice: matrices have shapes and no data, and the back end makes its own.
  WeightSource source() const { return source_; }
  const Matrix& embedding() const { return embedding_; }
  const Matrix& lm_head() const { return lm_head_; }
  const std::vector<float>& final_norm() const { return final_norm_; }
  const std::vector<DecoderLayer>& layers() const { return layers_; }
  /// Rotary frequencies of a head, head_dim / 2 of them, radians per position.
  const std::vector<float>& rope_frequencies() const { return rope_frequencies_; }

 private:
  void bind(const ModelSpec& spec);

  const ModelConfig config_;
  const WeightSource source_;
  std::vector<std::unique_ptr<MappedFile>> files_;
  std::vector<std::unique_ptr<std::byte[]>> copies_;
  Matrix embedding_, lm_head_;
  std::vector<float> final_norm_;
  std::vector<DecoderLayer> layers_;
  std::vector<float> rope_frequencies_;
};

}  // namespace espalier
