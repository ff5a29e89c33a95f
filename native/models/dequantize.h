// Rows of weight files as float, and the blocks of quantised types taken apart.
#pragma once
#include <cstddef>

#include "models/dtype.h"

namespace espalier {

/// The floats of `count` elements, a whole number of blocks; `source` need not be aligned.
void to_floats(const std::byte* source, DType dtype, size_t count, float* target);

/// What ggml calls a block of each type: where its parts lie, in bytes.
namespace q8_0 {
constexpr size_t kScale = 0, kValues = 2;
}
namespace q4_0 {
constexpr size_t kScale = 0, kValues = 2;
}
namespace q4_k {
constexpr size_t kScale = 0, kMinimum = 2, kScales = 4, kValues = 16;
}
namespace q6_k {
constexpr size_t kLow = 0, kHigh = 128, kScales = 192, kScale = 208;
}

/// What is subtracted of a block's values: they are stored without sign.
constexpr int value_offset(DType dtype) {
  return dtype == DType::Q8_0 ? 128 : dtype == DType::Q4_0 ? 8 : dtype == DType::Q6_K ? 32 : 0;
}

/// The values of one block in the order of its elements, value_offset() above what they stand for.
void unpack_values(const std::byte* block, DType dtype, uint8_t* values);

/// The eight scales and minima of a Q4_K block, six bits each.
void unpack_scales(const std::byte* block, uint8_t* scales, uint8_t* minima);

}  // namespace espalier
