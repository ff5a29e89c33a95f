// Divides ahead what the masks along a text need: lexemes and left-overs that other grammars of the tokenizer share.
#pragma once

#include <cstdint>
#include <span>

#include "grammar/matcher.h"

namespace espalier::grammar {

/// Fills the mask at every position of `text` that the matcher comes to, and moves on by the shortest token there, so
/// that it stands inside characters and escapes too. Returns how many bytes were read: fewer than all where the grammar
/// refuses the rest, or no token begins it. @throws LimitError
size_t warm_along(Matcher& matcher, std::span<const uint8_t> text);

}  // namespace espalier::grammar
