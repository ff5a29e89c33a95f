// What attention makes of a score besides its softmax: a scale, a soft cap (Gemma 2, arXiv:2408.00118), and a window of
// keys.
#pragma once
#include "cuda/device/element.cuh"

namespace espalier::cuda {

/// The score of a query and a key: their product, or soft_cap * tanh(scaled product / soft_cap).
__device__ inline float capped(float product, const AttentionRule& rule) {
  if (!(rule.soft_cap > 0)) return product;
  // 1 - 2 / (e^2x + 1): the absolute error is that of one float.
  const float doubled = 2 * rule.scale * product / rule.soft_cap;
  return rule.soft_cap * (1 - 2 / (__expf(doubled) + 1));
}

/// The first key that a query at this position sees.
__device__ inline int first_key(int position, const AttentionRule& rule) {
  return rule.window > 0 ? max(0, position + 1 - rule.window) : 0;
}

}  // namespace espalier::cuda
