// Kernels for AVX-512 (F, BW, VL, DQ): sixteen lanes.
#include "cpu/kernels.h"

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__)
#include <immintrin.h>

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes its own header's undefined registers for ours.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

namespace espalier {
namespace {

#include "cpu/kernels_impl.h"

struct V {
  static constexpr int lanes = 16;
  using reg = __m512;

  static __mmask16 first(size_t n) { return static_cast<__mmask16>((1u << n) - 1); }
  static reg from_bf16(__m256i bits) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(bits), 16)); }

  static reg zero() { return _mm512_setzero_ps(); }
  static reg set(float value) { return _mm512_set1_ps(value); }
  static reg load(const float* p) { return _mm512_loadu_ps(p); }
  static reg load(const Bf16* p) { return from_bf16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))); }
  static reg load(const F16* p) { return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))); }
  static reg load_tail(const float* p, size_t n) { return _mm512_maskz_loadu_ps(first(n), p); }
  static reg load_tail(const Bf16* p, size_t n) { return from_bf16(_mm256_maskz_loadu_epi16(first(n), p)); }
  static reg load_tail(const F16* p, size_t n) { return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(first(n), p)); }
  static void store(float* p, reg a) { _mm512_storeu_ps(p, a); }
  static void store_tail(float* p, reg a, size_t n) { _mm512_mask_storeu_ps(p, first(n), a); }
  static reg add(reg a, reg b) { return _mm512_add_ps(a, b); }
  static reg mul(reg a, reg b) { return _mm512_mul_ps(a, b); }
  static reg div(reg a, reg b) { return _mm512_div_ps(a, b); }
  static reg fma(reg a, reg b, reg c) { return _mm512_fmadd_ps(a, b, c); }
  static reg max(reg a, reg b) { return _mm512_max_ps(a, b); }
  static reg round(reg a) { return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
  static reg pow2(reg n) {
    const __m512i exponent = _mm512_add_epi32(_mm512_cvtps_epi32(n), _mm512_set1_epi32(127));
    return _mm512_castsi512_ps(_mm512_slli_epi32(exponent, 23));
  }
  static reg zero_below(reg x, float limit, reg value) {
    return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(x, set(limit), _CMP_NLT_UQ), value);
  }
  // Pairs are chosen so that the sum of register i ends in lane i.
  static reg reduce(const reg* s) {
    reg eights[8], fours[4], twos[2];
    for (int i = 0; i < 4; ++i)
      for (int j = 0; j < 2; ++j) {
        const reg a = s[i + 8 * j], b = s[i + 8 * j + 4];
        eights[2 * i + j] = _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x44), _mm512_shuffle_f32x4(a, b, 0xee));
      }
    for (int i = 0; i < 4; ++i)
      fours[i] = _mm512_add_ps(_mm512_shuffle_f32x4(eights[2 * i], eights[2 * i + 1], 0x88),
                               _mm512_shuffle_f32x4(eights[2 * i], eights[2 * i + 1], 0xdd));
    for (int i = 0; i < 2; ++i)
      twos[i] = _mm512_add_ps(_mm512_shuffle_ps(fours[2 * i], fours[2 * i + 1], 0x44),
                              _mm512_shuffle_ps(fours[2 * i], fours[2 * i + 1], 0xee));
    return _mm512_add_ps(_mm512_shuffle_ps(twos[0], twos[1], 0x88), _mm512_shuffle_ps(twos[0], twos[1], 0xdd));
  }
};

constexpr Kernels kTable = table<V>("avx512");

}  // namespace

const Kernels* avx512_kernels() { return &kTable; }

}  // namespace espalier
#else
namespace espalier {
const Kernels* avx512_kernels() { return nullptr; }
}  // namespace espalier
#endif
