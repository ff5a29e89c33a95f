// What the CUDA tests share: seeded random numbers, device copies, bf16 on the host, and the distance of two results.
#pragma once
#include <cmath>
#include <cstdint>
#include <random>
#include <type_traits>
#include <vector>

#include "check.h"
#include "cuda/device/kernels.h"
#include "cuda/device/memory.h"

namespace espalier::cuda::test {

inline std::mt19937& generator() {
  static std::mt19937 engine(20261125);
  return engine;
}
inline int pick(int least, int most) { return std::uniform_int_distribution<int>(least, most)(generator()); }
inline float normal(float deviation = 1) { return std::normal_distribution<float>(0, deviation)(generator()); }

template <class Element>
std::vector<Element> random_elements(size_t count, float deviation = 1) {
  std::vector<Element> values(count);
  for (Element& value : values) value = Element(normal(deviation));
  return values;
}

template <class T>
Buffer<T> to_device(const std::vector<T>& host) {
  Buffer<T> device(std::max<size_t>(host.size(), 1));
  ESP_CUDA_CHECK(cudaMemcpy(device.get(), host.data(), host.size() * sizeof(T), cudaMemcpyHostToDevice));
  return device;
}

template <class T>
std::vector<T> to_host(const Buffer<T>& device) {
  std::vector<T> host(device.count());
  ESP_CUDA_CHECK(cudaDeviceSynchronize());
  ESP_CUDA_CHECK(cudaMemcpy(host.data(), device.get(), host.size() * sizeof(T), cudaMemcpyDeviceToHost));
  return host;
}

/// Device memory that holds NaNs: what a kernel does not write is seen.
template <class T>
Buffer<T> poisoned(size_t count) {
  Buffer<T> device(count);
  ESP_CUDA_CHECK(cudaMemset(device.get(), 0xff, count * sizeof(T)));
  return device;
}

/// |a - b| / |b| over all elements; infinite where one is no number.
template <class A, class B>
double distance(const std::vector<A>& a, const std::vector<B>& b) {
  double difference = 0, size = 0;
  if (a.size() != b.size()) return INFINITY;
  for (size_t i = 0; i < a.size(); ++i) {
    const double x = static_cast<float>(a[i]), y = static_cast<float>(b[i]);
    if (!std::isfinite(x)) return INFINITY;
    difference += (x - y) * (x - y);
    size += y * y;
  }
  return std::sqrt(difference / std::max(size, 1e-30));
}

/// Tolerances of one rounding of inputs and outputs.
template <class Element>
constexpr double kTolerance = sizeof(Element) == 4 ? 2e-6 : std::is_same_v<Element, f16> ? 5e-4 : 4e-3;

#define CHECK_NEAR(a, b, tolerance)                                                                           \
  do {                                                                                                        \
    const double gap = ::espalier::cuda::test::distance(a, b);                                                \
    if (!(gap <= (tolerance))) {                                                                              \
      ++failures;                                                                                             \
      std::printf("  %s:%d: distance %g of %s exceeds %g\n", __FILE__, __LINE__, gap, #a, double(tolerance)); \
    }                                                                                                         \
  } while (false)

}  // namespace espalier::cuda::test
