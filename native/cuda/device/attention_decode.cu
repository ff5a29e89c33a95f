// Decode attention on tensor cores: row by row, a row's keys and values streamed once from the pages straight into
// the fragments of mma.m16n8k16. The rows of a fragment are the query heads that share a KV head. A row's tiles
// are split over `splits` blocks and over the warps of each; the last block to finish combines them in order of the
// splits (split-KV as in Flash-Decoding, Dao et al. 2023), so the sums do not depend on who was last.
#include <algorithm>
#include <iterator>

#include "cuda/device/attention_decode.cuh"
#include "cuda/device/head_dim.h"

namespace espalier::cuda {
namespace {

// Warps of a block: many where few rows must fill the device, few where blocks are many and should end together.
constexpr int kManyWarps = 4, kFewWarps = 2;
constexpr int kMostSplits = 16;
// Tiles that are worth a split: below, adding up takes longer than a warp's next tile. A short row's other blocks end at
// once.
constexpr int kSplitTiles = 8;

// How many blocks share the query heads of a KV head, so that each has an equal number that a fragment holds; 0: none do.
int chunks_of(const HeadShape& shape) {
  const int group = shape.heads / shape.kv_heads;
  for (int chunks = 1; chunks <= group; ++chunks)
    if (group % chunks == 0 && group / chunks <= kMostGroup) return chunks;
  return 0;
}

// Streamed once: nothing of it should stay in the first-level cache.
__device__ inline uint4 load_keys(const void* from) {
  uint4 to;
  asm volatile("ld.global.nc.L1::no_allocate.v4.u32 {%0,%1,%2,%3}, [%4];"
               : "=r"(to.x), "=r"(to.y), "=r"(to.z), "=r"(to.w)
               : "l"(from));
  return to;
}
__device__ inline uint2 load_values(const void* from) {
  uint2 to;
  asm volatile("ld.global.nc.L1::no_allocate.v2.u32 {%0,%1}, [%2];" : "=r"(to.x), "=r"(to.y) : "l"(from));
  return to;
}

// Scores of the 16 tokens of a tile.
template <class Element, int kDim>
__device__ inline void score_tile(const uint4 (&query)[kDim / 32], const uint4 (&keys)[kDim / 16],
                                  float (&scores)[2][4]) {
#pragma unroll
  for (int n = 0; n < 2; ++n) {
#pragma unroll
    for (int i = 0; i < 4; ++i) scores[n][i] = 0;
#pragma unroll
    for (int j = 0; j < kDim / 32; ++j) {
      const uint4 q = query[j], k = keys[n * (kDim / 32) + j];
      mma<Element>(scores[n], q.x, 0, q.y, 0, k.x, k.y);
      mma<Element>(scores[n], q.z, 0, q.w, 0, k.z, k.w);
    }
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

// What each split found of one KV head's query heads, added up in order of the splits.
template <class Element, int kDim>
__device__ inline void combine_splits(const float* outs, const float2* stats, int splits, int group, bool empty,
                                      float scale, Element* out) {
  __shared__ float2 found[kMostSplits * kMostGroup];
  for (int i = threadIdx.x; i < splits * group; i += blockDim.x) found[i] = stats[i];
  __syncthreads();
  for (int i = threadIdx.x; i < group * kDim; i += blockDim.x) {
    const int head = i / kDim;
    const Combined all = combine_stats(found + head, splits, group, scale);
    float sum = 0;
#pragma unroll 8
    for (int p = 0; p < splits; ++p) {
      const float most = found[p * group + head].x, part = outs[p * group * kDim + i];
      if (most > -INFINITY) sum += part * exp2f((most - all.most) * scale);
    }
    out[i] = from_float<Element>(empty ? 0 : sum / all.total);
  }
}

// What a block's warps found, added up: the output itself, or one split's part of it.
template <class Element, int kDim, int kWarps>
struct BlockResult {
  const DecodeArgs<Element>& a;
  // `splits`: of this row; there is room for a.splits.
  int split, splits;
  // Of this row and its query heads among all.
  size_t slot;
  int group;
  float scale;
  Element* out;

  __device__ float* part_outs() const { return a.partials + slot * a.splits * group * kDim; }
  __device__ float2* part_stats() const {
    const size_t all_outs = static_cast<size_t>(gridDim.z) * a.shape.heads * a.splits * kDim;
    return reinterpret_cast<float2*>(a.partials + all_outs) + slot * a.splits * group;
  }

  __device__ void write(WarpState<kDim>& state, bool empty) const {
    __shared__ float outs[kWarps][kMostGroup][kDim];
    __shared__ float2 stats[kWarps][kMostGroup];
    const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
    state.total += __shfl_xor_sync(~0u, state.total, 1);
    state.total += __shfl_xor_sync(~0u, state.total, 2);
#pragma unroll
    for (int n = 0; n < kDim / 8; ++n) {
      outs[warp][g][8 * n + 2 * t] = state.out[n][0];
      outs[warp][g][8 * n + 2 * t + 1] = state.out[n][1];
    }
    if (t == 0) stats[warp][g] = {state.most, state.total};
    __syncthreads();
    for (int i = threadIdx.x; i < group * kDim; i += blockDim.x) {
      const int head = i / kDim, d = i % kDim;
      const Combined all = combine_stats(&stats[0][head], kWarps, kMostGroup, scale);
      float sum = 0;
      for (int w = 0; w < kWarps; ++w)
        if (stats[w][head].x > -INFINITY) sum += outs[w][head][d] * exp2f((stats[w][head].x - all.most) * scale);
      if (splits == 1) {
        out[i] = from_float<Element>(empty ? 0 : sum / all.total);
      } else {
        part_outs()[split * group * kDim + i] = sum;
        if (d == 0) part_stats()[split * group + head] = {all.most, all.total};
      }
    }
    if (splits > 1 && is_last())
      combine_splits<Element, kDim>(part_outs(), part_stats(), splits, group, empty, scale, out);
  }

  // Whether all other splits have written their parts; the last one leaves the counter as it was.
  __device__ bool is_last() const {
    __shared__ bool last;
    __threadfence();
    __syncthreads();
    if (threadIdx.x == 0) {
      last = atomicAdd(a.counters + slot, 1) == static_cast<unsigned>(splits) - 1;
      if (last) a.counters[slot] = 0;
    }
    __syncthreads();
    __threadfence();
    return last;
  }
};

// Lane (g, t) takes elements 32j + 8t ... + 7 of query head g, as of its token's keys. `turns`: where they are not rotated yet.
template <class Element, int kDim, bool kRotates>
__device__ inline void load_query(const Element* from, const Turns (&turns)[kDim / 32], uint4 (&query)[kDim / 32]) {
#pragma unroll
  for (int j = 0; j < kDim / 32; ++j) {
    query[j] = make_uint4(0, 0, 0, 0);
    if (from) query[j] = *reinterpret_cast<const uint4*>(from + 32 * j);
    if constexpr (kRotates) query[j] = rotate<Element>(query[j], turns[j]);
  }
}

// Wide heads need twice the registers.
template <class Element, int kDim, int kWarps, bool kRotates>
__global__ __launch_bounds__(32 * kWarps, (kDim > 128 ? 8 : 12) / kWarps) void decode_kernel(DecodeArgs<Element> a) {
  const int split = blockIdx.x, chunk = blockIdx.y, entry = blockIdx.z;
  const int group = a.group, kv_head = a.chunks == 1 ? chunk : chunk / a.chunks;
  const int row = a.selected ? a.selected[entry] : entry;
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
  const int length = a.rows.positions[row] + 1, tiles = (length + kTileTokens - 1) / kTileTokens;
  const int first_seen = first_key(length - 1, a.rule), first_tile = first_seen / kTileTokens;
  const int splits = min(a.splits, max(1, (tiles - first_tile + kSplitTiles - 1) / kSplitTiles));
  if (split >= splits) return;
  const auto share = [&](int part) {
    return first_tile + static_cast<int>(static_cast<int64_t>(tiles - first_tile) * part / splits);
  };
  const int begin = share(split), end = share(split + 1);
  const int32_t* table = a.rows.pages + a.rows.tables[row];

  const int key_lanes[2] = {key_offset<Element>(token_of_key_row(0, g), 8 * t, kDim),
                            key_offset<Element>(token_of_key_row(1, g), 8 * t, kDim)};
  const int value_lane = value_offset<Element>(4 * t, g, kDim);

  WarpState<kDim> state;
  uint4 keys[kDim / 16];
  uint2 values[kDim / 8];
  const auto locate = [&](int index) { return tile_offset(table, index, kv_head, a.shape, a.kv.page_size); };
  const auto fetch_keys = [&](size_t at) {
#pragma unroll
    for (int n = 0; n < 2; ++n)
#pragma unroll
      for (int j = 0; j < kDim / 32; ++j)
        keys[n * (kDim / 32) + j] = load_keys(a.kv.keys + at + key_lanes[n] + j * 256);
  };
  int tile = begin + warp;
  size_t at = tile < end ? locate(tile) : 0;
  // Tokens of this batch come from the kernel before this one; the others have been there since earlier steps.
  const int start = a.rows.starts[row];
  const bool early = tile < end && (kRotates || (tile + 1) * kTileTokens <= start);
  if (early) fetch_keys(at);
  Turns turns[kDim / 32];
  if constexpr (kRotates) {
    const float2* turn = a.turns + static_cast<size_t>(max(length - 1, 0)) * kDim / 2 + 4 * t;
#pragma unroll
    for (int j = 0; j < kDim / 32; ++j) turns[j].load(turn + 16 * j);
  }
  wait_for_predecessor();
  if (tile < end && !early) fetch_keys(at);
  uint4 query[kDim / 32];
  const size_t stride = static_cast<size_t>(a.shape.heads + 2 * a.shape.kv_heads) * kDim;
  const Element* q = a.qkv + row * stride + static_cast<size_t>(chunk * group + g) * kDim + 8 * t;
  load_query<Element, kDim, kRotates>(g < group ? q : nullptr, turns, query);
  const Element* own_key = a.qkv + row * stride + static_cast<size_t>(a.shape.heads + kv_head) * kDim;
  const OwnTokens<Element, kDim> own{own_key, own_key + static_cast<size_t>(a.shape.kv_heads) * kDim, stride, a.turns,
                                     start, length - 1, a.chunks == 1 || chunk % a.chunks == 0};
  while (tile < end) {
    const size_t here = at;
    const bool has_own = kRotates && own.in_tile(tile);
#pragma unroll
    for (int n = 0; n < kDim / 8; ++n) values[n] = load_values(a.kv.values + at + value_lane + n * 128);
    if constexpr (kRotates)
      if (has_own) own.put_keys(keys, tile, a.kv.keys + here);
    float scores[2][4];
    score_tile<Element, kDim>(query, keys, scores);
    cap_scores(scores, a.rule);
    const int next = tile + kWarps;
    if (next < end) {
      at = locate(next);
      fetch_keys(at);
    }
    if constexpr (kRotates)
      if (has_own) own.put_values(values, tile, a.kv.values + here);
    if (length - tile * kTileTokens < kTileTokens) clear_past_end<kDim, Columns::OfLanes>(values, length - tile * kTileTokens);
    add_tile<Element, kDim, Columns::OfLanes>(state, scores, values, tile * kTileTokens, first_seen, length, a.exponent);
    tile = next;
  }
  const size_t slot = static_cast<size_t>(entry) * a.shape.kv_heads * a.chunks + chunk;
  const BlockResult<Element, kDim, kWarps> result{
      a, split, splits, slot, group, a.exponent, a.out + (static_cast<size_t>(row) * a.shape.heads + chunk * group) * kDim};
  result.write(state, length <= 0);
}

template <class Element, int kWarps, bool kRotates>
auto kernel_for(int dim) {
  return with_head_dim(dim, [](auto known) { return decode_kernel<Element, decltype(known)::value, kWarps, kRotates>; });
}

template <class Element, bool kRotates>
auto kernel_for(int dim, int warps) {
  return warps == kFewWarps ? kernel_for<Element, kFewWarps, kRotates>(dim)
                            : kernel_for<Element, kManyWarps, kRotates>(dim);
}

}  // namespace

bool decode_attention_fits(const HeadShape& shape) {
  return chunks_of(shape) > 0 && std::ranges::find(kHeadDims, shape.dim) != std::end(kHeadDims);
}

DecodePlan plan_decode_attention(const HeadShape& shape, int rows, int multiprocessors) {
  const int blocks = rows * shape.kv_heads * chunks_of(shape), slots = 12 / kManyWarps * multiprocessors;
  const int warps = features().clusters ? kStayingWarps * staying_decode_blocks(shape.dim, multiprocessors) : 0;
  if (warps > 0 && blocks >= warps) {
    // Each warp takes as many rows as any other, or one less.
    const int rounds = (blocks + warps - 1) / warps;
    return {1, kFewWarps, (blocks + rounds * kStayingWarps - 1) / (rounds * kStayingWarps)};
  }
  return {std::clamp(slots / blocks, 1, kMostSplits), blocks >= slots ? kFewWarps : kManyWarps};
}

size_t decode_attention_floats(const HeadShape& shape, int rows, int splits) {
  return static_cast<size_t>(rows) * shape.heads * splits * (shape.dim + 2);
}

template <class Element>
void attention_decode(const Element* qkv, const float2* turns, const Rows& rows, const int32_t* selected, int count,
                      const Attention& attention, const KvLayer<Element>& kv, const DecodePlan& plan, float* partials,
                      unsigned* counters, Element* out, cudaStream_t stream) {
  const HeadShape& shape = attention.shape;
  const int chunks = chunks_of(shape);
  const DecodeArgs<Element> args{
      qkv,    turns,
      rows,   selected,
      shape,  attention.rule,
      exponent_scale(attention.rule),
      kv,     chunks,
      shape.heads / (shape.kv_heads * chunks),
      plan.splits,
      count,
      partials,
      counters,
      out};
  if (plan.staying > 0) {
    attention_decode_staying(args, plan.staying, stream);
    return;
  }
  const dim3 grid(static_cast<unsigned>(plan.splits), static_cast<unsigned>(shape.kv_heads * chunks),
                  static_cast<unsigned>(count));
  const auto kernel = turns ? kernel_for<Element, true>(shape.dim, plan.warps)
                            : kernel_for<Element, false>(shape.dim, plan.warps);
  launch(kernel, {grid, dim3(static_cast<unsigned>(32 * plan.warps))}, stream, args);
}

#define ESP_INSTANTIATE(E)                                                                                           \
  template void attention_decode<E>(const E*, const float2*, const Rows&, const int32_t*, int, const Attention&, const KvLayer<E>&, \
                                    const DecodePlan&, float*, unsigned*, E*, cudaStream_t);
ESP_INSTANTIATE(bf16)
ESP_INSTANTIATE(f16)
#undef ESP_INSTANTIATE

}  // namespace espalier::cuda
