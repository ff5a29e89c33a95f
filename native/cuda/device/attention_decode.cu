// Decode attention on tensor cores: one token per sequence, its keys and values streamed once from the pages straight
// into the fragments of mma.m16n8k16. The rows of a fragment are the query heads that share a KV head. A row's tiles are
// split over `splits` blocks and over the warps of each; the last block to finish combines them in order of the splits
// (split-KV as in Flash-Decoding, Dao et al. 2023), so the sums do not depend on who was last.
#include <algorithm>

#include "cuda/device/element.cuh"
#include "cuda/device/kv_layout.cuh"

namespace espalier::cuda {
namespace {

constexpr int kWarps = 4;
// Query heads of a KV head that one fragment holds in the rows this kernel keeps.
constexpr int kMostGroup = 8;

struct DecodeArgs {
  const bf16* qkv;
  Rows rows;
  const int32_t* selected;
  HeadShape shape;
  KvLayer<bf16> kv;
  int splits;
  float* partials;
  unsigned* counters;
  bf16* out;
};

// Running softmax of one warp for row g of the fragment: this lane's share of the sum, and its output elements.
template <int kDim>
struct WarpState {
  float most = -INFINITY, total = 0;
  float out[kDim / 8][2] = {};
};

template <int kVectors>
__device__ inline void load_tile(const bf16* tile, uint4 (&to)[kVectors]) {
  const auto* from = reinterpret_cast<const uint4*>(tile);
#pragma unroll
  for (int i = 0; i < kVectors; ++i)
    asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0,%1,%2,%3}, [%4];"
                 : "=r"(to[i].x), "=r"(to[i].y), "=r"(to[i].z), "=r"(to[i].w)
                 : "l"(from + i * 32));
}

// Scores of 16 tokens: scores[n] belongs to tokens 8n + 2t, 8n + 2t + 1.
template <int kDim>
__device__ inline void score_tile(const uint4 (&query)[kDim / 32], const uint4 (&keys)[kDim / 16],
                                  float (&scores)[2][4]) {
#pragma unroll
  for (int n = 0; n < 2; ++n) {
#pragma unroll
    for (int i = 0; i < 4; ++i) scores[n][i] = 0;
#pragma unroll
    for (int j = 0; j < kDim / 32; ++j) {
      const uint4 q = query[j], k = keys[n * (kDim / 32) + j];
      mma_bf16(scores[n], q.x, 0, q.y, 0, k.x, k.y);
      mma_bf16(scores[n], q.z, 0, q.w, 0, k.z, k.w);
    }
  }
}

template <int kDim>
__device__ inline void add_tile(WarpState<kDim>& state, float (&scores)[2][4], const uint4 (&values)[kDim / 16],
                                int first_token, int length, float scale) {
  const int t = threadIdx.x % 4;
  float most = state.most;
#pragma unroll
  for (int n = 0; n < 2; ++n)
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      if (first_token + 8 * n + 2 * t + i >= length) scores[n][i] = -INFINITY;
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
  const uint32_t low = pack_bf16(weights[0][0], weights[0][1]), high = pack_bf16(weights[1][0], weights[1][1]);
#pragma unroll
  for (int i = 0; i < kDim / 16; ++i)
#pragma unroll
    for (int n = 0; n < 2; ++n) {
      float(&out)[2] = state.out[2 * i + n];
      float sums[4] = {out[0] * keep, out[1] * keep, 0, 0};
      mma_bf16(sums, low, 0, high, 0, n ? values[i].z : values[i].x, n ? values[i].w : values[i].y);
      out[0] = sums[0];
      out[1] = sums[1];
    }
}

// Values past the sequence's end are whatever a page held before; a weight of zero does not silence a NaN.
template <int kDim>
__device__ inline void clear_past_end(uint4 (&values)[kDim / 16], int valid) {
  const int t = threadIdx.x % 4;
  const auto kept = [&](int token) { return token >= valid ? 0u : token + 1 >= valid ? 0xffffu : ~0u; };
  const uint32_t low = kept(2 * t), high = kept(2 * t + 8);
#pragma unroll
  for (int i = 0; i < kDim / 16; ++i) {
    values[i].x &= low;
    values[i].y &= high;
    values[i].z &= low;
    values[i].w &= high;
  }
}

// Adds up to `parts` partial results of head `g`: element d of part p is at out[p * stride + d], its maximum and sum at
// stats. Weights are relative to the greatest maximum.
struct Combined {
  float most, total;
};
__device__ inline Combined combine_stats(const float2* stats, int parts, int stride, float scale) {
  Combined all{-INFINITY, 0};
  for (int p = 0; p < parts; ++p) all.most = fmaxf(all.most, stats[p * stride].x);
  for (int p = 0; p < parts; ++p)
    if (stats[p * stride].x > -INFINITY)
      all.total += stats[p * stride].y * exp2f((stats[p * stride].x - all.most) * scale);
  return all;
}

template <int kDim>
__global__ __launch_bounds__(32 * kWarps, 3) void decode_kernel(DecodeArgs a) {
  __shared__ float outs[kWarps][kMostGroup][kDim];
  __shared__ float2 stats[kWarps][kMostGroup];
  __shared__ bool last;
  wait_for_predecessor();
  const int split = blockIdx.x, kv_head = blockIdx.y, entry = blockIdx.z;
  const int row = a.selected ? a.selected[entry] : entry;
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
  const int group = a.shape.heads / a.shape.kv_heads;
  const int length = a.rows.positions[row] + 1, tiles = (length + kTileTokens - 1) / kTileTokens;
  const int begin = static_cast<int>(static_cast<int64_t>(tiles) * split / a.splits);
  const int end = static_cast<int>(static_cast<int64_t>(tiles) * (split + 1) / a.splits);
  const int32_t* table = a.rows.pages + a.rows.tables[row];
  const float scale = rsqrtf(static_cast<float>(kDim)) * 1.44269504f;

  uint4 query[kDim / 32];
  const size_t stride = static_cast<size_t>(a.shape.heads + 2 * a.shape.kv_heads) * kDim;
  const bf16* q = a.qkv + row * stride + static_cast<size_t>(kv_head * group + g) * kDim;
#pragma unroll
  for (int j = 0; j < kDim / 32; ++j) query[j] = make_uint4(0, 0, 0, 0);
  // Key fragments hold core matrices: lane (g, t) has elements 32j + 8t ... + 7 of token g, and so has the query.
  if (g < group) {
#pragma unroll
    for (int j = 0; j < kDim / 32; ++j) query[j] = *reinterpret_cast<const uint4*>(q + 32 * j + 8 * t);
  }
  // In a key tile, lane (g, t)'s 16 bytes of core matrix 4j + t start at row g.
  const int key_lane = t * 64 + g * 8;

  WarpState<kDim> state;
  uint4 keys[kDim / 16], values[kDim / 16];
  int tile = begin + warp;
  const auto locate = [&](int index) { return tile_offset(table, index, kv_head, a.shape, a.kv.page_size); };
  size_t at = tile < end ? locate(tile) : 0;
  if (tile < end) load_tile(a.kv.keys + at + key_lane, keys);
  while (tile < end) {
    load_tile(a.kv.values + at + lane * 8, values);
    float scores[2][4];
    score_tile<kDim>(query, keys, scores);
    const int next = tile + kWarps;
    if (next < end) {
      at = locate(next);
      load_tile(a.kv.keys + at + key_lane, keys);
    }
    if (length - tile * kTileTokens < kTileTokens) clear_past_end<kDim>(values, length - tile * kTileTokens);
    add_tile<kDim>(state, scores, values, tile * kTileTokens, length, scale);
    tile = next;
  }
  state.total += __shfl_xor_sync(~0u, state.total, 1);
  state.total += __shfl_xor_sync(~0u, state.total, 2);
#pragma unroll
  for (int n = 0; n < kDim / 8; ++n) {
    outs[warp][g][8 * n + 2 * t] = state.out[n][0];
    outs[warp][g][8 * n + 2 * t + 1] = state.out[n][1];
  }
  if (t == 0) stats[warp][g] = {state.most, state.total};
  __syncthreads();

  const size_t slot = static_cast<size_t>(entry) * a.shape.kv_heads + kv_head;
  bf16* out = a.out + (static_cast<size_t>(row) * a.shape.heads + kv_head * group) * kDim;
  float* part_outs = a.partials + slot * a.splits * group * kDim;
  auto* part_stats = reinterpret_cast<float2*>(a.partials + static_cast<size_t>(gridDim.z) * a.shape.heads * a.splits *
                                                                kDim) +
                     slot * a.splits * group;
  for (int i = threadIdx.x; i < group * kDim; i += blockDim.x) {
    const int head = i / kDim, d = i % kDim;
    const Combined all = combine_stats(&stats[0][head], kWarps, kMostGroup, scale);
    float sum = 0;
    for (int w = 0; w < kWarps; ++w)
      if (stats[w][head].x > -INFINITY) sum += outs[w][head][d] * exp2f((stats[w][head].x - all.most) * scale);
    if (a.splits == 1) {
      out[i] = __float2bfloat16_rn(length > 0 ? sum / all.total : 0);
    } else {
      part_outs[split * group * kDim + i] = sum;
      if (d == 0) part_stats[split * group + head] = {all.most, all.total};
    }
  }
  if (a.splits == 1) return;

  __threadfence();
  __syncthreads();
  if (threadIdx.x == 0) {
    last = atomicAdd(a.counters + slot, 1) == static_cast<unsigned>(a.splits) - 1;
    if (last) a.counters[slot] = 0;
  }
  __syncthreads();
  if (!last) return;
  __threadfence();
  for (int i = threadIdx.x; i < group * kDim; i += blockDim.x) {
    const int head = i / kDim;
    const Combined all = combine_stats(part_stats + head, a.splits, group, scale);
    float sum = 0;
    for (int p = 0; p < a.splits; ++p) {
      const float most = part_stats[p * group + head].x;
      if (most > -INFINITY) sum += part_outs[p * group * kDim + i] * exp2f((most - all.most) * scale);
    }
    out[i] = __float2bfloat16_rn(length > 0 ? sum / all.total : 0);
  }
}

}  // namespace

bool decode_attention_fits(const HeadShape& shape) {
  const int group = shape.heads / shape.kv_heads;
  return group <= kMostGroup && (shape.dim == 32 || shape.dim == 64 || shape.dim == 128);
}

int decode_attention_splits(const HeadShape& shape, int rows, int multiprocessors) {
  return std::clamp(3 * multiprocessors / (rows * shape.kv_heads), 1, 32);
}

size_t decode_attention_floats(const HeadShape& shape, int rows, int splits) {
  return static_cast<size_t>(rows) * shape.heads * splits * (shape.dim + 2);
}

void attention_decode(const bf16* qkv, const Rows& rows, const int32_t* selected, int count, const HeadShape& shape,
                      const KvLayer<bf16>& kv, int splits, float* partials, unsigned* counters, bf16* out,
                      cudaStream_t stream) {
  const DecodeArgs args{qkv, rows, selected, shape, kv, splits, partials, counters, out};
  const dim3 grid(static_cast<unsigned>(splits), static_cast<unsigned>(shape.kv_heads), static_cast<unsigned>(count));
  const auto kernel = shape.dim == 32 ? decode_kernel<32> : shape.dim == 64 ? decode_kernel<64> : decode_kernel<128>;
  launch(kernel, {grid, dim3(32 * kWarps)}, stream, args);
}

}  // namespace espalier::cuda
