// Forced text comes from the plugin as bytes.
#include "engine/forced_spelling.h"

#include <algorithm>

namespace espalier {
namespace {

// Bytes of forced text looked at at once.
constexpr size_t kMostForcedBytes = 256;

}  // namespace

std::vector<int32_t> ForcedSpelling::spell(void* matcher, std::span<const uint8_t> begin) const {
  std::vector<uint8_t> text(begin.size() + kMostForcedBytes);
  const int64_t forced = plugin_->forced(matcher, text.data() + begin.size(), kMostForcedBytes);
  if (forced <= 0) return {};
  std::ranges::copy(begin, text.begin());
  return text_->tokens_of({text.data(), begin.size() + static_cast<size_t>(forced)});
}

// All beginnings of forced text are allowed; whatever else is allowed goes beyond it.
bool ForcedSpelling::is_closed(void* matcher, int32_t token) const {
  const KnownMask known = filler_.mask_of(matcher, false);
  return known.allowed > 0 && static_cast<size_t>(known.allowed) <= text_->beginnings(text_->bytes_of(token));
}

}  // namespace espalier
