// The kernels as the host calls them: each function launches on a stream and returns. `Element` is float, bf16 or
// f16, and of two bytes where tensor cores compute; the .cu files instantiate them.
#pragma once
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

#include "cuda/device/row_map.h"
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

/// Head sizes of the tensor-core kernels (head_dim.h).
inline constexpr int kHeadDims[] = {32, 64, 96, 128, 256};

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
/// Rows of the table times `scale`.
template <class Element>
void embed(const Element* table, const Rows& rows, int hidden, float scale, Element* out, cudaStream_t stream);
/// out[i] = in[selected[i]], rows of `size` elements, a multiple of 16 bytes.
template <class Element>
void gather_rows(const Element* in, const int32_t* selected, int rows, int size, Element* out, cudaStream_t stream);
/// out[i] = norm(in[selected ? selected[i] : i]) * weight
template <class Element>
void rms_norm(const Element* in, const int32_t* selected, const float* weight, float eps, int rows, int hidden,
              Element* out, cudaStream_t stream);
/// out[r, i] = act(in[r, 2i] + bias[2i]) * (in[r, 2i + 1] + bias[2i + 1]); act: SiLU, or GELU by tanh; bias: null for none.
template <class Element>
void activate(const Element* in, const float* bias, bool gelu, int rows, int size, Element* out, cudaStream_t stream);

// rope.cu
/// turns[p, i]: cosine and sine of p * frequencies[i], times `factor`; from `rotated` on, of `half`, no turn.
void fill_turns(const float* frequencies, int rotated, float factor, int half, int positions, float2* turns,
                cudaStream_t stream);
/// Rotates q and k of the fused projection in place (pairs are neighbours) and stores k and v in the rows' pages.
template <class Element>
void rope_and_store(Element* qkv, const Rows& rows, const HeadShape& shape, const float2* turns,
                    const KvLayer<Element>& kv, cudaStream_t stream);

// adapt.cu
/// Of q, k and v as projected: adds `bias` (null: none), then norms each head of queries by `q_norm` and of keys by
/// `k_norm` (null: neither).
template <class Element>
void adapt_qkv(Element* qkv, int rows, const HeadShape& shape, const float* bias, const float* q_norm,
               const float* k_norm, float eps, cudaStream_t stream);
/// hidden += norm(update + bias); any of the three may be null: zero, zero, and no norm. `dependent`: see Launch.
template <class Element>
void add_update(const Element* update, const float* bias, const float* norm, float eps, int rows, int hidden_size,
                bool dependent, Element* hidden, cudaStream_t stream);
/// Logits become cap * tanh(logit / cap).
void cap_logits(float* logits, size_t count, float cap, bool dependent, cudaStream_t stream);

// direct_sum.cu
constexpr int kMostDirectRanks = 8;
/// A sum over ranks, as one of them sees it.
struct DirectSum {
  /// Every rank's part, [rows, hidden size].
  const void* parts[kMostDirectRanks] = {};
  /// Every rank's words in which the others tell it their turns.
  uint32_t* turns[kMostDirectRanks] = {};
  /// This rank's last turn, and a count that is zero between kernels.
  uint32_t *turn = nullptr, *ended = nullptr;
  int rank = 0, ranks = 0;
};
/// What comes after a hidden state is complete: normed = norm(hidden) * weight; null: nothing does.
template <class Element>
struct NextNorm {
  const float* weight = nullptr;
  Element* normed = nullptr;
};
/// hidden += norm(sum of the parts + bias), as add_update; then the next norm. Parts of two turns lie in memory that takes
/// turns.
template <class Element>
void add_direct_sum(const DirectSum& sum, const float* bias, const float* norm, float eps, int rows, int hidden_size,
                    Element* hidden, const NextNorm<Element>& next, cudaStream_t stream);

// place.cu
/// Writes `rows` rows of `source` (dtype: esp_cuda_dtype) from row `first` of a matrix to their places in `target`, whose
/// rows have `target_cols` elements.
template <class Element>
void place_rows(const void* source, int dtype, size_t first, size_t rows, size_t cols, const RowMap& row_map,
                const RowMap& col_map, size_t target_cols, Element* target, cudaStream_t stream);
template <class Element>
void fill_random(Element* target, size_t count, uint64_t seed, float scale, cudaStream_t stream);
/// Rows of a matrix as fill_random fills one of `whole_cols` columns in which they lie from `first_row` and `first_col` on.
template <class Element>
void fill_random_part(Element* target, size_t rows, size_t cols, size_t whole_cols, size_t first_row, size_t first_col,
                      uint64_t seed, float scale, cudaStream_t stream);
// attention_generic.cu: any element, any head size up to 256; one warp per row and head.
template <class Element>
void attention_generic(const Element* qkv, const Rows& rows, const Attention& attention, const KvLayer<Element>& kv,
                       Element* out, cudaStream_t stream);

// attention_decode.cu: each row by itself; its keys and values are in the pages, those of the batch too.
bool decode_attention_fits(const HeadShape& shape);
/// How a batch of decode rows is spread over the device: blocks per row and KV head, and warps of a block.
struct DecodePlan {
  int splits = 1, warps = 4;
  /// Blocks that stay and take row after row, without splits; 0: a block ends with its row.
  int staying = 0;
};
DecodePlan plan_decode_attention(const HeadShape& shape, int rows, int multiprocessors);
/// Floats and counters that attention_decode needs; the counters must be zero before the first call, and are after
/// each.
size_t decode_attention_floats(const HeadShape& shape, int rows, int splits);
/// Rows from which attention_decode may well rotate: with fewer, a kernel of its own hides how the attention begins.
constexpr int kRotatingRows = 64;
/// `selected`: the rows of the batch to compute (null: all of them), `count` of them. `turns`: null, or where
/// rope_and_store was not called; then all rows of the batch that are not in the pages are computed, and their keys and
/// values stored.
template <class Element>
void attention_decode(const Element* qkv, const float2* turns, const Rows& rows, const int32_t* selected, int count,
                      const Attention& attention, const KvLayer<Element>& kv, const DecodePlan& plan, float* partials,
                      unsigned* counters, Element* out, cudaStream_t stream);

// attention_prefill.cc: where decode_attention_fits as well.
bool prefill_attention_fits(const HeadShape& shape);
constexpr int kPrefillTileRows = 128;
template <class Element>
void attention_prefill(const Element* qkv, const Rows& rows, const PrefillTile* tiles, int count,
                       const Attention& attention, const KvLayer<Element>& kv, Element* out, cudaStream_t stream);

// skinny_gemm.cu: y[n, r] = sum_k w[r, k] x[n, k] for few rows n.
enum class Epilogue : uint8_t { Store, StoreFloat, Add, SwiGlu, GeGlu };
struct SkinnyShape {
  int m_tiles = 2, cluster = 4;
};
constexpr int kSkinnyRows = 32;
bool skinny_fits(int outputs, int inputs, int rows, const SkinnyShape& shape);
/// Store: out = y; Add: out += y; SwiGlu: out[n, i] = silu(y[n, 2i]) * y[n, 2i + 1], GeGlu with GELU; StoreFloat writes
/// floats.
template <class Element>
void skinny_gemm(const Element* w, const Element* x, int outputs, int inputs, int rows, Epilogue epilogue,
                 const SkinnyShape& shape, void* out, cudaStream_t stream);

/// What comes around a product where rows are so few that kernels of their own would take longer than their work.
template <class Element>
struct Around {
  /// As rms_norm, of the inputs; null: none.
  const float* norm = nullptr;
  float norm_eps = 0;
  /// As rope_and_store, of a product that is q, k and v; null: none.
  const float2* turns = nullptr;
  Rows rows;
  HeadShape heads;
  KvLayer<Element> kv;
};
/// Whether skinny_gemm_around takes a norm, or a rotation, around a product that skinny_fits.
bool skinny_fits_norm(int inputs, int rows, const SkinnyShape& shape);
bool skinny_fits_rotation(int rows, const SkinnyShape& shape);
/// The same bits as rms_norm, skinny_gemm and rope_and_store one after the other. With turns the epilogue is Store, and
/// k and v go to the pages alone.
template <class Element>
void skinny_gemm_around(const Element* w, const Element* x, int outputs, int inputs, int rows, Epilogue epilogue,
                        const SkinnyShape& shape, const Around<Element>& around, void* out, cudaStream_t stream);

// streamed_gemm.cu: gate and up with their activation, as SwiGlu and GeGlu above, of any number of rows; on Hopper.
/// Outputs of a tile, before the activation.
constexpr int kStreamedWidths[] = {224, 256};
bool streamed_fits(int outputs, int inputs, int rows, int width);
template <class Element>
void streamed_gemm(const Element* w, const Element* x, int outputs, int inputs, int rows, bool gelu, int width,
                   int multiprocessors, Element* out, cudaStream_t stream);

// latent_store.cu
struct LatentSizes;
/// Queries of latent attention: the rotated part of `raw` [rows, heads, nope + rope] behind the latent part of `queries`
/// [rows, heads, rank + rope]; keys: the normed latent vector and the rotated part of `latent` [rows, rank + rope] in
/// the rows' pages, which are plain [token, rank + rope].
template <class Element>
void rotate_latent(const Element* raw, const Element* latent, const Rows& rows, int heads, const LatentSizes& sizes,
                   const float* norm, float eps, const float2* turns, const KvLayer<Element>& kv, Element* queries,
                   cudaStream_t stream);

// attention_latent.cu: all heads share a token's key, whose first elements are its value. A row attends to what the
// pages hold, by itself.
constexpr int kMostLatentWidth = 608;
/// Floats of `partials` that attention_latent needs.
size_t latent_attention_floats(const LatentSizes& sizes, int multiprocessors);
/// out: [count, heads, rank] by row of the batch. `selected`: rows to compute (null: all), `count` of them.
template <class Element>
void attention_latent(const Element* queries, const Rows& rows, const int32_t* selected, int count, int heads,
                      const LatentSizes& sizes, const AttentionRule& rule, const KvLayer<Element>& kv,
                      int multiprocessors, float* partials, Element* out, cudaStream_t stream);

// router.cu
constexpr int kMostExperts = 1024;
/// A row's experts, best first, and their weights; see espalier::Router. Padding rows (position -1) get expert -1.
void route(const float* products, const float* bias, const int32_t* positions, const esp_cuda_experts& experts,
           int rows, int32_t* chosen, float* weights, cudaStream_t stream);
/// Rows of one expert for one block of the grouped product.
struct ExpertTile {
  int32_t expert, first, rows;
};
/// Most tiles of `tile_rows` rows that so many choices among so many experts can make.
int most_expert_tiles(int choices, int experts, int tile_rows);
/// Sorts choices by expert: order[p] is a choice; tiles cover those of each expert, *tile_count of them.
void sort_by_expert(const int32_t* chosen, int choices, int tile_rows, int32_t* order, ExpertTile* tiles,
                    int32_t* tile_count, cudaStream_t stream);
/// hidden[r], or zero where it is not `added`, plus the sum of weights[r, i] * outputs[r, i], plus shared[r], times the sigmoid of the product of `share` and
/// normed[r] where `share` is not null. Choices with chosen -1 count nothing.
template <class Element>
void mix_experts(const Element* outputs, const int32_t* chosen, const float* weights, int per_token,
                 const Element* shared, const Element* share, const Element* normed, int rows, int hidden_size,
                 bool added, Element* hidden, cudaStream_t stream);

// grouped_gemm.cu: out[row] = w[group] x[row] for rows of several groups, each with a matrix of its own.
template <class Element>
struct GroupedProduct {
  const Element* x = nullptr;
  /// From one row to the next, and from one group to the next.
  size_t x_stride = 0, x_step = 0;
  const Element* w = nullptr;
  size_t w_step = 0;
  Element* out = nullptr;
  size_t out_stride = 0, out_step = 0;
  int outputs = 0, inputs = 0;
  /// Store, SwiGlu or GeGlu.
  Epilogue epilogue = Epilogue::Store;
  /// With `tiles`, a group is an expert. Its rows p are read from row p of x, or order[p] / per_token, and written to
  /// row p of out, or order[p].
  const ExpertTile* tiles = nullptr;
  const int32_t* tile_count = nullptr;
  const int32_t* order = nullptr;
  int per_token = 1;
  bool ordered_input = false, ordered_output = false;
  /// Without: each of `groups` has all `rows`.
  int groups = 0, rows = 0;
};
/// Rows of a tile that suit so many rows a group.
int grouped_tile_rows(int rows_per_group);
/// `most_tiles`: an upper bound of *tile_count; the tiles have up to `tile_rows` rows.
template <class Element>
void grouped_product(const GroupedProduct<Element>& product, int tile_rows, int most_tiles, cudaStream_t stream);

// sum_rows.cu: adds rows to `sum`, one after the other.
template <class Element>
void sum_rows(const Element* rows, int count, int size, float* sum, cudaStream_t stream);

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
/// Entries of `room` with which sample_rows spreads so many rows over the device; 0: they are enough by themselves.
size_t sample_room(int count, int vocab);
/// `room`: null, or sample_room entries. Tokens do not depend on it.
void sample_rows(const SampleRow* rows, int count, int vocab, float2* room, int32_t* tokens, cudaStream_t stream);

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
