// The kernels as the host calls them: each function launches on a stream and returns. `Element` is float, bf16 or
// f16, and of two bytes where tensor cores compute; the .cu files instantiate them.
#pragma once
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

#include "espalier_cuda.h"

namespace espalier::cuda {

using bf16 = __nv_bfloat16;
using f16 = __half;

/// Rows of a batch in device memory, one entry per token.
struct Rows {
  int count = 0;
  /// A negative one stands for chosen[-1 - token].
  const int32_t* tokens = nullptr;
  const int32_t* chosen = nullptr;
  /// -1: a padding row; nothing is stored for it and its attention is zero.
  const int32_t* positions = nullptr;
  /// The first position of the row's sequence in this batch: keys and values before it lie in the pages already.
  const int32_t* starts = nullptr;
  /// Where the page table of the row's sequence begins in `pages`.
  const int32_t* tables = nullptr;
  const int32_t* pages = nullptr;
};

/// Keys and values of one layer. A page holds, per KV head, page_size * head_dim elements; see kv_layout.cuh.
template <class Element>
struct KvLayer {
  Element* keys = nullptr;
  Element* values = nullptr;
  int page_size = 0;
};

struct HeadShape {
  int heads = 0, kv_heads = 0, dim = 0;
};

/// How scores are made of queries and keys.
struct AttentionRule {
  float scale = 0;
  /// Scores become soft_cap * tanh(score / soft_cap); 0: off.
  float soft_cap = 0;
  /// A token sees itself and the window - 1 tokens before; 0: all of them.
  int window = 0;
};

/// By what scores, with the soft cap if there is one, are multiplied before exp2.
inline float exponent_scale(const AttentionRule& rule) {
  constexpr float kLog2E = 1.44269504f;
  return rule.soft_cap > 0 ? kLog2E : rule.scale * kLog2E;
}

/// One layer's attention.
struct Attention {
  HeadShape shape;
  AttentionRule rule;
};

/// Consecutive rows of one segment for one block of the prefill kernel.
struct PrefillTile {
  int32_t first_row, rows;
};

// elementwise.cu
template <class Element>
void embed(const Element* table, const Rows& rows, int hidden, Element* out, cudaStream_t stream);
/// out[i] = in[selected[i]], rows of `size` elements, a multiple of 16 bytes.
template <class Element>
void gather_rows(const Element* in, const int32_t* selected, int rows, int size, Element* out, cudaStream_t stream);
/// out[i] = norm(in[selected ? selected[i] : i]) * weight
template <class Element>
void rms_norm(const Element* in, const int32_t* selected, const float* weight, float eps, int rows, int hidden,
              Element* out, cudaStream_t stream);
/// turns[p, i]: cosine and sine of p * frequencies[i].
void fill_turns(const float* frequencies, int half, int positions, float2* turns, cudaStream_t stream);
/// Rotates q and k of the fused projection in place (pairs are neighbours) and stores k and v in the rows' pages.
template <class Element>
void rope_and_store(Element* qkv, const Rows& rows, const HeadShape& shape, const float2* turns,
                    const KvLayer<Element>& kv, cudaStream_t stream);
/// out[r, i] = silu(in[r, 2i]) * in[r, 2i + 1]
template <class Element>
void swiglu(const Element* in, int rows, int size, Element* out, cudaStream_t stream);

// place.cu
enum class RowOrder : uint8_t { Plain, RopePairs, Even, Odd };
/// Writes `rows` rows of `source` (dtype: esp_cuda_dtype) from row `first` of a matrix to their places in `target`.
/// RopePairs interleaves the two halves of each head; Even and Odd interleave two matrices.
template <class Element>
void place_rows(const void* source, int dtype, size_t first, size_t rows, size_t cols, RowOrder order, size_t head_dim,
                Element* target, cudaStream_t stream);
template <class Element>
void fill_random(Element* target, size_t count, uint64_t seed, float scale, cudaStream_t stream);
/// Copies pages from[i] to to[i] within `memory`, each of page_bytes (a multiple of 16), in `planes` of plane_bytes.
void copy_pages(void* memory, size_t page_bytes, size_t planes, size_t plane_bytes, const int32_t* from,
                const int32_t* to, int count, cudaStream_t stream);

// attention_generic.cu: any element, any head size up to 256; one warp per row and head.
template <class Element>
void attention_generic(const Element* qkv, const Rows& rows, const Attention& attention, const KvLayer<Element>& kv,
                       Element* out, cudaStream_t stream);

// attention_decode.cu: each row by itself; its keys and values are in the pages, those of the batch too.
bool decode_attention_fits(const HeadShape& shape);
/// How a batch of decode rows is spread over the device: blocks per row and KV head, and warps of a block.
struct DecodePlan {
  int splits = 1, warps = 4;
};
DecodePlan plan_decode_attention(const HeadShape& shape, int rows, int multiprocessors);
/// Floats and counters that attention_decode needs; the counters must be zero before the first call, and are after
/// each.
size_t decode_attention_floats(const HeadShape& shape, int rows, int splits);
/// `selected`: the rows of the batch to compute (null: all of them), `count` of them.
template <class Element>
void attention_decode(const Element* qkv, const Rows& rows, const int32_t* selected, int count,
                      const Attention& attention, const KvLayer<Element>& kv, const DecodePlan& plan, float* partials,
                      unsigned* counters, Element* out, cudaStream_t stream);

// attention_prefill.cc
constexpr int kPrefillTileRows = 128;
template <class Element>
void attention_prefill(const Element* qkv, const Rows& rows, const PrefillTile* tiles, int count,
                       const Attention& attention, const KvLayer<Element>& kv, Element* out, cudaStream_t stream);

// skinny_gemm.cu: y[n, r] = sum_k w[r, k] x[n, k] for few rows n.
enum class Epilogue : uint8_t { Store, StoreFloat, Add, SwiGlu };
struct SkinnyShape {
  int m_tiles = 2, cluster = 4;
};
constexpr int kSkinnyRows = 32;
bool skinny_fits(int outputs, int inputs, int rows, const SkinnyShape& shape);
/// Store: out = y; Add: out += y; SwiGlu: out[n, i] = silu(y[n, 2i]) * y[n, 2i + 1]; StoreFloat writes floats.
template <class Element>
void skinny_gemm(const Element* w, const Element* x, int outputs, int inputs, int rows, Epilogue epilogue,
                 const SkinnyShape& shape, void* out, cudaStream_t stream);

// apply_masks.cu: see esp_cuda_api.
void apply_masks(void* logits, esp_cuda_dtype dtype, int rows, int vocab, size_t stride, const int32_t* masks,
                 const int32_t* indices, cudaStream_t stream);

// sampler.cu
/// One row to sample; `mask` and `logits` are device pointers.
struct SampleRow {
  const float* logits;
  const int32_t* mask;
  float temperature, top_p, min_p;
  uint32_t top_k;
  double uniform;
};
void sample_rows(const SampleRow* rows, int count, int vocab, int32_t* tokens, cudaStream_t stream);

// sampler_adjust.cu
/// One row whose logits are adjusted before it is sampled, and put back after; all pointers are to device memory.
struct AdjustRow {
  float* logits;
  const esp_cuda_adjustment* adjustments;
  /// The logits as they were, in the order of the adjustments.
  float* before;
  uint32_t count;
  float repetition_penalty, frequency_penalty, presence_penalty;
};
void adjust_rows(const AdjustRow* rows, int count, cudaStream_t stream);
void restore_rows(const AdjustRow* rows, int count, cudaStream_t stream);

// sampler_logprobs.cu
/// One row to find log-probabilities of: those of tokens[choice] and of `alternatives` tokens.
struct LogprobRow {
  const float* logits;
  int32_t choice, alternatives;
};
void find_logprobs(const LogprobRow* rows, int count, int vocab, const int32_t* tokens, esp_cuda_logprobs* out,
                   cudaStream_t stream);

}  // namespace espalier::cuda
