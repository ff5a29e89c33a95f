#include "cpu/packed.h"

#include <algorithm>
#include <cstring>

#include "models/dequantize.h"

namespace espalier {
namespace {

// Elements 4g to 4g + 3 of a row in vector g.
constexpr size_t kGroup = 4, kGroups = kBlockElements / kGroup;

void put_bytes(const uint8_t* values, size_t row, uint8_t* block) {
  for (size_t g = 0; g < kGroups; ++g)
    std::memcpy(block + g * kPackedVector + row * kGroup, values + g * kGroup, kGroup);
}

void put_nibbles(const uint8_t* values, size_t row, uint8_t* block) {
  for (size_t i = 0; i < kBlockElements / 2; ++i)
    block[i / kGroup * kPackedVector + row * kGroup + i % kGroup] =
        static_cast<uint8_t>((values[i] & 15) | (values[i + kBlockElements / 2] & 15) << 4);
}

void put_pairs(const uint8_t* values, size_t row, uint8_t* vectors) {
  for (size_t j = 0; j < 2; ++j)
    for (size_t b = 0; b < kGroup; ++b) {
      uint8_t bits = 0;
      for (size_t t = 0; t < 4; ++t)
        bits = static_cast<uint8_t>(bits | (values[(4 * j + t) * kGroup + b] >> 4) << (2 * t));
      vectors[j * kPackedVector + row * kGroup + b] = bits;
    }
}

void put_half(const std::byte* block, size_t at, size_t row, uint8_t* scales) {
  std::memcpy(scales + 2 * row, block + at, 2);
}

// One row's block of the file into its place in the superblock.
void put_block(const std::byte* from, DType dtype, size_t row, uint8_t* to) {
  uint8_t values[256];
  unpack_values(from, dtype, values);
  const PackedLayout layout = packed_layout(dtype);
  for (size_t b = 0; b < layout.blocks; ++b) {
    uint8_t* block = to + b * layout.block_bytes;
    if (dtype == DType::Q8_0)
      put_bytes(values, row, block);
    else
      put_nibbles(values + b * kBlockElements, row, block);
    if (dtype != DType::Q6_K) continue;
    put_pairs(values + b * kBlockElements, row, block + 4 * kPackedVector);
    for (size_t half = 0; half < 2; ++half)
      block[6 * kPackedVector + half * kStripRows + row] =
          static_cast<uint8_t>(from[q6_k::kScales + 2 * b + half]);
  }
  uint8_t* end = to + layout.blocks * layout.block_bytes;
  put_half(from, dtype == DType::Q6_K ? q6_k::kScale : q8_0::kScale, row, end);
  if (dtype != DType::Q4_K) return;
  put_half(from, q4_k::kMinimum, row, end + 2 * kStripRows);
  uint8_t scales[8], minima[8];
  unpack_scales(from, scales, minima);
  for (size_t b = 0; b < layout.blocks; ++b) {
    uint8_t* behind = to + b * layout.block_bytes + 4 * kPackedVector;
    behind[row] = scales[b];
    behind[kStripRows + row] = minima[b];
  }
}

}  // namespace

void pack_strip(const Matrix& matrix, size_t strip, uint8_t* packed) {
  const BlockLayout file = block_layout(matrix.dtype);
  const PackedLayout layout = packed_layout(matrix.dtype);
  const size_t bytes = packed_strip_bytes(matrix.dtype, matrix.cols), first = strip * kStripRows;
  const size_t rows = std::min(kStripRows, matrix.rows - first);
  uint8_t* to = packed + strip * bytes;
  if (rows < kStripRows) std::memset(to, 0, bytes);
  for (size_t row = 0; row < rows; ++row) {
    const std::byte* from = matrix.row(first + row);
    for (size_t block = 0; block < matrix.cols / file.elements; ++block)
      put_block(from + block * file.bytes, matrix.dtype, row, to + block * layout.bytes);
  }
}

}  // namespace espalier
