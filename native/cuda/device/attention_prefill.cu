// Prefill attention on Hopper's tensor cores: a block holds 128 rows of one head, 64 for each of two warpgroups, and
// walks the keys and values of the sequence in steps of 64 tokens (FlashAttention-2, Dao, arXiv:2307.08691). Pages keep
// core matrices, so a page's part goes to shared memory as one bulk copy, two steps ahead, and is multiplied from
// there.
#include <algorithm>

#include "cuda/device/element.cuh"
#include "cuda/device/kv_layout.cuh"
#include "cuda/device/wgmma.cuh"

namespace espalier::cuda {
namespace {

constexpr int kGroups = kPrefillTileRows / 64;
constexpr int kThreads = 128 * kGroups;
constexpr int kStepTokens = 64;
constexpr int kStepTiles = kStepTokens / kTileTokens;
constexpr int kStages = 2;

template <class Element>
struct PrefillArgs {
  const Element* qkv;
  Rows rows;
  const PrefillTile* tiles;
  HeadShape shape;
  KvLayer<Element> kv;
  Element* out;
};

template <class Element, int kDim>
struct Shared {
  Element query[kPrefillTileRows * kDim];
  Element keys[kStages][kStepTokens * kDim];
  Element values[kStages][kStepTokens * kDim];
  BulkBarrier arrived[kStages];
};

template <class Element, int kDim>
__device__ inline void copy_step(const PrefillArgs<Element>& a, const int32_t* table, int kv_head, int step, int tiles,
                                 Shared<Element, kDim>& s) {
  constexpr int kTile = kTileTokens * kDim;
  constexpr uint32_t kBytes = kTile * sizeof(Element);
  const int first = step * kStepTiles, count = min(kStepTiles, tiles - first), stage = step % kStages;
  s.arrived[stage].expect(2 * kBytes * static_cast<uint32_t>(count));
  for (int i = 0; i < count; ++i) {
    const size_t at = tile_offset(table, first + i, kv_head, a.shape, a.kv.page_size);
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
__device__ inline void load_query(const PrefillArgs<Element>& a, const PrefillTile& tile, int head,
                                  Shared<Element, kDim>& s) {
  const size_t stride = static_cast<size_t>(a.shape.heads + 2 * a.shape.kv_heads) * kDim;
  for (int i = threadIdx.x; i < kPrefillTileRows * kDim / 8; i += kThreads) {
    const int row = i / (kDim / 8), element = i % (kDim / 8) * 8;
    uint4 part = make_uint4(0, 0, 0, 0);
    if (row < tile.rows)
      part = *reinterpret_cast<const uint4*>(a.qkv + (tile.first_row + row) * stride +
                                             static_cast<size_t>(head) * kDim + element);
    *reinterpret_cast<uint4*>(s.query + row / 8 * 8 * kDim + element / 8 * 64 + row % 8 * 8) = part;
  }
  fence_for_async();
}

// Softmax state of a thread's two rows, g and g + 8 of its warp's sixteen.
template <int kDim>
struct RowState {
  float most[2] = {-INFINITY, -INFINITY};
  float total[2] = {};
  float out[kDim / 2] = {};
};

// S = Q K^T for 64 rows and 64 tokens: scores[4n + i] belongs to tokens 8n + 2t + i % 2.
template <class Element, int kDim>
__device__ inline void score_step(const Element* query, const Element* keys, float (&scores)[32]) {
  wgmma_fence();
#pragma unroll
  for (int k = 0; k < kDim / 16; ++k)
    wgmma_64<Element>(scores, operand(query + k * 128, 128, kDim * 16), operand(keys + k * 128, 128, kDim * 16), k > 0);
  wgmma_commit();
  wgmma_wait<0>();
}

template <int kDim>
__device__ inline void weigh(RowState<kDim>& state, float (&scores)[32], float scale) {
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    float most = state.most[half];
#pragma unroll
    for (int n = 0; n < 8; ++n) most = fmaxf(most, fmaxf(scores[4 * n + 2 * half], scores[4 * n + 2 * half + 1]));
    most = fmaxf(most, __shfl_xor_sync(~0u, most, 1));
    most = fmaxf(most, __shfl_xor_sync(~0u, most, 2));
    // A row that sees nothing yet keeps its maximum at minus infinity and its weights at zero.
    const float base = most == -INFINITY ? 0 : most * scale;
    const float keep = exp2f(state.most[half] * scale - base);
    state.most[half] = most;
    float sum = 0;
#pragma unroll
    for (int n = 0; n < 8; ++n)
#pragma unroll
      for (int i = 2 * half; i < 2 * half + 2; ++i) {
        scores[4 * n + i] = exp2f(scores[4 * n + i] * scale - base);
        sum += scores[4 * n + i];
      }
    state.total[half] = state.total[half] * keep + sum;
#pragma unroll
    for (int n = 0; n < kDim / 8; ++n) {
      state.out[4 * n + 2 * half] *= keep;
      state.out[4 * n + 2 * half + 1] *= keep;
    }
  }
}

template <class Element, int kDim>
__device__ inline void add_values(RowState<kDim>& state, const float (&scores)[32], const Element* values) {
  uint32_t weights[kStepTiles][4];
#pragma unroll
  for (int i = 0; i < kStepTiles; ++i) {
    weights[i][0] = pack<Element>(scores[8 * i], scores[8 * i + 1]);
    weights[i][1] = pack<Element>(scores[8 * i + 2], scores[8 * i + 3]);
    weights[i][2] = pack<Element>(scores[8 * i + 4], scores[8 * i + 5]);
    weights[i][3] = pack<Element>(scores[8 * i + 6], scores[8 * i + 7]);
  }
  wgmma_fence();
#pragma unroll
  for (int i = 0; i < kStepTiles; ++i)
    wgmma_from_registers<Element>(state.out, weights[i], operand(values + i * kTileTokens * kDim, 128, 256));
  wgmma_commit();
  wgmma_wait<0>();
}

template <class Element, int kDim>
__global__ __launch_bounds__(kThreads, 2) void prefill_kernel(PrefillArgs<Element> a) {
  extern __shared__ __align__(128) unsigned char memory[];
  auto& s = *reinterpret_cast<Shared<Element, kDim>*>(memory);
  if (threadIdx.x == 0)
    for (BulkBarrier& barrier : s.arrived) barrier.init();
  wait_for_predecessor();
  // The tiles furthest into their sequences come last in the list and take longest: they start first.
  const PrefillTile tile = a.tiles[gridDim.x - 1 - blockIdx.x];
  const int head = blockIdx.y, kv_head = head / (a.shape.heads / a.shape.kv_heads);
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, t = lane % 4, group = warp / 4;
  const int start = a.rows.positions[tile.first_row], end = start + tile.rows;
  const int tiles = (end + kTileTokens - 1) / kTileTokens, steps = (end + kStepTokens - 1) / kStepTokens;
  const int32_t* table = a.rows.pages + a.rows.tables[tile.first_row];
  const float scale = rsqrtf(static_cast<float>(kDim)) * 1.44269504f;
  load_query<Element, kDim>(a, tile, head, s);
  __syncthreads();
  if (threadIdx.x == 0)
    for (int step = 0; step < min(kStages, steps); ++step) copy_step<Element, kDim>(a, table, kv_head, step, tiles, s);

  const Element* query = s.query + group * 64 * kDim;
  const int rows[2] = {warp * 16 + g, warp * 16 + g + 8};
  // Of the steps, those that the group's last row sees.
  const int seen = start + group * 64 + 63;
  RowState<kDim> state;
  for (int step = 0; step < steps; ++step) {
    const int stage = step % kStages, first = step * kStepTokens;
    s.arrived[stage].wait(static_cast<uint32_t>(step / kStages % 2));
    if (end - first < kStepTokens) clear_past_end<Element, kDim>(s.values[stage], end - first);
    if (first <= seen) {
      float scores[32];
      score_step<Element, kDim>(query, s.keys[stage], scores);
      if (first + kStepTokens > start + warp * 16) {
#pragma unroll
        for (int i = 0; i < 32; ++i)
          if (first + i / 4 * 8 + 2 * t + i % 2 > start + rows[i / 2 % 2]) scores[i] = -INFINITY;
      }
      weigh<kDim>(state, scores, scale);
      add_values<Element, kDim>(state, scores, s.values[stage]);
    }
    __syncthreads();
    if (threadIdx.x == 0 && step + kStages < steps)
      copy_step<Element, kDim>(a, table, kv_head, step + kStages, tiles, s);
  }
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    float total = state.total[half];
    total += __shfl_xor_sync(~0u, total, 1);
    total += __shfl_xor_sync(~0u, total, 2);
    if (rows[half] >= tile.rows) continue;
    const float inverse = 1 / total;
    Element* out = a.out + (static_cast<size_t>(tile.first_row + rows[half]) * a.shape.heads + head) * kDim + 2 * t;
#pragma unroll
    for (int n = 0; n < kDim / 8; ++n)
      *reinterpret_cast<uint32_t*>(out + 8 * n) =
          pack<Element>(state.out[4 * n + 2 * half] * inverse, state.out[4 * n + 2 * half + 1] * inverse);
  }
}

template <class Element, int kDim>
void launch_prefill(const PrefillArgs<Element>& args, int count, cudaStream_t stream) {
  const size_t shared = sizeof(Shared<Element, kDim>);
  ESP_CUDA_CHECK(cudaFuncSetAttribute(prefill_kernel<Element, kDim>, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                      static_cast<int>(shared)));
  const dim3 grid(static_cast<unsigned>(count), static_cast<unsigned>(args.shape.heads));
  launch(prefill_kernel<Element, kDim>, {grid, dim3(kThreads), shared}, stream, args);
}

}  // namespace

template <class Element>
void attention_prefill(const Element* qkv, const Rows& rows, const PrefillTile* tiles, int count,
                       const HeadShape& shape, const KvLayer<Element>& kv, Element* out, cudaStream_t stream) {
  const PrefillArgs<Element> args{qkv, rows, tiles, shape, kv, out};
  if (shape.dim == 32)
    launch_prefill<Element, 32>(args, count, stream);
  else if (shape.dim == 64)
    launch_prefill<Element, 64>(args, count, stream);
  else
    launch_prefill<Element, 128>(args, count, stream);
}

#define ESP_INSTANTIATE(E)                                                                             \
  template void attention_prefill<E>(const E*, const Rows&, const PrefillTile*, int, const HeadShape&, \
                                     const KvLayer<E>&, E*, cudaStream_t);
ESP_INSTANTIATE(bf16)
ESP_INSTANTIATE(f16)
#undef ESP_INSTANTIATE

}  // namespace espalier::cuda
