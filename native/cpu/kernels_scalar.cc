// Portable kernels: eight lanes as an array, which compilers turn into whatever vectors the target's baseline has.
#include "cpu/kernels.h"
#include "models/widen.h"

namespace espalier {
namespace {

#include "cpu/kernels_impl.h"

struct V {
  static constexpr int lanes = 8;
  struct reg {
    float lane[lanes];
  };

  template <class F>
  static reg make(F f) {
    reg out;
    for (int i = 0; i < lanes; ++i) out.lane[i] = f(i);
    return out;
  }
  static reg set(float value) {
    return make([&](int) { return value; });
  }
  static reg zero() { return set(0); }
  static float wide(const float* p) { return *p; }
  static float wide(const Bf16* p) { return widen_bf16(p->bits); }
  static float wide(const F16* p) { return widen_f16(p->bits); }
  template <class W>
  static reg load(const W* p) {
    return make([&](int i) { return wide(p + i); });
  }
  template <class W>
  static reg load_tail(const W* p, size_t n) {
    return make([&](int i) { return static_cast<size_t>(i) < n ? wide(p + i) : 0.0f; });
  }
  static void store(float* p, reg a) { store_tail(p, a, lanes); }
  static void store_tail(float* p, reg a, size_t n) {
    for (size_t i = 0; i < n; ++i) p[i] = a.lane[i];
  }
  static reg add(reg a, reg b) {
    return make([&](int i) { return a.lane[i] + b.lane[i]; });
  }
  static reg mul(reg a, reg b) {
    return make([&](int i) { return a.lane[i] * b.lane[i]; });
  }
  static reg div(reg a, reg b) {
    return make([&](int i) { return a.lane[i] / b.lane[i]; });
  }
  // Two roundings: a fused multiply-add would be a slow library call on targets without the instruction.
  static reg fma(reg a, reg b, reg c) {
    return make([&](int i) { return a.lane[i] * b.lane[i] + c.lane[i]; });
  }
  static reg max(reg a, reg b) {
    return make([&](int i) { return a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]; });
  }
  static reg round(reg a) {
    return make([&](int i) { return __builtin_rintf(a.lane[i]); });
  }
  static reg pow2(reg n) {
    return make([&](int i) {
      return n.lane[i] == n.lane[i] ? std::bit_cast<float>((static_cast<int32_t>(n.lane[i]) + 127) << 23) : n.lane[i];
    });
  }
  static reg zero_below(reg x, float limit, reg value) {
    return make([&](int i) { return x.lane[i] < limit ? 0.0f : value.lane[i]; });
  }
  static reg reduce(const reg* sums) {
    return make([&](int i) {
      reg row = sums[i];
      for (int width = lanes / 2; width >= 1; width /= 2)
        for (int j = 0; j < width; ++j) row.lane[j] += row.lane[j + width];
      return row.lane[0];
    });
  }
};

constexpr Kernels kTable = table<V>("scalar");

}  // namespace

const Kernels* scalar_kernels() { return &kTable; }

}  // namespace espalier
