// Penalties and biases, in place and back again, so that the sampler knows nothing of them. Roundings are the CPU's
// (adjusted() of engine/sampler.h): no product and sum are fused.
#include "cuda/device/element.cuh"

namespace espalier::cuda {
namespace {

constexpr int kThreads = 256;

__device__ float adjusted(float logit, const esp_cuda_adjustment& by, const AdjustRow& row) {
  if (by.seen != 0)
    logit = logit > 0 ? __fdiv_rn(logit, row.repetition_penalty) : __fmul_rn(logit, row.repetition_penalty);
  logit = __fsub_rn(logit, __fmul_rn(row.frequency_penalty, static_cast<float>(by.outputs)));
  if (by.outputs > 0) logit = __fsub_rn(logit, row.presence_penalty);
  return __fadd_rn(logit, by.bias);
}

__global__ void adjust_kernel(const AdjustRow* rows) {
  wait_for_predecessor();
  const AdjustRow row = rows[blockIdx.x];
  for (uint32_t i = threadIdx.x; i < row.count; i += kThreads) {
    const esp_cuda_adjustment by = row.adjustments[i];
    float& logit = row.logits[by.token];
    row.before[i] = logit;
    logit = adjusted(logit, by, row);
  }
}

__global__ void restore_kernel(const AdjustRow* rows) {
  wait_for_predecessor();
  const AdjustRow row = rows[blockIdx.x];
  for (uint32_t i = threadIdx.x; i < row.count; i += kThreads) row.logits[row.adjustments[i].token] = row.before[i];
}

}  // namespace

void adjust_rows(const AdjustRow* rows, int count, cudaStream_t stream) {
  launch(adjust_kernel, {dim3(static_cast<unsigned>(count)), dim3(kThreads)}, stream, rows);
}

void restore_rows(const AdjustRow* rows, int count, cudaStream_t stream) {
  launch(restore_kernel, {dim3(static_cast<unsigned>(count)), dim3(kThreads)}, stream, rows);
}

}  // namespace espalier::cuda
