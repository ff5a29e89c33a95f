// Weights on their way to the device: element types converted, rows put where the fused matrices want them; and
// random weights.
#include <algorithm>

#include "cuda/device/element.cuh"
#include "cuda/device/kernels.h"
#include "espalier_cuda.h"

namespace espalier::cuda {
namespace {

constexpr int kThreads = 256;
constexpr size_t kMostBlocks = 132 * 16;

unsigned blocks_for(size_t count) {
  return static_cast<unsigned>(std::clamp<size_t>((count + kThreads - 1) / kThreads, 1, kMostBlocks));
}

__device__ float element_of(const void* source, int dtype, size_t index) {
  if (dtype == ESP_CUDA_F32) return static_cast<const float*>(source)[index];
  if (dtype == ESP_CUDA_F16) return __half2float(static_cast<const __half*>(source)[index]);
  return __bfloat162float(static_cast<const bf16*>(source)[index]);
}

template <class Element>
__global__ void place_kernel(const void* source, int dtype, size_t first, size_t rows, size_t cols, RowMap row_map,
                             RowMap col_map, size_t target_cols, Element* target) {
  for (size_t i = blockIdx.x * size_t{blockDim.x} + threadIdx.x; i < rows * cols; i += size_t{gridDim.x} * blockDim.x)
    target[row_map(first + i / cols) * target_cols + col_map(i % cols)] =
        from_float<Element>(element_of(source, dtype, i));
}

__device__ uint64_t mix(uint64_t z) {
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

// Element `start` + r * `step` + c of a whole matrix stands in row r and column c.
template <class Element>
__global__ void random_kernel(Element* target, size_t count, size_t cols, size_t start, size_t step, uint64_t seed,
                              float scale) {
  for (size_t i = blockIdx.x * size_t{blockDim.x} + threadIdx.x; i < count; i += size_t{gridDim.x} * blockDim.x) {
    const size_t index = start + i / cols * step + i % cols;
    const auto bits = static_cast<uint32_t>(mix(mix(seed) + index * 0x9e3779b97f4a7c15) >> 40);
    target[i] = from_float<Element>((static_cast<float>(bits) * 0x1p-23f - 1) * scale);
  }
}

}  // namespace

template <class Element>
void place_rows(const void* source, int dtype, size_t first, size_t rows, size_t cols, const RowMap& row_map,
                const RowMap& col_map, size_t target_cols, Element* target, cudaStream_t stream) {
  place_kernel<Element><<<blocks_for(rows * cols), kThreads, 0, stream>>>(source, dtype, first, rows, cols, row_map,
                                                                          col_map, target_cols, target);
  ESP_CUDA_CHECK(cudaGetLastError());
}

template <class Element>
void fill_random(Element* target, size_t count, uint64_t seed, float scale, cudaStream_t stream) {
  fill_random_part(target, 1, count, count, 0, 0, seed, scale, stream);
}

template <class Element>
void fill_random_part(Element* target, size_t rows, size_t cols, size_t whole_cols, size_t first_row, size_t first_col,
                      uint64_t seed, float scale, cudaStream_t stream) {
  random_kernel<Element><<<blocks_for(rows * cols), kThreads, 0, stream>>>(
      target, rows * cols, cols, first_row * whole_cols + first_col, whole_cols, seed, scale);
  ESP_CUDA_CHECK(cudaGetLastError());
}

#define ESP_INSTANTIATE(E)                                                                                   \
  template void place_rows<E>(const void*, int, size_t, size_t, size_t, const RowMap&, const RowMap&, size_t, E*, \
                              cudaStream_t);                                                                      \
  template void fill_random<E>(E*, size_t, uint64_t, float, cudaStream_t);                                        \
  template void fill_random_part<E>(E*, size_t, size_t, size_t, size_t, size_t, uint64_t, float, cudaStream_t);
ESP_INSTANTIATE(float)
ESP_INSTANTIATE(bf16)
ESP_INSTANTIATE(f16)
#undef ESP_INSTANTIATE

}  // namespace espalier::cuda
