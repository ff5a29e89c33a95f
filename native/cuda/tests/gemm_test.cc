// The skinny product at every shape of block and cluster, the streamed one of gate and up at every width, and
// cuBLASLt through LinearRunner, against double precision.
#include <algorithm>
#include <cstring>

#include "cuda/device/linear.h"
#include "sequences.h"
#include "support.h"

using namespace espalier::cuda;
using namespace espalier::cuda::test;

namespace {

template <class Element>
std::vector<float> product(const std::vector<Element>& w, const std::vector<Element>& x, int outputs, int inputs,
                           int rows) {
  std::vector<float> y;
  for (int n = 0; n < rows; ++n)
    for (int r = 0; r < outputs; ++r) {
      double sum = 0;
      for (int k = 0; k < inputs; ++k)
        sum += static_cast<double>(static_cast<float>(w[static_cast<size_t>(r) * inputs + k])) *
               static_cast<float>(x[static_cast<size_t>(n) * inputs + k]);
      y.push_back(static_cast<float>(sum));
    }
  return y;
}

// SiLU, or GELU by tanh.
std::vector<float> gated(const std::vector<float>& y, bool gelu = false) {
  std::vector<float> out;
  for (size_t i = 0; i < y.size(); i += 2) {
    const double g = y[i], inner = std::sqrt(2 / std::acos(-1.0)) * (g + 0.044715 * g * g * g);
    const double activated = gelu ? 0.5 * g * (1 + std::tanh(inner)) : g / (1 + std::exp(-g));
    out.push_back(static_cast<float>(activated * y[i + 1]));
  }
  return out;
}

template <class Element>
void check_skinny(int outputs, int inputs, int rows, const SkinnyShape& shape) {
  if (!skinny_fits(outputs, inputs, rows, shape)) return;
  const auto w = random_elements<Element>(static_cast<size_t>(outputs) * inputs, 1 / std::sqrt(float(inputs)));
  const auto x = random_elements<Element>(static_cast<size_t>(rows) * inputs);
  const auto device_w = to_device(w), device_x = to_device(x);
  const std::vector<float> y = product(w, x, outputs, inputs, rows);
  auto floats = poisoned<float>(y.size());
  skinny_gemm(device_w.get(), device_x.get(), outputs, inputs, rows, Epilogue::StoreFloat, shape, floats.get(),
              nullptr);
  CHECK_NEAR(to_host(floats), y, 1e-5);
  auto stored = poisoned<Element>(y.size());
  skinny_gemm(device_w.get(), device_x.get(), outputs, inputs, rows, Epilogue::Store, shape, stored.get(), nullptr);
  CHECK_NEAR(to_host(stored), y, kTolerance<Element>);
  auto half = poisoned<Element>(y.size() / 2);
  skinny_gemm(device_w.get(), device_x.get(), outputs, inputs, rows, Epilogue::SwiGlu, shape, half.get(), nullptr);
  CHECK_NEAR(to_host(half), gated(y), kTolerance<Element>);
  const auto before = random_elements<Element>(y.size());
  auto sums = to_device(before);
  skinny_gemm(device_w.get(), device_x.get(), outputs, inputs, rows, Epilogue::Add, shape, sums.get(), nullptr);
  std::vector<float> expected = y;
  for (size_t i = 0; i < y.size(); ++i) expected[i] += static_cast<float>(before[i]);
  CHECK_NEAR(to_host(sums), expected, kTolerance<Element>);
}

template <class Element>
bool same_bits(const Buffer<Element>& a, const Buffer<Element>& b, size_t count) {
  const std::vector<Element> x = to_host(a), y = to_host(b);
  return std::memcmp(x.data(), y.data(), count * sizeof(Element)) == 0;
}

// Where the GPU has no warpgroups no width fits.
template <class Element>
void check_streamed(int outputs, int inputs, int rows, int width) {
  if (!streamed_fits(outputs, inputs, rows, width)) return;
  const auto w = random_elements<Element>(static_cast<size_t>(outputs) * inputs, 1 / std::sqrt(float(inputs)));
  const auto x = random_elements<Element>(static_cast<size_t>(rows) * inputs);
  const auto device_w = to_device(w), device_x = to_device(x);
  const std::vector<float> y = product(w, x, outputs, inputs, rows);
  for (const bool gelu : {false, true}) {
    auto out = poisoned<Element>(y.size() / 2);
    streamed_gemm(device_w.get(), device_x.get(), outputs, inputs, rows, gelu, width, 132, out.get(), nullptr);
    CHECK_NEAR(to_host(out), gated(y, gelu), kTolerance<Element>);
  }
}

// A norm before and a rotation after the product, in one kernel and in three.
template <class Element>
void check_around(int tokens, int rows, int inputs, const SkinnyShape& shape) {
  const HeadShape heads{4, 2, 64};
  const int outputs = 8 * heads.dim, q_size = heads.heads * heads.dim;
  if (!skinny_fits(outputs, inputs, rows, shape) || !skinny_fits_norm(inputs, rows, shape)) return;
  // Two rows of one sequence, or one of each.
  const std::vector<int> lengths = rows == 1 || tokens == 2 ? std::vector<int>{19} : std::vector<int>{19, 5};
  const std::vector<int> counts(lengths.size(), rows / static_cast<int>(lengths.size()));
  const Sequences sequences(lengths, counts, 16);
  const auto w = to_device(random_elements<Element>(static_cast<size_t>(outputs) * inputs, 1 / std::sqrt(float(inputs))));
  const auto x = to_device(random_elements<Element>(static_cast<size_t>(rows) * inputs, 3));
  const auto norm = to_device(random_elements<float>(static_cast<size_t>(inputs)));
  const auto turns = to_device(random_elements<float>(32 * 64));
  const auto* const pairs = reinterpret_cast<const float2*>(turns.get());
  const size_t plane = sequences.page_count * 16 * 2 * 64, all = static_cast<size_t>(rows) * outputs;
  auto normed = poisoned<Element>(static_cast<size_t>(rows) * inputs);
  rms_norm(x.get(), nullptr, norm.get(), 1e-5f, rows, inputs, normed.get(), nullptr);

  auto expected = poisoned<Element>(all), out = poisoned<Element>(all);
  auto keys = poisoned<Element>(plane), values = poisoned<Element>(plane);
  auto own_keys = poisoned<Element>(plane), own_values = poisoned<Element>(plane);
  skinny_gemm(w.get(), normed.get(), outputs, inputs, rows, Epilogue::Store, shape, expected.get(), nullptr);
  rope_and_store(expected.get(), sequences.rows(), heads, pairs, KvLayer<Element>{keys.get(), values.get(), 16}, nullptr);
  skinny_gemm_around(w.get(), x.get(), outputs, inputs, rows, Epilogue::Store, shape,
                     Around<Element>{norm.get(), 1e-5f, pairs, sequences.rows(), heads,
                                     {own_keys.get(), own_values.get(), 16}},
                     out.get(), nullptr);
  const std::vector<Element> a = to_host(expected), b = to_host(out);
  for (int n = 0; n < rows; ++n)
    CHECK(std::memcmp(&a[static_cast<size_t>(n) * outputs], &b[static_cast<size_t>(n) * outputs],
                      static_cast<size_t>(q_size) * sizeof(Element)) == 0);
  CHECK(same_bits(keys, own_keys, plane));
  CHECK(same_bits(values, own_values, plane));

  auto gate = poisoned<Element>(all / 2), own_gate = poisoned<Element>(all / 2);
  skinny_gemm(w.get(), normed.get(), outputs, inputs, rows, Epilogue::SwiGlu, shape, gate.get(), nullptr);
  skinny_gemm_around(w.get(), x.get(), outputs, inputs, rows, Epilogue::SwiGlu, shape,
                     Around<Element>{norm.get(), 1e-5f}, own_gate.get(), nullptr);
  CHECK(same_bits(gate, own_gate, all / 2));
}

// The rotation alone, of rows that follow each other in three sequences.
template <class Element>
void check_rotation(int rows, int inputs, const SkinnyShape& shape) {
  const HeadShape heads{4, 2, 64};
  const int outputs = 8 * heads.dim, q_size = heads.heads * heads.dim;
  if (!skinny_fits(outputs, inputs, rows, shape) || !skinny_fits_rotation(rows, shape)) return;
  const int third = rows / 3;
  const Sequences sequences({40, 17 + third, rows}, {rows - 2 * third, third, third}, 16);
  const auto w = to_device(random_elements<Element>(static_cast<size_t>(outputs) * inputs, 1 / std::sqrt(float(inputs))));
  const auto x = to_device(random_elements<Element>(static_cast<size_t>(rows) * inputs));
  const auto turns = to_device(random_elements<float>(64 * 64));
  const auto* const pairs = reinterpret_cast<const float2*>(turns.get());
  const size_t plane = sequences.page_count * 16 * 2 * 64, all = static_cast<size_t>(rows) * outputs;
  auto expected = poisoned<Element>(all), out = poisoned<Element>(all);
  auto keys = poisoned<Element>(plane), values = poisoned<Element>(plane);
  auto own_keys = poisoned<Element>(plane), own_values = poisoned<Element>(plane);
  skinny_gemm(w.get(), x.get(), outputs, inputs, rows, Epilogue::Store, shape, expected.get(), nullptr);
  rope_and_store(expected.get(), sequences.rows(), heads, pairs, KvLayer<Element>{keys.get(), values.get(), 16}, nullptr);
  skinny_gemm_around(w.get(), x.get(), outputs, inputs, rows, Epilogue::Store, shape,
                     Around<Element>{nullptr, 0, pairs, sequences.rows(), heads, {own_keys.get(), own_values.get(), 16}},
                     out.get(), nullptr);
  const std::vector<Element> a = to_host(expected), b = to_host(out);
  for (int n = 0; n < rows; ++n)
    CHECK(std::memcmp(&a[static_cast<size_t>(n) * outputs], &b[static_cast<size_t>(n) * outputs],
                      static_cast<size_t>(q_size) * sizeof(Element)) == 0);
  CHECK(same_bits(keys, own_keys, plane));
  CHECK(same_bits(values, own_values, plane));
}

template <class Element>
void check_library(int outputs, int inputs, int rows) {
  const auto w = random_elements<Element>(static_cast<size_t>(outputs) * inputs, 1 / std::sqrt(float(inputs)));
  const auto x = random_elements<Element>(static_cast<size_t>(rows) * inputs);
  const auto device_w = to_device(w), device_x = to_device(x);
  const std::vector<float> y = product(w, x, outputs, inputs, rows);
  LinearRunner<Element> runner(nullptr);
  const Linear<Element> linear{outputs, inputs, Epilogue::StoreFloat, {device_w.get()}};
  auto out = poisoned<float>(y.size());
  runner.tune(linear, device_x.get(), rows, out.get(), nullptr);
  runner.run(linear, device_w.get(), device_x.get(), rows, out.get(), nullptr);
  CHECK_NEAR(to_host(out), y, 1e-5);
  const Linear<Element> gate{outputs, inputs, Epilogue::SwiGlu, {device_w.get()}};
  auto half = poisoned<Element>(y.size() / 2), scratch = poisoned<Element>(y.size());
  runner.run(gate, device_w.get(), device_x.get(), rows, half.get(), scratch.get());
  CHECK_NEAR(to_host(half), gated(y), 2 * kTolerance<Element>);
}

}  // namespace

TEST(skinny_gemm) {
  for (const int m_tiles : {1, 2, 4})
    for (const int cluster : {1, 2, 4, 8})
      for (const int rows : {1, 5, 8, 13, 16, 27, 32}) {
        check_skinny<bf16>(64 * pick(1, 6), 64 * pick(1, 40), rows, {m_tiles, cluster});
        check_skinny<f16>(64 * pick(1, 6), 64 * pick(1, 40), rows, {m_tiles, cluster});
      }
}

TEST(skinny_gemm_around) {
  for (const int m_tiles : {1, 2, 4})
    for (const int rows : {1, 2})
      for (const int tokens : {1, 2}) {
        check_around<bf16>(tokens, rows, 64 * pick(1, 80), {m_tiles, 1});
        check_around<f16>(tokens, rows, 64 * pick(1, 80), {m_tiles, 1});
      }
}

TEST(skinny_gemm_rotation) {
  for (const int m_tiles : {1, 2, 4})
    for (const int cluster : {1, 2, 4, 8})
      for (const int rows : {3, 8, 16, 29}) {
        check_rotation<bf16>(rows, 64 * pick(8, 80), {m_tiles, cluster});
        check_rotation<f16>(rows, 64 * pick(8, 80), {m_tiles, cluster});
      }
}

// Tails of rows, outputs and inputs; more steps than stages; at last more tiles than there are multiprocessors.
TEST(streamed_gemm) {
  for (const int width : kStreamedWidths) {
    for (const int rows : {1, 16, 64, 65, 128, 129, 300}) {
      check_streamed<bf16>(8 * pick(1, 70), 8 * pick(1, 100), rows, width);
      check_streamed<f16>(8 * pick(1, 70), 8 * pick(1, 100), rows, width);
    }
    check_streamed<bf16>(8 * 400, 72, 1500, width);
  }
  check_streamed<bf16>(8 * 4000, 72, 40, 224);
}

TEST(library_gemm) {
  check_library<float>(264, 200, 33);
  check_library<float>(128, 256, 1);
  check_library<bf16>(512, 320, 70);
  check_library<bf16>(512, 1024, 3);
  check_library<f16>(512, 320, 70);
  check_library<f16>(512, 1024, 3);
}
