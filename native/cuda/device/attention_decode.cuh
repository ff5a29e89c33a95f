// What the kernels of decode attention share: their arguments, and a warp's running softmax over tiles of 16 tokens in the
// fragments of mma.m16n8k16.
#pragma once
#include "cuda/device/attention_own.cuh"
#include "cuda/device/attention_rule.cuh"
#include "cuda/device/kv_layout.cuh"

namespace espalier::cuda {

/// Query heads of a KV head that one fragment holds in the rows that are kept.
constexpr int kMostGroup = 8;

template <class Element>
struct DecodeArgs {
  const Element* qkv;
  // Null where queries are rotated, and keys and values stored, already.
  const float2* turns;
  Rows rows;
  const int32_t* selected;
  HeadShape shape;
  AttentionRule rule;
  float exponent;
  KvLayer<Element> kv;
  // The query heads of a KV head are in chunks of `group`; each block takes one. The host divides.
  int chunks, group;
  int splits;
  // Rows to compute.
  int count;
  float* partials;
  unsigned* counters;
  Element* out;
};

/// attention_decode_staying.cu: so many blocks, of kStayingWarps, are on the device at once; 0: not with heads of this size.
constexpr int kStayingWarps = 4;
int staying_decode_blocks(int dim, int multiprocessors);
/// So many blocks stay, and take one row and KV head after another.
template <class Element>
void attention_decode_staying(const DecodeArgs<Element>& args, int blocks, cudaStream_t stream);

/// Running softmax of one warp for row g of the fragment: this lane's share of the sum, and its output elements.
template <int kDim>
struct WarpState {
  float most = -INFINITY, total = 0;
  float out[kDim / 8][2] = {};
};

/// The token of a tile that column 2t + i of score fragment n stands for; values are in the same order.
enum class Columns : uint8_t {
  /// 4t + 2n + i: a lane's four are neighbours, as in a page.
  OfLanes,
  /// 8n + 2t + i: as ldmatrix reads.
  OfMatrices
};
template <Columns kColumns>
__device__ inline int token_of_column(int n, int i) {
  const int t = threadIdx.x % 4;
  return kColumns == Columns::OfLanes ? 4 * t + 2 * n + i : 8 * n + 2 * t + i;
}

/// Scores as the softmax takes them.
__device__ inline void cap_scores(float (&scores)[2][4], const AttentionRule& rule) {
  if (!(rule.soft_cap > 0)) return;
#pragma unroll
  for (int n = 0; n < 2; ++n)
#pragma unroll
    for (int i = 0; i < 2; ++i) scores[n][i] = capped(scores[n][i], rule);
}

/// Adds a tile: scores of its 16 tokens, which become weights, and its values. `first_seen`, `length`: the tokens that are seen.
template <class Element, int kDim, Columns kColumns>
__device__ inline void add_tile(WarpState<kDim>& state, float (&scores)[2][4], const uint2 (&values)[kDim / 8],
                                int first_token, int first_seen, int length, float scale) {
  const auto seen = static_cast<unsigned>(length - first_seen);
  float most = state.most;
#pragma unroll
  for (int n = 0; n < 2; ++n)
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      if (static_cast<unsigned>(first_token + token_of_column<kColumns>(n, i) - first_seen) >= seen) scores[n][i] = -INFINITY;
      most = fmaxf(most, scores[n][i]);
    }
  most = fmaxf(most, __shfl_xor_sync(~0u, most, 1));
  most = fmaxf(most, __shfl_xor_sync(~0u, most, 2));
  const float keep = exp2f((state.most - most) * scale);
  state.most = most;
  float weights[2][2];
#pragma unroll
  for (int n = 0; n < 2; ++n)
#pragma unroll
    for (int i = 0; i < 2; ++i) weights[n][i] = exp2f((scores[n][i] - most) * scale);
  state.total = state.total * keep + weights[0][0] + weights[0][1] + weights[1][0] + weights[1][1];
  const uint32_t low = pack<Element>(weights[0][0], weights[0][1]), high = pack<Element>(weights[1][0], weights[1][1]);
#pragma unroll
  for (int n = 0; n < kDim / 8; ++n) {
    float (&out)[2] = state.out[n];
    float sums[4] = {out[0] * keep, out[1] * keep, 0, 0};
    mma<Element>(sums, low, 0, high, 0, values[n].x, values[n].y);
    out[0] = sums[0];
    out[1] = sums[1];
  }
}

/// Values past the sequence's end are whatever a page held before; a weight of zero does not silence a NaN.
template <int kDim, Columns kColumns>
__device__ inline void clear_past_end(uint2 (&values)[kDim / 8], int valid) {
  const auto kept = [&](int token) { return token >= valid ? 0u : token + 1 >= valid ? 0xffffu : ~0u; };
  const uint32_t low = kept(token_of_column<kColumns>(0, 0)), high = kept(token_of_column<kColumns>(1, 0));
#pragma unroll
  for (int n = 0; n < kDim / 8; ++n) {
    values[n].x &= low;
    values[n].y &= high;
  }
}

}  // namespace espalier::cuda
