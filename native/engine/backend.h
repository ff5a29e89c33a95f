// What the engine needs of a device: KV pages and one forward pass over a ragged batch. The engine decides which token
// goes to which page; a back end knows nothing of requests, prefixes or sampling.
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace espalier {

/// Consecutive tokens of one sequence, at positions start ... start + count - 1. Their keys and values are written to
/// the sequence's pages (token t to pages[t / page_size]), where those of all earlier positions already are.
struct Segment {
  const int32_t* tokens = nullptr;
  size_t count = 0;
  size_t start = 0;
  const int32_t* pages = nullptr;
  /// Logits are computed for this many of the last tokens.
  size_t logit_rows = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;

  /// Reserves the KV cache. Called once, before the first forward.
  virtual void allocate_kv(size_t pages, size_t page_size) = 0;

  /// Runs the segments together and writes their logit rows, in segment order, to `logits` [rows, vocab_size].
  /// A row of logits is the same, bit for bit, whatever else is in the batch, however the sequence was cut into
  /// segments, and whoever computed the earlier positions' pages.
  virtual void forward(std::span<const Segment> segments, float* logits) = 0;

  /// Runs body(0) ... body(count - 1) on the back end's threads.
  virtual void parallel_for(size_t count, const std::function<void(size_t)>& body) = 0;
};

}  // namespace espalier
