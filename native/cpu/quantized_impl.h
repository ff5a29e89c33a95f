// Products with quantised matrices, written once over a vector of floats V and one of bytes Q; included like
// kernels_impl.h, after it and inside the same unnamed namespace.
//
// A row of x is quantised as well: blocks of 32 elements become bytes and a scale. A lane is an output: it adds the
// products of a block as integers, exactly, and then the blocks as floats, in the order of their places. So an output
// depends on neither tiles nor batches.
//
// Q has V::lanes lanes of four bytes: load (bytes), low (the nibbles of its bytes), high, start (integers of minus
// `offset` times n), dot (adds to integers the products of unsigned bytes with the four signed ones at a place), and
// to_floats. Where dot takes bytes of Q8_0 as signed, kByteOffset is 0, else 128.

// The values of a row's block: eight vectors.
template <class Q>
inline void load_bytes(const uint8_t* at, typename Q::reg* values) {
  for (int g = 0; g < 8; ++g) values[g] = Q::load(at + g * kPackedVector);
}

template <class Q>
inline void load_nibbles(const uint8_t* at, typename Q::reg* values) {
  for (int g = 0; g < 4; ++g) {
    const typename Q::reg both = Q::load(at + g * kPackedVector);
    values[g] = Q::low(both);
    values[g + 4] = Q::high(both);
  }
}

template <class Q>
inline void load_six_bits(const uint8_t* at, typename Q::reg* values) {
  load_nibbles<Q>(at, values);
  for (int j = 0; j < 2; ++j) {
    const typename Q::reg pairs = Q::load(at + (4 + j) * kPackedVector);
    values[4 * j] = Q::with_pair(values[4 * j], Q::template pair<0>(pairs));
    values[4 * j + 1] = Q::with_pair(values[4 * j + 1], Q::template pair<1>(pairs));
    values[4 * j + 2] = Q::with_pair(values[4 * j + 2], Q::template pair<2>(pairs));
    values[4 * j + 3] = Q::with_pair(values[4 * j + 3], Q::template pair<3>(pairs));
  }
}

inline const F16* halves(const uint8_t* at) { return reinterpret_cast<const F16*>(at); }

// What a block's sums are multiplied by, for one half of the block or for both, and what is subtracted.
template <class V>
struct BlockScales {
  typename V::reg scale[2];
  typename V::reg minimum;
};

template <class V, class Q, DType Type>
inline BlockScales<V> load_scales(const uint8_t* block, const uint8_t* end, size_t lane) {
  BlockScales<V> out;
  const typename V::reg scale = V::load(halves(end + 2 * lane));
  if constexpr (Type == DType::Q4_K) {
    const uint8_t* behind = block + 4 * kPackedVector + lane;
    out.scale[0] = V::mul(scale, Q::unsigned_floats(behind));
    out.minimum = V::mul(V::load(halves(end + 2 * kStripRows + 2 * lane)), Q::unsigned_floats(behind + kStripRows));
  } else if constexpr (Type == DType::Q6_K) {
    const uint8_t* behind = block + 6 * kPackedVector + lane;
    out.scale[0] = V::mul(scale, Q::signed_floats(behind));
    out.scale[1] = V::mul(scale, Q::signed_floats(behind + kStripRows));
  } else {
    out.scale[0] = scale;
  }
  return out;
}

// Rows rows of x, from `row` on, by the V::lanes rows of a strip from `lane` on.
template <class V, class Q, DType Type, int Rows>
inline void quantized_tile(const QuantizedArgs& a, const uint8_t* strip, size_t lane, size_t row,
                           typename V::reg* sums) {
  constexpr PackedLayout kLayout = packed_layout(Type);
  constexpr int kOffset = Type == DType::Q8_0 ? Q::kByteOffset : value_offset(Type);
  const size_t blocks = a.k / kBlockElements;
  const int8_t* x = a.x.values + row * a.k;
  const float* scales = a.x.scales + row * blocks;
  const int32_t* half_sums = a.x.half_sums + row * 2 * blocks;
  for (int r = 0; r < Rows; ++r) sums[r] = V::zero();
  for (size_t block = 0; block < blocks; strip += kLayout.bytes)
    for (size_t inner = 0; inner < kLayout.blocks; ++inner, ++block, x += kBlockElements) {
      const uint8_t* at = strip + inner * kLayout.block_bytes;
      typename Q::reg values[8];
      if constexpr (Type == DType::Q8_0)
        load_bytes<Q>(at + 4 * lane, values);
      else if constexpr (Type == DType::Q6_K)
        load_six_bits<Q>(at + 4 * lane, values);
      else
        load_nibbles<Q>(at + 4 * lane, values);
      const BlockScales<V> of = load_scales<V, Q, Type>(at, strip + kLayout.blocks * kLayout.block_bytes, lane);
      for (int r = 0; r < Rows; ++r) {
        const int8_t* elements = x + r * a.k;
        const int32_t* two = half_sums + 2 * (r * blocks + block);
        const typename V::reg scale = V::set(scales[r * blocks + block]);
        if constexpr (Type == DType::Q6_K) {
          for (int half = 0; half < 2; ++half) {
            typename Q::reg sum = Q::start(-kOffset * two[half]);
            for (int g = 4 * half; g < 4 * half + 4; ++g) sum = Q::template dot<Type>(sum, values[g], elements + 4 * g);
            sums[r] = V::fma(Q::to_floats(sum), V::mul(of.scale[half], scale), sums[r]);
          }
        } else {
          typename Q::reg sum = Q::start(kOffset ? -kOffset * (two[0] + two[1]) : 0);
          for (int g = 0; g < 8; ++g) sum = Q::template dot<Type>(sum, values[g], elements + 4 * g);
          sums[r] = V::fma(Q::to_floats(sum), V::mul(of.scale[0], scale), sums[r]);
        }
        if constexpr (Type == DType::Q4_K) {
          const float subtracted = -scales[r * blocks + block] * static_cast<float>(two[0] + two[1]);
          sums[r] = V::fma(V::set(subtracted), of.minimum, sums[r]);
        }
      }
    }
}

template <class V, class Q, DType Type, int Rows>
inline void quantized_rows(const QuantizedArgs& a, size_t strip, size_t row) {
  const uint8_t* packed = a.w + strip * packed_strip_bytes(Type, a.k);
  for (size_t lane = 0; lane < kStripRows; lane += V::lanes) {
    const size_t column = strip * kStripRows + lane;
    if (column >= a.last || column + V::lanes <= a.first) continue;
    typename V::reg sums[Rows];
    quantized_tile<V, Q, Type, Rows>(a, packed, lane, row, sums);
    for (int r = 0; r < Rows; ++r) {
      float* y = a.y + (row + r) * a.y_stride;
      if (column >= a.first && column + V::lanes <= a.last) {
        V::store(y + column, sums[r]);
        continue;
      }
      float outputs[V::lanes];
      V::store(outputs, sums[r]);
      for (size_t i = 0; i < V::lanes; ++i)
        if (column + i >= a.first && column + i < a.last) y[column + i] = outputs[i];
    }
  }
}

// A block of rows of x stays in the cache while the strips go by, and a strip while the rows of the block do.
template <class V, class Q, DType Type>
inline void quantized_typed(const QuantizedArgs& a) {
  constexpr size_t kBlockBytes = size_t{1} << 18;
  constexpr int kRows = Q::kTileRows;
  const size_t tall = kBlockBytes / a.k / kRows * kRows, block = tall < kRows ? kRows : tall;
  for (size_t from = 0; from < a.m; from += block) {
    const size_t to = from + block < a.m ? from + block : a.m;
    for (size_t strip = a.first / kStripRows; strip * kStripRows < a.last; ++strip) {
      size_t row = from;
      for (; row + kRows <= to; row += kRows) quantized_rows<V, Q, Type, kRows>(a, strip, row);
      for (; row + 2 <= to; row += 2) quantized_rows<V, Q, Type, 2>(a, strip, row);
      for (; row < to; ++row) quantized_rows<V, Q, Type, 1>(a, strip, row);
    }
  }
}

template <class V, class Q>
void linear_quantized(const QuantizedArgs& a) {
  if (a.dtype == DType::Q8_0) quantized_typed<V, Q, DType::Q8_0>(a);
  if (a.dtype == DType::Q4_0) quantized_typed<V, Q, DType::Q4_0>(a);
  if (a.dtype == DType::Q4_K) quantized_typed<V, Q, DType::Q4_K>(a);
  if (a.dtype == DType::Q6_K) quantized_typed<V, Q, DType::Q6_K>(a);
}

// A block with an infinity or a NaN gets the scale NaN, and so do the outputs; one of numbers too small to divide by
// counts as zeros.
template <class V>
void quantize_row(const float* x, size_t n, int8_t* values, float* scales, int32_t* half_sums) {
  constexpr size_t kVectors = kBlockElements / V::lanes;
  for (size_t block = 0; block < n / kBlockElements; ++block, x += kBlockElements, values += kBlockElements) {
    typename V::reg most = V::zero(), poison = V::zero(), loaded[kVectors];
    for (size_t i = 0; i < kVectors; ++i) {
      loaded[i] = V::load(x + i * V::lanes);
      most = V::max(most, V::max(loaded[i], V::mul(loaded[i], V::set(-1.0f))));
      poison = V::fma(loaded[i], V::zero(), poison);
    }
    float lanes[V::lanes], poisons[V::lanes];
    V::store(lanes, most);
    V::store(poisons, poison);
    float largest = 0, sum = 0;
    for (int i = 0; i < V::lanes; ++i) {
      largest = lanes[i] > largest ? lanes[i] : largest;
      sum += poisons[i];
    }
    const bool usable = sum == 0 && largest > 1e-30f;
    const typename V::reg inverse = V::set(usable ? 127.0f / largest : 0.0f);
    for (size_t i = 0; i < kVectors; ++i)
      V::store_bytes(values + i * V::lanes, usable ? V::round(V::mul(loaded[i], inverse)) : V::zero());
    scales[block] = sum == 0 ? (usable ? largest / 127.0f : 0.0f) : sum;
    for (size_t half = 0; half < 2; ++half) {
      int32_t total = 0;
      for (size_t i = 0; i < kBlockElements / 2; ++i) total += values[half * kBlockElements / 2 + i];
      half_sums[2 * block + half] = total;
    }
  }
}

template <class V, class Q>
constexpr Kernels table(const char* name) {
  return {name,
          linear<V>,
          linear_quantized<V, Q>,
          quantize_row<V>,
          attention_scores<V>,
          attention_values<V>,
          rms_norm<V>,
          rope,
          rope_interleaved,
          soft_max<V>,
          activate_mul<V, silu<V>>,
          activate_mul<V, gelu_tanh<V>>,
          soft_cap<V>,
          add,
          add_scaled};
}
