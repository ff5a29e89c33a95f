// A decoder that several devices share: a context and a thread for each, and the same calls to all. Each has a part of the
// weights and, under the same page numbers, of the keys and values; the first has the logits and chooses.
#pragma once
#include <functional>
#include <vector>

#include "cuda/device/context.h"
#include "ranks/rank_threads.h"

namespace espalier::cuda {

class Group final : public Context {
 public:
  explicit Group(std::span<const esp_cuda_config> configs);
  ~Group() override;

  Rank& rank(size_t number) override;
  void load_dummy(uint64_t seed) override;
  size_t page_bytes(size_t page_size) const override;
  void allocate_kv(size_t pages, size_t page_size) override;
  bool warm_up(size_t rows, size_t tokens) override;
  void allocate_host_kv(size_t pages) override;
  void copy_pages(std::span<const esp_cuda_page_copy> copies) override;
  void forward(std::span<const esp_cuda_segment> segments, float* logits) override;
  void wait() override;
  void sample(std::span<const esp_cuda_choice> choices) override;
  void score(std::span<const int32_t> tokens, int32_t alternatives, std::span<esp_cuda_logprobs> out) override;
  void sum_hidden(std::span<const esp_cuda_segment> segments, float* sums) override;
  Chooser& chooser() override;

 private:
  void on_all(const std::function<void(Rank& rank)>& body);
  /// Runs what makes ranks wait for each other; one that fails ends the waiting, and the group.
  void together(const std::function<void(Rank& rank)>& body);
  void prepare_and_launch(std::span<const esp_cuda_segment> segments, Pass pass);

  Peers peers_;
  std::vector<Peer> peer_;
  std::vector<std::unique_ptr<Rank>> ranks_;
  RankThreads threads_;
  bool broken_ = false;
};

}  // namespace espalier::cuda
