// Prefill attention on Hopper's tensor cores: two warpgroups of 64 rows each. Pages keep core matrices, so a page's
// part goes to shared memory as one bulk copy, two steps ahead, and is multiplied from there.
#include "cuda/device/attention_prefill.cuh"
#include "cuda/device/wgmma.cuh"

namespace espalier::cuda {
namespace {

using namespace prefill;

// Compiled for sm_90a; elsewhere attention_prefill_mma.cu stands in.
template <class Element, int kDim>
struct Shared {
  Element query[kPrefillTileRows * kDim];
  Element keys[kStages][kStepTokens * kDim];
  Element values[kStages][kStepTokens * kDim];
  BulkBarrier arrived[kStages];
};

#if ESP_HAS_WARPGROUPS

template <class Element, int kDim>
__device__ inline void copy_step(const Args<Element>& a, const Work& work, int step, Shared<Element, kDim>& s) {
  constexpr int kTile = kTileTokens * kDim;
  constexpr uint32_t kBytes = kTile * sizeof(Element);
  const int first = step * kStepTiles, count = min(kStepTiles, work.tiles - first), stage = step % kStages;
  s.arrived[stage].expect(2 * kBytes * static_cast<uint32_t>(count));
  for (int i = 0; i < count; ++i) {
    const size_t at = tile_offset(work.table, first + i, work.kv_head, a.shape, a.kv.page_size);
    s.arrived[stage].copy(s.keys[stage] + i * kTile, a.kv.keys + at, kBytes);
    s.arrived[stage].copy(s.values[stage] + i * kTile, a.kv.values + at, kBytes);
  }
}

// Past the sequence's end weights are zero, but memory may hold NaNs.
template <class Element, int kDim>
__device__ inline void clear_past_end(Element* values, int valid) {
  for (int i = threadIdx.x; i < (kStepTokens - valid) * kDim; i += kThreads) {
    const int token = valid + i / kDim;
    values[token / kTileTokens * kTileTokens * kDim + value_offset<Element>(token % kTileTokens, i % kDim, kDim)] =
        Element(0.0f);
  }
  fence_for_async();
  __syncthreads();
}

template <class Element, int kDim>
__device__ inline void load_query(const Args<Element>& a, const Work& work, Shared<Element, kDim>& s) {
  const size_t stride = static_cast<size_t>(a.shape.heads + 2 * a.shape.kv_heads) * kDim;
  for (int i = threadIdx.x; i < kPrefillTileRows * kDim / 8; i += kThreads) {
    const int row = i / (kDim / 8), element = i % (kDim / 8) * 8;
    uint4 part = make_uint4(0, 0, 0, 0);
    if (row < work.tile.rows)
      part = *reinterpret_cast<const uint4*>(a.qkv + (work.tile.first_row + row) * stride +
                                             static_cast<size_t>(work.head) * kDim + element);
    *reinterpret_cast<uint4*>(s.query + row / 8 * 8 * kDim + element / 8 * 64 + row % 8 * 8) = part;
  }
  fence_for_async();
}

// S = Q K^T for 64 rows and 64 tokens.
template <class Element, int kDim>
__device__ inline void score_step(const Element* query, const Element* keys, float (&scores)[32]) {
  wgmma_fence();
#pragma unroll
  for (int k = 0; k < kDim / 16; ++k)
    wgmma_from_shared<Element>(scores, operand(query + k * 128, 128, kDim * 16), operand(keys + k * 128, 128, kDim * 16), k > 0);
  wgmma_commit();
  wgmma_wait<0>();
}

template <class Element, int kDim>
__device__ inline void add_values(RowState<kDim>& state, const float (&scores)[32], const Element* values) {
  uint32_t weights[kStepTiles][4];
#pragma unroll
  for (int i = 0; i < kStepTiles; ++i) pack_weights<Element>(scores, i, weights[i]);
  wgmma_fence();
#pragma unroll
  for (int i = 0; i < kStepTiles; ++i)
    wgmma_from_registers<Element>(state.out, weights[i], operand(values + i * kTileTokens * kDim, 128, 256));
  wgmma_commit();
  wgmma_wait<0>();
}

#endif

// Windows, soft caps and wide heads cost registers, and then two blocks no longer share a multiprocessor.
template <class Element, int kDim, bool kRuled>
__global__ __launch_bounds__(kThreads, kRuled || kDim > 128 ? 1 : 2) void warpgroup_kernel(Args<Element> a) {
#if ESP_HAS_WARPGROUPS
  extern __shared__ __align__(128) unsigned char memory[];
  auto& s = *reinterpret_cast<Shared<Element, kDim>*>(memory);
  if (threadIdx.x == 0)
    for (BulkBarrier& barrier : s.arrived) barrier.init();
  wait_for_predecessor();
  const Work work = work_of<kRuled>(a);
  const int warp = threadIdx.x / 32, group = warp / 4, base = work.start + warp * 16;
  load_query<Element, kDim>(a, work, s);
  __syncthreads();
  if (threadIdx.x == 0)
    for (int step = work.first_step; step < min(work.first_step + kStages, work.steps); ++step)
      copy_step<Element, kDim>(a, work, step, s);

  const Element* query = s.query + group * 64 * kDim;
  RowState<kDim> state;
  for (int step = work.first_step; step < work.steps; ++step) {
    const int stage = step % kStages, first = step * kStepTokens;
    // Each stage's barrier counts the steps that used it.
    s.arrived[stage].wait(static_cast<uint32_t>((step - work.first_step) / kStages % 2));
    if (work.end - first < kStepTokens) clear_past_end<Element, kDim>(s.values[stage], work.end - first);
    if (first <= work.start + group * 64 + 63) {
      float scores[32];
      score_step<Element, kDim>(query, s.keys[stage], scores);
      mask_scores<kRuled>(scores, first, base, a.rule);
      weigh<kDim>(state, scores, a.exponent);
      add_values<Element, kDim>(state, scores, s.values[stage]);
    }
    __syncthreads();
    if (threadIdx.x == 0 && step + kStages < work.steps) copy_step<Element, kDim>(a, work, step + kStages, s);
  }
  store_rows<Element, kDim>(state, a, work);
#endif
}

}  // namespace

namespace prefill {

template <class Element>
void attend_with_warpgroups(const Args<Element>& args, int count, cudaStream_t stream) {
  const bool ruled = args.rule.window > 0 || args.rule.soft_cap > 0;
  with_head_dim(args.shape.dim, [&](auto dim) {
    constexpr int kDim = decltype(dim)::value;
    const auto kernel = ruled ? warpgroup_kernel<Element, kDim, true> : warpgroup_kernel<Element, kDim, false>;
    launch_prefill(kernel, sizeof(Shared<Element, kDim>), args, count, stream);
  });
}

template void attend_with_warpgroups<bf16>(const Args<bf16>&, int, cudaStream_t);
template void attend_with_warpgroups<f16>(const Args<f16>&, int, cudaStream_t);

}  // namespace prefill

}  // namespace espalier::cuda
