// Prefill attention with mma.sync, on GPUs without warpgroup products. Pages keep core matrices, which is what ldmatrix
// reads: a page's part is copied to shared memory as it is, a step ahead, and a fragment is 128 neighbouring bytes.
#include "cuda/device/attention_prefill.cuh"

namespace espalier::cuda {
namespace {

using namespace prefill;

template <class Element, int kDim>
struct Shared {
  Element keys[kStages][kStepTokens * kDim];
  Element values[kStages][kStepTokens * kDim];
};

// One group of copies, empty behind the last step, so that groups count steps.
template <class Element, int kDim>
__device__ inline void copy_step(const Args<Element>& a, const Work& work, int step, Shared<Element, kDim>& s) {
  constexpr int kVectors = kTileTokens * kDim / kVector<Element>;
  if (step < work.steps) {
    const int first = step * kStepTiles, stage = step % kStages;
    const int count = min(kStepTiles, work.tiles - first) * kVectors;
    for (int i = threadIdx.x; i < count; i += kThreads) {
      const size_t at = tile_offset(work.table, first + i / kVectors, work.kv_head, a.shape, a.kv.page_size) +
                        i % kVectors * kVector<Element>;
      copy_async(s.keys[stage] + i * kVector<Element>, a.kv.keys + at);
      copy_async(s.values[stage] + i * kVector<Element>, a.kv.values + at);
    }
  }
  commit_copies();
}

// Past the sequence's end weights are zero, but memory may hold NaNs.
template <class Element, int kDim>
__device__ inline void clear_past_end(Element* values, int valid) {
  for (int i = threadIdx.x; i < (kStepTokens - valid) * kDim; i += kThreads) {
    const int token = valid + i / kDim;
    values[token / kTileTokens * kTileTokens * kDim + value_offset<Element>(token % kTileTokens, i % kDim, kDim)] =
        Element(0.0f);
  }
  __syncthreads();
}

// A fragments of the warp's sixteen rows, zero behind the tile's last.
template <class Element, int kDim>
__device__ inline void load_query(const Args<Element>& a, const Work& work, uint32_t (&query)[kDim / 16][4]) {
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
  const size_t stride = static_cast<size_t>(a.shape.heads + 2 * a.shape.kv_heads) * kDim;
#pragma unroll
  for (int half = 0; half < 2; ++half) {
    const int row = warp * 16 + g + 8 * half;
    const Element* from = a.qkv + (work.tile.first_row + row) * stride + static_cast<size_t>(work.head) * kDim + 2 * t;
#pragma unroll
    for (int k = 0; k < kDim / 8; ++k)
      query[k / 2][half + k % 2 * 2] = row < work.tile.rows ? *reinterpret_cast<const uint32_t*>(from + 8 * k) : 0;
  }
}

template <class Element, int kDim>
__device__ inline void score_step(const uint32_t (&query)[kDim / 16][4], const Element* keys, float (&scores)[32]) {
#pragma unroll
  for (int n = 0; n < 8; ++n) {
    float sums[4] = {};
#pragma unroll
    for (int k = 0; k < kDim / 32; ++k) {
      const uint4 part = load_matrices(keys + (n * (kDim / 8) + 4 * k) * 64);
      const uint32_t (&low)[4] = query[2 * k], (&high)[4] = query[2 * k + 1];
      mma<Element>(sums, low[0], low[1], low[2], low[3], part.x, part.y);
      mma<Element>(sums, high[0], high[1], high[2], high[3], part.z, part.w);
    }
#pragma unroll
    for (int i = 0; i < 4; ++i) scores[4 * n + i] = sums[i];
  }
}

template <class Element, int kDim>
__device__ inline void add_values(RowState<kDim>& state, const float (&scores)[32], const Element* values) {
#pragma unroll
  for (int i = 0; i < kStepTiles; ++i) {
    uint32_t w[4];
    pack_weights<Element>(scores, i, w);
#pragma unroll
    for (int n = 0; n < kDim / 8; n += 2) {
      const uint4 part = load_matrices(values + i * kTileTokens * kDim + n * 128);
      float (&out)[kDim / 2] = state.out;
      float sums[2][4];
#pragma unroll
      for (int k = 0; k < 4; ++k) {
        sums[0][k] = out[4 * n + k];
        sums[1][k] = out[4 * n + 4 + k];
      }
      mma<Element>(sums[0], w[0], w[1], w[2], w[3], part.x, part.y);
      mma<Element>(sums[1], w[0], w[1], w[2], w[3], part.z, part.w);
#pragma unroll
      for (int k = 0; k < 4; ++k) {
        out[4 * n + k] = sums[0][k];
        out[4 * n + 4 + k] = sums[1][k];
      }
    }
  }
}

template <class Element, int kDim>
__global__ __launch_bounds__(kThreads, 1) void mma_kernel(Args<Element> a) {
  extern __shared__ __align__(128) unsigned char memory[];
  auto& s = *reinterpret_cast<Shared<Element, kDim>*>(memory);
  wait_for_predecessor();
  const Work work = work_of<true>(a);
  const int base = work.start + static_cast<int>(threadIdx.x) / 32 * 16;
  uint32_t query[kDim / 16][4];
  load_query<Element, kDim>(a, work, query);
  for (int i = 0; i < kStages; ++i) copy_step(a, work, work.first_step + i, s);
  RowState<kDim> state;
  for (int step = work.first_step; step < work.steps; ++step) {
    const int stage = step % kStages, first = step * kStepTokens;
    wait_for_copies<kStages - 1>();
    __syncthreads();
    if (work.end - first < kStepTokens) clear_past_end<Element, kDim>(s.values[stage], work.end - first);
    if (first <= base + 15) {
      float scores[32];
      score_step<Element, kDim>(query, s.keys[stage], scores);
      mask_scores<true>(scores, first, base, a.rule);
      weigh<kDim>(state, scores, a.exponent);
      add_values<Element, kDim>(state, scores, s.values[stage]);
    }
    __syncthreads();
    copy_step(a, work, step + kStages, s);
  }
  store_rows<Element, kDim>(state, a, work);
}

}  // namespace

namespace prefill {

template <class Element>
void attend_with_mma(const Args<Element>& args, int count, cudaStream_t stream) {
  with_head_dim(args.shape.dim, [&](auto dim) {
    constexpr int kDim = decltype(dim)::value;
    if constexpr (kDim <= kMostMmaDim)
      launch_prefill(mma_kernel<Element, kDim>, sizeof(Shared<Element, kDim>), args, count, stream);
    else
      throw CudaError("prefill attention without warpgroups has no heads of this size");
  });
}

template void attend_with_mma<bf16>(const Args<bf16>&, int, cudaStream_t);
template void attend_with_mma<f16>(const Args<f16>&, int, cudaStream_t);

}  // namespace prefill

}  // namespace espalier::cuda
