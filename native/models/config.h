// A decoder-only transformer described by data: what the binding reads from a NativeModelSpec and the loader checks.
// Counts are numbers of elements; theta and eps as in the model's config.json.
#pragma once
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace espalier {

enum class DType : uint8_t { F32, F16, BF16 };

inline size_t dtype_bytes(DType dtype) { return dtype == DType::F32 ? 4 : 2; }

/// Why a model cannot be loaded. `code` is stable; the message names the tensor, file or field at fault.
class ModelError : public std::runtime_error {
 public:
  ModelError(std::string code, const std::string& message) : std::runtime_error(message), code(std::move(code)) {}
  const std::string code;
};

struct RopeScaling {
  enum class Kind : uint8_t { None, Linear, Llama3 };
  Kind kind = Kind::None;
  double factor = 1;
  double low_freq_factor = 1;
  double high_freq_factor = 4;
  double original_max_positions = 0;
};

struct ModelConfig {
  size_t vocab_size = 0;
  size_t hidden_size = 0;
  size_t intermediate_size = 0;
  size_t layers = 0;
  size_t heads = 0;
  size_t kv_heads = 0;
  size_t head_dim = 0;
  size_t max_positions = 0;
  double rope_theta = 10000;
  double rms_norm_eps = 1e-5;
  bool tied_embeddings = false;
  RopeScaling rope_scaling;
};

/// One tensor of a weight file: `offset` is in bytes from the file's start.
struct TensorSpec {
  std::string name;
  DType dtype = DType::F32;
  std::vector<size_t> shape;
  size_t file = 0;
  size_t offset = 0;
};

/// Where a model's weights come from. Random ones, for measurements: in the host's memory, or made by the back end on its
/// device.
enum class WeightSource : uint8_t { Files, RandomOnHost, RandomOnDevice };

struct ModelSpec {
  ModelConfig config;
  WeightSource source = WeightSource::Files;
  std::vector<std::string> files;
  std::vector<TensorSpec> tensors;
};

}  // namespace espalier
