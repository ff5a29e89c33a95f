// Element types of weight files. The quantised ones are ggml's: a row is a sequence of blocks, each with the integers of
// its elements and what they are scaled by; dequantize.cc says how they lie.
#pragma once
#include <cstddef>
#include <cstdint>

namespace espalier {

enum class DType : uint8_t { F32, F16, BF16, Q8_0, Q4_0, Q4_K, Q6_K };

/// How many consecutive elements of a row are one block, and its bytes.
struct BlockLayout {
  size_t elements;
  size_t bytes;
};

constexpr BlockLayout block_layout(DType dtype) {
  switch (dtype) {
    case DType::F32:
      return {1, 4};
    case DType::F16:
    case DType::BF16:
      return {1, 2};
    case DType::Q8_0:
      return {32, 34};
    case DType::Q4_0:
      return {32, 18};
    case DType::Q4_K:
      return {256, 144};
    case DType::Q6_K:
      return {256, 210};
  }
  return {1, 4};
}

constexpr bool is_quantized(DType dtype) { return block_layout(dtype).elements > 1; }

/// Bytes of one element of a type that is not quantised.
constexpr size_t dtype_bytes(DType dtype) { return block_layout(dtype).bytes; }

/// Bytes of `elements` elements, a whole number of blocks.
constexpr size_t bytes_of(DType dtype, size_t elements) {
  const BlockLayout layout = block_layout(dtype);
  return elements / layout.elements * layout.bytes;
}

}  // namespace espalier
