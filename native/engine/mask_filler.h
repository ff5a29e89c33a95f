// The mask at a matcher's position: remembered by the number of its state, or filled by the plugin.
#pragma once
#include "engine/mask_pool.h"
#include "espalier.h"

namespace espalier {

/// In place of a count of tokens: the pool has no row. Below every esp_status.
constexpr int64_t kNoRow = INT64_MIN;

class MaskFiller {
 public:
  /// `plugin` may be null where mask_of() is never called.
  MaskFiller(const esp_mask_plugin* plugin, MaskPool& masks) : plugin_(plugin), masks_(masks) {}

  /// `allowed` of what it gives is a status or kNoRow where that is below 1. Of a mask that allows one token, no row is
  /// kept unless it is sampled with.
  KnownMask mask_of(void* matcher, bool samples) const;

 private:
  const esp_mask_plugin* const plugin_;
  MaskPool& masks_;
};

}  // namespace espalier
