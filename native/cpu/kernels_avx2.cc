// Kernels for AVX2 with FMA and F16C: eight lanes.
#include "cpu/kernels.h"
#include "cpu/packed.h"
#include "models/dequantize.h"

#if defined(__AVX2__) && defined(__FMA__) && defined(__F16C__)
#include <immintrin.h>

namespace espalier {
namespace {

#include "cpu/kernels_impl.h"

struct V {
  static constexpr int lanes = 8;
  using reg = __m256;

  static reg zero() { return _mm256_setzero_ps(); }
  static reg set(float value) { return _mm256_set1_ps(value); }
  static reg load(const float* p) { return _mm256_loadu_ps(p); }
  static reg load(const Bf16* p) {
    const __m128i bits = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bits), 16));
  }
  static reg load(const F16* p) { return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))); }
  template <class W>
  static reg load_tail(const W* p, size_t n) {
    W lane[lanes] = {};
    for (size_t i = 0; i < n; ++i) lane[i] = p[i];
    return load(lane);
  }
  static void store(float* p, reg a) { _mm256_storeu_ps(p, a); }
  static void store_tail(float* p, reg a, size_t n) {
    float lane[lanes];
    store(lane, a);
    for (size_t i = 0; i < n; ++i) p[i] = lane[i];
  }
  /// Whole numbers from -128 to 127.
  static void store_bytes(int8_t* p, reg a) {
    const __m256i wide = _mm256_cvtps_epi32(a);
    const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(wide), _mm256_extracti128_si256(wide, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(p), _mm_packs_epi16(words, words));
  }
  static reg add(reg a, reg b) { return _mm256_add_ps(a, b); }
  static reg mul(reg a, reg b) { return _mm256_mul_ps(a, b); }
  static reg div(reg a, reg b) { return _mm256_div_ps(a, b); }
  static reg fma(reg a, reg b, reg c) { return _mm256_fmadd_ps(a, b, c); }
  static reg max(reg a, reg b) { return _mm256_max_ps(a, b); }
  static reg round(reg a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
  static reg pow2(reg n) {
    const __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
    return _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23));
  }
  static reg zero_below(reg x, float limit, reg value) {
    return _mm256_andnot_ps(_mm256_cmp_ps(x, set(limit), _CMP_LT_OQ), value);
  }
  static reg reduce(const reg* s) {
    reg halves[4], quarters[2];
    for (int i = 0; i < 4; ++i)
      halves[i] =
          _mm256_add_ps(_mm256_permute2f128_ps(s[i], s[i + 4], 0x20), _mm256_permute2f128_ps(s[i], s[i + 4], 0x31));
    for (int i = 0; i < 2; ++i)
      quarters[i] = _mm256_add_ps(_mm256_shuffle_ps(halves[2 * i], halves[2 * i + 1], 0x44),
                                  _mm256_shuffle_ps(halves[2 * i], halves[2 * i + 1], 0xee));
    return _mm256_add_ps(_mm256_shuffle_ps(quarters[0], quarters[1], 0x88),
                         _mm256_shuffle_ps(quarters[0], quarters[1], 0xdd));
  }
};

struct Q {
  using reg = __m256i;
  static constexpr int kTileRows = 4, kByteOffset = 0;

  static reg load(const uint8_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  static reg low(reg bytes) { return _mm256_and_si256(bytes, _mm256_set1_epi8(15)); }
  static reg high(reg bytes) { return low(_mm256_srli_epi16(bytes, 4)); }
  /// The pair of bits with this number in each byte, where with_pair adds it.
  template <int Number>
  static reg pair(reg pairs) {
    const reg moved = Number < 2 ? _mm256_slli_epi16(pairs, 4 - 2 * Number) : _mm256_srli_epi16(pairs, 2 * Number - 4);
    return _mm256_and_si256(moved, _mm256_set1_epi8(0x30));
  }
  static reg with_pair(reg nibbles, reg pair) { return _mm256_or_si256(nibbles, pair); }
  static reg start(int32_t sum) { return _mm256_set1_epi32(sum); }
  template <DType Type>
  static reg dot(reg sum, reg w, const int8_t* x) {
    int32_t four;
    __builtin_memcpy(&four, x, sizeof(four));
    reg size = w, signs = _mm256_set1_epi32(four);
    if constexpr (Type == DType::Q8_0) {
      // |w| * (x with w's sign): the sums of two products then fit 16 bits.
      const reg value = _mm256_xor_si256(w, _mm256_set1_epi8(static_cast<char>(0x80)));
      size = _mm256_abs_epi8(value);
      signs = _mm256_sign_epi8(signs, value);
    }
    return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(size, signs), _mm256_set1_epi16(1)));
  }
  static V::reg to_floats(reg sums) { return _mm256_cvtepi32_ps(sums); }
  static __m128i eight(const uint8_t* p) { return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)); }
  static V::reg unsigned_floats(const uint8_t* p) { return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(eight(p))); }
  static V::reg signed_floats(const uint8_t* p) { return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(eight(p))); }
};

#include "cpu/quantized_impl.h"

constexpr Kernels kTable = table<V, Q>("avx2");

}  // namespace

const Kernels* avx2_kernels() { return &kTable; }

}  // namespace espalier
#else
namespace espalier {
const Kernels* avx2_kernels() { return nullptr; }
}  // namespace espalier
#endif
