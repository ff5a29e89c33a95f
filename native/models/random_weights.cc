#include "models/random_weights.h"

#include <bit>
#include <cmath>
#include <cstring>

namespace espalier {
namespace {

// splitmix64 (Steele, Lea, Flood, OOPSLA 2014).
uint64_t next(uint64_t& state) {
  uint64_t z = state += 0x9e3779b97f4a7c15;
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

uint16_t bfloat16_of(float value) { return static_cast<uint16_t>(std::bit_cast<uint32_t>(value) >> 16); }

}  // namespace

Matrix RandomWeights::matrix(const std::string&, size_t rows, size_t cols) {
  Matrix matrix{nullptr, DType::BF16, rows, cols};
  if (!fill_) return matrix;
  const size_t count = rows * cols;
  memory_.push_back(std::make_unique_for_overwrite<std::byte[]>(count * sizeof(uint16_t)));
  std::byte* out = memory_.back().get();
  const float scale = std::sqrt(3.0f / static_cast<float>(cols));
  for (size_t i = 0; i < count; ++i) {
    const float unit = static_cast<float>(next(state_) >> 40) * 0x1p-23f - 1;
    const uint16_t half = bfloat16_of(unit * scale);
    std::memcpy(out + i * sizeof(half), &half, sizeof(half));
  }
  matrix.data = out;
  return matrix;
}

std::vector<float> RandomWeights::vector(const std::string& name, size_t size) {
  return std::vector<float>(size, name.ends_with("norm.weight") ? norm_ : 0.0f);
}

}  // namespace espalier
