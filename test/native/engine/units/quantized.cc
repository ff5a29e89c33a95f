// Quantised types: their floats against those of the gguf package, and the kernels' products against plain sums.
#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "check.h"
#include "cpu/kernels.h"
#include "cpu/packed.h"
#include "models/dequantize.h"

using namespace espalier;

namespace {

// As test/fixtures/make-quantized.py has them; 19 rows are a strip and three more.
constexpr size_t kRows = 19, kCols = 512;

struct Fixture {
  const char* name;
  DType dtype;
};
constexpr Fixture kFixtures[] = {
    {"Q8_0", DType::Q8_0}, {"Q4_0", DType::Q4_0}, {"Q4_K", DType::Q4_K}, {"Q6_K", DType::Q6_K}};

std::vector<char> contents(const std::string& file) {
  std::ifstream in("test/fixtures/quantized/" + file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

struct Loaded {
  std::vector<char> bytes;
  Matrix matrix;
  std::vector<float> floats;
};

Loaded load(const Fixture& fixture) {
  Loaded out;
  out.bytes = contents(std::string(fixture.name) + ".bin");
  CHECK(out.bytes.size() == kRows * bytes_of(fixture.dtype, kCols));
  out.bytes.resize(kRows * bytes_of(fixture.dtype, kCols));
  out.matrix = {reinterpret_cast<const std::byte*>(out.bytes.data()), fixture.dtype, kRows, kCols};
  out.floats.resize(kRows * kCols);
  to_floats(out.matrix.data, fixture.dtype, kRows * kCols, out.floats.data());
  return out;
}

struct Quantized {
  std::vector<int8_t> values;
  std::vector<float> scales;
  std::vector<int32_t> half_sums;
};

Quantized quantized(const Kernels& kernels, const std::vector<float>& x, size_t rows) {
  Quantized out{std::vector<int8_t>(rows * kCols), std::vector<float>(rows * kCols / 32),
                std::vector<int32_t>(rows * kCols / 16)};
  for (size_t r = 0; r < rows; ++r)
    kernels.quantize_row(x.data() + r * kCols, kCols, out.values.data() + r * kCols,
                         out.scales.data() + r * kCols / 32, out.half_sums.data() + r * kCols / 16);
  return out;
}

std::vector<float> noise(size_t count) {
  std::vector<float> out(count);
  uint32_t state = 12345;
  for (float& value : out) {
    state = state * 1664525 + 1013904223;
    value = static_cast<float>(state >> 8) * 0x1p-23f - 1;
  }
  return out;
}

std::vector<uint8_t> packed_of(const Matrix& matrix) {
  std::vector<uint8_t> packed(packed_bytes(matrix));
  for (size_t strip = 0; strip < strips_of(matrix.rows); ++strip) pack_strip(matrix, strip, packed.data());
  return packed;
}

constexpr float kUntouched = 12345;

std::vector<float> products(const Kernels& kernels, const Quantized& x, const std::vector<uint8_t>& packed, DType dtype,
                            size_t row, size_t m, size_t first, size_t last) {
  std::vector<float> y(m * kRows, kUntouched);
  kernels.linear_quantized({{x.values.data() + row * kCols, x.scales.data() + row * kCols / 32,
                             x.half_sums.data() + row * kCols / 16},
                            m,
                            packed.data(),
                            dtype,
                            kCols,
                            first,
                            last,
                            y.data(),
                            kRows});
  return y;
}

}  // namespace

TEST(quantised_types_give_the_floats_of_the_gguf_package) {
  for (const Fixture& fixture : kFixtures) {
    const Loaded loaded = load(fixture);
    const std::vector<char> expected = contents(std::string(fixture.name) + ".f32");
    CHECK(expected.size() == loaded.floats.size() * sizeof(float));
    CHECK(std::memcmp(expected.data(), loaded.floats.data(), expected.size()) == 0);
  }
}

TEST(rows_are_quantised_to_the_nearest_bytes) {
  const std::vector<float> x = noise(kCols);
  for (const Kernels* kernels : usable_kernels()) {
    const Quantized q = quantized(*kernels, x, 1);
    for (size_t i = 0; i < kCols; ++i)
      CHECK(std::abs(static_cast<float>(q.values[i]) * q.scales[i / 32] - x[i]) <= q.scales[i / 32] * 0.501f);
    for (size_t i = 0; i < kCols; i += 16) {
      int32_t sum = 0;
      for (size_t j = i; j < i + 16; ++j) sum += q.values[j];
      CHECK(q.half_sums[i / 16] == sum);
    }
  }
}

TEST(rows_that_are_not_finite_stay_so_and_tiny_ones_are_zero) {
  for (const Kernels* kernels : usable_kernels())
    for (const float bad : {INFINITY, -INFINITY, NAN, 1e-38f}) {
      std::vector<float> x(kCols, 0.0f);
      x[40] = bad;
      const Quantized q = quantized(*kernels, x, 1);
      CHECK(std::isfinite(bad) ? q.scales[1] == 0 : std::isnan(q.scales[1]));
      CHECK(q.scales[0] == 0 && q.scales[2] == 0);
    }
}

TEST(quantised_products_are_those_of_the_floats) {
  constexpr size_t kMost = 21;
  const std::vector<float> x = noise(kMost * kCols);
  for (const Fixture& fixture : kFixtures) {
    const Loaded loaded = load(fixture);
    const std::vector<uint8_t> packed = packed_of(loaded.matrix);
    for (const Kernels* kernels : usable_kernels()) {
      const Quantized q = quantized(*kernels, x, kMost);
      const std::vector<float> all = products(*kernels, q, packed, fixture.dtype, 0, kMost, 0, kRows);
      for (size_t r = 0; r < kMost; ++r)
        for (size_t n = 0; n < kRows; ++n) {
          double sum = 0, size = 0;
          for (size_t i = 0; i < kCols; ++i) {
            const double product = static_cast<double>(loaded.floats[n * kCols + i]) * q.values[r * kCols + i] *
                                   q.scales[(r * kCols + i) / 32];
            sum += product;
            size += std::abs(product);
          }
          CHECK(std::abs(all[r * kRows + n] - sum) <= 1e-5 * size);
        }
    }
  }
}

TEST(a_quantised_product_depends_on_neither_batch_nor_columns) {
  constexpr size_t kMost = 21;
  const std::vector<float> x = noise(kMost * kCols);
  for (const Fixture& fixture : kFixtures) {
    const Loaded loaded = load(fixture);
    const std::vector<uint8_t> packed = packed_of(loaded.matrix);
    for (const Kernels* kernels : usable_kernels()) {
      const Quantized q = quantized(*kernels, x, kMost);
      const std::vector<float> all = products(*kernels, q, packed, fixture.dtype, 0, kMost, 0, kRows);
      for (const size_t m : {1, 2, 3, 4, 7, 8, 13})
        for (const auto& [first, last] : {std::pair<size_t, size_t>{0, kRows}, {3, 17}, {5, 6}, {16, 19}}) {
          const size_t row = kMost - m;
          const std::vector<float> part = products(*kernels, q, packed, fixture.dtype, row, m, first, last);
          for (size_t r = 0; r < m; ++r)
            for (size_t n = 0; n < kRows; ++n)
              CHECK(part[r * kRows + n] ==
                    (n >= first && n < last ? all[(row + r) * kRows + n] : kUntouched));
        }
    }
  }
}
