// Sixteen lanes of AVX-512 (F, BW, VL, DQ; VNNI where the file is compiled with it), for kernels_impl.h and
// quantized_impl.h; included inside their unnamed namespace.

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
  /// Whole numbers from -128 to 127.
  static void store_bytes(int8_t* p, reg a) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_cvtepi32_epi8(_mm512_cvtps_epi32(a)));
  }
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

struct Q {
  using reg = __m512i;
  static constexpr int kTileRows = 4;
#if defined(__AVX512VNNI__)
  static constexpr int kByteOffset = 128;
#else
  static constexpr int kByteOffset = 0;
#endif

  static reg load(const uint8_t* p) { return _mm512_loadu_si512(p); }
  static reg low(reg bytes) { return _mm512_and_si512(bytes, _mm512_set1_epi8(15)); }
  static reg high(reg bytes) { return low(_mm512_srli_epi16(bytes, 4)); }
  /// The pair of bits with this number in each byte, where with_pair adds it.
  template <int Number>
  static reg pair(reg pairs) {
    const reg moved = Number < 2 ? _mm512_slli_epi16(pairs, 4 - 2 * Number) : _mm512_srli_epi16(pairs, 2 * Number - 4);
    return _mm512_and_si512(moved, _mm512_set1_epi8(0x30));
  }
  static reg with_pair(reg nibbles, reg pair) { return _mm512_or_si512(nibbles, pair); }
  static reg start(int32_t sum) { return _mm512_set1_epi32(sum); }
  template <DType Type>
  static reg dot(reg sum, reg w, const int8_t* x) {
    int32_t four;
    __builtin_memcpy(&four, x, sizeof(four));
    const reg elements = _mm512_set1_epi32(four);
#if defined(__AVX512VNNI__)
    return _mm512_dpbusd_epi32(sum, w, elements);
#else
    reg size = w, signs = elements;
    if constexpr (Type == DType::Q8_0) {
      // |w| * (x with w's sign): the sums of two products then fit 16 bits.
      const reg value = _mm512_xor_si512(w, _mm512_set1_epi8(static_cast<char>(0x80)));
      size = _mm512_abs_epi8(value);
      signs = _mm512_mask_sub_epi8(elements, _mm512_movepi8_mask(value), _mm512_setzero_si512(), elements);
    }
    return _mm512_add_epi32(sum, _mm512_madd_epi16(_mm512_maddubs_epi16(size, signs), _mm512_set1_epi16(1)));
#endif
  }
  static V::reg to_floats(reg sums) { return _mm512_cvtepi32_ps(sums); }
  static __m128i sixteen(const uint8_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
  static V::reg unsigned_floats(const uint8_t* p) { return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(sixteen(p))); }
  static V::reg signed_floats(const uint8_t* p) { return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(sixteen(p))); }
};
