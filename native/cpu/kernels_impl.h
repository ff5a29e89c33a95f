// The kernels written once over a vector type V; each kernels_<isa>.cc defines V in an unnamed namespace and includes
// this file inside it, so that no function compiled for one instruction set can be linked into another.
//
// V has `lanes` floats: zero, set, load and load_tail (float, Bf16, F16; missing lanes are 0), store, store_tail, add,
// mul, div, fma, max, round, pow2, zero_below, and reduce: of `lanes` registers it makes one whose lane i is the sum of
// register i's lanes, added as a tree: lane j with lane j + lanes/2, then j + lanes/4, and so on.

struct Bf16 {
  uint16_t bits;
};
struct F16 {
  uint16_t bits;
};

// A tile computes V::lanes outputs, one accumulator each: Rows rows of x by V::lanes / Rows rows of w.
template <class V, class W, int Rows>
inline void linear_tile(const float* x, size_t x_stride, const W* w, size_t w_stride, size_t k, size_t columns,
                        float* y, size_t y_stride) {
  constexpr int kColumns = V::lanes / Rows;
  typename V::reg sums[V::lanes];
  const W* column[kColumns];
  for (int c = 0; c < kColumns; ++c) column[c] = w + (static_cast<size_t>(c) < columns ? c : columns - 1) * w_stride;
  for (int i = 0; i < V::lanes; ++i) sums[i] = V::zero();
  size_t at = 0;
  for (; at + V::lanes <= k; at += V::lanes) {
    typename V::reg left[Rows];
    for (int r = 0; r < Rows; ++r) left[r] = V::load(x + r * x_stride + at);
    for (int c = 0; c < kColumns; ++c) {
      // The next tile's weights: few rows leave too little work to hide their way from memory.
      __builtin_prefetch(column[c] + at + kColumns * w_stride);
      const typename V::reg right = V::load(column[c] + at);
      for (int r = 0; r < Rows; ++r) sums[r * kColumns + c] = V::fma(left[r], right, sums[r * kColumns + c]);
    }
  }
  if (at < k) {
    for (int c = 0; c < kColumns; ++c) {
      const typename V::reg right = V::load_tail(column[c] + at, k - at);
      for (int r = 0; r < Rows; ++r)
        sums[r * kColumns + c] = V::fma(V::load_tail(x + r * x_stride + at, k - at), right, sums[r * kColumns + c]);
    }
  }
  float outputs[V::lanes];
  V::store(outputs, V::reduce(sums));
  for (int r = 0; r < Rows; ++r)
    for (size_t c = 0; c < columns && c < static_cast<size_t>(kColumns); ++c)
      y[r * y_stride + c] = outputs[r * kColumns + c];
}

template <class V, class W, int Rows>
inline void linear_rows(const LinearArgs& a, const W* w, size_t row, size_t rows) {
  constexpr size_t kColumns = V::lanes / Rows;
  for (size_t n = a.first; n < a.last; n += kColumns)
    for (size_t r = row; r + Rows <= row + rows; r += Rows)
      linear_tile<V, W, Rows>(a.x + r * a.x_stride, a.x_stride, w + n * a.w_stride, a.w_stride, a.k, a.last - n,
                              a.y + r * a.y_stride + n, a.y_stride);
}

// A block of rows of x stays in the cache while the rows of w go by; within a tile each load of w serves Rows rows.
template <class V, class W>
inline void linear_typed(const LinearArgs& a, const W* w) {
  constexpr size_t kBlock = 64;
  constexpr int kRows = V::lanes / 4;
  const size_t tiled = a.m / kRows * kRows;
  for (size_t row = 0; row < tiled; row += kBlock)
    linear_rows<V, W, kRows>(a, w, row, tiled - row < kBlock ? tiled - row : kBlock);
  size_t row = tiled;
  for (; row + 2 <= a.m; row += 2) linear_rows<V, W, 2>(a, w, row, 2);
  for (; row < a.m; ++row) linear_rows<V, W, 1>(a, w, row, 1);
}

template <class V>
void linear(const LinearArgs& a) {
  if (a.dtype == DType::F32) linear_typed<V>(a, static_cast<const float*>(a.w));
  if (a.dtype == DType::F16) linear_typed<V>(a, static_cast<const F16*>(a.w));
  if (a.dtype == DType::BF16) linear_typed<V>(a, static_cast<const Bf16*>(a.w));
}

// Rows queries by Registers vectors of one page's keys.
template <class V, int Rows, int Registers>
inline void score_tile(const AttentionArgs& a, const float* page_keys, size_t row, float* scores, size_t tail) {
  typename V::reg sums[Rows][Registers];
  for (int r = 0; r < Rows; ++r)
    for (int i = 0; i < Registers; ++i) sums[r][i] = V::zero();
  const float* query = a.queries + row * a.head_dim;
  for (size_t d = 0; d < a.head_dim; ++d, page_keys += a.page_size) {
    typename V::reg key[Registers];
    for (int i = 0; i < Registers; ++i)
      key[i] = tail ? V::load_tail(page_keys, tail) : V::load(page_keys + i * V::lanes);
    for (int r = 0; r < Rows; ++r) {
      const typename V::reg element = V::set(query[r * a.head_dim + d]);
      for (int i = 0; i < Registers; ++i) sums[r][i] = V::fma(element, key[i], sums[r][i]);
    }
  }
  for (int r = 0; r < Rows; ++r)
    for (int i = 0; i < Registers; ++i) {
      float* out = scores + r * a.score_stride + i * V::lanes;
      if (tail)
        V::store_tail(out, sums[r][i], tail);
      else
        V::store(out, sums[r][i]);
    }
}

template <class V, int Rows>
inline void score_rows(const AttentionArgs& a, size_t row) {
  const size_t length = a.first_length + (a.rows - 1) / a.group;
  float* scores = a.scores + row * a.score_stride;
  for (size_t token = 0, page = 0; token < length; token += a.page_size, ++page) {
    const float* keys = a.keys + static_cast<size_t>(a.pages[page]) * a.key_stride;
    const size_t count = length - token < a.page_size ? length - token : a.page_size;
    size_t at = 0;
    for (; at + 2 * V::lanes <= count; at += 2 * V::lanes)
      score_tile<V, Rows, 2>(a, keys + at, row, scores + token + at, 0);
    for (; at + V::lanes <= count; at += V::lanes) score_tile<V, Rows, 1>(a, keys + at, row, scores + token + at, 0);
    if (at < count) score_tile<V, Rows, 1>(a, keys + at, row, scores + token + at, count - at);
  }
}

template <class V>
void attention_scores(const AttentionArgs& a) {
  constexpr int kRows = V::lanes / 2;
  size_t row = 0;
  for (; row + kRows <= a.rows; row += kRows) score_rows<V, kRows>(a, row);
  for (; row + 2 <= a.rows; row += 2) score_rows<V, 2>(a, row);
  for (; row < a.rows; ++row) score_rows<V, 1>(a, row);
}

template <class V, int Registers>
inline void load_value(const float* value, size_t tail, typename V::reg* out) {
  for (int i = 0; i < Registers; ++i) out[i] = tail ? V::load_tail(value, tail) : V::load(value + i * V::lanes);
}

// Rows rows by Registers vectors of the values' elements: the tokens that all of the rows see side by side, then each
// row's own last ones.
template <class V, int Rows, int Registers>
inline void value_tile(const AttentionArgs& a, size_t row, size_t element, size_t tail, const float* scale, float* out,
                       size_t out_stride) {
  typename V::reg sums[Rows][Registers];
  for (int r = 0; r < Rows; ++r)
    for (int i = 0; i < Registers; ++i) sums[r][i] = V::zero();
  const auto value_of = [&](size_t token) {
    return a.values + static_cast<size_t>(a.pages[token / a.page_size]) * a.value_stride +
           token % a.page_size * a.value_dim + element;
  };
  const float* scores = a.scores + row * a.score_stride;
  const size_t common = a.first_length + row / a.group;
  typename V::reg value[Registers];
  for (size_t token = 0; token < common;) {
    const size_t end = token + a.page_size < common ? token + a.page_size : common;
    for (const float* from = value_of(token); token < end; ++token, from += a.value_dim) {
      load_value<V, Registers>(from, tail, value);
      for (int r = 0; r < Rows; ++r) {
        const typename V::reg weight = V::set(scores[r * a.score_stride + token]);
        for (int i = 0; i < Registers; ++i) sums[r][i] = V::fma(weight, value[i], sums[r][i]);
      }
    }
  }
  for (int r = 0; r < Rows; ++r) {
    for (size_t token = common; token < a.first_length + (row + r) / a.group; ++token) {
      load_value<V, Registers>(value_of(token), tail, value);
      const typename V::reg weight = V::set(scores[r * a.score_stride + token]);
      for (int i = 0; i < Registers; ++i) sums[r][i] = V::fma(weight, value[i], sums[r][i]);
    }
    float* to = out + (row + r) / a.group * out_stride + (row + r) % a.group * a.value_dim + element;
    for (int i = 0; i < Registers; ++i) {
      const typename V::reg scaled = V::mul(sums[r][i], V::set(scale[row + r]));
      if (tail)
        V::store_tail(to, scaled, tail);
      else
        V::store(to + i * V::lanes, scaled);
    }
  }
}

template <class V, int Rows>
inline void value_rows(const AttentionArgs& a, size_t row, const float* scale, float* out, size_t out_stride) {
  size_t element = 0;
  for (; element + 2 * V::lanes <= a.value_dim; element += 2 * V::lanes)
    value_tile<V, Rows, 2>(a, row, element, 0, scale, out, out_stride);
  for (; element + V::lanes <= a.value_dim; element += V::lanes)
    value_tile<V, Rows, 1>(a, row, element, 0, scale, out, out_stride);
  if (element < a.value_dim) value_tile<V, Rows, 1>(a, row, element, a.value_dim - element, scale, out, out_stride);
}

template <class V>
void attention_values(const AttentionArgs& a, const float* scale, float* out, size_t out_stride) {
  size_t row = 0;
  for (; row + 4 <= a.rows; row += 4) value_rows<V, 4>(a, row, scale, out, out_stride);
  for (; row + 2 <= a.rows; row += 2) value_rows<V, 2>(a, row, scale, out, out_stride);
  for (; row < a.rows; ++row) value_rows<V, 1>(a, row, scale, out, out_stride);
}

template <class V>
inline float sum_lanes(typename V::reg value) {
  float lanes[V::lanes];
  V::store(lanes, value);
  for (int width = V::lanes / 2; width >= 1; width /= 2)
    for (int i = 0; i < width; ++i) lanes[i] += lanes[i + width];
  return lanes[0];
}

template <class V>
void rms_norm(const float* x, const float* weight, float eps, size_t n, float* y) {
  typename V::reg squares = V::zero();
  size_t at = 0;
  for (; at + V::lanes <= n; at += V::lanes) {
    const typename V::reg value = V::load(x + at);
    squares = V::fma(value, value, squares);
  }
  if (at < n) {
    const typename V::reg value = V::load_tail(x + at, n - at);
    squares = V::fma(value, value, squares);
  }
  const float scale = 1.0f / __builtin_sqrtf(sum_lanes<V>(squares) / static_cast<float>(n) + eps);
  for (size_t i = 0; i < n; ++i) y[i] = x[i] * scale * weight[i];
}

inline void rope(float* head, const float* cosines, const float* sines, size_t half) {
  for (size_t i = 0; i < half; ++i) {
    const float low = head[i], high = head[i + half];
    head[i] = low * cosines[i] - high * sines[i];
    head[i + half] = high * cosines[i] + low * sines[i];
  }
}

inline void rope_interleaved(float* head, const float* cosines, const float* sines, size_t half) {
  for (size_t i = 0; i < half; ++i) {
    const float low = head[2 * i], high = head[2 * i + 1];
    head[2 * i] = low * cosines[i] - high * sines[i];
    head[2 * i + 1] = high * cosines[i] + low * sines[i];
  }
}

// e^x for x <= 88: x = n ln 2 + r with |r| <= ln(2)/2, then the Taylor polynomial of degree 7 (relative error below
// 1e-8 before rounding). Below -87, where 2^n would be subnormal, the result is 0. max takes x second to keep a NaN.
template <class V>
inline typename V::reg exponential(typename V::reg x) {
  const typename V::reg n = V::round(V::mul(V::max(V::set(-88.0f), x), V::set(1.44269504f)));
  typename V::reg r = V::fma(n, V::set(-0.693359375f), V::max(V::set(-88.0f), x));
  r = V::fma(n, V::set(2.12194440e-4f), r);
  typename V::reg sum = V::set(1.0f / 5040);
  for (const float coefficient : {1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f})
    sum = V::fma(sum, r, V::set(coefficient));
  return V::zero_below(x, -87.0f, V::mul(sum, V::pow2(n)));
}

template <class V>
float soft_max(float* s, size_t n, float scale) {
  const size_t padded = (n + V::lanes - 1) / V::lanes * V::lanes;
  for (size_t i = n; i < padded; ++i) s[i] = -__builtin_inff();
  typename V::reg highest = V::set(-__builtin_inff());
  for (size_t at = 0; at < padded; at += V::lanes) {
    const typename V::reg scaled = V::mul(V::load(s + at), V::set(scale));
    V::store(s + at, scaled);
    highest = V::max(highest, scaled);
  }
  float lanes[V::lanes];
  V::store(lanes, highest);
  float most = lanes[0];
  for (int i = 1; i < V::lanes; ++i) most = lanes[i] > most ? lanes[i] : most;
  typename V::reg sum = V::zero();
  for (size_t at = 0; at < padded; at += V::lanes) {
    const typename V::reg value = exponential<V>(V::add(V::load(s + at), V::set(-most)));
    V::store(s + at, value);
    sum = V::add(sum, value);
  }
  return sum_lanes<V>(sum);
}

template <class V>
inline typename V::reg silu(typename V::reg x) {
  // Above 88 e^x would overflow; x / (1 + e^-88) is x already.
  const typename V::reg negated = V::mul(V::max(V::set(-87.0f), x), V::set(-1.0f));
  return V::div(x, V::add(V::set(1.0f), exponential<V>(negated)));
}

// x / 2 * (1 + tanh(u)) is x / (1 + e^-2u), for u = sqrt(2 / pi) * (x + 0.044715 x^3).
template <class V>
inline typename V::reg gelu_tanh(typename V::reg x) {
  const typename V::reg cube = V::mul(V::mul(x, x), x);
  const typename V::reg u = V::fma(cube, V::set(0.044715f), x);
  const typename V::reg twice = V::mul(u, V::set(1.59576912f));
  const typename V::reg negated = V::mul(V::max(V::set(-87.0f), twice), V::set(-1.0f));
  return V::div(x, V::add(V::set(1.0f), exponential<V>(negated)));
}

template <class V, typename V::reg (*Activation)(typename V::reg)>
void activate_mul(float* gate, const float* up, size_t n) {
  size_t at = 0;
  for (; at + V::lanes <= n; at += V::lanes)
    V::store(gate + at, V::mul(Activation(V::load(gate + at)), V::load(up + at)));
  if (at < n)
    V::store_tail(gate + at, V::mul(Activation(V::load_tail(gate + at, n - at)), V::load_tail(up + at, n - at)),
                  n - at);
}

// tanh(x) = 1 - 2 / (e^2x + 1), which is 1 in float from x = 10 on.
template <class V>
inline typename V::reg capped(typename V::reg x, float scale, float cap) {
  const typename V::reg ratio = V::mul(x, V::set(2 * scale / cap));
  const typename V::reg limit = V::mul(V::max(V::mul(ratio, V::set(-1.0f)), V::set(-40.0f)), V::set(-1.0f));
  const typename V::reg below = V::div(V::set(-2.0f), V::add(exponential<V>(limit), V::set(1.0f)));
  return V::mul(V::add(V::set(1.0f), below), V::set(cap));
}

template <class V>
void soft_cap(float* x, size_t n, float scale, float cap) {
  size_t at = 0;
  for (; at + V::lanes <= n; at += V::lanes) V::store(x + at, capped<V>(V::load(x + at), scale, cap));
  if (at < n) V::store_tail(x + at, capped<V>(V::load_tail(x + at, n - at), scale, cap), n - at);
}

inline void add(float* y, const float* x, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] += x[i];
}

inline void add_scaled(float* y, const float* x, float scale, size_t n) {
  for (size_t i = 0; i < n; ++i) y[i] += x[i] * scale;
}
