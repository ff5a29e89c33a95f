// Where the rows, or columns, of a checkpoint's matrix lie on the device: the two elements of a rotation are neighbours, and
// so are a gate and its up; heads are padded to sizes that the kernels take.
#pragma once
#include <cstddef>

#if defined(__CUDACC__)
#define ESP_EVERYWHERE __host__ __device__
#else
#define ESP_EVERYWHERE
#endif

namespace espalier::cuda {

/// Rows come in heads of `unit`. A head's `rotated` rows from `split` on go to `rotated_at`, those that are rotated together
/// side by side where `pairs`; its other rows keep their places. A head takes `padded` rows.
struct RowMap {
  /// 0: rows keep their places.
  size_t unit = 0, padded = 0;
  size_t split = 0, rotated = 0, rotated_at = 0;
  bool pairs = false;
  /// After all that: every step-th row from `offset` on.
  size_t step = 1, offset = 0;

  ESP_EVERYWHERE size_t operator()(size_t row) const {
    if (unit > 0) {
      size_t inside = row % unit;
      if (inside >= split && inside < split + rotated) {
        const size_t i = inside - split, half = rotated / 2;
        inside = rotated_at + (pairs ? i % half * 2 + i / half : i);
      }
      row = row / unit * padded + inside;
    }
    return row * step + offset;
  }
};

/// Heads of `unit` that take `padded` places.
inline RowMap padded_heads(size_t unit, size_t padded) { return {.unit = unit, .padded = padded}; }

}  // namespace espalier::cuda
