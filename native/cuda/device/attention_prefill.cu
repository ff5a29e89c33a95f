// Prefill attention on tensor cores: a block holds 64 rows of one head and walks the keys and values of the sequence in
// steps of 64 tokens, copied from the pages to shared memory one step ahead (FlashAttention-2, Dao, arXiv:2307.08691).
// Pages keep fragment order, so the copy is verbatim and every fragment is one 16-byte read without bank conflicts.
#include <algorithm>

#include "cuda/device/element.cuh"
#include "cuda/device/kv_layout.cuh"

namespace espalier::cuda {
namespace {

constexpr int kWarps = kPrefillTileRows / 16;
constexpr int kThreads = 32 * kWarps;
constexpr int kStepTokens = 64;
constexpr int kStepTiles = kStepTokens / kTileTokens;

struct PrefillArgs {
  const bf16* qkv;
  Rows rows;
  const PrefillTile* tiles;
  HeadShape shape;
  KvLayer<bf16> kv;
  bf16* out;
};

__device__ inline void copy_async(void* to, const void* from) {
  const auto address = static_cast<uint32_t>(__cvta_generic_to_shared(to));
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(address), "l"(from));
}
__device__ inline void commit_copies() { asm volatile("cp.async.commit_group;"); }
template <int kPending>
__device__ inline void wait_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(kPending));
}

// Tiles past the sequence's last one are filled with zeros: their weights are zero, but what memory held might be NaN.
template <int kDim>
__device__ inline void copy_step(const PrefillArgs& a, const int32_t* table, int kv_head, int step, int tiles,
                                 uint4* keys, uint4* values) {
  constexpr int kTileVectors = kTileTokens * kDim / 8;
#pragma unroll
  for (int i = 0; i < kStepTiles; ++i) {
    const int tile = step * kStepTiles + i;
    if (tile < tiles) {
      const size_t at = tile_offset(table, tile, kv_head, a.shape, a.kv.page_size);
      const auto* from_keys = reinterpret_cast<const uint4*>(a.kv.keys + at);
      const auto* from_values = reinterpret_cast<const uint4*>(a.kv.values + at);
      for (int v = threadIdx.x; v < kTileVectors; v += kThreads) {
        copy_async(keys + i * kTileVectors + v, from_keys + v);
        copy_async(values + i * kTileVectors + v, from_values + v);
      }
    } else {
      for (int v = threadIdx.x; v < kTileVectors; v += kThreads)
        values[i * kTileVectors + v] = keys[i * kTileVectors + v] = make_uint4(0, 0, 0, 0);
    }
  }
}

// Within the sequence's last tile, values past its end are whatever the page held before.
template <int kDim>
__device__ inline void clear_past_end(uint4* values, int end) {
  auto* tile = reinterpret_cast<bf16*>(values + (end - 1) / kTileTokens % kStepTiles * (kTileTokens * kDim / 8));
  const int first = end % kTileTokens, tokens = kTileTokens - first;
  for (int i = threadIdx.x; i < tokens * kDim; i += kThreads)
    tile[value_offset<bf16>(first + i / kDim, i % kDim, kDim)] = bf16(0.0f);
  __syncthreads();
}

// Softmax state of a lane's two rows, g and g + 8 of its warp's sixteen.
template <int kDim>
struct RowState {
  float most[2] = {-INFINITY, -INFINITY};
  float total[2] = {};
  float out[kDim / 8][4] = {};
};

// S = Q K^T for 16 rows and 64 tokens: scores[n] belongs to tokens 8n + 2t, 8n + 2t + 1.
template <int kDim>
__device__ inline void score_step(const uint4 (&query)[2][kDim / 32], const uint4* keys, float (&scores)[8][4]) {
  const int lane = threadIdx.x % 32, key_lane = lane % 4 * 8 + lane / 4;
#pragma unroll
  for (int n = 0; n < 8; ++n) {
#pragma unroll
    for (int i = 0; i < 4; ++i) scores[n][i] = 0;
#pragma unroll
    for (int j = 0; j < kDim / 32; ++j) {
      const uint4 k = keys[(n * (kDim / 32) + j) * 32 + key_lane];
      mma_bf16(scores[n], query[0][j].x, query[1][j].x, query[0][j].y, query[1][j].y, k.x, k.y);
      mma_bf16(scores[n], query[0][j].z, query[1][j].z, query[0][j].w, query[1][j].w, k.z, k.w);
    }
  }
}

template <int kDim>
__device__ inline void add_step(RowState<kDim>& state, float (&scores)[8][4], const uint4* values, float scale) {
  float keep[2];
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    float most = state.most[half];
#pragma unroll
    for (int n = 0; n < 8; ++n) most = fmaxf(most, fmaxf(scores[n][2 * half], scores[n][2 * half + 1]));
    most = fmaxf(most, __shfl_xor_sync(~0u, most, 1));
    most = fmaxf(most, __shfl_xor_sync(~0u, most, 2));
    // A row with nothing to see yet keeps weights of zero: its maximum stays at minus infinity.
    const float base = most == -INFINITY ? 0 : most * scale;
    keep[half] = exp2f(state.most[half] * scale - base);
    state.most[half] = most;
    float sum = 0;
#pragma unroll
    for (int n = 0; n < 8; ++n)
#pragma unroll
      for (int i = 2 * half; i < 2 * half + 2; ++i) {
        scores[n][i] = exp2f(scores[n][i] * scale - base);
        sum += scores[n][i];
      }
    state.total[half] = state.total[half] * keep[half] + sum;
  }
#pragma unroll
  for (int n = 0; n < kDim / 8; ++n)
#pragma unroll
    for (int i = 0; i < 4; ++i) state.out[n][i] *= keep[i / 2];
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int tile = 0; tile < kStepTiles; ++tile) {
    const float(&low)[4] = scores[2 * tile], (&high)[4] = scores[2 * tile + 1];
    const uint32_t a0 = pack_bf16(low[0], low[1]), a1 = pack_bf16(low[2], low[3]);
    const uint32_t a2 = pack_bf16(high[0], high[1]), a3 = pack_bf16(high[2], high[3]);
#pragma unroll
    for (int i = 0; i < kDim / 16; ++i) {
      const uint4 v = values[(tile * (kDim / 16) + i) * 32 + lane];
      mma_bf16(state.out[2 * i], a0, a1, a2, a3, v.x, v.y);
      mma_bf16(state.out[2 * i + 1], a0, a1, a2, a3, v.z, v.w);
    }
  }
}

template <int kDim>
__global__ __launch_bounds__(kThreads) void prefill_kernel(PrefillArgs a) {
  extern __shared__ uint4 stages[];
  constexpr int kStepVectors = kStepTokens * kDim / 8;
  wait_for_predecessor();
  // The longest tiles come last in the list and are the slowest: they start first.
  const PrefillTile tile = a.tiles[gridDim.x - 1 - blockIdx.x];
  const int head = blockIdx.y, kv_head = head / (a.shape.heads / a.shape.kv_heads);
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
  const int start = a.rows.positions[tile.first_row], end = start + tile.rows;
  const int tiles = (end + kTileTokens - 1) / kTileTokens, steps = (end + kStepTokens - 1) / kStepTokens;
  const int32_t* table = a.rows.pages + a.rows.tables[tile.first_row];
  const float scale = rsqrtf(static_cast<float>(kDim)) * 1.44269504f;
  const auto stage = [&](int step) { return stages + step % 2 * 2 * kStepVectors; };

  copy_step<kDim>(a, table, kv_head, 0, tiles, stage(0), stage(0) + kStepVectors);
  commit_copies();
  const size_t stride = static_cast<size_t>(a.shape.heads + 2 * a.shape.kv_heads) * kDim;
  const int rows[2] = {warp * 16 + g, warp * 16 + g + 8};
  uint4 query[2][kDim / 32];
#pragma unroll
  for (int half = 0; half < 2; ++half)
#pragma unroll
    for (int j = 0; j < kDim / 32; ++j) {
      query[half][j] = make_uint4(0, 0, 0, 0);
      if (rows[half] < tile.rows)
        query[half][j] = *reinterpret_cast<const uint4*>(a.qkv + (tile.first_row + rows[half]) * stride +
                                                         static_cast<size_t>(head) * kDim + 32 * j + 8 * t);
    }

  RowState<kDim> state;
  for (int step = 0; step < steps; ++step) {
    wait_copies<0>();
    __syncthreads();
    if (step + 1 < steps) {
      copy_step<kDim>(a, table, kv_head, step + 1, tiles, stage(step + 1), stage(step + 1) + kStepVectors);
      commit_copies();
    }
    if (step + 1 == steps && end % kTileTokens > 0) clear_past_end<kDim>(stage(step) + kStepVectors, end);
    float scores[8][4];
    score_step<kDim>(query, stage(step), scores);
    const int first = step * kStepTokens;
    if (first + kStepTokens > start + warp * 16) {
#pragma unroll
      for (int n = 0; n < 8; ++n)
#pragma unroll
        for (int i = 0; i < 4; ++i)
          if (first + 8 * n + 2 * t + i % 2 > start + rows[i / 2]) scores[n][i] = -INFINITY;
    }
    add_step<kDim>(state, scores, stage(step) + kStepVectors, scale);
  }
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    float total = state.total[half];
    total += __shfl_xor_sync(~0u, total, 1);
    total += __shfl_xor_sync(~0u, total, 2);
    if (rows[half] >= tile.rows) continue;
    const float inverse = 1 / total;
    bf16* out = a.out + (static_cast<size_t>(tile.first_row + rows[half]) * a.shape.heads + head) * kDim + 2 * t;
#pragma unroll
    for (int n = 0; n < kDim / 8; ++n)
      *reinterpret_cast<uint32_t*>(out + 8 * n) =
          pack_bf16(state.out[n][2 * half] * inverse, state.out[n][2 * half + 1] * inverse);
  }
}

}  // namespace

void attention_prefill(const bf16* qkv, const Rows& rows, const PrefillTile* tiles, int count, const HeadShape& shape,
                       const KvLayer<bf16>& kv, bf16* out, cudaStream_t stream) {
  const PrefillArgs args{qkv, rows, tiles, shape, kv, out};
  const auto kernel = shape.dim == 32 ? prefill_kernel<32> : shape.dim == 64 ? prefill_kernel<64> : prefill_kernel<128>;
  const size_t shared = size_t{4} * kStepTokens * shape.dim * sizeof(bf16);
  ESP_CUDA_CHECK(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared)));
  const dim3 grid(static_cast<unsigned>(count), static_cast<unsigned>(shape.heads));
  launch(kernel, {grid, dim3(kThreads), shared}, stream, args);
}

}  // namespace espalier::cuda
