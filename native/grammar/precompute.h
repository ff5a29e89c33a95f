// Masks made ahead of time, and masks that were made by another process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "grammar/matcher.h"
#include "grammar/table_memory.h"

namespace espalier::grammar {

/// Masks of one grammar for one vocabulary, as data.
struct PrecomputedMasks {
  static constexpr size_t kEntryWords = 4;
  /// Four words a mask: the number of an earlier mask from whose set this one's is reached (-1: it is the start), the
  /// byte that leads there, or 256 and a token; the row that the mask begins with (-1: none); its tokens beside that.
  Vector<int32_t> entries;
  /// The tokens beside, mask after mask.
  Vector<int32_t> tokens;
  /// Rows of mask_words() words.
  Vector<int32_t> bases;
  size_t count = 0;
  /// Every set that the grammar has is among them.
  bool complete = false;
};

/// Fills the masks of at most `max_masks` sets, the likeliest first: those that a walk from the start comes to when it
/// takes each different next set with the same probability. It ends early, incomplete, when half of what the grammar may
/// remember is taken. With `keep` the masks are given back, else only their number. May run beside matchers: the grammar
/// is locked for one mask at a time.
PrecomputedMasks precompute(Grammar& grammar, size_t max_masks, bool keep);

/// Takes such masks into what the grammar remembers, as many as there is room for; returns how many. Rows are checked to
/// be rows of this vocabulary, not to be the right ones.
/// @throws ImageError when they do not hold together
size_t load_masks(Grammar& grammar, std::span<const int32_t> entries, std::span<const int32_t> tokens,
                  std::span<const int32_t> bases);

}  // namespace espalier::grammar
