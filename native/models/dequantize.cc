// The blocks of ggml (github.com/ggml-org/ggml). Q8_0: a half-precision scale and 32 signed bytes. Q4_0: a scale and 32
// nibbles, 8 above their values, element i with element i + 16 in a byte. Q4_K: 256 elements in eight groups, each with
// a scale and a minimum of six bits, which two half-precision numbers scale. Q6_K: 256 elements of six bits, 32 above
// their values, low nibbles and high pairs of bits apart; sixteen signed scales, and the number that scales those.
#include "models/dequantize.h"

#include <cstring>

#include "models/widen.h"

namespace espalier {
namespace {

uint8_t byte_at(const std::byte* block, size_t at) { return static_cast<uint8_t>(block[at]); }

float half_at(const std::byte* block, size_t at) {
  uint16_t bits;
  std::memcpy(&bits, block + at, sizeof(bits));
  return widen_f16(bits);
}

// The scale of `group` (of 32 elements, of Q6_K 16), and what is subtracted after scaling.
struct Scales {
  float scale[16];
  float minimum[16] = {};
};

Scales scales_of(const std::byte* block, DType dtype) {
  Scales out;
  if (dtype == DType::Q4_K) {
    uint8_t scales[8], minima[8];
    unpack_scales(block, scales, minima);
    for (size_t i = 0; i < 8; ++i) {
      out.scale[i] = half_at(block, q4_k::kScale) * static_cast<float>(scales[i]);
      out.minimum[i] = half_at(block, q4_k::kMinimum) * static_cast<float>(minima[i]);
    }
  } else if (dtype == DType::Q6_K) {
    for (size_t i = 0; i < 16; ++i)
      out.scale[i] = half_at(block, q6_k::kScale) *
                     static_cast<float>(static_cast<int8_t>(byte_at(block, q6_k::kScales + i)));
  } else {
    out.scale[0] = half_at(block, q8_0::kScale);
  }
  return out;
}

void dequantize(const std::byte* source, DType dtype, size_t count, float* target) {
  const BlockLayout layout = block_layout(dtype);
  const size_t group = dtype == DType::Q6_K ? 16 : 32;
  for (size_t at = 0; at < count; at += layout.elements, source += layout.bytes) {
    uint8_t values[256];
    unpack_values(source, dtype, values);
    const Scales scales = scales_of(source, dtype);
    for (size_t i = 0; i < layout.elements; ++i) {
      const auto value = static_cast<float>(values[i] - value_offset(dtype));
      target[at + i] = scales.scale[i / group] * value - scales.minimum[i / group];
    }
  }
}

}  // namespace

void unpack_values(const std::byte* block, DType dtype, uint8_t* values) {
  if (dtype == DType::Q8_0) {
    for (size_t i = 0; i < 32; ++i) values[i] = byte_at(block, q8_0::kValues + i) ^ 0x80;
  } else if (dtype == DType::Q4_0) {
    for (size_t i = 0; i < 16; ++i) {
      values[i] = byte_at(block, q4_0::kValues + i) & 15;
      values[i + 16] = byte_at(block, q4_0::kValues + i) >> 4;
    }
  } else if (dtype == DType::Q4_K) {
    for (size_t i = 0; i < 128; ++i) {
      const size_t to = i / 32 * 64 + i % 32;
      values[to] = byte_at(block, q4_k::kValues + i) & 15;
      values[to + 32] = byte_at(block, q4_k::kValues + i) >> 4;
    }
  } else {
    for (size_t i = 0; i < 256; ++i) {
      const size_t half = i / 128, low = byte_at(block, q6_k::kLow + half * 64 + i % 64);
      const size_t high = byte_at(block, q6_k::kHigh + half * 32 + i % 32) >> (i % 128 / 32 * 2);
      values[i] = static_cast<uint8_t>((i % 128 < 64 ? low & 15 : low >> 4) | (high & 3) << 4);
    }
  }
}

// Bytes 0 to 3 and 4 to 7 have the six bits of scales and minima 0 to 3; their upper two bits and the nibbles of bytes 8
// to 11 make those of 4 to 7.
void unpack_scales(const std::byte* block, uint8_t* scales, uint8_t* minima) {
  const std::byte* from = block + q4_k::kScales;
  for (size_t i = 0; i < 4; ++i) {
    const uint8_t scale = byte_at(from, i), minimum = byte_at(from, i + 4), both = byte_at(from, i + 8);
    scales[i] = scale & 63;
    minima[i] = minimum & 63;
    scales[i + 4] = static_cast<uint8_t>((both & 15) | (scale >> 6) << 4);
    minima[i + 4] = static_cast<uint8_t>((both >> 4) | (minimum >> 6) << 4);
  }
}

void to_floats(const std::byte* source, DType dtype, size_t count, float* target) {
  if (is_quantized(dtype)) {
    dequantize(source, dtype, count, target);
    return;
  }
  if (dtype == DType::F32) {
    std::memcpy(target, source, count * sizeof(float));
    return;
  }
  for (size_t i = 0; i < count; ++i) {
    uint16_t bits;
    std::memcpy(&bits, source + 2 * i, 2);
    target[i] = dtype == DType::BF16 ? widen_bf16(bits) : widen_f16(bits);
  }
}

}  // namespace espalier
