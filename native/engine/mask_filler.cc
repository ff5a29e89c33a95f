// Several threads fill masks of different matchers at once.
#include "engine/mask_filler.h"

#include <bit>
#include <span>

namespace espalier {
namespace {

int32_t only_token(std::span<const int32_t> mask) {
  for (size_t word = 0; word < mask.size(); ++word)
    if (mask[word] != 0) return static_cast<int32_t>(word * 32) + std::countr_zero(static_cast<uint32_t>(mask[word]));
  return -1;
}

}  // namespace

KnownMask MaskFiller::mask_of(void* matcher, bool samples) const {
  const uint64_t state = plugin_->state ? plugin_->state(matcher) : 0;
  if (const auto known = masks_.find(state); known && (known->mask.row >= 0 || (!samples && known->only >= 0)))
    return *known;
  const int32_t row = masks_.take();
  if (row < 0) return {{}, kNoRow};
  KnownMask known{{}, ESP_BAD_ARGUMENT};
  plugin_->fill(&matcher, 1, masks_.data(row), masks_.words(), &known.allowed);
  if (known.allowed == 1) known.only = only_token({masks_.data(row), masks_.words()});
  if (known.allowed <= 0 || (known.allowed == 1 && !samples))
    masks_.give_back(row);
  else
    known.mask = masks_.keep(row);
  if (known.allowed > 0) masks_.remember(state, known);
  return known;
}

}  // namespace espalier
