// What a place in a counted lexeme does to the vocabulary, found by part as masks ask for it. A mask with much left differs
// from the one without a counter in long tokens only: tokens get their number of characters from the longest down, as far as
// the count makes it matter. What lies behind the lexeme's end is found for one byte at a time.
#pragma once

#include <memory>

#include "grammar/counted_automaton.h"
#include "grammar/inner_row.h"
#include "grammar/suffix_trie.h"
#include "grammar/table_memory.h"

namespace espalier::grammar {

/// Used in a LexemeUse. What it has given stays what it is.
class CountedDivision {
 public:
  /// `start`: a state of the automaton inside a character. @throws NoAutomaton
  CountedDivision(const Vocabulary& vocabulary, CountedAutomaton& automaton, int32_t start);

  /// The tokens that stay inside with so much left. @throws NoAutomaton
  const std::shared_ptr<const InnerRow>& inner(int32_t left);
  /// Leaves in `tokens` those that end where the lexeme may end and do not also stay inside. @throws NoAutomaton
  void find_closing(Count count, Vector<int32_t>& tokens);
  /// The nodes that `byte` leads to from where the lexeme may end. @throws NoAutomaton
  Vector<BehindExit> behind(uint8_t byte);
  size_t bytes() const { return bytes_; }

 private:
  /// A token that stays inside where `least` or more is left; `counted` characters begin in it.
  struct CountedToken {
    int32_t token, least, counted, state;
  };
  struct At {
    int32_t state, counted;
  };

  /// The division with few characters left: all that many tokens have too many of.
  struct Near {
    std::shared_ptr<const InnerRow> inner;
    Vector<ClosingToken> closing;
  };

  /// Whether a mask with so much left differs from the one without a bound in long tokens only.
  bool is_far(int32_t left) const { return left >= kNear + automaton_.max_need(); }
  const Near& near(int32_t left);
  /// Finds all tokens that stay inside where `least` or more is left, and only then; false where there are none.
  bool know_from(int32_t least);
  void count_longer(int32_t least_bytes);
  /// The first of `counted_` for which so much or more must be left.
  size_t start_of(int32_t least) const {
    return static_cast<size_t>(least) < starts_.size() ? starts_[static_cast<size_t>(least)] : counted_.size();
  }
  std::shared_ptr<const InnerRow> make_row(int32_t left) const;

  static constexpr int32_t kNear = 16;

  const Vocabulary& vocabulary_;
  CountedAutomaton& automaton_;
  const int32_t start_;
  std::shared_ptr<const InnerRow> all_;  ///< with no bound on what is left
  Vector<ClosingToken> always_closing_;
  Vector<CountedToken> counted_;  ///< by ascending `least`
  int32_t least_bytes_ = kUnbounded;   ///< of tokens in `counted_`: all those that are as long are there
  Vector<size_t> starts_;         ///< by `least`: the first of `counted_` with it
  /// By what must be left for the first token that the rows before have not.
  Vector<std::shared_ptr<const InnerRow>> rows_;
  Vector<std::unique_ptr<Near>> near_;  ///< by what is left
  size_t bytes_ = sizeof(CountedDivision);
};

}  // namespace espalier::grammar
