// Prefill attention on Hopper's tensor cores: two warpgroups of 64 rows each. Pages keep core matrices, so a page's
// part goes to shared memory as one bulk copy, two steps ahead, and is multiplied from there. What all threads have in common
// is kept in uniform registers: operands of products, and most of a step's arithmetic besides its softmax, come from there.
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

constexpr int kGroupThreads = 128, kGroupRows = 64;

// The first warp's copies: lane 2i brings the keys, lane 2i + 1 the values of tile i of a step.
template <class Element, int kDim>
struct Copies {
  const Args<Element>& a;
  const Work& work;
  Shared<Element, kDim>& s;
  // The step that comes next; of the lane's tile in it the page, its entry in the table, and the tile's number in the page.
  int step, page = 0, entry, within;

  __device__ Copies(const Args<Element>& args, const Work& its_work, Shared<Element, kDim>& shared)
      : a(args), work(its_work), s(shared), step(work.first_step) {
    const int tile = step * kStepTiles + static_cast<int>(threadIdx.x) / 2, per_page = a.kv.page_size / kTileTokens;
    entry = tile / per_page;
    within = tile % per_page;
    look_up();
  }
  __device__ void look_up() {
    if (step * kStepTiles + static_cast<int>(threadIdx.x) / 2 < work.tiles && threadIdx.x < 2 * kStepTiles)
      page = work.table[entry];
  }
  __device__ void bring(int stage) {
    constexpr int kTile = kTileTokens * kDim;
    constexpr uint32_t kBytes = kTile * sizeof(Element);
    if (step >= work.steps) return;
    const int lane = threadIdx.x, count = min(kStepTiles, work.tiles - step * kStepTiles);
    const int per_page = a.kv.page_size / kTileTokens;
    BulkBarrier& arrived = s.arrived[stage];
    if (lane == 0) arrived.expect(2 * kBytes * static_cast<uint32_t>(count));
    __syncwarp();
    if (lane < 2 * count) {
      const size_t at = (static_cast<size_t>(page * a.shape.kv_heads + work.kv_head) * per_page + within) * kTile;
      Element* const to = (lane % 2 == 0 ? s.keys : s.values)[stage];
      arrived.copy(to + lane / 2 * kTile, (lane % 2 == 0 ? a.kv.keys : a.kv.values) + at, kBytes);
    }
    ++step;
    for (within += kStepTiles; within >= per_page; within -= per_page) ++entry;
    look_up();
  }
};

// Past the sequence's end weights are zero, but memory may hold NaNs.
template <class Element, int kDim>
__device__ inline void clear_past_end(Element* values, int valid) {
#pragma unroll 1
  for (int i = threadIdx.x; i < (kStepTokens - valid) * kDim; i += kThreads) {
    const int token = valid + i / kDim;
    values[token / kTileTokens * kTileTokens * kDim + value_offset<Element>(token % kTileTokens, i % kDim, kDim)] =
        Element(0.0f);
  }
  fence_for_async();
  __syncthreads();
}

// A warpgroup's rows of the queries; those past the tile are never stored.
template <class Element, int kDim>
__device__ inline void bring_query(const Args<Element>& a, const Work& work, int group, Element* query) {
  const size_t stride = static_cast<size_t>(a.shape.heads + 2 * a.shape.kv_heads) * kDim;
  const int thread = threadIdx.x % kGroupThreads, vector = thread % 4;
  const Element* const from = a.qkv + work.tile.first_row * stride + static_cast<size_t>(work.head) * kDim + vector * 8;
#pragma unroll
  for (int rows = 0; rows < kGroupRows; rows += kGroupThreads / 4) {
    const int row = rows + thread / 4, own = group * kGroupRows + row;
    if (own >= work.tile.rows) break;
    Element* const to = query + row / 8 * 8 * kDim + vector * 64 + row % 8 * 8;
#pragma unroll
    for (int element = 0; element < kDim; element += 32) copy_async(to + element * 8, from + own * stride + element);
  }
  commit_copies();
}

// S = Q K^T for 64 rows and 64 tokens.
template <class Element, int kDim>
__device__ inline void score_step(const Element* query, const Element* keys, float (&scores)[32]) {
  const uint64_t rows = operand(query, 128, kDim * 16), tokens = operand(keys, 128, kDim * 16);
  wgmma_fence();
#pragma unroll
  for (int k = 0; k < kDim / 16; ++k)
    wgmma_from_shared<Element>(scores, operand_after(rows, k * 256), operand_after(tokens, k * 256), k > 0);
  wgmma_commit();
  wgmma_wait<0>();
}

template <class Element, int kDim>
__device__ inline void add_values(RowState<kDim>& state, const float (&scores)[32], const Element* values) {
  uint32_t weights[kStepTiles][4];
#pragma unroll
  for (int i = 0; i < kStepTiles; ++i) pack_weights<Element>(scores, i, weights[i]);
  const uint64_t tokens = operand(values, 128, 256);
  wgmma_fence();
#pragma unroll
  for (int i = 0; i < kStepTiles; ++i)
    wgmma_from_registers<Element>(state.out, weights[i], operand_after(tokens, i * kTileTokens * kDim * sizeof(Element)));
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
  const Work work = work_of<kRuled>(a);
  const int warp = uniform(threadIdx.x / 32), group = warp / 4, base = work.start + warp * 16;
  Copies<Element, kDim> copies(a, work, s);
  __syncthreads();
  wait_for_predecessor();
  if (warp == 0)
    for (int stage = 0; stage < kStages; ++stage) copies.bring(stage);
  Element* const query = s.query + group * kGroupRows * kDim;
  bring_query<Element, kDim>(a, work, group, query);
  wait_for_copies<0>();
  fence_for_async();
  __syncthreads();

  // Behind the last step that the warpgroup's rows see, if it has any.
  const int last = work.start + min(work.tile.rows, (group + 1) * kGroupRows) - 1;
  const int seen = group * kGroupRows < work.tile.rows ? last / kStepTokens + 1 : 0;
  RowState<kDim> state;
  for (int step = work.first_step; step < work.steps; ++step) {
    const int stage = (step - work.first_step) % kStages, first = step * kStepTokens;
    // Each stage's barrier counts the steps that used it.
    s.arrived[stage].wait(static_cast<uint32_t>((step - work.first_step) / kStages % 2));
    if (work.end - first < kStepTokens) clear_past_end<Element, kDim>(s.values[stage], work.end - first);
    if (step < seen) {
      float scores[32];
      score_step<Element, kDim>(query, s.keys[stage], scores);
      mask_scores<kRuled>(scores, first, base, a.rule);
      weigh<kDim>(state, scores, a.exponent);
      add_values<Element, kDim>(state, scores, s.values[stage]);
    }
    __syncthreads();
    if (warp == 0) copies.bring(stage);
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
