// Eight lanes of NEON in two registers, for kernels_impl.h and quantized_impl.h; included inside their unnamed namespace.
// Bytes are multiplied by the dot products of ARMv8.2 or by those of I8MM, which take unsigned bytes with signed ones,
// where the file is compiled with them.

struct V {
  static constexpr int lanes = 8;
  struct reg {
    float32x4_t low, high;
  };

  static float32x4_t from_bf16(uint16x4_t bits) { return vreinterpretq_f32_u32(vshlq_n_u32(vmovl_u16(bits), 16)); }
  static float32x4_t from_f16(uint16x4_t bits) { return vcvt_f32_f16(vreinterpret_f16_u16(bits)); }
  // As on x86: the second where either is no number.
  static float32x4_t higher(float32x4_t a, float32x4_t b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
  static float32x4_t power(float32x4_t n) {
    return vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(vcvtnq_s32_f32(n), vdupq_n_s32(127)), 23));
  }
  static float32x4_t cleared(float32x4_t value, uint32x4_t where) {
    return vreinterpretq_f32_u32(vbicq_u32(vreinterpretq_u32_f32(value), where));
  }

  static reg set(float value) { return {vdupq_n_f32(value), vdupq_n_f32(value)}; }
  static reg zero() { return set(0); }
  static reg load(const float* p) { return {vld1q_f32(p), vld1q_f32(p + 4)}; }
  static reg load(const Bf16* p) {
    const uint16x8_t bits = vld1q_u16(&p->bits);
    return {from_bf16(vget_low_u16(bits)), from_bf16(vget_high_u16(bits))};
  }
  static reg load(const F16* p) {
    const uint16x8_t bits = vld1q_u16(&p->bits);
    return {from_f16(vget_low_u16(bits)), from_f16(vget_high_u16(bits))};
  }
  template <class W>
  static reg load_tail(const W* p, size_t n) {
    W lane[lanes] = {};
    for (size_t i = 0; i < n; ++i) lane[i] = p[i];
    return load(lane);
  }
  static void store(float* p, reg a) {
    vst1q_f32(p, a.low);
    vst1q_f32(p + 4, a.high);
  }
  static void store_tail(float* p, reg a, size_t n) {
    float lane[lanes];
    store(lane, a);
    for (size_t i = 0; i < n; ++i) p[i] = lane[i];
  }
  /// Whole numbers from -128 to 127.
  static void store_bytes(int8_t* p, reg a) {
    const int16x4_t low = vmovn_s32(vcvtnq_s32_f32(a.low)), high = vmovn_s32(vcvtnq_s32_f32(a.high));
    vst1_s8(p, vmovn_s16(vcombine_s16(low, high)));
  }
  static reg add(reg a, reg b) { return {vaddq_f32(a.low, b.low), vaddq_f32(a.high, b.high)}; }
  static reg mul(reg a, reg b) { return {vmulq_f32(a.low, b.low), vmulq_f32(a.high, b.high)}; }
  static reg div(reg a, reg b) { return {vdivq_f32(a.low, b.low), vdivq_f32(a.high, b.high)}; }
  static reg fma(reg a, reg b, reg c) { return {vfmaq_f32(c.low, a.low, b.low), vfmaq_f32(c.high, a.high, b.high)}; }
  static reg max(reg a, reg b) { return {higher(a.low, b.low), higher(a.high, b.high)}; }
  static reg round(reg a) { return {vrndnq_f32(a.low), vrndnq_f32(a.high)}; }
  static reg pow2(reg n) { return {power(n.low), power(n.high)}; }
  static reg zero_below(reg x, float limit, reg value) {
    const float32x4_t limits = vdupq_n_f32(limit);
    return {cleared(value.low, vcltq_f32(x.low, limits)), cleared(value.high, vcltq_f32(x.high, limits))};
  }
  static float32x4_t reduce_four(const reg* s) {
    float32x4_t twos[2];
    for (int i = 0; i < 2; ++i) {
      const float64x2_t a = vreinterpretq_f64_f32(vaddq_f32(s[2 * i].low, s[2 * i].high));
      const float64x2_t b = vreinterpretq_f64_f32(vaddq_f32(s[2 * i + 1].low, s[2 * i + 1].high));
      twos[i] = vaddq_f32(vreinterpretq_f32_f64(vzip1q_f64(a, b)), vreinterpretq_f32_f64(vzip2q_f64(a, b)));
    }
    return vpaddq_f32(twos[0], twos[1]);
  }
  static reg reduce(const reg* s) { return {reduce_four(s), reduce_four(s + 4)}; }
};

struct Q {
  struct reg {
    uint8x16_t low, high;
  };
  static constexpr int kTileRows = 4;
#if defined(__ARM_FEATURE_MATMUL_INT8)
  static constexpr int kByteOffset = 128;
#else
  static constexpr int kByteOffset = 0;
#endif

  template <class F>
  static reg both(reg a, F f) {
    return {f(a.low), f(a.high)};
  }
  static reg load(const uint8_t* p) { return {vld1q_u8(p), vld1q_u8(p + 16)}; }
  static reg low(reg bytes) {
    return both(bytes, [](uint8x16_t half) { return vandq_u8(half, vdupq_n_u8(15)); });
  }
  static reg high(reg bytes) {
    return both(bytes, [](uint8x16_t half) { return vshrq_n_u8(half, 4); });
  }
  /// The pair of bits with this number in each byte, where with_pair adds it.
  template <int Number>
  static reg pair(reg pairs) {
    return both(pairs, [](uint8x16_t half) {
      if constexpr (Number < 2) half = vshlq_n_u8(half, 4 - 2 * Number);
      if constexpr (Number > 2) half = vshrq_n_u8(half, 2 * Number - 4);
      return vandq_u8(half, vdupq_n_u8(0x30));
    });
  }
  static reg with_pair(reg nibbles, reg pair) {
    return {vorrq_u8(nibbles.low, pair.low), vorrq_u8(nibbles.high, pair.high)};
  }
  static reg start(int32_t sum) {
    const uint8x16_t half = vreinterpretq_u8_s32(vdupq_n_s32(sum));
    return {half, half};
  }
  template <DType Type>
  static uint8x16_t dot_half(uint8x16_t sum, uint8x16_t w, int8x16_t x) {
    const int32x4_t before = vreinterpretq_s32_u8(sum);
#if defined(__ARM_FEATURE_MATMUL_INT8)
    return vreinterpretq_u8_s32(vusdotq_s32(before, w, x));
#else
    if constexpr (Type == DType::Q8_0) w = veorq_u8(w, vdupq_n_u8(0x80));
    const int8x16_t values = vreinterpretq_s8_u8(w);
#if defined(__ARM_FEATURE_DOTPROD)
    return vreinterpretq_u8_s32(vdotq_s32(before, values, x));
#else
    const int32x4_t left = vpaddlq_s16(vmull_s8(vget_low_s8(values), vget_low_s8(x)));
    const int32x4_t right = vpaddlq_s16(vmull_high_s8(values, x));
    return vreinterpretq_u8_s32(vaddq_s32(before, vpaddq_s32(left, right)));
#endif
#endif
  }
  template <DType Type>
  static reg dot(reg sum, reg w, const int8_t* x) {
    int32_t four;
    __builtin_memcpy(&four, x, sizeof(four));
    const int8x16_t elements = vreinterpretq_s8_s32(vdupq_n_s32(four));
    return {dot_half<Type>(sum.low, w.low, elements), dot_half<Type>(sum.high, w.high, elements)};
  }
  static V::reg to_floats(reg sums) {
    return {vcvtq_f32_s32(vreinterpretq_s32_u8(sums.low)), vcvtq_f32_s32(vreinterpretq_s32_u8(sums.high))};
  }
  static V::reg unsigned_floats(const uint8_t* p) {
    const uint16x8_t eight = vmovl_u8(vld1_u8(p));
    return {vcvtq_f32_u32(vmovl_u16(vget_low_u16(eight))), vcvtq_f32_u32(vmovl_u16(vget_high_u16(eight)))};
  }
  static V::reg signed_floats(const uint8_t* p) {
    const int16x8_t eight = vmovl_s8(vreinterpret_s8_u8(vld1_u8(p)));
    return {vcvtq_f32_s32(vmovl_s16(vget_low_s16(eight))), vcvtq_f32_s32(vmovl_s16(vget_high_s16(eight)))};
  }
};
