// Sampling on the device, one block per row, with the meaning of engine/sampler.h: mask, temperature, top-k and top-p
// judged on the distribution after temperature, min-p, one draw. The vocabulary is never sorted: tokens are summed in
// bins of 128 neighbours, the draw walks the bins in order of tokens, and filters become one cut (sampler_cut.cuh).
// Sums are integers or have a fixed order: a row's token does not depend on the other rows.
#include <algorithm>

#include "cuda/device/sampler_cut.cuh"

namespace espalier::cuda {
namespace sampling {

// By what a row's logits are multiplied before exp2; 0: greedy.
__device__ inline float scale_of(const SampleRow& row) {
  return row.temperature > 0 ? 1.44269504f / row.temperature : 0;
}

// Per bin the highest kept logit and the sum of weights relative to it; a warp takes one bin at a time, of the bins of
// all `blocks` that share a row.
__device__ void fill_bins(const SampleRow& row, int vocab, const Cut& cut, float scale, float2* bins, int block = 0,
                          int blocks = 1) {
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  for (int bin = block * (kThreads / 32) + warp; bin * kBinTokens < vocab; bin += blocks * (kThreads / 32)) {
    const int token = bin * kBinTokens + lane * 4;
    Four four = load_four(row, token, vocab);
    float most = kNothing, sum = 0;
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      if (!keeps(cut, four.logit[i], token + i)) four.logit[i] = kNothing;
      most = fmaxf(most, four.logit[i]);
    }
    most = warp_max(most);
    if (scale > 0 && most > kNothing) {
#pragma unroll
      for (int i = 0; i < 4; ++i) sum += exp2f((four.logit[i] - most) * scale);
      sum = warp_sum(sum);
    }
    if (lane == 0) bins[bin] = {most, sum};
  }
  __syncthreads();
}

__device__ float highest_of(const float2* bins, int count, double* scratch) {
  float most = kNothing;
  for (int bin = threadIdx.x; bin < count; bin += kThreads) most = fmaxf(most, bins[bin].x);
  most = warp_max(most);
  auto* warps = reinterpret_cast<float*>(scratch);
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = most;
  __syncthreads();
  for (int w = 0; w < kThreads / 32; ++w) most = fmaxf(most, warps[w]);
  __syncthreads();
  return most;
}

__device__ int lowest_with(const SampleRow& row, int vocab, float logit, const float2* bins, int count, Shared& s) {
  if (threadIdx.x == 0) s.found = INT32_MAX;
  __syncthreads();
  for (int bin = threadIdx.x; bin < count; bin += kThreads)
    if (bins[bin].x == logit) atomicMin(&s.found, bin);
  __syncthreads();
  const int bin = s.found;
  __syncthreads();
  if (threadIdx.x == 0) s.found = INT32_MAX;
  __syncthreads();
  if (threadIdx.x < 32) {
    const int token = bin * kBinTokens + threadIdx.x * 4;
    const Four four = load_four(row, token, vocab);
    for (int i = 3; i >= 0; --i)
      if (four.logit[i] == logit) atomicMin(&s.found, token + i);
  }
  __syncthreads();
  return s.found;
}

// Walks the bins' weights to the share `uniform` of their sum, then the tokens of that bin.
__device__ int draw(const SampleRow& row, int vocab, const Cut& cut, float most, float scale, const float2* bins,
                    int count, Shared& s) {
  const int per_thread = (count + kThreads - 1) / kThreads, first = static_cast<int>(threadIdx.x) * per_thread;
  const auto weight = [&](int bin) {
    if (bin >= count || bins[bin].x == kNothing) return 0.0;
    return static_cast<double>(bins[bin].y) * static_cast<double>(exp2f((bins[bin].x - most) * scale));
  };
  double own = 0;
  for (int i = 0; i < per_thread; ++i) own += weight(first + i);
  const double through = block_scan<double>(own, s.scan);
  __syncthreads();
  if (threadIdx.x == kThreads - 1) s.scan[0] = through;
  if (threadIdx.x == 0) s.found = -1;
  __syncthreads();
  const double target = row.uniform * s.scan[0];
  double before = through - own;
  // Among rounding at the borders, the last thread to match in order of bins decides; at least one does.
  for (int i = 0; i < per_thread; ++i) {
    const double bin_weight = weight(first + i);
    if (bin_weight > 0 && before <= target) atomicMax(&s.found, first + i);
    before += bin_weight;
  }
  __syncthreads();
  const int bin = s.found;
  before = through - own;
  for (int i = 0; i < per_thread; ++i) {
    if (first + i == bin) s.rest = target - before;
    before += weight(first + i);
  }
  __syncthreads();
  if (threadIdx.x >= 32) return 0;
  const int lane = threadIdx.x, token = bin * kBinTokens + lane * 4;
  const Four four = load_four(row, token, vocab);
  double weights[4], lane_sum = 0;
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    weights[i] = keeps(cut, four.logit[i], token + i) && four.logit[i] > kNothing
                     ? static_cast<double>(exp2f((four.logit[i] - most) * scale))
                     : 0.0;
    lane_sum += weights[i];
  }
  double sum = lane_sum;
#pragma unroll
  for (int step = 1; step < 32; step *= 2) {
    const double other = __shfl_up_sync(~0u, sum, step);
    if (lane >= step) sum += other;
  }
  sum -= lane_sum;
  int chosen = -1;
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    if (weights[i] > 0 && sum <= s.rest) chosen = token + i;
    sum += weights[i];
  }
#pragma unroll
  for (int step = 16; step > 0; step /= 2) chosen = max(chosen, __shfl_xor_sync(~0u, chosen, step));
  return chosen;
}

}  // namespace sampling

namespace {

using namespace sampling;

// Multiprocessors of versions like 8.9 have no room for two blocks.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ % 100 != 0
constexpr int kBlocks = 1;
#else
constexpr int kBlocks = 2;
#endif

// Blocks that share a row where rows are few.
constexpr int kMostSharing = 16;
// Rows whose first bins are worth a kernel of their own.
constexpr int kFewRows = 32;

__global__ __launch_bounds__(kThreads, kBlocks) void first_bins_kernel(const SampleRow* rows, int vocab, float2* bins) {
  wait_for_predecessor();
  const SampleRow row = rows[blockIdx.y];
  const int count = (vocab + kBinTokens - 1) / kBinTokens;
  fill_bins(row, vocab, Cut{}, scale_of(row), bins + static_cast<size_t>(blockIdx.y) * count, static_cast<int>(blockIdx.x),
            static_cast<int>(gridDim.x));
}

// `first_bins`: null, or what first_bins_kernel found.
__global__ __launch_bounds__(kThreads, kBlocks) void sample_kernel(const SampleRow* rows, int vocab,
                                                                   const float2* first_bins, int32_t* tokens) {
  __shared__ Shared s;
  extern __shared__ float2 bins[];
  wait_for_predecessor();
  const SampleRow row = rows[blockIdx.x];
  const int count = (vocab + kBinTokens - 1) / kBinTokens;
  const float scale = scale_of(row);
  Cut cut;
  if (first_bins) {
    for (int bin = threadIdx.x; bin < count; bin += kThreads)
      bins[bin] = first_bins[static_cast<size_t>(blockIdx.x) * count + bin];
    __syncthreads();
  } else {
    fill_bins(row, vocab, cut, scale, bins);
  }
  const float most = highest_of(bins, count, s.scan);
  if (!(fabsf(most) < INFINITY)) {
    if (threadIdx.x == 0) tokens[blockIdx.x] = -1;
    return;
  }
  if (scale == 0 || !(scale < INFINITY)) {
    const int token = lowest_with(row, vocab, most, bins, count, s);
    if (threadIdx.x == 0) tokens[blockIdx.x] = token;
    return;
  }
  if ((row.top_k > 0 || row.top_p < 1) && !cut_by_bins(row, vocab, most, scale, bins, count, s, cut))
    cut = cut_by_histogram(row, vocab, most, scale, s);
  if (row.min_p > 0) {
    const float least = most + log2f(row.min_p) / scale;
    if (least > cut.logit) cut = {least, INT32_MAX};
  }
  if (cut.logit > kNothing) fill_bins(row, vocab, cut, scale, bins);
  const int token = draw(row, vocab, cut, most, scale, bins, count, s);
  if (threadIdx.x == 0) tokens[blockIdx.x] = token;
}

}  // namespace

size_t sample_room(int count, int vocab) {
  const int bins = (vocab + kBinTokens - 1) / kBinTokens;
  return count <= kFewRows ? static_cast<size_t>(count) * static_cast<size_t>(bins) : 0;
}

void sample_rows(const SampleRow* rows, int count, int vocab, float2* room, int32_t* tokens, cudaStream_t stream) {
  const int bins = (vocab + kBinTokens - 1) / kBinTokens;
  const size_t shared = static_cast<size_t>(bins) * sizeof(float2);
  if (room) {
    const int sharing = std::min(kMostSharing, (bins + kThreads / 32 - 1) / (kThreads / 32));
    const dim3 grid(static_cast<unsigned>(sharing), static_cast<unsigned>(count));
    launch(first_bins_kernel, {grid, dim3(kThreads)}, stream, rows, vocab, room);
  }
  ESP_CUDA_CHECK(
      cudaFuncSetAttribute(sample_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared)));
  launch(sample_kernel, {dim3(static_cast<unsigned>(count)), dim3(kThreads), shared}, stream, rows, vocab, room,
         tokens);
}

}  // namespace espalier::cuda
