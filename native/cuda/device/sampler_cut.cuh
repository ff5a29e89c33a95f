// From top-k and top-p to a cut. The k-th highest bin bounds the k-th highest token from below, so that few are listed
// and sorted; without a top-k, or with a very large one, histograms of the distance to the highest logit narrow the
// list; and where too many tokens share one logit, the cut is among them in order of ids.
#pragma once
#include "cuda/device/sampler_rows.cuh"

namespace espalier::cuda::sampling {

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
  const auto own_mass =
      static_cast<unsigned long long>(static_cast<float>(s.masses[threadIdx.x]) / unit *
                                      exp2f(-zoom.start_of(level, static_cast<int>(threadIdx.x))) * kMassUnit);
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

// Sorts the list by weight, padded to a power of two with the lightest entries.
__device__ void sort_list(Shared& s) {
  int length = 2;
  while (length < static_cast<int>(s.listed)) length *= 2;
  for (int i = threadIdx.x; i < length; i += kThreads)
    if (i >= static_cast<int>(s.listed)) s.list[i] = {kNothing, INT32_MAX};
  for (int width = 2; width <= length; width *= 2)
    for (int step = width / 2; step > 0; step /= 2) {
      __syncthreads();
      const int low = static_cast<int>(threadIdx.x) / step * 2 * step + static_cast<int>(threadIdx.x) % step;
      if (low + step >= length) continue;
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
    if (i >= static_cast<int>(s.listed)) return 0ull;
    return static_cast<unsigned long long>(exp2f((s.list[i].logit - most) * scale) * kMassUnit);
  };
  const int first = 2 * static_cast<int>(threadIdx.x);
  const unsigned long long own[2] = {mass_of(first), mass_of(first + 1)};
  if (threadIdx.x == 0) s.found = static_cast<int>(s.listed) - 1;
  const unsigned long long through = block_scan<unsigned long long>(own[0] + own[1], s.scan_mass);
  for (int i = 0; i < 2; ++i) {
    const unsigned long long mass = s.mass_before + through - (i == 0 ? own[1] : 0);
    const bool reached = (row.top_k > 0 && s.count_before + first + i + 1 >= row.top_k) || mass > enough;
    if (reached && first + i < static_cast<int>(s.listed)) atomicMin(&s.found, first + i);
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
    // All of them are equal: one writes.
    if (equal && through == 1) s.cut.logit = logit;
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

}  // namespace espalier::cuda::sampling
