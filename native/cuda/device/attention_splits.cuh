// How decode attention adds up what the splits of a row found: in order of the splits, whoever was last. The blocks of a cluster
// meet in shared memory; without one, or with more blocks than it may have, parts go through memory, and the last block to
// finish adds them up.
#pragma once
#include <cooperative_groups.h>

#include <type_traits>

#include "cuda/device/element.cuh"

namespace espalier::cuda {

constexpr int kMostSplits = 16;
// Blocks of a cluster that any GPU with clusters takes.
constexpr int kMostTeam = 8;
// Query heads of a KV head that one fragment holds in the rows this kernel keeps.
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
  // The blocks of a row's splits are a cluster.
  bool clustered;
  float* partials;
  unsigned* counters;
  Element* out;
};

// Running softmax of one warp for row g of the fragment: this lane's share of the sum, and its output elements.
template <int kDim>
struct WarpState {
  float most = -INFINITY, total = 0;
  float out[kDim / 8][2] = {};
};

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

/// What a block of a cluster found, for the others to read.
template <int kDim>
struct SplitPart {
  float out[kMostGroup * kDim];
  float2 stats[kMostGroup];
  __device__ void put(int i, int d, int head, float sum, const Combined& all) {
    out[i] = sum;
    if (d == 0) stats[head] = {all.most, all.total};
  }
};

/// A block without a part in its row's splits, among others that have: they wait for each other twice.
__device__ inline void leave_team(bool clustered) {
#if ESP_HAS_CLUSTERS
  if (!clustered) return;
  cooperative_groups::this_cluster().sync();
  cooperative_groups::this_cluster().sync();
#endif
}

// As combine_splits, each block of the cluster a share of the elements. A single split has written its output already.
template <class Element, int kDim>
__device__ inline void combine_team(SplitPart<kDim>& own, int split, int splits, int group, bool empty, float scale,
                                    Element* out) {
#if ESP_HAS_CLUSTERS
  const auto team = cooperative_groups::this_cluster();
  team.sync();
  const int first = split * static_cast<int>(blockDim.x) + static_cast<int>(threadIdx.x);
  for (int i = first; splits > 1 && i < group * kDim; i += splits * static_cast<int>(blockDim.x)) {
    float2 stats[kMostTeam];
    float parts[kMostTeam], most = -INFINITY, total = 0, sum = 0;
#pragma unroll
    for (int p = 0; p < kMostTeam; ++p) {
      stats[p] = {-INFINITY, 0};
      if (p >= splits) continue;
      const SplitPart<kDim>& part = *team.map_shared_rank(&own, p);
      stats[p] = part.stats[i / kDim];
      parts[p] = part.out[i];
    }
#pragma unroll
    for (int p = 0; p < kMostTeam; ++p) most = fmaxf(most, stats[p].x);
#pragma unroll
    for (int p = 0; p < kMostTeam; ++p) {
      if (stats[p].x == -INFINITY) continue;
      const float weight = exp2f((stats[p].x - most) * scale);
      total += stats[p].y * weight;
      sum += parts[p] * weight;
    }
    out[i] = from_float<Element>(empty ? 0 : sum / total);
  }
  // What others read must stay until they have.
  team.sync();
#endif
}

// What a block's warps found, added up: the output itself, or one split's part of it. `kTeams`: whether splits may be clusters.
template <class Element, int kDim, int kWarps, bool kTeams>
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
    __shared__ std::conditional_t<kTeams, SplitPart<kDim>, char> own;
    const bool team = kTeams && a.clustered;
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
      } else if (team) {
        if constexpr (kTeams) own.put(i, d, head, sum, all);
      } else {
        part_outs()[split * group * kDim + i] = sum;
        if (d == 0) part_stats()[split * group + head] = {all.most, all.total};
      }
    }
    if constexpr (kTeams)
      if (team) combine_team<Element, kDim>(own, split, splits, group, empty, scale, out);
    if (!team && splits > 1 && is_last())
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

}  // namespace espalier::cuda
