// Quantised matrices as the kernels read them: strips of sixteen rows, whose elements lie side by side, so that one
// vector holds four consecutive elements of each row, and no sum goes across lanes. A strip takes the bytes of its blocks
// in the file, of Q4_K a little more.
//
// A strip is a sequence of superblocks. In one, each 32 elements of the rows are a block:
//   Q8_0  8 vectors of bytes (128 above their values)
//   Q4_0, Q4_K  4 vectors: the nibbles of vectors i and i + 4; Q4_K then sixteen scales and sixteen minima, a byte each
//   Q6_K  4 vectors of nibbles as those; 2 vectors of pairs of bits, vector j those of vectors 4j to 4j + 3; sixteen
//         signed scales of the first half, and of the second
// After the blocks come sixteen half-precision scales, of Q4_K also sixteen that scale the minima.
#pragma once
#include <cstddef>
#include <cstdint>

#include "models/weights.h"

namespace espalier {

/// Rows of a strip, elements of a block, bytes of one vector.
constexpr size_t kStripRows = 16, kBlockElements = 32, kPackedVector = 64;

struct PackedLayout {
  /// Blocks of a superblock, the bytes of each, and those of all with the scales that follow.
  size_t blocks, block_bytes, bytes;
};

constexpr PackedLayout packed_layout(DType dtype) {
  switch (dtype) {
    case DType::Q8_0:
      return {1, 8 * kPackedVector, 8 * kPackedVector + 32};
    case DType::Q4_0:
      return {1, 4 * kPackedVector, 4 * kPackedVector + 32};
    case DType::Q4_K:
      return {8, 4 * kPackedVector + 32, 8 * (4 * kPackedVector + 32) + 64};
    default:
      return {8, 6 * kPackedVector + 32, 8 * (6 * kPackedVector + 32) + 32};
  }
}

constexpr size_t packed_strip_bytes(DType dtype, size_t cols) {
  const PackedLayout layout = packed_layout(dtype);
  return cols / (layout.blocks * kBlockElements) * layout.bytes;
}

inline size_t strips_of(size_t rows) { return (rows + kStripRows - 1) / kStripRows; }

/// Bytes of the strips of all rows; rows beyond the last are zeros.
inline size_t packed_bytes(const Matrix& matrix) {
  return strips_of(matrix.rows) * packed_strip_bytes(matrix.dtype, matrix.cols);
}

/// Fills the strip with this number.
void pack_strip(const Matrix& matrix, size_t strip, uint8_t* packed);

}  // namespace espalier
