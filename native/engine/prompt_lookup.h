// Prompt look-up (Saxena, "Prompt Lookup Decoding", 2023): what followed an earlier occurrence of the last tokens is a
// guess at what follows now. Free of any model, and good where outputs copy: records from a text, code being edited.
#pragma once
#include <cstdint>
#include <optional>
#include <span>

namespace espalier {

/// In `tokens` followed by `draft`: where the longest earlier occurrence of their last tokens ends, the latest of equally
/// long ones; the token there is the guess. At least `least` tokens must be equal, and more than `most` count as `most`.
/// Takes time in proportion to the number of tokens.
std::optional<size_t> look_up(std::span<const int32_t> tokens, std::span<const int32_t> draft, size_t least,
                              size_t most);

}  // namespace espalier
