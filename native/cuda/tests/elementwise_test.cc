// Norm, embedding, activations, rope with its store into pages, and copies of pages and weights, against plain loops.
#include <cstring>

#include "espalier_cuda.h"
#include "sequences.h"

using namespace espalier::cuda;
using namespace espalier::cuda::test;

namespace {

template <class Element>
void check_norm(int rows, int hidden) {
  const auto in = random_elements<Element>(static_cast<size_t>(rows) * hidden, 3);
  const auto weight = random_elements<float>(hidden);
  std::vector<int32_t> selected;
  for (int i = 0; i < rows; ++i) selected.push_back(pick(0, rows - 1));
  std::vector<float> expected;
  for (const int32_t row : selected) {
    double squares = 0;
    for (int i = 0; i < hidden; ++i) squares += std::pow(static_cast<float>(in[row * hidden + i]), 2);
    const double scale = 1 / std::sqrt(squares / hidden + 1e-5);
    for (int i = 0; i < hidden; ++i)
      expected.push_back(static_cast<float>(static_cast<float>(in[row * hidden + i]) * scale * weight[i]));
  }
  auto out = poisoned<Element>(in.size());
  rms_norm(to_device(in).get(), to_device(selected).get(), to_device(weight).get(), 1e-5f, rows, hidden, out.get(),
           nullptr);
  CHECK_NEAR(to_host(out), expected, kTolerance<Element>);
}

template <class Element>
void check_activation(bool gelu, bool biased, int rows, int size) {
  const auto in = random_elements<Element>(static_cast<size_t>(rows) * 2 * size, 2);
  const auto bias = random_elements<float>(static_cast<size_t>(2 * size));
  std::vector<float> expected;
  for (size_t i = 0; i < in.size(); i += 2) {
    const size_t column = i % static_cast<size_t>(2 * size);
    const double gate = static_cast<float>(in[i]) + (biased ? bias[column] : 0);
    const double up = static_cast<float>(in[i + 1]) + (biased ? bias[column + 1] : 0);
    const double normal = 0.5 * gate * (1 + std::tanh(std::sqrt(2 / M_PI) * (gate + 0.044715 * gate * gate * gate)));
    expected.push_back(static_cast<float>((gelu ? normal : gate / (1 + std::exp(-gate))) * up));
  }
  auto out = poisoned<Element>(expected.size());
  const auto on_device = to_device(bias);
  activate(to_device(in).get(), biased ? on_device.get() : nullptr, gelu, rows, size, out.get(), nullptr);
  CHECK_NEAR(to_host(out), expected, kTolerance<Element>);
}

// Rotated queries are read back, keys and values through the generic attention kernel: a sequence of one token attends
// to its own value alone, and two tokens' weights show their keys.
template <class Element>
void check_rope(const HeadShape& shape) {
  const Sequences sequences({1, 5, 40}, {1, 5, 40}, 32);
  const int dim = shape.dim, all = shape.heads + 2 * shape.kv_heads;
  const auto in = random_elements<Element>(sequences.tokens.size() * all * dim);
  std::vector<float> frequencies;
  for (int i = 0; i < dim / 2; ++i) frequencies.push_back(static_cast<float>(std::pow(10000.0, -2.0 * i / dim)));
  std::vector<float> expected;
  for (size_t row = 0; row < sequences.tokens.size(); ++row)
    for (int head = 0; head < shape.heads; ++head)
      for (int i = 0; i < dim / 2; ++i) {
        const double angle = static_cast<double>(sequences.positions[row]) * frequencies[i];
        const double x = static_cast<float>(in[(row * all + head) * dim + 2 * i]);
        const double y = static_cast<float>(in[(row * all + head) * dim + 2 * i + 1]);
        expected.push_back(static_cast<float>(x * std::cos(angle) - y * std::sin(angle)));
        expected.push_back(static_cast<float>(y * std::cos(angle) + x * std::sin(angle)));
      }
  auto qkv = to_device(in);
  const size_t plane = sequences.page_count * 32 * shape.kv_heads * dim;
  auto keys = poisoned<Element>(plane), values = poisoned<Element>(plane);
  Buffer<float2> turns(40 * dim / 2);
  fill_turns(to_device(frequencies).get(), dim / 2, 1, dim / 2, 40, turns.get(), nullptr);
  rope_and_store(qkv.get(), sequences.rows(), shape, turns.get(), KvLayer<Element>{keys.get(), values.get(), 32},
                 nullptr);
  const auto out = to_host(qkv);
  std::vector<float> rotated;
  for (size_t row = 0; row < sequences.tokens.size(); ++row)
    for (int i = 0; i < shape.heads * dim; ++i) rotated.push_back(static_cast<float>(out[row * all * dim + i]));
  CHECK_NEAR(rotated, expected, kTolerance<Element>);
}

// Chunks of sequences together, whose groups of eight tokens are whole or cut at either end, against every row by itself: the
// same bits in pages and queries.
template <class Element>
void check_rope_together(const HeadShape& shape, int page_size) {
  const Sequences sequences({1, 64, 7, 203, 90, 1, 24, 700, 300}, {1, 64, 3, 130, 85, 1, 20, 697, 300}, page_size);
  const size_t rows = sequences.tokens.size(), row_size = static_cast<size_t>(shape.heads + 2 * shape.kv_heads) * shape.dim;
  const size_t plane = sequences.page_count * page_size * shape.kv_heads * shape.dim;
  const auto in = random_elements<Element>(rows * row_size);
  const auto turns = to_device(random_elements<float>(static_cast<size_t>(700 * shape.dim)));
  const auto* const pairs = reinterpret_cast<const float2*>(turns.get());
  const auto run = [&](int together) {
    auto qkv = to_device(in);
    auto keys = poisoned<Element>(plane), values = poisoned<Element>(plane);
    for (size_t row = 0; row < rows; row += static_cast<size_t>(together)) {
      Rows part = sequences.rows();
      part.count = std::min(together, static_cast<int>(rows - row));
      part.positions += row;
      part.tables += row;
      rope_and_store(qkv.get() + row * row_size, part, shape, pairs, KvLayer<Element>{keys.get(), values.get(), page_size},
                     nullptr);
    }
    auto all = to_host(qkv);
    for (const auto& plane_of : {to_host(keys), to_host(values)}) all.insert(all.end(), plane_of.begin(), plane_of.end());
    return all;
  };
  const auto alone = run(1);
  for (const int together : {5, 64, 1100, static_cast<int>(rows)}) {
    const auto found = run(together);
    CHECK(std::memcmp(found.data(), alone.data(), alone.size() * sizeof(Element)) == 0);
  }
}

}  // namespace

TEST(rms_norm) {
  for (const int hidden : {8, 64, 4096, 5120, 12288}) {
    check_norm<float>(pick(1, 5), hidden);
    check_norm<bf16>(pick(1, 5), hidden);
    check_norm<f16>(pick(1, 5), hidden);
  }
}

TEST(activation) {
  for (const int size : {8, 704, 14336})
    for (const bool gelu : {false, true})
      for (const bool biased : {false, true}) {
        check_activation<float>(gelu, biased, pick(1, 40), size);
        check_activation<bf16>(gelu, biased, pick(1, 40), size);
        check_activation<f16>(gelu, biased, pick(1, 40), size);
      }
}

TEST(rope_rotates_queries) {
  check_rope<float>({4, 2, 16});
  check_rope<bf16>({8, 2, 128});
  check_rope<f16>({8, 2, 64});
}

TEST(rope_stores_rows_alone_and_together) {
  for (const int page_size : {16, 48}) {
    check_rope_together<float>({4, 2, 32}, page_size);
    check_rope_together<bf16>({8, 2, 128}, page_size);
    check_rope_together<bf16>({9, 3, 96}, page_size);
    check_rope_together<f16>({10, 10, 32}, page_size);
  }
}

TEST(embedding) {
  const Sequences sequences({20}, {20}, 16);
  const auto table = random_elements<bf16>(100 * 64);
  auto out = poisoned<bf16>(20 * 64);
  embed(to_device(table).get(), sequences.rows(), 64, 1, out.get(), nullptr);
  std::vector<bf16> expected;
  for (const int32_t token : sequences.tokens)
    expected.insert(expected.end(), table.begin() + token * 64, table.begin() + (token + 1) * 64);
  CHECK_NEAR(to_host(out), expected, 0);
}

TEST(rows_are_gathered) {
  const auto in = random_elements<bf16>(30 * 72);
  const std::vector<int32_t> selected{29, 0, 7, 7, 12};
  auto out = poisoned<bf16>(selected.size() * 72);
  gather_rows(to_device(in).get(), to_device(selected).get(), static_cast<int>(selected.size()), 72, out.get(),
              nullptr);
  std::vector<bf16> expected;
  for (const int32_t row : selected)
    expected.insert(expected.end(), in.begin() + row * 72, in.begin() + (row + 1) * 72);
  CHECK_NEAR(to_host(out), expected, 0);
}

TEST(weight_rows_are_placed) {
  constexpr size_t kRows = 16, kCols = 24, kHead = 8;
  const auto source = random_elements<bf16>(kRows * kCols);
  const auto device = to_device(source);
  const auto placed = [&](const RowMap& rows, const RowMap& cols, size_t target_rows, size_t target_cols) {
    auto target = to_device(std::vector<float>(target_rows * target_cols, 0.0f));
    // In two pieces, as weights are streamed.
    place_rows(device.get(), ESP_CUDA_BF16, 0, 5, kCols, rows, cols, target_cols, target.get(), nullptr);
    place_rows(device.get() + 5 * kCols, ESP_CUDA_BF16, 5, kRows - 5, kCols, rows, cols, target_cols, target.get(),
               nullptr);
    return to_host(target);
  };
  const auto holds = [&](const std::vector<float>& target, size_t at, size_t row) {
    for (size_t c = 0; c < kCols; ++c)
      if (target[at * kCols + c] != static_cast<float>(source[row * kCols + c])) return false;
    return true;
  };
  const RowMap turned{.unit = kHead, .padded = kHead, .rotated = kHead, .pairs = true};
  // Two elements of a head stay where they are, six are rotated, and a head takes twelve rows.
  const RowMap partly{.unit = kHead, .padded = 12, .split = 2, .rotated = 6, .rotated_at = 4, .pairs = true};
  const auto plain = placed({}, {}, kRows, kCols), pairs = placed(turned, {}, kRows, kCols);
  const auto even = placed({.step = 2}, {}, 2 * kRows, kCols);
  const auto odd = placed({.step = 2, .offset = 1}, {}, 2 * kRows, kCols);
  const auto parts = placed(partly, {}, 24, kCols);
  for (size_t row = 0; row < kRows; ++row) {
    const size_t inside = row % kHead, half = kHead / 2, head = row / kHead;
    CHECK(holds(plain, row, row));
    CHECK(holds(pairs, row - inside + 2 * (inside % half) + inside / half, row));
    CHECK(holds(even, 2 * row, row));
    CHECK(holds(odd, 2 * row + 1, row));
    const size_t turn = inside - 2;
    CHECK(holds(parts, 12 * head + (inside < 2 ? inside : 4 + 2 * (turn % 3) + turn / 3), row));
  }
  const auto wide = placed({}, padded_heads(6, 8), kRows, 32);
  for (size_t row = 0; row < kRows; ++row)
    for (size_t c = 0; c < 32; ++c) {
      const float value = c % 8 < 6 ? static_cast<float>(source[row * kCols + c / 8 * 6 + c % 8]) : 0;
      CHECK(wide[row * 32 + c] == value);
    }
}
