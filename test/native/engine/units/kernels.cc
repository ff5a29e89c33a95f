// The kernels of every table that this processor runs, against plain sums and the functions of <cmath>.
#include "cpu/kernels.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <numeric>
#include <string>
#include <vector>

#include "check.h"
#include "models/widen.h"

using namespace espalier;

namespace {

std::vector<float> noise(size_t count, float size = 1) {
  std::vector<float> out(count);
  uint32_t state = 54321;
  for (float& value : out) {
    state = state * 1664525 + 1013904223;
    value = (static_cast<float>(state >> 8) * 0x1p-23f - 1) * size;
  }
  return out;
}

// A matrix of one of the float types, and what it stands for.
struct Weights {
  DType dtype;
  std::vector<std::byte> bytes;
  std::vector<float> floats;
};

Weights weights_of(DType dtype, size_t count) {
  Weights out{dtype, std::vector<std::byte>(count * bytes_of(dtype, 1)), noise(count)};
  for (size_t i = 0; i < count; ++i) {
    if (dtype == DType::F32) {
      std::memcpy(out.bytes.data() + 4 * i, &out.floats[i], 4);
      continue;
    }
    // Any bits of ordinary numbers.
    const auto bits = static_cast<uint16_t>((dtype == DType::F16 ? 0x3000 : 0x3e00) + i * 37 % 1024 + (i % 3 ? 0 : 0x8000));
    std::memcpy(out.bytes.data() + 2 * i, &bits, 2);
    out.floats[i] = dtype == DType::F16 ? widen_f16(bits) : widen_bf16(bits);
  }
  return out;
}

constexpr float kUntouched = 12345;
constexpr DType kFloats[] = {DType::F32, DType::F16, DType::BF16};

std::vector<float> products(const Kernels& kernels, const float* x, size_t m, const Weights& w, size_t k, size_t n,
                            size_t first, size_t last) {
  std::vector<float> y(m * n, kUntouched);
  kernels.linear({x, k, m, w.bytes.data(), w.dtype, k, first, last, y.data(), n, k});
  return y;
}

bool is_near(double value, double expected, double tolerance) { return std::abs(value - expected) <= tolerance; }

// y = f(x) of a kernel that works in place, for lengths that end within a vector too.
template <class Kernel, class Expected>
void check_in_place(const Kernel& kernel, const Expected& expected, float size) {
  for (const size_t n : {1, 7, 8, 16, 45}) {
    const std::vector<float> x = noise(n + 1, size);
    std::vector<float> y = x;
    kernel(y.data(), n);
    for (size_t i = 0; i < n; ++i) CHECK(is_near(y[i], expected(i, x[i]), 1e-6 + 2e-6 * std::abs(expected(i, x[i]))));
    CHECK(y[n] == x[n]);
  }
}

// Keys and values of one head in pages that lie out of order, and queries.
struct Attention {
  static constexpr size_t kPage = 20, kDim = 24, kValueDim = 35, kGroup = 3, kPositions = 5, kFirst = 42;
  static constexpr size_t kRows = kGroup * kPositions, kStride = 64;
  std::vector<int32_t> pages{2, 0, 1};
  std::vector<float> keys = noise(3 * kDim * kPage), values = noise(3 * kPage * kValueDim);
  std::vector<float> queries = noise(kRows * kDim), scores = std::vector<float>(kRows * kStride, kUntouched);

  AttentionArgs args() {
    return {keys.data(), values.data(), pages.data(), kDim * kPage, kPage * kValueDim, kPage, kDim, kValueDim,
            kRows, kGroup, kFirst, queries.data(), scores.data(), kStride};
  }
  size_t length(size_t row) const { return kFirst + row / kGroup; }
  float key(size_t token, size_t d) const {
    return keys[static_cast<size_t>(pages[token / kPage]) * kDim * kPage + d * kPage + token % kPage];
  }
  float value(size_t token, size_t d) const {
    return values[(static_cast<size_t>(pages[token / kPage]) * kPage + token % kPage) * kValueDim + d];
  }
};

}  // namespace

// scripts/check-neon.sh knows what the emulated processor has.
TEST(the_widest_kernels_are_those_that_the_caller_expects) {
  const char* expected = std::getenv("ESPALIER_EXPECTED_KERNELS");
  CHECK(!expected || std::string(expected) == usable_kernels().front()->name);
  CHECK(usable_kernels().back() == scalar_kernels());
}

TEST(products_of_floats_are_their_sums) {
  constexpr size_t kMost = 37, kRows = 21;
  for (const size_t k : {1, 16, 67, 256})
    for (const DType dtype : kFloats) {
      const std::vector<float> x = noise(kMost * k);
      const Weights w = weights_of(dtype, kRows * k);
      for (const Kernels* kernels : usable_kernels()) {
        const std::vector<float> y = products(*kernels, x.data(), kMost, w, k, kRows, 0, kRows);
        for (size_t r = 0; r < kMost; ++r)
          for (size_t n = 0; n < kRows; ++n) {
            double sum = 0, size = 0;
            for (size_t i = 0; i < k; ++i) {
              const double product = static_cast<double>(x[r * k + i]) * w.floats[n * k + i];
              sum += product;
              size += std::abs(product);
            }
            CHECK(is_near(y[r * kRows + n], sum, 1e-6 * size));
          }
      }
    }
}

TEST(a_product_of_floats_depends_on_neither_batch_nor_columns) {
  constexpr size_t kMost = 37, kRows = 40, kCols = 83;
  const std::vector<float> x = noise(kMost * kCols);
  for (const DType dtype : kFloats) {
    const Weights w = weights_of(dtype, kRows * kCols);
    for (const Kernels* kernels : usable_kernels()) {
      const std::vector<float> all = products(*kernels, x.data(), kMost, w, kCols, kRows, 0, kRows);
      for (const size_t m : {1, 2, 3, 4, 5, 6, 7, 8, 13, 16, 25})
        for (const auto& [first, last] : {std::pair<size_t, size_t>{0, kRows}, {3, 17}, {5, 6}, {16, 40}}) {
          const size_t row = kMost - m;
          const std::vector<float> part = products(*kernels, x.data() + row * kCols, m, w, kCols, kRows, first, last);
          for (size_t r = 0; r < m; ++r)
            for (size_t n = 0; n < kRows; ++n)
              CHECK(part[r * kRows + n] == (n >= first && n < last ? all[(row + r) * kRows + n] : kUntouched));
        }
    }
  }
}

// Some columns of a matrix where they lie.
TEST(a_product_of_floats_reads_rows_that_are_apart) {
  constexpr size_t kMost = 19, kRows = 21, kCols = 45, kFirst = 5, kStride = 64;
  const std::vector<float> x = noise(kMost * kCols);
  for (const DType dtype : kFloats) {
    const Weights whole = weights_of(dtype, kRows * kStride);
    Weights part{dtype, {}, {}};
    for (size_t n = 0; n < kRows; ++n) {
      const auto from = whole.bytes.begin() + static_cast<ptrdiff_t>(bytes_of(dtype, n * kStride + kFirst));
      part.bytes.insert(part.bytes.end(), from, from + static_cast<ptrdiff_t>(bytes_of(dtype, kCols)));
    }
    for (const Kernels* kernels : usable_kernels()) {
      std::vector<float> y(kMost * kRows, kUntouched);
      kernels->linear({x.data(), kCols, kMost, whole.bytes.data() + bytes_of(dtype, kFirst), dtype, kCols, 0, kRows,
                       y.data(), kRows, kStride});
      CHECK(y == products(*kernels, x.data(), kMost, part, kCols, kRows, 0, kRows));
    }
  }
}

TEST(halves_are_widened_exactly) {
  // Rows of the unit matrix pick single elements: every bit pattern of a finite number.
  constexpr size_t kWidth = 16, kRows = 65536 / kWidth;
  std::vector<float> unit(kWidth * kWidth);
  for (size_t i = 0; i < kWidth; ++i) unit[i * kWidth + i] = 1;
  for (const DType dtype : {DType::F16, DType::BF16}) {
    const uint16_t exponent = dtype == DType::F16 ? 0x7c00 : 0x7f80;
    std::vector<uint16_t> bits(65536);
    std::iota(bits.begin(), bits.end(), uint16_t{0});
    for (uint16_t& pattern : bits)
      if ((pattern & exponent) == exponent) pattern = 0;
    for (const Kernels* kernels : usable_kernels()) {
      std::vector<float> y(kWidth * kRows);
      kernels->linear({unit.data(), kWidth, kWidth, bits.data(), dtype, kWidth, 0, kRows, y.data(), kRows, kWidth});
      bool exact = true;
      for (size_t i = 0; i < bits.size(); ++i)
        exact &= y[i % kWidth * kRows + i / kWidth] == (dtype == DType::F16 ? widen_f16(bits[i]) : widen_bf16(bits[i]));
      CHECK(exact);
    }
  }
}

TEST(activations_and_caps_are_those_of_cmath) {
  const std::vector<float> up = noise(64);
  for (const Kernels* kernels : usable_kernels()) {
    check_in_place([&](float* x, size_t n) { kernels->silu_mul(x, up.data(), n); },
                   [&](size_t i, double x) { return x / (1 + std::exp(-x)) * up[i]; }, 20);
    check_in_place([&](float* x, size_t n) { kernels->gelu_tanh_mul(x, up.data(), n); },
                   [&](size_t i, double x) {
                     const double tanh = std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x));
                     return x / 2 * (1 + tanh) * up[i];
                   },
                   4);
    check_in_place([&](float* x, size_t n) { kernels->soft_cap(x, n, 0.5f, 30); },
                   [](size_t, double x) { return 30 * std::tanh(x * 0.5 / 30); }, 100);
    std::vector<float> far{-200, 200, 0, NAN};
    kernels->silu_mul(far.data(), std::vector<float>(4, 1.0f).data(), 4);
    CHECK(std::abs(far[0]) < 1e-30f && far[1] == 200 && far[2] == 0 && std::isnan(far[3]));
  }
}

TEST(norms_and_softmax_are_plain_ones) {
  for (const Kernels* kernels : usable_kernels())
    for (const size_t n : {3, 16, 61}) {
      const std::vector<float> x = noise(n, 3), weight = noise(n);
      double squares = 0, highest = -INFINITY, total = 0;
      for (const float value : x) squares += static_cast<double>(value) * value;
      std::vector<float> y(n);
      kernels->rms_norm(x.data(), weight.data(), 1e-6f, n, y.data());
      for (size_t i = 0; i < n; ++i)
        CHECK(is_near(y[i], x[i] / std::sqrt(squares / static_cast<double>(n) + 1e-6) * weight[i], 2e-6));
      std::vector<float> scores(attention_score_stride(n), kUntouched);
      std::copy(x.begin(), x.end(), scores.begin());
      const float sum = kernels->soft_max(scores.data(), n, 2);
      for (const float value : x) highest = std::max(highest, 2.0 * value);
      for (const float value : x) total += std::exp(2.0 * value - highest);
      CHECK(is_near(sum, total, 1e-5 * total));
      for (size_t i = 0; i < n; ++i) CHECK(is_near(scores[i], std::exp(2.0 * x[i] - highest), 1e-6));
    }
}

TEST(attention_reads_pages_in_the_order_of_positions) {
  for (const Kernels* kernels : usable_kernels()) {
    Attention a;
    const AttentionArgs args = a.args();
    kernels->attention_scores(args);
    for (size_t row = 0; row < Attention::kRows; ++row)
      for (size_t token = 0; token < a.length(row); ++token) {
        double sum = 0;
        for (size_t d = 0; d < Attention::kDim; ++d)
          sum += static_cast<double>(a.queries[row * Attention::kDim + d]) * a.key(token, d);
        CHECK(is_near(a.scores[row * Attention::kStride + token], sum, 1e-5));
      }
    const std::vector<float> scale = noise(Attention::kRows);
    constexpr size_t kOut = Attention::kGroup * Attention::kValueDim + 1;
    std::vector<float> out(Attention::kPositions * kOut, kUntouched);
    kernels->attention_values(args, scale.data(), out.data(), kOut);
    for (size_t row = 0; row < Attention::kRows; ++row)
      for (size_t d = 0; d < Attention::kValueDim; ++d) {
        double sum = 0;
        for (size_t token = 0; token < a.length(row); ++token)
          sum += static_cast<double>(a.scores[row * Attention::kStride + token]) * a.value(token, d);
        const size_t head = row % Attention::kGroup, position = row / Attention::kGroup;
        CHECK(is_near(out[position * kOut + head * Attention::kValueDim + d], sum * scale[row], 2e-5));
      }
    for (size_t position = 0; position < Attention::kPositions; ++position)
      CHECK(out[position * kOut + kOut - 1] == kUntouched);
  }
}
