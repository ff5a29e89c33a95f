#include "cpu/group.h"

#include <algorithm>

namespace espalier {

CpuGroup::CpuGroup(const std::shared_ptr<const Decoder>& model, size_t ranks, size_t threads)
    : meeting_(ranks), threads_(ranks) {
  const size_t each = std::max<size_t>(1, threads / ranks);
  for (size_t rank = 0; rank < ranks; ++rank)
    ranks_.push_back(
        std::make_unique<CpuBackend>(std::make_shared<const Decoder>(model, Shard{rank, ranks}), each, &meeting_));
}

void CpuGroup::on_all(const std::function<void(CpuBackend& rank)>& body) {
  meeting_.reset();
  threads_.run([&](size_t rank) {
    try {
      body(*ranks_[rank]);
    } catch (...) {
      meeting_.fail();
      throw;
    }
  });
}

void CpuGroup::allocate_kv(size_t pages, size_t page_size) {
  for (const auto& rank : ranks_) rank->allocate_kv(pages, page_size);
}

void CpuGroup::allocate_host_kv(size_t pages) {
  for (const auto& rank : ranks_) rank->allocate_host_kv(pages);
}

size_t CpuGroup::page_bytes(size_t page_size) const {
  return ranks_.size() * ranks_.front()->page_bytes(page_size);
}

void CpuGroup::copy_pages(std::span<const PageCopy> copies) {
  on_all([&](CpuBackend& rank) { rank.copy_pages(copies); });
}

void CpuGroup::forward(std::span<const Segment> segments, float* logits) {
  on_all([&](CpuBackend& rank) { rank.forward(segments, logits); });
}

void CpuGroup::choose(std::span<const Choice> choices) {
  on_all([&](CpuBackend& rank) { rank.choose(choices); });
  for (size_t rank = 1; rank < ranks_.size(); ++rank) ranks_[rank]->take_over(*ranks_.front());
}

void CpuGroup::take(std::span<int32_t> tokens, std::span<Logprobs> logprobs) {
  ranks_.front()->take(tokens, logprobs);
}

void CpuGroup::sum_hidden(std::span<const Segment> segments, std::span<float> sums) {
  on_all([&](CpuBackend& rank) {
    if (&rank == ranks_.front().get())
      rank.sum_hidden(segments, sums);
    else
      rank.forward(segments, nullptr);
  });
}

std::unique_ptr<Backend> make_cpu_backend(std::shared_ptr<const Decoder> model, size_t ranks, size_t threads) {
  if (ranks == 1) return std::make_unique<CpuBackend>(std::move(model), threads);
  return std::make_unique<CpuGroup>(model, ranks, threads);
}

}  // namespace espalier
