// Token masks of configuration sets, and finished masks remembered by set.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "grammar/byte_machine.h"
#include "grammar/image.h"
#include "grammar/inside.h"
#include "grammar/lexeme_walk.h"
#include "grammar/machine.h"
#include "grammar/row_builder.h"
#include "grammar/tracked_masks.h"
#include "grammar/trie.h"

namespace espalier::grammar {

/// The ids of each token set of a grammar, ascending.
using TokenSets = std::vector<std::vector<int32_t>>;

/// Masks of one machine over one vocabulary. When the remembered rows pass `max_bytes` they are dropped and begun anew.
class Masks {
 public:
  /// `pda` and `lexemes`: for a machine that runs an automaton over bytes; null for others, whose masks are walked.
  Masks(ByteMachine& machine, Machine* automaton, const Pda* pda, LexemeTable* lexemes, const Vocabulary& vocabulary,
        const TokenSets& tokens, bool memo, size_t max_bytes = 16u << 20);

  /// Writes the row of `set` (vocabulary.mask_words() words) and returns how many tokens are allowed.
  int64_t fill(SetId set, int32_t* row);

  /// A finished mask: a lexeme's row and a few more tokens, a list of tokens, or a row.
  struct Remembered {
    const InnerRow* base = nullptr;
    std::vector<int32_t> tokens;
    std::vector<int32_t> row;
    int64_t count = 0;
    size_t bytes() const { return sizeof(Remembered) + 4 * (tokens.capacity() + row.capacity()); }
  };

  /// Null where the mask of `set` is not remembered.
  const Remembered* remembered(SetId set) const { return set < known_.size() ? known_[set].get() : nullptr; }
  /// A row for keep(), which lives as long as this.
  const InnerRow* adopt(std::vector<int32_t> row);
  /// Remembers a mask that was made elsewhere: an adopted row or none, and tokens that are not in it. False, and nothing
  /// is kept, where the mask of `set` is remembered already or nothing is.
  bool keep(SetId set, const InnerRow* base, std::span<const int32_t> tokens);
  /// Whether half of what may be remembered is left.
  bool has_room() const { return memo_ && bytes_ < max_bytes_ / 2; }

 private:
  int64_t walk(SetId set, int32_t* row);
  int64_t compute(SetId set, int32_t* row, Remembered& result);
  void add_rest(SetId set, RowBuilder& builder);
  void add_behind(const Inside& inside, RowBuilder& builder);
  int64_t copy(const Remembered& mask, int32_t* row) const;
  void remember(SetId set, Remembered mask);

  ByteMachine& machine_;
  Machine* const automaton_;
  const Vocabulary& vocabulary_;
  const TokenSets& tokens_;
  const bool memo_;
  const size_t max_bytes_;
  std::unique_ptr<Insides> insides_;  ///< null where masks are walked
  std::unique_ptr<LexemeWalk> lexeme_walk_;
  std::unique_ptr<TrackedMasks> tracked_masks_;
  TrieWalk<ByteMachine> plain_walk_;
  std::vector<std::unique_ptr<Remembered>> known_;  ///< by set
  std::vector<std::unique_ptr<const InnerRow>> adopted_;
  size_t bytes_ = 0;
  /// Scratch of one mask.
  std::vector<int32_t> added_;
  std::vector<Inside> inside_;
  std::vector<Machine::Configuration> here_, others_, tracked_;
};

}  // namespace espalier::grammar
