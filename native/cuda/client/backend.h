// The engine's CUDA back end: a Decoder's weights sent through the C ABI of libespalier_cuda.so to one device, or to several
// that share it, and its calls turned into EngineFailure where they fail.
#pragma once
#include <memory>
#include <vector>

#include "engine/backend.h"
#include "espalier_cuda.h"
#include "models/decoder.h"

namespace espalier {

enum class CudaCompute : uint8_t { Auto, BF16, F16, F32 };

class CudaBackend final : public Backend {
 public:
  /// Copies the weights to the first `ranks` devices, to each its part. Auto computes in the weights' element type.
  /// @throws EngineFailure `unsupported_model` for what it does not compute, `no_device` without library, enough GPUs or
  /// NCCL, `device_error` when a device refuses; ModelError `tensor_parallel` where so many ranks cannot share the model.
  CudaBackend(std::shared_ptr<const Decoder> model, CudaCompute compute, size_t ranks = 1);
  ~CudaBackend() override;

  void allocate_kv(size_t pages, size_t page_size) override;
  void allocate_host_kv(size_t pages) override;
  /// Of all devices together.
  size_t page_bytes(size_t page_size) const override;
  void copy_pages(std::span<const PageCopy> copies) override;
  bool warm_up(size_t rows, size_t tokens) override;
  void forward(std::span<const Segment> segments, float* logits) override;
  void wait() override;
  int32_t* mask_memory(size_t rows, size_t words) override;
  void share_masks(Backend& owner) override;
  void send_masks(std::span<const int32_t> rows) override;
  void choose(std::span<const Choice> choices) override;
  void take(std::span<int32_t> tokens, std::span<Logprobs> logprobs) override;
  bool score(const Segment& segment, std::span<const int32_t> tokens, size_t alternatives,
             std::span<Logprobs> found) override;
  void sum_hidden(std::span<const Segment> segments, std::span<float> sums) override;

  /// The devices' free memory for pages, less what activations of so many back ends need, within a share of their memory (all: 1).
  size_t bytes_for_pages(size_t backends, double share) const;

 private:
  void check(int status, const char* what) const;
  void create(const std::vector<std::shared_ptr<const Decoder>>& parts);
  void load_weights(const std::vector<std::shared_ptr<const Decoder>>& parts);
  void load_part(const Decoder& part, size_t rank);

  const size_t ranks_;
  const esp_cuda_api* api_ = nullptr;
  esp_cuda_context* context_ = nullptr;
  esp_cuda_dtype compute_ = ESP_CUDA_BF16;
};

}  // namespace espalier
