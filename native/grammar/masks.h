// Token masks of configuration sets, and finished masks remembered by set.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "grammar/byte_machine.h"
#include "grammar/held_row.h"
#include "grammar/image.h"
#include "grammar/inside.h"
#include "grammar/lexeme_walk.h"
#include "grammar/machine.h"
#include "grammar/mask_stats.h"
#include "grammar/row_builder.h"
#include "grammar/row_cache.h"
#include "grammar/shared_vocabulary.h"
#include "grammar/table_memory.h"
#include "grammar/tracked_masks.h"
#include "grammar/trie.h"

namespace espalier::grammar {

/// The ids of each token set of a grammar, ascending.
using TokenSets = Vector<Vector<int32_t>>;

/// Masks of one machine over one vocabulary. The rows that are kept take at most `max_bytes`.
class Masks {
 public:
  /// `pda` and `automaton`: for a machine that runs an automaton over bytes; null for others, whose masks are walked.
  Masks(ByteMachine& machine, Machine* automaton, const Pda* pda, SharedVocabulary& shared, const TokenSets& tokens,
        bool memo, size_t max_bytes);
  ~Masks();

  /// Writes the row of `set` (vocabulary.mask_words() words) and returns how many tokens are allowed.
  int64_t fill(SetId set, int32_t* row);
  /// As before, into a row that knows what it holds.
  int64_t fill(SetId set, HeldRow& row);
  const RowCache& rows() const { return rows_; }

  /// Remembers a mask that was made elsewhere: a row or none, and tokens that are not in it. False, and nothing is kept,
  /// where the mask of `set` is remembered already, is larger than the bound, or nothing is remembered.
  bool keep(SetId set, std::shared_ptr<const InnerRow> base, std::span<const int32_t> tokens);
  /// Whether half of what may be remembered is left.
  bool has_room() const { return memo_ && rows_.bytes() < rows_.max_bytes() / 2; }

 private:
  int64_t walk(SetId set, int32_t* row, HeldRow* held);
  /// How many of the masks that are found are timed: one in so many.
  static constexpr uint64_t kTimedHits = 64;

  template <typename Write>
  int64_t time_hit(Write write);
  /// `held`: whose bits the row is, or null.
  int64_t make(SetId set, int32_t* row, HeldRow* held);
  MaskPath compute(SetId set, int32_t* row, HeldRow* held, FinishedMask& result);
  void add_rest(SetId set, RowBuilder& builder);
  /// A configuration's place in a lexeme, and the lexeme's mask there.
  struct Entered {
    Inside inside;
    LexemeMask* mask;
    bool has_closing = false;  ///< its row has the tokens that close it, too
    bool ends_here = false;   ///< what may follow it is to be added with what tokens have behind it
    bool is_covered = false;  ///< whatever stays inside is allowed by another one in the set
  };
  struct Tracked {
    Machine::Configuration at;
    Inside inside;
    bool is_covered = false;
  };
  void sort_out(SetId set);
  void find_covered();
  std::shared_ptr<const InnerRow> choose_base();
  static const std::shared_ptr<const InnerRow>& row_of(const Entered& entered);
  void add_behind(const Entered& entered, RowBuilder& builder);

  ByteMachine& machine_;
  Machine* const automaton_;
  const Vocabulary& vocabulary_;
  MaskStats& stats_;
  const TokenSets& tokens_;
  const bool memo_;
  std::unique_ptr<Insides> insides_;  ///< null where masks are walked
  std::unique_ptr<LexemeWalk> lexeme_walk_;
  std::unique_ptr<TrackedMasks> tracked_masks_;
  TrieWalk<ByteMachine> plain_walk_;
  RowCache rows_;
  /// Scratch of one mask.
  Vector<int32_t> added_;
  Vector<Entered> inside_;
  Vector<Tracked> tracked_;
  bool has_tracks_ = false;
  Vector<Machine::Configuration> here_, others_, parts_;
};

}  // namespace espalier::grammar
