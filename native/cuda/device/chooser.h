// Sampling: choices, adjustments and new mask rows go to the device in one block each, on a stream of their own, while
// the forward pass still runs; tokens and log-probabilities come back. The only wait of a step is take().
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "cuda/device/kernels.h"
#include "cuda/device/memory.h"
#include "cuda/device/stream.h"
#include "espalier_cuda.h"

namespace espalier::cuda {

/// Where the logits of the last forward pass are: row i at logits + places[i] * vocab.
struct LogitRows {
  float* logits = nullptr;
  std::span<const size_t> places;
};

class Chooser {
 public:
  explicit Chooser(size_t vocab_size) : vocab_(vocab_size), words_((vocab_size + 31) / 32) {}

  /// As in esp_cuda_api.
  int32_t* allocate_masks(size_t rows);
  void share_masks(const Chooser& owner);
  void send_masks(std::span<const int32_t> rows);
  /// `tokens`: where on the device they go, one per choice.
  void sample(std::span<const esp_cuda_choice> choices, const LogitRows& rows, int32_t* tokens, cudaStream_t stream);
  /// `logprobs`: empty, or one per token.
  void take(std::span<int32_t> tokens, std::span<esp_cuda_logprobs> logprobs);

  /// Log-probabilities of tokens[i] in row i, and of so many alternatives; waits for them.
  void score(std::span<const int32_t> tokens, int32_t alternatives, const LogitRows& rows,
             std::span<esp_cuda_logprobs> out, cudaStream_t stream);

  /// Choices of the last sample().
  size_t chosen() const { return chosen_count_; }

 private:
  // A list on the host and its copy on the device.
  template <class Entry>
  struct Sent {
    Pinned<Entry> host;
    Buffer<Entry> device;
    size_t count = 0;
    void begin(size_t most);
    Entry& add() { return host.get()[count++]; }
    void send(cudaStream_t stream);
  };

  // This chooser's own, or another's.
  struct MaskRows {
    const int32_t* host = nullptr;
    int32_t* device = nullptr;
    size_t count = 0;
  };

  void check(std::span<const esp_cuda_choice> choices, const LogitRows& rows) const;
  void list_choices(std::span<const esp_cuda_choice> choices, const LogitRows& rows);
  void list_adjustments(std::span<const esp_cuda_choice> choices, const LogitRows& rows);
  void list_logprobs(std::span<const esp_cuda_choice> choices, const LogitRows& rows);

  const size_t vocab_, words_;
  Stream upload_;
  Event uploaded_;
  // The tokens of the last sample() are on the host.
  Event done_;

  Sent<SampleRow> choices_;
  Sent<AdjustRow> adjusted_;
  Sent<esp_cuda_adjustment> adjustments_;
  Buffer<float> before_;
  Buffer<float2> sample_room_;
  Sent<LogprobRow> wanted_;
  Buffer<esp_cuda_logprobs> logprobs_;
  Pinned<esp_cuda_logprobs> logprobs_host_;
  Pinned<int32_t> masks_host_, tokens_host_;
  Buffer<int32_t> masks_;
  MaskRows mask_rows_;
  size_t chosen_count_ = 0;

  // Of score().
  Sent<int32_t> scored_tokens_;
  Sent<LogprobRow> scored_;
  Buffer<esp_cuda_logprobs> scores_;
};

}  // namespace espalier::cuda
