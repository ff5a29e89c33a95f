#include "cuda/device/group.h"

#include <atomic>

namespace espalier::cuda {

Group::Group(std::span<const esp_cuda_config> configs)
    : peers_(configs), ranks_(configs.size()), threads_(configs.size()) {
  for (size_t rank = 0; rank < configs.size(); ++rank) peer_.push_back(peers_.of(rank));
  threads_.run([&](size_t rank) { ranks_[rank] = make_rank(configs[rank], &peer_[rank]); });
  together([](Rank& rank) { rank.meet(); });
}

Group::~Group() {
  // Graphs end before the communicators that they hold.
  threads_.run([&](size_t rank) { ranks_[rank].reset(); });
}

void Group::on_all(const std::function<void(Rank& rank)>& body) {
  threads_.run([&](size_t rank) { body(*ranks_[rank]); });
}

void Group::together(const std::function<void(Rank& rank)>& body) {
  need(!broken_, "one of the devices that share this model failed before");
  std::atomic<size_t> failed{0};
  try {
    on_all([&](Rank& rank) {
      try {
        body(rank);
      } catch (...) {
        ++failed;
        throw;
      }
    });
  } catch (...) {
    broken_ = true;
    try {
      if (failed < ranks_.size()) peers_.abort();
    } catch (const CudaError&) {
      // The first failure tells more than one of ending the others.
    }
    throw;
  }
}

Rank& Group::rank(size_t number) {
  need(number < ranks_.size(), "there is no rank " + std::to_string(number));
  return *ranks_[number];
}

void Group::load_dummy(uint64_t seed) {
  on_all([&](Rank& rank) { rank.load_dummy(seed); });
}

size_t Group::page_bytes(size_t page_size) const { return ranks_.front()->page_bytes(page_size); }

void Group::allocate_kv(size_t pages, size_t page_size) {
  on_all([&](Rank& rank) { rank.allocate_kv(pages, page_size); });
}

void Group::allocate_host_kv(size_t pages) {
  on_all([&](Rank& rank) { rank.allocate_host_kv(pages); });
}

void Group::copy_pages(std::span<const esp_cuda_page_copy> copies) {
  on_all([&](Rank& rank) { rank.copy_pages(copies); });
}

bool Group::warm_up(size_t rows, size_t tokens) {
  std::vector<uint8_t> more(ranks_.size());
  threads_.run([&](size_t rank) { more[rank] = ranks_[rank]->prepare_warm_up(rows, tokens); });
  together([](Rank& rank) { rank.launch(); });
  return more.front() != 0;
}

void Group::prepare_and_launch(std::span<const esp_cuda_segment> segments, Pass pass) {
  on_all([&](Rank& rank) { rank.prepare(segments, pass); });
  together([](Rank& rank) { rank.launch(); });
}

void Group::forward(std::span<const esp_cuda_segment> segments, float* logits) {
  if (segments.empty()) return;
  prepare_and_launch(segments, Pass::Logits);
  if (logits) ranks_.front()->read_logits(logits);
}

void Group::sum_hidden(std::span<const esp_cuda_segment> segments, float* sums) {
  if (segments.empty()) return;
  prepare_and_launch(segments, Pass::HiddenStates);
  ranks_.front()->read_sums(segments, sums);
}

void Group::wait() {
  on_all([](Rank& rank) { rank.wait(); });
}

void Group::sample(std::span<const esp_cuda_choice> choices) {
  if (choices.empty()) return;
  ranks_.front()->sample(choices);
  for (const auto& rank : ranks_) rank->expect_tokens(choices.size());
}

void Group::score(std::span<const int32_t> tokens, int32_t alternatives, std::span<esp_cuda_logprobs> out) {
  ranks_.front()->score(tokens, alternatives, out);
}

Chooser& Group::chooser() { return ranks_.front()->chooser(); }

}  // namespace espalier::cuda
