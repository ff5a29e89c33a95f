// What the parts of the sampler share: its sizes, a row's logits through its mask, the cut that filters become, and
// sums over a block.
#pragma once
#include "cuda/device/element.cuh"

namespace espalier::cuda::sampling {

constexpr int kThreads = 1024;
constexpr int kBinTokens = 128;
constexpr int kHistogram = 1024;
constexpr int kListed = 2 * kThreads;
constexpr int kMostZooms = 5;
// Distances are in powers of two. Beyond the last a weight is zero even in double precision.
constexpr float kFirstRange = 64, kLastDistance = 1074;
constexpr float kMassUnit = 0x1p40f;
// A histogram's bin counts mass relative to its heaviest token, in units that a whole vocabulary cannot overflow.
constexpr unsigned kMostBinMass = 1u << 31;
constexpr float kNothing = -INFINITY;

// The lightest token kept: heavier ones, and of equal ones those with lower ids, are kept too.
struct Cut {
  float logit = kNothing;
  int token = INT32_MAX;
};
__device__ inline bool keeps(const Cut& cut, float logit, int token) {
  return logit > cut.logit || (logit == cut.logit && token <= cut.token);
}

struct Listed {
  float logit;
  int token;
};
__device__ inline bool heavier(const Listed& a, const Listed& b) {
  return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
}

struct Shared {
  unsigned masses[kHistogram];
  unsigned counts[kHistogram];
  Listed list[kListed];
  double scan[32];
  unsigned long long scan_mass[32];
  unsigned listed;
  int found;
  double rest;
  uint64_t mass_before;
  unsigned count_before;
  Cut cut;
};

// Four neighbouring logits of tokens that the mask allows; the others, and what is no number, become minus infinity.
struct Four {
  float logit[4];
};
__device__ inline Four load_four(const SampleRow& row, int token, int vocab) {
  Four four{{kNothing, kNothing, kNothing, kNothing}};
  if (token >= vocab) return four;
  const unsigned allowed = row.mask ? static_cast<unsigned>(row.mask[token / 32]) >> token % 32 & 15 : 15;
  if (allowed == 0) return four;
  if (vocab % 4 == 0) {
    const float4 raw = *reinterpret_cast<const float4*>(row.logits + token);
    four = {{raw.x, raw.y, raw.z, raw.w}};
  } else {
    for (int i = 0; i < 4; ++i)
      if (token + i < vocab) four.logit[i] = row.logits[token + i];
  }
#pragma unroll
  for (int i = 0; i < 4; ++i)
    if (!(allowed >> i & 1) || !(four.logit[i] == four.logit[i])) four.logit[i] = kNothing;
  return four;
}

// Inclusive sums over the block in order of threads.
template <class Number>
__device__ Number block_scan(Number value, Number* warp_sums) {
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
#pragma unroll
  for (int step = 1; step < 32; step *= 2) {
    const Number other = __shfl_up_sync(~0u, value, step);
    if (lane >= step) value += other;
  }
  __syncthreads();
  if (lane == 31) warp_sums[warp] = value;
  __syncthreads();
  Number before = 0;
  for (int w = 0; w < warp; ++w) before += warp_sums[w];
  return before + value;
}

}  // namespace espalier::cuda::sampling
