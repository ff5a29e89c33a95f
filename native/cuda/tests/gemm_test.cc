// The skinny product at every shape of block and cluster, and cuBLASLt through LinearRunner, against double precision.
#include <algorithm>

#include "cuda/device/linear.h"
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

std::vector<float> gated(const std::vector<float>& y) {
  std::vector<float> out;
  for (size_t i = 0; i < y.size(); i += 2) out.push_back(y[i] / (1 + std::exp(-y[i])) * y[i + 1]);
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

TEST(library_gemm) {
  check_library<float>(264, 200, 33);
  check_library<float>(128, 256, 1);
  check_library<bf16>(512, 320, 70);
  check_library<bf16>(512, 1024, 3);
  check_library<f16>(512, 320, 70);
  check_library<f16>(512, 1024, 3);
}
