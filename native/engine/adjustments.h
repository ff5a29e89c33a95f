// What changes the logits of one request's next token, kept as its output grows: penalties for tokens that it holds,
// biases, and stop tokens that it may not have yet.
#pragma once
#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/sampler.h"

namespace espalier {

/// What a request asks for besides its Sampling.
struct LogitRules {
  /// Added to the logits of these tokens.
  std::vector<std::pair<int32_t, float>> biases;
  /// Output tokens before a stop token may be sampled.
  uint64_t min_tokens = 0;
};

class Adjustments {
 public:
  /// Empty, and without cost, where nothing is adjusted.
  Adjustments(const Sampling& sampling, const LogitRules& rules, std::span<const int32_t> prompt,
              std::span<const int32_t> stop_tokens);

  /// A token joined the output.
  void add_output(int32_t token);

  /// What the next token is sampled with. Where the mask (null: all tokens), which allows `allowed` tokens, has none
  /// but stop tokens that may not come yet, they may: a grammar that is complete ends the output.
  std::span<const Adjustment> next(const int32_t* mask, int64_t allowed);

 private:
  Adjustment& of(int32_t token);
  void allow_stops();

  const bool penalizes_;
  // Outputs that are still to come before stop tokens may.
  uint64_t forbidden_for_;
  std::vector<Adjustment> list_;
  // Where in the list a token is.
  std::unordered_map<int32_t, size_t> places_;
  // Stop tokens that are forbidden, and their biases afterwards.
  std::vector<std::pair<int32_t, float>> stops_;
};

}  // namespace espalier
