// What a product does besides: of one or two rows, it norms its inputs in shared memory, where every block has them whole; of
// up to kSkinnyRows, it rotates and stores q, k and v from its epilogue. Loads for either go out before the weights': later
// ones would queue behind them.
#pragma once
#include "cuda/device/element.cuh"
#include "cuda/device/kv_layout.cuh"

namespace espalier::cuda {

struct Nothing {};

// Each block norms all rows: more would take longer than a kernel of their own.
constexpr int kNormedRows = 2;

inline size_t normed_shared_bytes(int inputs, int rows, int pitch) {
  return static_cast<size_t>(rows) * static_cast<size_t>(pitch) * 2 + static_cast<size_t>(inputs) * sizeof(float);
}

/// Where the two neighbouring outputs that this thread writes go, and their turn: of row n, of the `own_outputs` outputs from
/// `first_output` on that its block writes.
template <class Element>
struct PairPlace {
  Element* to = nullptr;
  // From the first to the second.
  int step = 1;
  float2 turn{1, 0};

  __device__ void find(const Around<Element>& around, int rows, int outputs, int first_output, int own_outputs,
                       Element* out) {
    const int pairs = own_outputs / 2, n = static_cast<int>(threadIdx.x) / pairs;
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
    const float2 pair =
        turned({to_float(from_float<Element>(low)), to_float(from_float<Element>(high))}, turn.x, turn.y);
    to[0] = from_float<Element>(pair.x);
    to[step] = from_float<Element>(pair.y);
  }
};

/// All rows to shared memory, normed, in the order and roundings of rms_norm.
template <bool kBulk, class Element>
__device__ inline void load_normed_rows(const Around<Element>& around, const Element* from, int rows, int inputs,
                                        int pitch, Element* to) {
  if constexpr (kBulk) {
#if ESP_HAS_CLUSTERS
    __shared__ BulkBarrier arrived;
    auto* const weights = reinterpret_cast<float*>(to + rows * pitch);
    if (threadIdx.x == 0) {
      arrived.init();
      const auto row_bytes = static_cast<uint32_t>(inputs * sizeof(Element));
      const auto weight_bytes = static_cast<uint32_t>(inputs * sizeof(float));
      arrived.expect(row_bytes * rows + weight_bytes);
      arrived.copy(weights, around.norm, weight_bytes);
    }
    __syncthreads();
    wait_for_predecessor();
    if (threadIdx.x == 0)
      for (int n = 0; n < rows; ++n)
        arrived.copy(to + n * pitch, from + static_cast<size_t>(n) * inputs,
                     static_cast<uint32_t>(inputs * sizeof(Element)));
    arrived.wait(0);
    constexpr int kStep = kVector<Element>;
    const int first = static_cast<int>(threadIdx.x) * kStep, stride = static_cast<int>(blockDim.x) * kStep;
    for (int n = 0; n < rows; ++n) {
      Element* const row = to + n * pitch;
      float values[kStep], squares = 0;
      for (int at = first; at < inputs; at += stride) {
        load_vector(row + at, values);
#pragma unroll
        for (int i = 0; i < kStep; ++i) squares += values[i] * values[i];
      }
      const float scale = rsqrtf(block_sum(squares) / static_cast<float>(inputs) + around.norm_eps);
      for (int at = first; at < inputs; at += stride) {
        load_vector(row + at, values);
#pragma unroll
        for (int i = 0; i < kStep; ++i) values[i] *= scale * weights[at + i];
        store_vector(row + at, values);
      }
      // Before the next sum takes block_sum's memory, and before the product reads.
      __syncthreads();
    }
#endif
  }
}

}  // namespace espalier::cuda
