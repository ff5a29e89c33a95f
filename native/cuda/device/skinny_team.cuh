// The blocks of a skinny product that share k.
#pragma once
#include <cooperative_groups.h>

#include "cuda/device/element.cuh"

namespace espalier::cuda {

/// Those of a cluster; or, where there are none, a block by itself.
template <bool kClusters>
struct Team {
  int blocks = 1, rank = 0;
#if ESP_HAS_CLUSTERS
  __device__ Team() {
    if constexpr (kClusters) {
      blocks = static_cast<int>(cooperative_groups::this_cluster().num_blocks());
      rank = static_cast<int>(cooperative_groups::this_cluster().block_rank());
    }
  }
#endif
  __device__ void sync() const {
#if ESP_HAS_CLUSTERS
    if constexpr (kClusters) {
      cooperative_groups::this_cluster().sync();
      return;
    }
#endif
    __syncthreads();
  }
  /// The same shared memory of another block.
  __device__ const float* memory_of(float* own, int block) const {
#if ESP_HAS_CLUSTERS
    if constexpr (kClusters) return cooperative_groups::this_cluster().map_shared_rank(own, block);
#endif
    return own;
  }
};

}  // namespace espalier::cuda
