// A Decoder in the words of the C ABI: its configuration, and each of its weights.
#pragma once
#include <functional>
#include <vector>

#include "espalier_cuda.h"
#include "models/decoder.h"

namespace espalier {

/// @throws EngineFailure `unsupported_model` for an element type that the device does not take.
esp_cuda_dtype cuda_dtype(DType dtype);

/// The configuration and what it points to. The model must outlive it.
class CudaConfig {
 public:
  /// @throws EngineFailure `unsupported_model`, naming what the CUDA back end does not compute.
  CudaConfig(const Decoder& model, esp_cuda_dtype compute, int device);
  CudaConfig(const CudaConfig&) = delete;
  CudaConfig& operator=(const CudaConfig&) = delete;

  const esp_cuda_config& get() const { return config_; }

 private:
  esp_cuda_config config_{};
  std::vector<int32_t> windows_, expert_layers_;
};

using MatrixVisitor = std::function<void(esp_cuda_tensor tensor, size_t layer, size_t part, const Matrix& matrix)>;
using VectorVisitor = std::function<void(esp_cuda_vector vector, size_t layer, const std::vector<float>& values)>;

/// Calls back for every weight that the model has.
void for_each_weight(const Decoder& model, const MatrixVisitor& matrix, const VectorVisitor& vector);

}  // namespace espalier
