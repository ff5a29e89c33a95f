// A scan from the end; nearly all positions differ in the first comparison.
#include "engine/prompt_lookup.h"

#include <algorithm>

namespace espalier {

std::optional<size_t> look_up(std::span<const int32_t> tokens, std::span<const int32_t> draft, size_t least,
                              size_t most) {
  const size_t size = tokens.size() + draft.size();
  if (size <= least || least == 0) return std::nullopt;
  const auto at = [&](size_t i) { return i < tokens.size() ? tokens[i] : draft[i - tokens.size()]; };
  const int32_t last = at(size - 1);
  std::optional<size_t> found;
  size_t longest = least - 1;
  for (size_t end = size - 1; end-- > 0 && longest < most;) {
    if (at(end) != last) continue;
    size_t length = 1;
    while (length < most && length <= end && at(end - length) == at(size - 1 - length)) ++length;
    if (length <= longest) continue;
    longest = length;
    found = end + 1;
  }
  return found;
}

}  // namespace espalier
