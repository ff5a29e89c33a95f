// The arithmetic of the CPU back end as a table of functions, one table per instruction set, chosen once at run time.
//
// The rule that makes outputs independent of batching, chunking, caching and thread count: every output element is
// computed by one fixed order of additions that depends on the operands' lengths alone. Tiling only decides which
// elements are computed side by side.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/config.h"

namespace espalier {

/// y[i][j] = dot(x[i], w[j]) for rows i < m of x and rows j in [first, last) of w. x, y and w have row strides in
/// elements; w has k columns.
struct LinearArgs {
  const float* x;
  size_t x_stride;
  size_t m;
  const void* w;
  DType dtype;
  size_t k;
  size_t first;
  size_t last;
  float* y;
  size_t y_stride;
  size_t w_stride;
};

/// Rows whose blocks of 32 elements are bytes and a scale: element i is values[i] * scales[i / 32]. Row r begins at
/// values + r * k, scales + r * k / 32 and half_sums + r * k / 16; the last has the sums of sixteen values each.
struct QuantizedRows {
  const int8_t* values;
  const float* scales;
  const int32_t* half_sums;
};

/// As LinearArgs, for a quantised matrix as cpu/packed.h lays it out; k is a whole number of its blocks.
struct QuantizedArgs {
  QuantizedRows x;
  size_t m;
  const uint8_t* w;
  DType dtype;
  size_t k;
  size_t first;
  size_t last;
  float* y;
  size_t y_stride;
};

/// Attention of one KV head for the query heads of consecutive positions. Row i is query head i % group of the position
/// that sees first_length + i / group tokens. Keys and values lie in pages: those of token t in the block at
/// base + pages[t / page_size] * its stride, where keys are [head_dim, page_size] and values [page_size, value_dim].
struct AttentionArgs {
  const float* keys;
  const float* values;
  const int32_t* pages;
  size_t key_stride;
  size_t value_stride;
  size_t page_size;
  size_t head_dim;
  size_t value_dim;
  size_t rows;
  size_t group;
  size_t first_length;
  /// [rows, head_dim].
  const float* queries;
  /// [rows, score_stride].
  float* scores;
  size_t score_stride;
};

/// The stride of attention scores is a multiple of this, so that soft_max may write past `n`.
constexpr size_t kRowPadding = 16;

inline size_t attention_score_stride(size_t length) { return (length + kRowPadding - 1) / kRowPadding * kRowPadding; }

struct Kernels {
  const char* name;
  void (*linear)(const LinearArgs& args);
  void (*linear_quantized)(const QuantizedArgs& args);
  /// One row of n elements, a multiple of 32, as QuantizedRows has it.
  void (*quantize_row)(const float* x, size_t n, int8_t* values, float* scales, int32_t* half_sums);
  /// scores[i][t] = dot(queries[i], key t), added in the order of elements, for every t that the last row sees.
  void (*attention_scores)(const AttentionArgs& args);
  /// out[i] = (sum over the tokens t that row i sees of scores[i][t] * value t) * scale[i], added in the order of t.
  /// The heads of a position are adjacent in `out`; positions are out_stride apart.
  void (*attention_values)(const AttentionArgs& args, const float* scale, float* out, size_t out_stride);
  /// y = x / sqrt(mean(x^2) + eps) * weight, n elements.
  void (*rms_norm)(const float* x, const float* weight, float eps, size_t n, float* y);
  /// Rotates one head of 2 * half elements in place: element i with element i + half.
  void (*rope)(float* head, const float* cosines, const float* sines, size_t half);
  /// Element 2i with element 2i + 1.
  void (*rope_interleaved)(float* head, const float* cosines, const float* sines, size_t half);
  /// s[i] = exp(s[i] * scale - max); returns the sum. The row's padding becomes 0.
  float (*soft_max)(float* s, size_t n, float scale);
  /// gate = gate / (1 + exp(-gate)) * up.
  void (*silu_mul)(float* gate, const float* up, size_t n);
  /// gate = gelu(gate) * up, where gelu is approximated with tanh (arXiv:1606.08415).
  void (*gelu_tanh_mul)(float* gate, const float* up, size_t n);
  /// x = cap * tanh(x * scale / cap).
  void (*soft_cap)(float* x, size_t n, float scale, float cap);
  /// y += x.
  void (*add)(float* y, const float* x, size_t n);
  /// y += x * scale.
  void (*add_scaled)(float* y, const float* x, float scale, size_t n);
};

/// The widest table that this processor runs; the environment variable ESPALIER_CPU_KERNELS (`scalar`, `avx2`, `avx512`,
/// `avx512vnni`, `neon`, `neondot`, `neoni8mm`) asks for a narrower one. Read once.
const Kernels& cpu_kernels();

/// The tables that this processor runs, the widest first.
std::vector<const Kernels*> usable_kernels();

const Kernels* scalar_kernels();
/// Null where the compiler's target has no such instructions.
const Kernels* avx2_kernels();
const Kernels* avx512_kernels();
const Kernels* avx512vnni_kernels();
const Kernels* neon_kernels();
const Kernels* neondot_kernels();
const Kernels* neoni8mm_kernels();

}  // namespace espalier
