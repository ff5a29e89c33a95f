// Sampling on the device, one block per row, with the meaning of engine/sampler.h: mask, temperature, top-k and top-p
// judged on the distribution after temperature, min-p, one draw. The vocabulary is never sorted: tokens are summed in
// bins of 128 neighbours, the draw walks the bins in order of tokens, and filters become one cut (a logit and a token):
// the k-th highest bin bounds the k-th highest token from below, so that few are listed and sorted; without a top-k,
// histograms of the distance to the highest logit narrow the list. Sums are integers or have a fixed order: a row's token does
// not depend on the other rows.
#include <algorithm>

#include "cuda/device/element.cuh"

namespace espalier::cuda {
namespace {

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

// Per bin the highest kept logit and the sum of weights relative to it; a warp takes one bin at a time.
__device__ void fill_bins(const SampleRow& row, int vocab, const Cut& cut, float scale, float2* bins) {
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  for (int bin = warp; bin * kBinTokens < vocab; bin += kThreads / 32) {
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

// Successive narrowings of the range of distances: at each level the bin that was chosen.
struct Zoom {
  float low[kMostZooms], per_bin[kMostZooms];
  int chosen[kMostZooms];
  int depth = 0;

  __device__ float start_of(int level, int bin) const { return low[level] + static_cast<float>(bin) / per_bin[level]; }
  __device__ int bin_at(int level, float distance) const {
    return static_cast<int>(fminf((distance - low[level]) * per_bin[level], kHistogram - 1.0f));
  }
  // Whether the distance lies in the bins chosen so far.
  __device__ bool holds(float distance) const {
    for (int level = 0; level < depth; ++level)
      if (bin_at(level, distance) != chosen[level]) return false;
    return true;
  }
};

// Fills the histogram of the zoom's newest level and finds the bin where the count reaches top_k or the mass exceeds
// `enough` (0: a top_p share of all, noted in `enough`). False: it ends before that, and nothing is cut.
__device__ bool choose_bin(const SampleRow& row, int vocab, float most, float scale, Zoom& zoom, uint64_t& enough,
                           Shared& s) {
  const int level = zoom.depth;
  const auto unit = static_cast<float>(kMostBinMass / static_cast<unsigned>(vocab));
  for (int i = threadIdx.x; i < kHistogram; i += kThreads) {
    s.masses[i] = 0;
    s.counts[i] = 0;
  }
  if (threadIdx.x == 0) s.found = INT32_MAX;
  __syncthreads();
  for (int token = threadIdx.x * 4; token < vocab; token += kThreads * 4) {
    const Four four = load_four(row, token, vocab);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const float distance = (most - four.logit[i]) * scale;
      if (!(distance <= kLastDistance) || !zoom.holds(distance)) continue;
      const int bin = zoom.bin_at(level, distance);
      atomicAdd(&s.counts[bin], 1u);
      atomicAdd(&s.masses[bin], static_cast<unsigned>(fminf(exp2f(zoom.start_of(level, bin) - distance), 1) * unit));
    }
  }
  __syncthreads();
  const auto own_mass = static_cast<unsigned long long>(
      static_cast<float>(s.masses[threadIdx.x]) / unit * exp2f(-zoom.start_of(level, static_cast<int>(threadIdx.x))) *
      kMassUnit);
  const unsigned long long mass = block_scan<unsigned long long>(own_mass, s.scan_mass);
  __syncthreads();
  const unsigned long long count = block_scan<unsigned long long>(s.counts[threadIdx.x], s.scan_mass);
  if (level == 0) {
    // Every thread needs the total, which the last one has.
    __syncthreads();
    if (threadIdx.x == kThreads - 1) s.scan_mass[0] = mass;
    __syncthreads();
    enough = row.top_p < 1 ? static_cast<uint64_t>(static_cast<double>(row.top_p) * static_cast<double>(s.scan_mass[0]))
                           : UINT64_MAX;
  }
  const bool reached = (row.top_k > 0 && s.count_before + count >= row.top_k) || s.mass_before + mass > enough;
  if (reached && s.counts[threadIdx.x] > 0) atomicMin(&s.found, static_cast<int>(threadIdx.x));
  __syncthreads();
  const int found = s.found;
  if (found == INT32_MAX) return false;
  __syncthreads();
  if (static_cast<int>(threadIdx.x) == found) {
    s.mass_before += mass - own_mass;
    s.count_before += static_cast<unsigned>(count) - s.counts[found];
  }
  __syncthreads();
  zoom.chosen[level] = found;
  zoom.depth = level + 1;
  return true;
}

// Sorts the list (padded to its full length with the lightest entries) by weight.
__device__ void sort_list(Shared& s) {
  for (unsigned i = threadIdx.x; i < kListed; i += kThreads)
    if (i >= s.listed) s.list[i] = {kNothing, INT32_MAX};
  for (int width = 2; width <= kListed; width *= 2)
    for (int step = width / 2; step > 0; step /= 2) {
      __syncthreads();
      const int low = static_cast<int>(threadIdx.x) / step * 2 * step + static_cast<int>(threadIdx.x) % step;
      Listed &a = s.list[low], &b = s.list[low + step];
      if (heavier(b, a) == ((low & width) == 0)) {
        const Listed swapped = a;
        a = b;
        b = swapped;
      }
    }
  __syncthreads();
}

// The first entry of the sorted list where the count or the mass is reached.
__device__ Cut cut_in_list(const SampleRow& row, float most, float scale, uint64_t enough, Shared& s) {
  const auto mass_of = [&](int i) {
    return static_cast<unsigned long long>(exp2f((s.list[i].logit - most) * scale) * kMassUnit);
  };
  const int first = 2 * static_cast<int>(threadIdx.x);
  const unsigned long long own[2] = {mass_of(first), mass_of(first + 1)};
  if (threadIdx.x == 0) s.found = static_cast<int>(s.listed) - 1;
  const unsigned long long through = block_scan<unsigned long long>(own[0] + own[1], s.scan_mass);
  for (int i = 0; i < 2; ++i) {
    const unsigned long long mass = s.mass_before + through - (i == 0 ? own[1] : 0);
    const bool reached = (row.top_k > 0 && s.count_before + first + i + 1 >= row.top_k) || mass > enough;
    if (reached) atomicMin(&s.found, first + i);
  }
  __syncthreads();
  return {s.list[s.found].logit, s.list[s.found].token};
}

// Too many tokens share one logit: the cut is among them, in order of ids.
__device__ Cut cut_among_equals(const SampleRow& row, int vocab, float most, float scale, const Zoom& zoom,
                                uint64_t enough, Shared& s) {
  uint64_t wanted = UINT64_MAX;
  if (row.top_k > 0) wanted = row.top_k - s.count_before;
  if (threadIdx.x == 0) s.found = INT32_MAX;
  uint64_t seen = 0;
  for (int base = 0; base < vocab; base += kThreads) {
    const int token = base + static_cast<int>(threadIdx.x), group = token / 4 * 4;
    const Four four = load_four(row, group, vocab);
    const float logit = token < vocab ? four.logit[token % 4] : kNothing;
    const float distance = (most - logit) * scale;
    const bool equal = distance <= kLastDistance && zoom.holds(distance);
    const unsigned long long through = block_scan<unsigned long long>(equal ? 1 : 0, s.scan_mass);
    const auto mass = static_cast<unsigned long long>(exp2f(-distance) * kMassUnit);
    const unsigned long long rank = seen + through;
    if (equal && (rank >= wanted || s.mass_before + rank * mass > enough)) atomicMin(&s.found, token);
    if (equal && rank >= 1) s.cut.logit = logit;
    __syncthreads();
    if (s.found != INT32_MAX) break;
    if (threadIdx.x == kThreads - 1) s.rest = static_cast<double>(rank);
    __syncthreads();
    seen = static_cast<uint64_t>(s.rest);
  }
  return {s.cut.logit, s.found};
}

__device__ Cut cut_by_histogram(const SampleRow& row, int vocab, float most, float scale, Shared& s) {
  Zoom zoom;
  uint64_t enough = 0;
  zoom.low[0] = 0;
  zoom.per_bin[0] = kHistogram / kFirstRange;
  if (threadIdx.x == 0) {
    s.mass_before = 0;
    s.count_before = 0;
  }
  while (true) {
    if (!choose_bin(row, vocab, most, scale, zoom, enough, s)) return {};
    const int level = zoom.depth - 1, bin = zoom.chosen[level];
    if (s.counts[bin] <= kListed) break;
    if (zoom.depth == kMostZooms) return cut_among_equals(row, vocab, most, scale, zoom, enough, s);
    const float width = 1 / zoom.per_bin[level], low = zoom.start_of(level, bin);
    const bool open = level == 0 && bin == kHistogram - 1;
    zoom.low[level + 1] = low;
    zoom.per_bin[level + 1] = kHistogram / (open ? kLastDistance - low : width);
    __syncthreads();
  }
  if (threadIdx.x == 0) s.listed = 0;
  __syncthreads();
  for (int token = threadIdx.x * 4; token < vocab; token += kThreads * 4) {
    const Four four = load_four(row, token, vocab);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const float distance = (most - four.logit[i]) * scale;
      if (!(distance <= kLastDistance) || !zoom.holds(distance)) continue;
      s.list[atomicAdd(&s.listed, 1u)] = {four.logit[i], token + i};
    }
  }
  __syncthreads();
  sort_list(s);
  return cut_in_list(row, most, scale, enough, s);
}

// The cut of a top_k no greater than the number of bins; false where more tokens than the list holds reach the bound.
__device__ bool cut_by_bins(const SampleRow& row, int vocab, float most, float scale, const float2* bins, int count,
                            Shared& s, Cut& cut) {
  if (row.top_k == 0 || row.top_k > static_cast<unsigned>(count) || count > kListed) return false;
  double own = 0;
  for (int bin = threadIdx.x; bin < count; bin += kThreads) {
    s.list[bin] = {bins[bin].x, bin};
    if (bins[bin].x > kNothing)
      own += static_cast<double>(bins[bin].y) * static_cast<double>(exp2f((bins[bin].x - most) * scale));
  }
  if (threadIdx.x == 0) s.listed = static_cast<unsigned>(count);
  const double through = block_scan<double>(own, s.scan);
  if (threadIdx.x == kThreads - 1) s.rest = through;
  __syncthreads();
  const uint64_t enough =
      row.top_p < 1 ? static_cast<uint64_t>(static_cast<double>(row.top_p) * s.rest * static_cast<double>(kMassUnit))
                    : UINT64_MAX;
  sort_list(s);
  const float bound = s.list[row.top_k - 1].logit;
  __syncthreads();
  if (bound == kNothing) return false;
  if (threadIdx.x == 0) {
    s.listed = 0;
    s.mass_before = 0;
    s.count_before = 0;
  }
  __syncthreads();
  for (int bin = threadIdx.x / 32; bin < count; bin += kThreads / 32) {
    if (bins[bin].x < bound) continue;
    const int token = bin * kBinTokens + static_cast<int>(threadIdx.x) % 32 * 4;
    const Four four = load_four(row, token, vocab);
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      if (!(four.logit[i] >= bound)) continue;
      const unsigned place = atomicAdd(&s.listed, 1u);
      if (place < kListed) s.list[place] = {four.logit[i], token + i};
    }
  }
  __syncthreads();
  if (s.listed > kListed) return false;
  sort_list(s);
  cut = cut_in_list(row, most, scale, enough, s);
  return true;
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

__global__ __launch_bounds__(kThreads, 2) void sample_kernel(const SampleRow* rows, int vocab, int32_t* tokens) {
  __shared__ Shared s;
  extern __shared__ float2 bins[];
  wait_for_predecessor();
  const SampleRow row = rows[blockIdx.x];
  const int count = (vocab + kBinTokens - 1) / kBinTokens;
  const float scale = row.temperature > 0 ? 1.44269504f / row.temperature : 0;
  Cut cut;
  fill_bins(row, vocab, cut, scale, bins);
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

void sample_rows(const SampleRow* rows, int count, int vocab, int32_t* tokens, cudaStream_t stream) {
  const size_t shared = static_cast<size_t>((vocab + kBinTokens - 1) / kBinTokens) * sizeof(float2);
  ESP_CUDA_CHECK(
      cudaFuncSetAttribute(sample_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared)));
  launch(sample_kernel, {dim3(static_cast<unsigned>(count)), dim3(kThreads), shared}, stream, rows, vocab, tokens);
}

}  // namespace espalier::cuda
