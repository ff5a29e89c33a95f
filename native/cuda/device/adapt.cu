// What some families do to projections and updates: biases, norms of heads, norms of what a half of a layer gives, and soft
// caps of logits.
#include <algorithm>

#include "cuda/device/element.cuh"

namespace espalier::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kWarps = kThreads / 32;

// A warp takes one head of a row; heads are up to 256 elements.
template <class Element>
__global__ void adapt_kernel(Element* qkv, HeadShape shape, const float* bias, const float* q_norm,
                             const float* k_norm, float eps) {
  constexpr int kMostPerLane = 8;
  wait_for_predecessor();
  const int head = blockIdx.y * kWarps + threadIdx.x / 32, lane = threadIdx.x % 32, dim = shape.dim;
  const int normed = shape.heads + shape.kv_heads, all = normed + shape.kv_heads;
  if (head >= all) return;
  Element* at = qkv + (static_cast<size_t>(blockIdx.x) * all + head) * dim;
  float values[kMostPerLane], squares = 0;
#pragma unroll
  for (int i = 0; i < kMostPerLane; ++i) {
    const int d = lane + 32 * i;
    values[i] = d < dim ? to_float(at[d]) + (bias ? bias[head * dim + d] : 0) : 0;
    squares += values[i] * values[i];
  }
  const float* norm = head < shape.heads ? q_norm : head < normed ? k_norm : nullptr;
  const float scale = norm ? rsqrtf(warp_sum(squares) / static_cast<float>(dim) + eps) : 1;
#pragma unroll
  for (int i = 0; i < kMostPerLane; ++i) {
    const int d = lane + 32 * i;
    if (d < dim) at[d] = from_float<Element>(values[i] * scale * (norm ? norm[d] : 1));
  }
}

template <class Element>
__global__ void update_kernel(const Element* update, const float* bias, const float* norm, float eps, int size,
                              Element* hidden) {
  constexpr int kStep = kVector<Element>;
  wait_for_predecessor();
  const size_t row = static_cast<size_t>(blockIdx.x) * size;
  const auto load = [&](int at, float(&values)[kStep]) {
#pragma unroll
    for (int i = 0; i < kStep; ++i) values[i] = 0;
    if (update) load_vector(update + row + at, values);
    if (bias) {
#pragma unroll
      for (int i = 0; i < kStep; ++i) values[i] += bias[at + i];
    }
  };
  float scale = 1;
  if (norm) {
    float squares = 0;
    for (int at = threadIdx.x * kStep; at < size; at += blockDim.x * kStep) {
      float values[kStep];
      load(at, values);
#pragma unroll
      for (int i = 0; i < kStep; ++i) squares += values[i] * values[i];
    }
    scale = rsqrtf(block_sum(squares) / static_cast<float>(size) + eps);
  }
  for (int at = threadIdx.x * kStep; at < size; at += blockDim.x * kStep) {
    float values[kStep], before[kStep];
    load(at, values);
    load_vector(hidden + row + at, before);
#pragma unroll
    for (int i = 0; i < kStep; ++i) before[i] += values[i] * scale * (norm ? norm[at + i] : 1);
    store_vector(hidden + row + at, before);
  }
}

__global__ void cap_kernel(float* logits, size_t count, float cap) {
  wait_for_predecessor();
  for (size_t i = blockIdx.x * size_t{blockDim.x} + threadIdx.x; i < count; i += size_t{gridDim.x} * blockDim.x)
    logits[i] = cap * tanhf(logits[i] / cap);
}

}  // namespace

template <class Element>
void adapt_qkv(Element* qkv, int rows, const HeadShape& shape, const float* bias, const float* q_norm,
               const float* k_norm, float eps, cudaStream_t stream) {
  const int all = shape.heads + 2 * shape.kv_heads;
  const dim3 grid(static_cast<unsigned>(rows), static_cast<unsigned>((all + kWarps - 1) / kWarps));
  launch(adapt_kernel<Element>, {grid, dim3(kThreads)}, stream, qkv, shape, bias, q_norm, k_norm, eps);
}

template <class Element>
void add_update(const Element* update, const float* bias, const float* norm, float eps, int rows, int hidden_size,
                bool dependent, Element* hidden, cudaStream_t stream) {
  launch(update_kernel<Element>, {dim3(static_cast<unsigned>(rows)), dim3(kThreads), 0, 1, dependent}, stream, update,
         bias, norm, eps, hidden_size, hidden);
}

void cap_logits(float* logits, size_t count, float cap, bool dependent, cudaStream_t stream) {
  const auto blocks = static_cast<unsigned>(std::min<size_t>((count + kThreads - 1) / kThreads, 132 * 16));
  launch(cap_kernel, {dim3(blocks), dim3(kThreads), 0, 1, dependent}, stream, logits, count, cap);
}

#define ESP_INSTANTIATE(E)                                                                                          \
  template void adapt_qkv<E>(E*, int, const HeadShape&, const float*, const float*, const float*, float,            \
                             cudaStream_t);                                                                         \
  template void add_update<E>(const E*, const float*, const float*, float, int, int, bool, E*, cudaStream_t);
ESP_INSTANTIATE(float)
ESP_INSTANTIATE(bf16)
ESP_INSTANTIATE(f16)
#undef ESP_INSTANTIATE

}  // namespace espalier::cuda
