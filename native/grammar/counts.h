// Counts of characters, and what a lexeme does with tokens for which counts.
#pragma once

#include <cstdint>
#include <limits>

#include "grammar/table_memory.h"

namespace espalier::grammar {

inline constexpr int32_t kUnbounded = std::numeric_limits<int32_t>::max();

/// Where a counter stands: how many characters may follow at most, and how many must follow before the lexeme may end.
struct Count {
  int32_t left = kUnbounded;
  int32_t missing = 0;
};

/// For which counts something is possible that reads `counted` more characters.
struct Bounds {
  int32_t least = 0;  ///< of what is left
  int32_t most = kUnbounded;
  int32_t counted = kUnbounded;
  bool hold(Count count) const { return least <= count.left && count.left <= most && count.missing <= counted; }
  bool operator==(const Bounds&) const = default;
};

struct BoundedToken {
  int32_t token;
  Bounds bounds;
};

/// A token that ends where the lexeme may end. It also stays inside when `covered` or more is left.
struct ClosingToken {
  int32_t token;
  int32_t covered;
  Bounds bounds;
};

/// A node of the vocabulary's trie at which the lexeme may end. It may also go on when `covered` or more is left.
struct Exit {
  int32_t node;
  int32_t covered;
  Bounds bounds;
  bool closes() const { return covered == kUnbounded; }
  bool operator==(const Exit&) const = default;
};

}  // namespace espalier::grammar
