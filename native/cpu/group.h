// One model computed by several CPU back ends, its ranks: each has a part of the weights (models/shard.h), the pages of its
// heads under the same numbers, and a thread. The same sums as on several GPUs, and so how those are tested without any.
#pragma once
#include <memory>
#include <vector>

#include "cpu/backend.h"
#include "cpu/meeting.h"
#include "ranks/rank_threads.h"

namespace espalier {

class CpuGroup final : public Backend {
 public:
  /// `threads` of all ranks together, at least one each.
  /// @throws ModelError `tensor_parallel` where so many ranks cannot share the model.
  CpuGroup(const std::shared_ptr<const Decoder>& model, size_t ranks, size_t threads);

  void allocate_kv(size_t pages, size_t page_size) override;
  void allocate_host_kv(size_t pages) override;
  /// Of all ranks together.
  size_t page_bytes(size_t page_size) const override;
  void copy_pages(std::span<const PageCopy> copies) override;
  void forward(std::span<const Segment> segments, float* logits) override;
  void choose(std::span<const Choice> choices) override;
  void take(std::span<int32_t> tokens, std::span<Logprobs> logprobs) override;
  void sum_hidden(std::span<const Segment> segments, std::span<float> sums) override;

 private:
  void on_all(const std::function<void(CpuBackend& rank)>& body);

  Meeting meeting_;
  std::vector<std::unique_ptr<CpuBackend>> ranks_;
  RankThreads threads_;
};

/// A back end of one rank, or of several.
std::unique_ptr<Backend> make_cpu_backend(std::shared_ptr<const Decoder> model, size_t ranks, size_t threads);

}  // namespace espalier
