// Log-probabilities on the device, one block a row: one pass sums the row in bins of 128 neighbouring tokens and notes
// the highest logit of each; then, for each alternative, the highest bin gives its token and is read again for its next
// one. Sums have a fixed order.
#include "cuda/device/sampler_rows.cuh"

namespace espalier::cuda {
namespace {

using namespace sampling;

// Orders floats as integers, zero of either sign as one, and of equal ones the lower place first.
__device__ unsigned long long rank_of(float value, int place) {
  const unsigned bits = __float_as_uint(__fadd_rn(value, 0));
  const unsigned ordered = bits >> 31 ? ~bits : bits | 0x80000000u;
  return static_cast<unsigned long long>(ordered) << 32 | (~0u - static_cast<unsigned>(place));
}
__device__ int place_of(unsigned long long rank) { return static_cast<int>(~0u - static_cast<unsigned>(rank)); }

__device__ unsigned long long warp_most(unsigned long long rank) {
#pragma unroll
  for (int step = 16; step > 0; step /= 2) {
    const unsigned long long other = __shfl_xor_sync(~0u, rank, step);
    rank = other > rank ? other : rank;
  }
  return rank;
}

// By one warp: the highest of the bin's tokens that come after `last` (logit and token), or nothing.
__device__ Listed next_of_bin(const SampleRow& row, int vocab, int bin, const Listed& last) {
  const int token = bin * kBinTokens + static_cast<int>(threadIdx.x) % 32 * 4;
  const Four four = load_four(row, token, vocab);
  unsigned long long best = 0;
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    if (four.logit[i] == kNothing || !heavier(last, {four.logit[i], token + i})) continue;
    const unsigned long long rank = rank_of(four.logit[i], token + i);
    best = rank > best ? rank : best;
  }
  best = warp_most(best);
  if (best == 0) return {kNothing, -1};
  const int found = place_of(best);
  return {row.logits[found], found};
}

struct Bin {
  Listed best;
  float sum;
};

// The logarithm of the sum of all exponentials.
__device__ double log_of_sum(const Bin* bins, int count, double* scratch) {
  __shared__ float warps[32];
  float most = kNothing;
  for (int bin = threadIdx.x; bin < count; bin += kThreads) most = fmaxf(most, bins[bin].best.logit);
  most = warp_max(most);
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = most;
  __syncthreads();
  for (int w = 0; w < kThreads / 32; ++w) most = fmaxf(most, warps[w]);
  double own = 0;
  for (int bin = threadIdx.x; bin < count; bin += kThreads)
    if (bins[bin].best.logit > kNothing)
      own += static_cast<double>(bins[bin].sum) * exp(static_cast<double>(bins[bin].best.logit) - most);
  const double through = block_scan<double>(own, scratch);
  __syncthreads();
  if (threadIdx.x == kThreads - 1) scratch[0] = through;
  __syncthreads();
  return most + log(scratch[0]);
}

__device__ void fill_bins(const SampleRow& row, int vocab, Bin* bins) {
  const int lane = threadIdx.x % 32;
  for (int bin = threadIdx.x / 32; bin * kBinTokens < vocab; bin += kThreads / 32) {
    const Listed best = next_of_bin(row, vocab, bin, {INFINITY, -1});
    const Four four = load_four(row, bin * kBinTokens + lane * 4, vocab);
    float sum = 0;
#pragma unroll
    for (int i = 0; i < 4; ++i)
      if (four.logit[i] > kNothing) sum += expf(four.logit[i] - best.logit);
    sum = warp_sum(sum);
    if (lane == 0) bins[bin] = {best, sum};
  }
  __syncthreads();
}

__global__ __launch_bounds__(kThreads) void logprob_kernel(const LogprobRow* rows, int vocab, const int32_t* tokens,
                                                           esp_cuda_logprobs* all) {
  extern __shared__ Bin bins[];
  __shared__ double scratch[32];
  __shared__ unsigned long long highest;
  wait_for_predecessor();
  const LogprobRow wanted = rows[blockIdx.x];
  esp_cuda_logprobs& out = all[blockIdx.x];
  const SampleRow row{wanted.logits, nullptr};
  const int count = (vocab + kBinTokens - 1) / kBinTokens;
  fill_bins(row, vocab, bins);
  const double sum = log_of_sum(bins, count, scratch);
  const int chosen = tokens[wanted.choice];
  if (threadIdx.x == 0) out.chosen = chosen < 0 ? kNothing : static_cast<float>(row.logits[chosen] - sum);
  for (int i = 0; i < wanted.alternatives; ++i) {
    if (threadIdx.x == 0) highest = 0;
    __syncthreads();
    unsigned long long rank = 0;
    for (int bin = threadIdx.x; bin < count; bin += kThreads) {
      const unsigned long long own = bins[bin].best.token < 0 ? 0 : rank_of(bins[bin].best.logit, bin);
      rank = own > rank ? own : rank;
    }
    rank = warp_most(rank);
    if (threadIdx.x % 32 == 0) atomicMax(&highest, rank);
    __syncthreads();
    if (threadIdx.x < 32) {
      const Listed best = highest == 0 ? Listed{kNothing, -1} : bins[place_of(highest)].best;
      const Listed next = highest == 0 ? best : next_of_bin(row, vocab, place_of(highest), best);
      __syncwarp();
      if (threadIdx.x == 0) {
        out.tokens[i] = best.token;
        out.values[i] = best.token < 0 ? kNothing : static_cast<float>(best.logit - sum);
        if (highest != 0) bins[place_of(highest)].best = next;
      }
    }
    __syncthreads();
  }
}

}  // namespace

void find_logprobs(const LogprobRow* rows, int count, int vocab, const int32_t* tokens, esp_cuda_logprobs* out,
                   cudaStream_t stream) {
  const size_t shared = static_cast<size_t>((vocab + kBinTokens - 1) / kBinTokens) * sizeof(Bin);
  ESP_CUDA_CHECK(
      cudaFuncSetAttribute(logprob_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared)));
  launch(logprob_kernel, {dim3(static_cast<unsigned>(count)), dim3(kThreads), shared}, stream, rows, vocab, tokens,
         out);
}

}  // namespace espalier::cuda
