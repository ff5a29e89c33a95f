// What the engine needs of a device: KV pages, one forward pass over a ragged batch, and a token from each row of its
// logits, which never leave the device. The engine decides which token goes to which page; a back end knows nothing of
// requests, prefixes or grammars. Calls are queued in order and may return before they are done; take() waits.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/page_copy.h"
#include "engine/sampler.h"

namespace espalier {

/// Consecutive tokens of one sequence, at positions start ... start + count - 1. Their keys and values are written to
/// the sequence's pages (token t to pages[t / page_size]), where those of all earlier positions already are.
struct Segment {
  /// A negative token, where a segment has only one, stands for the token that entry -1 - token of the last choose()
  /// chose: the host need not know it yet.
  const int32_t* tokens = nullptr;
  size_t count = 0;
  size_t start = 0;
  const int32_t* pages = nullptr;
  /// Logits are computed for this many of the last tokens.
  size_t logit_rows = 0;
};

/// One token to choose from a row of the last forward's logits, as sample() of engine/sampler.h does.
struct Choice {
  size_t logit_row = 0;
  /// Null: all tokens are allowed.
  const int32_t* mask = nullptr;
  /// The mask's number among the rows of mask_memory().
  int32_t mask_row = -1;
  Sampling sampling;
  uint64_t position = 0;
  /// Each token at most once. No other choice of the same row may come with one that has any.
  std::span<const Adjustment> adjustments;
  /// Find log-probabilities, of this many alternatives too; -1: none.
  int32_t logprobs = -1;
};

/// What stands in place of a token: no allowed logit is finite, or there was no memory to choose.
constexpr int32_t kNoToken = -1, kNoMemory = -2;

class Backend {
 public:
  virtual ~Backend() = default;

  /// Reserves the KV cache. Called once, before the first forward.
  virtual void allocate_kv(size_t pages, size_t page_size) = 0;

  /// Reserves the host tier: memory on the host for as many further pages. Called at most once, after allocate_kv().
  virtual void allocate_host_kv(size_t pages) = 0;

  /// Bytes of one page in all layers.
  virtual size_t page_bytes(size_t page_size) const = 0;

  /// Copies pages one after the other, in this order with each other and with the forward passes around them.
  virtual void copy_pages(std::span<const PageCopy> copies) = 0;

  /// Prepares what is not prepared yet of passes of up to `rows` tokens that decode and up to `tokens` in all, a part of it
  /// in each call, while nothing else is to do. Returns whether there is more. Drops logits.
  virtual bool warm_up(size_t /*rows*/, size_t /*tokens*/) { return false; }

  /// Runs the segments together. Their logit rows, in segment order, are kept for choose(); or, where `logits` is not
  /// null, written there as [rows, vocab_size]. On one device and for one set of kernels a row of logits is the
  /// same, bit for bit; docs/engine.md and docs/cuda.md say how far it depends on what else is in the batch.
  virtual void forward(std::span<const Segment> segments, float* logits) = 0;

  /// Waits until all that was queued is done.
  virtual void wait() {}

  /// Memory on the host for `rows` mask rows of `words` words, numbered from 0; null: the engine uses its own. Called at
  /// most once. A back end may keep copies on its device.
  virtual int32_t* mask_memory(size_t /*rows*/, size_t /*words*/) { return nullptr; }

  /// In place of mask_memory(): this back end chooses with the rows of `owner`, which is of the same kind and lives longer.
  virtual void share_masks(Backend& /*owner*/) {}

  /// Says that these rows of mask_memory() have new contents. None of them belongs to a choice that was not taken yet.
  virtual void send_masks(std::span<const int32_t> /*rows*/) {}

  /// Chooses a token (or kNoToken, kNoMemory) for each entry. One forward() may be queued before they are taken; a next
  /// choose() drops what was not.
  virtual void choose(std::span<const Choice> choices) = 0;

  /// Waits for the tokens of the last choose(), one per entry; and for the log-probabilities of entries that asked for
  /// them, unless `logprobs` is empty, which has one for each entry; the others' mean nothing.
  virtual void take(std::span<int32_t> tokens, std::span<Logprobs> logprobs) = 0;

  /// Runs the segment, whose logit rows are as many as `tokens`, and finds the log-probability of each token in its row
  /// and of so many alternatives. False: the back end does not; the caller reads the logits of forward() itself.
  virtual bool score(const Segment& /*segment*/, std::span<const int32_t> /*tokens*/, size_t /*alternatives*/,
                     std::span<Logprobs> /*found*/) {
    return false;
  }

  /// Runs the segments together and adds to each one's row of `sums`, [segments, hidden size], the final hidden states
  /// (behind the last norm) of those of its tokens that have logit rows, in the order of positions. No logits are computed.
  virtual void sum_hidden(std::span<const Segment> segments, std::span<float> sums) = 0;
};

}  // namespace espalier
