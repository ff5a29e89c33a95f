// What a product of up to 16 rows does besides: norms its inputs in shared memory, where the blocks of a cluster have them
// whole, and rotates and stores q, k and v from its epilogue. Loads for either go out before the weights': later ones would
// queue behind them.
#pragma once
#include "cuda/device/element.cuh"
#include "cuda/device/kv_layout.cuh"
#include "cuda/device/skinny_team.cuh"

namespace espalier::cuda {

struct Nothing {};

constexpr int kAroundRows = 16, kMostAroundWarps = 8;
// Of shared memory, what norms take besides rows and weights.
constexpr size_t kAroundStaticBytes = size_t{kAroundRows} * (kMostAroundWarps + 2) * sizeof(float);

inline size_t around_shared_bytes(int inputs, int rows, int pitch) {
  return static_cast<size_t>(rows) * static_cast<size_t>(pitch) * 2 + static_cast<size_t>(inputs) * sizeof(float);
}

/// Where this thread's two neighbouring outputs go, and their turn.
template <class Element>
struct PairPlace {
  Element* to = nullptr;
  // From the first to the second.
  int step = 1;
  float2 turn{1, 0};

  __device__ void find(const Around<Element>& around, int rows, int outputs, int first_output, int block_outputs,
                       Element* out) {
    const int pairs = block_outputs / 2, n = static_cast<int>(threadIdx.x) / pairs;
    if (!around.turns || n >= rows) return;
    const HeadShape& shape = around.heads;
    const int output = first_output + static_cast<int>(threadIdx.x) % pairs * 2;
    const int head = output / shape.dim, element = output % shape.dim, rotated = shape.heads + shape.kv_heads;
    const int position = around.rows.positions[n];
    if (position < 0) return;
    if (head < rotated) turn = around.turns[(static_cast<size_t>(position) * shape.dim + element) / 2];
    if (head < shape.heads) {
      to = out + static_cast<size_t>(n) * outputs + output;
      return;
    }
    const int kv_head = (head - shape.heads) % shape.kv_heads, token = position % kTileTokens;
    const size_t tile = tile_offset(around.rows.pages + around.rows.tables[n], position / kTileTokens, kv_head, shape,
                                    around.kv.page_size);
    if (head < rotated) {
      to = around.kv.keys + tile + key_offset<Element>(token, element, shape.dim);
    } else {
      to = around.kv.values + tile + value_offset<Element>(token, element, shape.dim);
      step = value_offset<Element>(token, 1, shape.dim) - value_offset<Element>(token, 0, shape.dim);
    }
  }

  // What a product stores is rounded before it is rotated.
  __device__ void write(float low, float high) const {
    if (!to) return;
    const float x = to_float(from_float<Element>(low)), y = to_float(from_float<Element>(high));
    to[0] = from_float<Element>(x * turn.x - y * turn.y);
    to[step] = from_float<Element>(y * turn.x + x * turn.y);
  }
};

/// Norms the block's `count` elements of each row, in the roundings of rms_norm; alone, a block sums in its order, too.
template <bool kClusters, class Element>
__device__ inline void norm_rows(const Team<kClusters>& team, const float* weights, float eps, int rows, int inputs,
                                 int count, int pitch, Element* to) {
  __shared__ float sums[kAroundRows][kMostAroundWarps], squares[kAroundRows], scales[kAroundRows];
  constexpr int kStep = kVector<Element>;
  const int first = static_cast<int>(threadIdx.x) * kStep, stride = static_cast<int>(blockDim.x) * kStep;
  float values[kStep];
  for (int n = 0; n < rows; ++n) {
    float sum = 0;
    for (int at = first; at < count; at += stride) {
      load_vector(to + n * pitch + at, values);
#pragma unroll
      for (int i = 0; i < kStep; ++i) sum += values[i] * values[i];
    }
    sum = warp_sum(sum);
    if (threadIdx.x % 32 == 0) sums[n][threadIdx.x / 32] = sum;
  }
  __syncthreads();
  const int row = static_cast<int>(threadIdx.x);
  if (row < rows) {
    float sum = 0;
    for (int w = 0; w < static_cast<int>(blockDim.x) / 32; ++w) sum += sums[row][w];
    squares[row] = sum;
  }
  team.sync();
  if (row < rows) {
    float sum = 0;
    for (int b = 0; b < team.blocks; ++b) sum += team.memory_of(squares, b)[row];
    scales[row] = rsqrtf(sum / static_cast<float>(inputs) + eps);
  }
  __syncthreads();
  for (int at = first; at < count; at += stride) {
    float weight[kStep];
#pragma unroll
    for (int i = 0; i < kStep; ++i) weight[i] = weights[at + i];
    for (int n = 0; n < rows; ++n) {
      load_vector(to + n * pitch + at, values);
#pragma unroll
      for (int i = 0; i < kStep; ++i) values[i] *= scales[n] * weight[i];
      store_vector(to + n * pitch + at, values);
    }
  }
  __syncthreads();
}

/// Elements `begin` to `begin + count` of all rows to shared memory, normed where there is a norm.
template <bool kClusters, class Element>
__device__ inline void load_normed_rows(const Around<Element>& around, const Team<kClusters>& team, const Element* from,
                                        int rows, int inputs, int begin, int count, int pitch, Element* to) {
  if constexpr (kClusters) {
#if ESP_HAS_CLUSTERS
    __shared__ BulkBarrier arrived;
    auto* const weights = reinterpret_cast<float*>(to + rows * pitch);
    const auto row_bytes = static_cast<uint32_t>(count * sizeof(Element));
    if (threadIdx.x == 0) {
      arrived.init();
      const auto weight_bytes = around.norm ? static_cast<uint32_t>(count * sizeof(float)) : 0;
      arrived.expect(row_bytes * rows + weight_bytes);
      if (around.norm) arrived.copy(weights, around.norm + begin, weight_bytes);
    }
    __syncthreads();
    wait_for_predecessor();
    if (threadIdx.x == 0)
      for (int n = 0; n < rows; ++n)
        arrived.copy(to + n * pitch, from + static_cast<size_t>(n) * inputs + begin, row_bytes);
    arrived.wait(0);
    if (around.norm) norm_rows(team, weights, around.norm_eps, rows, inputs, count, pitch, to);
#endif
  }
}

}  // namespace espalier::cuda
