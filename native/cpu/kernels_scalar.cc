// Portable kernels: eight lanes as an array, which compilers turn into whatever vectors the target's baseline has.
#include <bit>
#include <cstring>

#include "cpu/kernels.h"
#include "cpu/packed.h"
#include "models/dequantize.h"
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
  /// Whole numbers from -128 to 127.
  static void store_bytes(int8_t* p, reg a) {
    for (int i = 0; i < lanes; ++i) p[i] = static_cast<int8_t>(a.lane[i]);
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

struct Q {
  struct reg {
    uint32_t lane[V::lanes];
  };
  static constexpr int kTileRows = 2, kByteOffset = 128;

  template <class F>
  static reg make(F f) {
    reg out;
    for (int i = 0; i < V::lanes; ++i) out.lane[i] = f(i);
    return out;
  }
  static reg load(const uint8_t* p) {
    reg out;
    std::memcpy(&out, p, sizeof(out));
    return out;
  }
  static reg low(reg bytes) {
    return make([&](int i) { return bytes.lane[i] & 0x0f0f0f0fu; });
  }
  static reg high(reg bytes) {
    return make([&](int i) { return bytes.lane[i] >> 4 & 0x0f0f0f0fu; });
  }
  /// The pair of bits with this number in each byte, where with_pair adds it.
  template <int Number>
  static reg pair(reg pairs) {
    return make([&](int i) { return (pairs.lane[i] >> 2 * Number & 0x03030303u) << 4; });
  }
  static reg with_pair(reg nibbles, reg pair) {
    return make([&](int i) { return nibbles.lane[i] | pair.lane[i]; });
  }
  static reg start(int32_t sum) {
    return make([&](int) { return static_cast<uint32_t>(sum); });
  }
  template <DType Type>
  static reg dot(reg sum, reg w, const int8_t* x) {
    uint8_t bytes[sizeof(reg)];
    std::memcpy(bytes, &w, sizeof(w));
    return make([&](int i) {
      int32_t products = 0;
      for (int b = 0; b < 4; ++b) products += bytes[4 * i + b] * x[b];
      return sum.lane[i] + static_cast<uint32_t>(products);
    });
  }
  static V::reg to_floats(reg sums) {
    return V::make([&](int i) { return static_cast<float>(static_cast<int32_t>(sums.lane[i])); });
  }
  static V::reg unsigned_floats(const uint8_t* p) {
    return V::make([&](int i) { return static_cast<float>(p[i]); });
  }
  static V::reg signed_floats(const uint8_t* p) {
    return V::make([&](int i) { return static_cast<float>(static_cast<int8_t>(p[i])); });
  }
};

#include "cpu/quantized_impl.h"

constexpr Kernels kTable = table<V, Q>("scalar");

}  // namespace

const Kernels* scalar_kernels() { return &kTable; }

}  // namespace espalier
