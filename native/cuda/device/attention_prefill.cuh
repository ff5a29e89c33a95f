// What the two prefill kernels share: a block holds 128 rows of one head, 16 for each warp, and walks the keys and
// values of the sequence in steps of 64 tokens (FlashAttention-2, Dao, arXiv:2307.08691). A thread has two rows of its
// warp's sixteen, g and g + 8; scores[4n + i] are those of row g + i / 2 * 8 with token 8n + 2t + i % 2 of the step.
#pragma once
#include "cuda/device/attention_rule.cuh"
#include "cuda/device/head_dim.h"
#include "cuda/device/kv_layout.cuh"
#include "cuda/device/prefill_args.h"

namespace espalier::cuda::prefill {

constexpr int kThreads = kPrefillTileRows * 2;
constexpr int kStepTokens = 64;
constexpr int kStepTiles = kStepTokens / kTileTokens;
constexpr int kStages = 2;

/// A value that all lanes of the warp have, where the compiler cannot see that they do: uniform registers hold it.
__device__ inline int uniform(int value) { return __shfl_sync(~0u, value, 0); }

/// What a block computes.
struct Work {
  PrefillTile tile;
  int head, kv_head;
  /// Positions of its first row and behind its last.
  int start, end;
  /// Tiles of keys, and the steps that its rows see.
  int tiles, first_step, steps;
  const int32_t* table;
};

/// kRuled: there is a window or a soft cap.
template <bool kRuled, class Element>
__device__ inline Work work_of(const Args<Element>& a) {
  Work work;
  // The tiles furthest into their sequences come last in the list and take longest: they start first.
  const PrefillTile tile = a.tiles[gridDim.x - 1 - blockIdx.x];
  work.tile = {uniform(tile.first_row), uniform(tile.rows)};
  work.head = blockIdx.y;
  work.kv_head = work.head / (a.shape.heads / a.shape.kv_heads);
  work.start = uniform(a.rows.positions[work.tile.first_row]);
  work.end = work.start + work.tile.rows;
  work.tiles = (work.end + kTileTokens - 1) / kTileTokens;
  work.first_step = kRuled ? first_key(work.start, a.rule) / kStepTokens : 0;
  work.steps = (work.end + kStepTokens - 1) / kStepTokens;
  work.table = a.rows.pages + uniform(a.rows.tables[work.tile.first_row]);
  return work;
}

/// 2^x by one instruction; what would be denormal is zero.
__device__ inline float power_of_two(float x) {
  float power;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(power) : "f"(x));
  return power;
}

/// Softmax state of a thread's two rows.
template <int kDim>
struct RowState {
  float most[2] = {-INFINITY, -INFINITY};
  float total[2] = {};
  float out[kDim / 2] = {};
};

/// Scores of the step at token `first`, capped, and minus infinity where a row does not see the token. `base`: the
/// position of the warp's first row.
template <bool kRuled>
__device__ inline void mask_scores(float (&scores)[32], int first, int base, const AttentionRule& rule) {
  const int lane = threadIdx.x % 32, last = base + lane / 4 - 2 * (lane % 4) - first;
  if (kRuled && rule.soft_cap > 0) {
#pragma unroll
    for (int i = 0; i < 32; ++i) scores[i] = capped(scores[i], rule);
  }
  if (first + kStepTokens > base) {
#pragma unroll
    for (int i = 0; i < 32; ++i)
      if (i / 4 * 8 + i % 2 - i / 2 % 2 * 8 > last) scores[i] = -INFINITY;
  }
  if (kRuled && rule.window > 0 && first <= base + 15 - rule.window) {
#pragma unroll
    for (int i = 0; i < 32; ++i)
      if (i / 4 * 8 + i % 2 - i / 2 % 2 * 8 <= last - rule.window) scores[i] = -INFINITY;
  }
}

/// Scores become weights; the state's maximum, sum and output follow. `scale`: exponent_scale().
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
    const float keep = power_of_two(state.most[half] * scale - base);
    state.most[half] = most;
    float sum = 0;
#pragma unroll
    for (int n = 0; n < 8; ++n)
#pragma unroll
      for (int i = 2 * half; i < 2 * half + 2; ++i) {
        scores[4 * n + i] = power_of_two(scores[4 * n + i] * scale - base);
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

/// The weights of tile `i` of the step as A fragments of mma.m16n8k16.
template <class Element>
__device__ inline void pack_weights(const float (&scores)[32], int i, uint32_t (&weights)[4]) {
#pragma unroll
  for (int k = 0; k < 4; ++k) weights[k] = pack<Element>(scores[8 * i + 2 * k], scores[8 * i + 2 * k + 1]);
}

/// Words i of a row's four lanes are part i of it: lane t gets all of part t.
__device__ inline uint4 exchanged(uint32_t (&words)[4]) {
#pragma unroll
  for (int step = 1; step < 4; step *= 2) {
    const bool upper = (threadIdx.x & step) != 0;
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      if ((i & step) != 0) continue;
      const uint32_t got = __shfl_xor_sync(~0u, upper ? words[i] : words[i + step], step);
      (upper ? words[i] : words[i + step]) = got;
    }
  }
  return {words[0], words[1], words[2], words[3]};
}

template <class Element, int kDim>
__device__ inline void store_rows(const RowState<kDim>& state, const Args<Element>& a, const Work& work) {
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    float total = state.total[half];
    total += __shfl_xor_sync(~0u, total, 1);
    total += __shfl_xor_sync(~0u, total, 2);
    const int row = warp * 16 + g + 8 * half;
    const float inverse = 1 / total;
    Element* out = a.out + (static_cast<size_t>(work.tile.first_row + row) * a.shape.heads + work.head) * kDim + 8 * t;
#pragma unroll
    for (int n = 0; n < kDim / 8; n += 4) {
      uint32_t words[4];
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const float* const pair = state.out + 4 * (n + i) + 2 * half;
        words[i] = pack<Element>(pair[0] * inverse, pair[1] * inverse);
      }
      const uint4 part = exchanged(words);
      if (row < work.tile.rows) *reinterpret_cast<uint4*>(out + 8 * n) = part;
    }
  }
}

/// Launches one of the two kernels on `count` tiles of every head; it takes `shared` bytes of shared memory.
template <class Element>
void launch_prefill(void (*kernel)(Args<Element>), size_t shared, const Args<Element>& args, int count,
                    cudaStream_t stream) {
  ESP_CUDA_CHECK(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared)));
  const dim3 grid(static_cast<unsigned>(count), static_cast<unsigned>(args.shape.heads));
  launch(kernel, {grid, dim3(kThreads), shared}, stream, args);
}

}  // namespace espalier::cuda::prefill
