// The sum of rows, for embeddings: each thread adds up one column, in the order of the rows, so that the sum of a prompt does
// not depend on its chunks.
#include "cuda/device/element.cuh"
#include "cuda/device/kernels.h"

namespace espalier::cuda {
namespace {

constexpr int kThreads = 64;

template <class Element>
__global__ void sum_rows_kernel(const Element* rows, int count, int size, float* sum) {
  wait_for_predecessor();
  const int column = blockIdx.x * blockDim.x + threadIdx.x;
  if (column >= size) return;
  float total = sum[column];
#pragma unroll 8
  for (int row = 0; row < count; ++row) total += to_float(rows[static_cast<size_t>(row) * size + column]);
  sum[column] = total;
}

}  // namespace

template <class Element>
void sum_rows(const Element* rows, int count, int size, float* sum, cudaStream_t stream) {
  const auto blocks = static_cast<unsigned>((size + kThreads - 1) / kThreads);
  launch(sum_rows_kernel<Element>, {dim3(blocks), dim3(kThreads)}, stream, rows, count, size, sum);
}

template void sum_rows<float>(const float*, int, int, float*, cudaStream_t);
template void sum_rows<bf16>(const bf16*, int, int, float*, cudaStream_t);
template void sum_rows<f16>(const f16*, int, int, float*, cudaStream_t);

}  // namespace espalier::cuda
