// Token masks of configuration sets: the walk over the vocabulary's trie, and finished masks remembered by set.
#pragma once

#include <cstdint>
#include <vector>

#include "grammar/byte_machine.h"
#include "grammar/image.h"

namespace espalier::grammar {

/// The ids of each token set of a grammar, ascending.
using TokenSets = std::vector<std::vector<int32_t>>;

/// Masks of one machine over one vocabulary. When the remembered rows pass `max_bytes` they are dropped and begun anew.
class Masks {
 public:
  Masks(ByteMachine& machine, const Vocabulary& vocabulary, const TokenSets& tokens, bool memo,
        size_t max_bytes = 16u << 20);

  /// Writes the row of `set` (vocabulary.mask_words() words) and returns how many tokens are allowed.
  int64_t fill(SetId set, int32_t* row);

 private:
  int64_t walk(SetId set, int32_t* row);

  struct Level {
    SetId set;
    int32_t end;  ///< first node behind the subtree that is walked in `set`
  };
  static constexpr uint32_t kNoRow = 0xffffffffu;

  ByteMachine& machine_;
  const Vocabulary& vocabulary_;
  const TokenSets& tokens_;
  const bool memo_;
  const size_t max_rows_;
  std::vector<uint32_t> row_of_;  ///< by set: index of its row, or kNoRow
  std::vector<int64_t> allowed_;  ///< by row
  std::vector<int32_t> rows_;
  std::vector<Level> levels_;
};

}  // namespace espalier::grammar
