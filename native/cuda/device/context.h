// What stands behind an esp_cuda_context: the abstract door that capi.cc calls. A rank is one made for an element type on one
// device (decoder_context.h); a group has several of them (group.h).
#pragma once
#include <memory>
#include <span>

#include "cuda/device/chooser.h"
#include "cuda/device/peers.h"
#include "espalier_cuda.h"

namespace espalier::cuda {

class Rank;

class Context {
 public:
  virtual ~Context() = default;
  virtual Rank& rank(size_t number) = 0;
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

/// What a pass ends with.
enum class Pass : uint8_t { Logits, HiddenStates };

/// A pass of one device in two parts. The first may allocate, time and capture, and so wait for devices; the second only
/// queues work, which may wait for other ranks.
class Rank : public Context {
 public:
  virtual void load(esp_cuda_tensor tensor, size_t layer, size_t part, const void* data, size_t row_bytes,
                    esp_cuda_dtype dtype) = 0;
  virtual void load_vector(esp_cuda_vector vector, size_t layer, const float* data) = 0;
  virtual void prepare(std::span<const esp_cuda_segment> segments, Pass pass) = 0;
  /// As Context::warm_up, but for the launch of what was prepared.
  virtual bool prepare_warm_up(size_t rows, size_t tokens) = 0;
  virtual void launch() = 0;
  /// Of the last pass, once it is done.
  virtual void read_logits(float* logits) = 0;
  virtual void read_sums(std::span<const esp_cuda_segment> segments, float* sums) = 0;
  /// The first rank chose so many tokens; they come with the next launch.
  virtual void expect_tokens(size_t count) = 0;
  /// What is told to the peers before anything is captured.
  virtual void meet() = 0;
};

/// @throws CudaError naming what the configuration or the device does not allow.
std::unique_ptr<Rank> make_rank(const esp_cuda_config& config, const Peer* peer);
std::unique_ptr<Context> make_context(std::span<const esp_cuda_config> configs);

}  // namespace espalier::cuda
