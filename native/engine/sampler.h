// From a row of logits and a mask row to one token.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace espalier {

struct Sampling {
  /// 0: greedy.
  double temperature = 0;
  /// 0: off.
  uint64_t top_k = 0;
  /// 1: off.
  double top_p = 1;
  /// 0: off.
  double min_p = 0;
  uint64_t seed = 0;
};

/// A number in [0, 1) that depends on the seed and the position alone.
double uniform(uint64_t seed, uint64_t position);

/// Chooses a token among those that `mask` allows (null: all). Greedy takes the lowest id among the highest logits.
/// Otherwise: temperature; the top_k most probable; of these, while the more probable ones together have at most top_p
/// of the whole distribution; of these, those with at least min_p of the most probable one's probability; then one draw
/// at `position`. Returns -1 when no allowed logit is finite.
int32_t sample(std::span<const float> logits, const int32_t* mask, const Sampling& sampling, uint64_t position);

}  // namespace espalier
