// The library's calls as an engine's back end, without a model file.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "engine/engine.h"
#include "espalier_cuda.h"

inline const esp_cuda_api* api = nullptr;

/// Ends the program with the library's message where a call failed.
inline void check(int status) {
  if (status == 0) return;
  std::fprintf(stderr, "espalier_cuda_bench: %s\n", api->last_error());
  std::exit(1);
}

/// Over a context of random weights.
class RandomBackend final : public espalier::Backend {
 public:
  explicit RandomBackend(esp_cuda_context* context) : context_(context) {}
  void allocate_kv(size_t pages, size_t page_size) override { check(api->allocate_kv(context_, pages, page_size)); }
  void allocate_host_kv(size_t pages) override { check(api->allocate_host_kv(context_, pages)); }
  size_t page_bytes(size_t page_size) const override {
    size_t bytes = 0;
    check(api->page_bytes(context_, page_size, &bytes));
    return bytes;
  }
  void copy_pages(std::span<const espalier::PageCopy> copies) override {
    check(api->copy_pages(context_, reinterpret_cast<const esp_cuda_page_copy*>(copies.data()), copies.size()));
  }
  void forward(std::span<const espalier::Segment> segments, float* logits) override {
    std::vector<esp_cuda_segment> all;
    for (const auto& s : segments) all.push_back({s.tokens, s.count, s.start, s.pages, s.logit_rows});
    check(api->forward(context_, all.data(), all.size(), logits));
  }
  void sum_hidden(std::span<const espalier::Segment>, std::span<float>) override {
    throw std::logic_error("no embeddings are measured here");
  }
  int32_t* mask_memory(size_t rows, size_t) override {
    int32_t* memory = nullptr;
    check(api->allocate_masks(context_, rows, &memory));
    return memory;
  }
  void send_masks(std::span<const int32_t> rows) override {
    check(api->send_masks(context_, rows.data(), rows.size()));
  }
  void take(std::span<int32_t> tokens, std::span<espalier::Logprobs>) override {
    check(api->take(context_, tokens.data(), nullptr, tokens.size()));
  }
  void choose(std::span<const espalier::Choice> choices) override {
    std::vector<esp_cuda_choice> all;
    for (const auto& c : choices)
      all.push_back({c.logit_row, c.mask_row, c.sampling.temperature, c.sampling.top_k, c.sampling.top_p,
                     c.sampling.min_p, espalier::uniform(c.sampling.seed, c.position)});
    check(api->sample(context_, all.data(), all.size()));
  }

 private:
  esp_cuda_context* const context_;
};
