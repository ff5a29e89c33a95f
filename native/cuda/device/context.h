// What stands behind an esp_cuda_context: the abstract door that capi.cc calls, made for one element type.
#pragma once
#include <memory>
#include <span>

#include "cuda/device/chooser.h"
#include "espalier_cuda.h"

namespace espalier::cuda {

class Context {
 public:
  virtual ~Context() = default;
  virtual void load(esp_cuda_tensor tensor, size_t layer, size_t part, const void* data, esp_cuda_dtype dtype) = 0;
  virtual void load_vector(esp_cuda_vector vector, size_t layer, const float* data) = 0;
  virtual void load_dummy(uint64_t seed) = 0;
  virtual size_t page_bytes(size_t page_size) const = 0;
  virtual void allocate_kv(size_t pages, size_t page_size) = 0;
  virtual bool warm_up(size_t rows, size_t tokens) = 0;
  virtual void allocate_host_kv(size_t pages) = 0;
  virtual void copy_pages(std::span<const esp_cuda_page_copy> copies) = 0;
  virtual void forward(std::span<const esp_cuda_segment> segments, float* logits) = 0;
  virtual void wait() = 0;
  virtual void sample(std::span<const esp_cuda_choice> choices) = 0;
  virtual void score(std::span<const int32_t> tokens, int32_t alternatives, std::span<esp_cuda_logprobs> out) = 0;
  virtual void sum_hidden(std::span<const esp_cuda_segment> segments, float* sums) = 0;
  /// Mask rows, and what sample() chose. The device is the current one of this thread afterwards.
  virtual Chooser& chooser() = 0;
};

/// @throws CudaError naming what the configuration or the device does not allow.
std::unique_ptr<Context> make_context(const esp_cuda_config& config);

}  // namespace espalier::cuda
