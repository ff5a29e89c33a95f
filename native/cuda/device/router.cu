// Mixtures of experts around their products: which experts a row goes to, choices in the order of their experts (without
// the host: blocks of the grouped product read their work from a list), and the sum of what experts gave.
#include <algorithm>

#include "cuda/device/element.cuh"

namespace espalier::cuda {
namespace {

constexpr int kRouteWarps = 4;
constexpr int kSortThreads = 1024;
constexpr int kMixThreads = 256;

struct Best {
  float value;
  int index;
};

// Of equal values the lowest index, as on the CPU; the first one where nothing is above minus infinity.
__device__ inline Best warp_best(Best best) {
#pragma unroll
  for (int step = 16; step > 0; step /= 2) {
    const float value = __shfl_xor_sync(~0u, best.value, step);
    const int index = __shfl_xor_sync(~0u, best.index, step);
    if (value > best.value || (value == best.value && index < best.index)) best = {value, index};
  }
  return best;
}

__device__ inline Best best_of(const float* values, int count) {
  const int lane = threadIdx.x % 32;
  Best best{-INFINITY, lane < count ? lane : 0};
  for (int i = lane; i < count; i += 32)
    if (values[i] > best.value) best = {values[i], i};
  return warp_best(best);
}

// Scores of the products, in place.
__device__ inline void score(float* values, int count, bool sigmoid) {
  const int lane = threadIdx.x % 32;
  if (sigmoid) {
    for (int i = lane; i < count; i += 32) values[i] = 1 / (1 + expf(-values[i]));
    return;
  }
  float most = -INFINITY, sum = 0;
  for (int i = lane; i < count; i += 32) most = fmaxf(most, values[i]);
  most = warp_max(most);
  for (int i = lane; i < count; i += 32) sum += values[i] = expf(values[i] - most);
  sum = warp_sum(sum);
  for (int i = lane; i < count; i += 32) values[i] /= sum;
}

// The sum of a group's highest values: each time the best one behind the last in order of value, then of index.
__device__ inline float sum_of_highest(const float* values, int count, int members) {
  float sum = 0;
  Best last{INFINITY, -1};
  for (int m = 0; m < members; ++m) {
    Best best{-INFINITY, 0};
    for (int i = 0; i < count; ++i) {
      const bool behind = values[i] < last.value || (values[i] == last.value && i > last.index);
      if (behind && values[i] > best.value) best = {values[i], i};
    }
    sum += best.value;
    last = best;
  }
  return sum;
}

// Experts of the groups that are not among the best leave the choice. `worth`: a number for each group.
__device__ inline void keep_best_groups(float* choice, float* worth, const esp_cuda_experts& e) {
  const int lane = threadIdx.x % 32, groups = static_cast<int>(e.groups), size = static_cast<int>(e.count) / groups;
  for (int g = lane; g < groups; g += 32)
    worth[g] = sum_of_highest(choice + g * size, size, static_cast<int>(e.group_members));
  __syncwarp();
  for (int kept = 0; kept < static_cast<int>(e.groups_kept); ++kept) {
    const Best best = best_of(worth, groups);
    __syncwarp();
    if (lane == 0) worth[best.index] = -INFINITY;
    __syncwarp();
  }
  for (int i = lane; i < groups * size; i += 32)
    if (worth[i / size] > -INFINITY) choice[i] = -INFINITY;
  __syncwarp();
}

// One warp a row; shared memory holds scores, choices and groups of each warp.
__global__ void route_kernel(const float* products, const float* bias, const int32_t* positions, esp_cuda_experts e,
                             int rows, int32_t* chosen, float* weights) {
  extern __shared__ float memory[];
  wait_for_predecessor();
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, row = blockIdx.x * kRouteWarps + warp;
  const int count = static_cast<int>(e.count), each = static_cast<int>(e.per_token);
  if (row >= rows) return;
  int32_t* experts = chosen + static_cast<size_t>(row) * each;
  float* shares = weights + static_cast<size_t>(row) * each;
  if (positions && positions[row] < 0) {
    for (int i = lane; i < each; i += 32) experts[i] = -1;
    return;
  }
  float *scores = memory + warp * 3 * count, *choice = scores + count;
  for (int i = lane; i < count; i += 32) scores[i] = products[static_cast<size_t>(row) * count + i];
  __syncwarp();
  score(scores, count, e.sigmoid != 0);
  for (int i = lane; i < count; i += 32) choice[i] = scores[i] + (bias ? bias[i] : 0);
  __syncwarp();
  if (e.groups_kept < e.groups) keep_best_groups(choice, choice + count, e);
  float sum = 0;
  for (int i = 0; i < each; ++i) {
    const Best best = best_of(choice, count);
    __syncwarp();
    const float own = scores[best.index];
    sum += own;
    if (lane == 0) {
      experts[i] = best.index;
      shares[i] = own;
      choice[best.index] = -INFINITY;
    }
    __syncwarp();
  }
  for (int i = lane; i < each; i += 32) shares[i] = shares[i] / (e.normalize ? sum + 1e-20f : 1.0f) * e.scale;
}

// One block: counts, their running sums, tiles, and then each choice to its place. Places within an expert depend on
// which thread comes first; no result does, because rows of a product do not depend on each other.
__global__ void sort_kernel(const int32_t* chosen, int choices, int tile_rows, int32_t* order,
                            ExpertTile* tiles, int32_t* tile_count) {
  __shared__ int places[kMostExperts], sums[kSortThreads / 32], tile_sums[kSortThreads / 32];
  wait_for_predecessor();
  const int expert = threadIdx.x, warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  places[expert] = 0;
  __syncthreads();
  for (int i = threadIdx.x; i < choices; i += kSortThreads)
    if (chosen[i] >= 0) atomicAdd(places + chosen[i], 1);
  __syncthreads();
  const int count = places[expert], own_tiles = (count + tile_rows - 1) / tile_rows;
  int before = count, tiles_before = own_tiles;
  for (int step = 1; step < 32; step *= 2) {
    const int a = __shfl_up_sync(~0u, before, step), b = __shfl_up_sync(~0u, tiles_before, step);
    if (lane >= step) {
      before += a;
      tiles_before += b;
    }
  }
  if (lane == 31) {
    sums[warp] = before;
    tile_sums[warp] = tiles_before;
  }
  __syncthreads();
  for (int w = 0; w < warp; ++w) {
    before += sums[w];
    tiles_before += tile_sums[w];
  }
  before -= count;
  tiles_before -= own_tiles;
  places[expert] = before;
  for (int i = 0; i < own_tiles; ++i)
    tiles[tiles_before + i] = {expert, before + i * tile_rows, min(tile_rows, count - i * tile_rows)};
  if (expert == kSortThreads - 1) *tile_count = tiles_before + own_tiles;
  __syncthreads();
  for (int i = threadIdx.x; i < choices; i += kSortThreads)
    if (chosen[i] >= 0) order[atomicAdd(places + chosen[i], 1)] = i;
}

static_assert(kMostExperts == kSortThreads, "a thread counts for an expert");

template <class Element>
__global__ void mix_kernel(const Element* outputs, const int32_t* chosen, const float* weights, int each,
                           const Element* shared, const Element* share, const Element* normed, int size, bool added,
                           Element* hidden) {
  constexpr int kStep = kVector<Element>;
  wait_for_predecessor();
  const size_t row = blockIdx.x, at_row = row * size;
  float portion = 1;
  if (share) {
    float product = 0;
    for (int i = threadIdx.x; i < size; i += blockDim.x) product += to_float(share[i]) * to_float(normed[at_row + i]);
    portion = 1 / (1 + expf(-block_sum(product)));
  }
  for (int at = threadIdx.x * kStep; at < size; at += blockDim.x * kStep) {
    float sum[kStep] = {}, part[kStep];
    for (int i = 0; i < each; ++i) {
      const size_t choice = row * each + i;
      if (chosen[choice] < 0) continue;
      load_vector(outputs + choice * size + at, part);
      const float weight = weights[choice];
#pragma unroll
      for (int v = 0; v < kStep; ++v) sum[v] += weight * part[v];
    }
    if (shared) {
      load_vector(shared + at_row + at, part);
#pragma unroll
      for (int v = 0; v < kStep; ++v) sum[v] += portion * part[v];
    }
    if (added) {
      load_vector(hidden + at_row + at, part);
#pragma unroll
      for (int v = 0; v < kStep; ++v) sum[v] = part[v] + sum[v];
    }
    store_vector(hidden + at_row + at, sum);
  }
}

}  // namespace

void route(const float* products, const float* bias, const int32_t* positions, const esp_cuda_experts& experts,
           int rows, int32_t* chosen, float* weights, cudaStream_t stream) {
  const auto blocks = static_cast<unsigned>((rows + kRouteWarps - 1) / kRouteWarps);
  const size_t shared = kRouteWarps * 3 * experts.count * sizeof(float);
  launch(route_kernel, {dim3(blocks), dim3(32 * kRouteWarps), shared}, stream, products, bias, positions, experts,
         rows, chosen, weights);
}

int most_expert_tiles(int choices, int experts, int tile_rows) {
  return choices / tile_rows + std::min(choices, experts);
}

void sort_by_expert(const int32_t* chosen, int choices, int tile_rows, int32_t* order, ExpertTile* tiles, int32_t* tile_count,
                    cudaStream_t stream) {
  launch(sort_kernel, {dim3(1), dim3(kSortThreads)}, stream, chosen, choices, tile_rows, order, tiles, tile_count);
}

template <class Element>
void mix_experts(const Element* outputs, const int32_t* chosen, const float* weights, int per_token,
                 const Element* shared, const Element* share, const Element* normed, int rows, int hidden_size,
                 bool added, Element* hidden, cudaStream_t stream) {
  launch(mix_kernel<Element>, {dim3(static_cast<unsigned>(rows)), dim3(kMixThreads)}, stream, outputs, chosen,
         weights, per_token, shared, share, normed, hidden_size, added, hidden);
}

#define ESP_INSTANTIATE(E)                                                                                          \
  template void mix_experts<E>(const E*, const int32_t*, const float*, int, const E*, const E*, const E*, int, \
                               int, bool, E*, cudaStream_t);
ESP_INSTANTIATE(float)
ESP_INSTANTIATE(bf16)
ESP_INSTANTIATE(f16)
#undef ESP_INSTANTIATE

}  // namespace espalier::cuda
