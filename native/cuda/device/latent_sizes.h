// Sizes of latent attention as the device stores it, padded.
#pragma once
#include "cuda/device/row_map.h"

namespace espalier::cuda {

struct LatentSizes {
  /// The latent vector, a query's part without position, the rotated part, a head's value, the queries' bottleneck.
  int rank = 0, nope = 0, rope = 0, value = 0, bottleneck = 0;
  /// Elements of a key: latent vector and rotated part.
  ESP_EVERYWHERE int width() const { return rank + rope; }
  ESP_EVERYWHERE int query() const { return nope + rope; }
};

}  // namespace espalier::cuda
