// Sums over the ranks of a decoder by reading the other devices' memory: of few rows quicker than NCCL's all-reduce, whose
// kernels wait for each other several times. Each rank adds all parts in the order of ranks, so all have the same bits.
//
// A kernel tells the others that its device's part is there (it is: the kernel before has ended) and waits for theirs. Nobody
// is told when parts have been read: two buffers take turns, and a rank that tells of the second has read the first.
#include <algorithm>

#include "cuda/device/element.cuh"
#include "cuda/device/kernels.h"

namespace espalier::cuda {
namespace {

constexpr int kMostThreads = 512;

__device__ void tell(uint32_t* where, uint32_t turn) {
  asm volatile("st.release.sys.global.u32 [%0], %1;" ::"l"(where), "r"(turn) : "memory");
}

__device__ uint32_t told(const uint32_t* where) {
  uint32_t turn;
  asm volatile("ld.acquire.sys.global.u32 %0, [%1];" : "=r"(turn) : "l"(where) : "memory");
  return turn;
}

// Every block tells, so that it does not matter which of them run first.
__device__ void meet(const DirectSum& sum, uint32_t turn) {
  const auto peer = static_cast<int>(threadIdx.x);
  if (peer < sum.ranks) {
    tell(sum.turns[peer] + sum.rank, turn);
    // Turns may wrap around.
    while (static_cast<int32_t>(told(sum.turns[sum.rank] + peer) - turn) < 0) continue;
  }
  __syncthreads();
}

template <class Element>
__device__ void load_sum(const DirectSum& sum, size_t at, const float* bias, int column, float (&to)[kVector<Element>]) {
  constexpr int kStep = kVector<Element>;
#pragma unroll
  for (int v = 0; v < kStep; ++v) to[v] = 0;
#pragma unroll
  for (int rank = 0; rank < kMostDirectRanks; ++rank) {
    if (rank >= sum.ranks) break;
    float part[kStep];
    load_vector(static_cast<const Element*>(sum.parts[rank]) + at, part);
#pragma unroll
    for (int v = 0; v < kStep; ++v) to[v] += part[v];
  }
  if (!bias) return;
#pragma unroll
  for (int v = 0; v < kStep; ++v) to[v] += bias[column + v];
}

template <class Element, bool kNorms>
__global__ void __launch_bounds__(kMostThreads)
    direct_kernel(DirectSum sum, const float* bias, const float* norm, float eps, int size, Element* hidden,
                  NextNorm<Element> next) {
  constexpr int kStep = kVector<Element>;
  wait_for_predecessor();
  const uint32_t turn = *sum.turn + 1;
  meet(sum, turn);
  const size_t row = static_cast<size_t>(blockIdx.x) * size;
  float scale = 1, squares = 0;
  if (norm) {
    for (int at = threadIdx.x * kStep; at < size; at += blockDim.x * kStep) {
      float values[kStep];
      load_sum<Element>(sum, row + at, bias, at, values);
#pragma unroll
      for (int v = 0; v < kStep; ++v) squares += values[v] * values[v];
    }
    scale = rsqrtf(block_sum(squares) / static_cast<float>(size) + eps);
    squares = 0;
    __syncthreads();
  }
  for (int at = threadIdx.x * kStep; at < size; at += blockDim.x * kStep) {
    float values[kStep], before[kStep];
    load_vector(hidden + row + at, before);
    load_sum<Element>(sum, row + at, bias, at, values);
#pragma unroll
    for (int v = 0; v < kStep; ++v) before[v] += values[v] * scale * (norm ? norm[at + v] : 1);
    store_vector(hidden + row + at, before);
    if constexpr (kNorms) {
#pragma unroll
      for (int v = 0; v < kStep; ++v) {
        const float stored = to_float(from_float<Element>(before[v]));
        squares += stored * stored;
      }
    }
  }
  if constexpr (kNorms) {
    scale = rsqrtf(block_sum(squares) / static_cast<float>(size) + eps);
    // Each thread reads what it wrote.
    for (int at = threadIdx.x * kStep; at < size; at += blockDim.x * kStep) {
      float values[kStep];
      load_vector(hidden + row + at, values);
#pragma unroll
      for (int v = 0; v < kStep; ++v) values[v] *= scale * next.weight[at + v];
      store_vector(next.normed + row + at, values);
    }
  }
  // The last block to end takes the next turn.
  if (threadIdx.x > 0 || atomicAdd(sum.ended, 1) + 1 < gridDim.x) return;
  *sum.ended = 0;
  *sum.turn = turn;
}

}  // namespace

template <class Element>
void add_direct_sum(const DirectSum& sum, const float* bias, const float* norm, float eps, int rows, int hidden_size,
                    Element* hidden, const NextNorm<Element>& next, cudaStream_t stream) {
  const int vectors = hidden_size / kVector<Element>;
  const auto threads = static_cast<unsigned>(std::clamp((vectors + 31) / 32 * 32, 64, kMostThreads));
  const auto kernel = next.weight ? direct_kernel<Element, true> : direct_kernel<Element, false>;
  launch(kernel, {dim3(static_cast<unsigned>(rows)), dim3(threads)}, stream, sum, bias, norm, eps, hidden_size, hidden,
         next);
}

#define ESP_INSTANTIATE(E) \
  template void add_direct_sum<E>(const DirectSum&, const float*, const float*, float, int, int, E*, \
                                  const NextNorm<E>&, cudaStream_t);
ESP_INSTANTIATE(float)
ESP_INSTANTIATE(bf16)
ESP_INSTANTIATE(f16)
#undef ESP_INSTANTIATE

}  // namespace espalier::cuda
