// A lexer within one token; the twin of src/automata/lex-states.ts.
#pragma once

#include <cstdint>
#include <span>

#include "grammar/intern.h"
#include "grammar/lexed_image.h"
#include "grammar/shadows.h"
#include "grammar/table_memory.h"

namespace espalier::grammar {

using LexId = uint32_t;
inline constexpr LexId kNoLex = 0xfffffffeu;

class LexStates {
 public:
  /// A terminal in the token; `as_keyword`: it counts only as what another terminal's token may become.
  struct Entry {
    int32_t terminal, state;
    bool as_keyword;
    bool operator==(const Entry&) const = default;
  };
  /// A token may end here: what the parser gets, what the lexer found, what must hold of the text that follows.
  struct End {
    int32_t terminal, found;
    ShadowsId shadows;
  };

  LexStates(const LexedGrammar& grammar, ShadowTable& shadows);

  /// The state before a token that may be of these terminals, ascending; kNoLex for none.
  LexId start(std::span<const int32_t> terminals);
  LexId step(LexId from, uint8_t byte);
  size_t end_count(LexId state) const { return states_[state].end_count; }
  End end(LexId state, size_t i) const { return ends_[states_[state].first_end + i]; }
  /// Terminals of which a longer token may be.
  std::span<const int32_t> ahead(LexId state) const {
    return {ahead_.data() + states_[state].first_ahead, states_[state].ahead_count};
  }
  bool may_be(LexId state, int32_t terminal) const;
  size_t bytes() const;

 private:
  struct State {
    uint32_t first, size, first_end, end_count, first_ahead, ahead_count;
    uint32_t next;  ///< into steps_, or kUnknown
  };
  static constexpr uint32_t kUnknown = 0xffffffffu;

  LexId compute_step(LexId from, uint8_t byte);
  LexId intern(const Vector<Entry>& entries);
  Vector<End> ends_at(std::span<const Entry> entries);
  Vector<End> ordered_ends(std::span<const Entry> entries);
  Vector<End> longest_ends(std::span<const Entry> entries);
  End make_end(int32_t becomes, int32_t found, int32_t shadow, Vector<ShadowTable::Member> others);
  int32_t became(int32_t terminal, std::span<const Entry> entries) const;
  bool ends_lazily(const Entry& entry) const;
  void keep_useful(Vector<Entry>& entries) const;
  std::span<const Entry> entries_of(LexId state) const {
    return {entries_.data() + states_[state].first, states_[state].size};
  }

  const LexedGrammar& grammar_;
  ShadowTable& shadows_;
  Vector<Vector<Keyword>> keywords_of_;  ///< by terminal
  Vector<State> states_;
  Vector<Entry> entries_;
  Vector<End> ends_;
  Vector<int32_t> ahead_;
  Vector<LexId> steps_;
  InternTable table_;
};

}  // namespace espalier::grammar
