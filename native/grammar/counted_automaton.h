// The characters of a counted lexeme as one deterministic automaton without the counter, found state by state while texts
// are read. It exists where whatever ways there are to read a text agree on where its characters end: how many characters a
// text has is then the number of borders on its one path.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "grammar/counted_lexeme.h"
#include "grammar/intern.h"
#include "grammar/table_memory.h"
#include "grammar/text_reach.h"
#include "grammar/text_kinds.h"

namespace espalier::grammar {

/// Thrown where more states were found than are kept, or characters that do not end together: the lexeme is then read without
/// the automaton.
struct NoAutomaton {};

/// Used in a LexemeUse.
class CountedAutomaton {
 public:
  /// Bytes of states and steps.
  static constexpr size_t kMaxBytes = 8u << 20;

  /// `first`: a character that texts may begin in, though it is not one of the content's; null for none.
  CountedAutomaton(const CountedContent& content, std::shared_ptr<const Lexeme> first);

  /// Whether there may be one for this content: how much must be left for a character is told by the last one alone, if there
  /// is a limit. Whether characters end where others do is seen when they are read.
  static bool fits(const CountedContent& content);

  /// The state inside a character of the content or the first one, behind which a place lies, with so much left, as far as the
  /// content tells it (CountedLexeme::told_left). @throws NoAutomaton
  int32_t enter(const Lexeme& character, int32_t state, int32_t place, int32_t left);
  /// The state after one more byte, or kLexemeDead. @throws NoAutomaton
  int32_t next(int32_t state, uint8_t byte) {
    const int32_t known = next_[static_cast<size_t>(state) * class_count_ + class_of_[byte]];
    return known != kUnknown ? known : find_next(state, byte);
  }
  /// Whether a character has ended before the state.
  bool is_border(int32_t state) const { return states_[state].is_border; }
  /// Whether some character may be read from it, or read on.
  bool reads_on(int32_t state) const { return states_[state].threads.size > 0; }
  /// How many more characters than were read so far must have been left at the start.
  int32_t need(int32_t state) const { return states_[state].need; }
  int32_t max_need() const { return max_need_; }
  /// Whether there may be too many characters.
  bool is_limited() const { return is_limited_; }
  /// For how much that is left the lexeme may end there, at most: none where it may not.
  std::span<const int32_t> ends(int32_t state) const { return within(ends_, states_[state].ends); }
  /// The counts at the start for which it may, where `counted` characters were read since.
  Bounds end_bounds(int32_t most, int32_t counted) const {
    return {is_limited_ ? counted : 0, most == kUnbounded ? most : most + counted, counted};
  }
  /// Whether whatever lies below a node of the vocabulary's trie is read from `state`. @throws NoAutomaton
  bool reads_all(const TrieView& trie, int32_t node, int32_t state);

  uint8_t stretch_end(uint8_t byte) const { return stretch_end_[byte]; }
  size_t bytes() const;

 private:
  struct Thread {
    const Lexeme* character;
    int32_t state, place, need;
    auto operator<=>(const Thread&) const = default;
  };
  struct State {
    Slice threads, ends;
    int32_t need;
    int32_t left;  ///< as far as the content tells it
    bool is_border;
  };
  static constexpr int32_t kUnknown = -3;

  int32_t find_next(int32_t state, uint8_t byte);
  int32_t intern(bool is_border, int32_t left);
  friend class TextReach<CountedAutomaton>;
  bool reads_text(int32_t state, TextKind kind, int characters) {
    const Horizon known = horizon(state, kind);
    if (known.least >= characters || known.fails <= characters) return known.least >= characters;
    return TextReach<CountedAutomaton>(*this).reads(state, kind, characters);
  }
  Horizon& horizon(int32_t state, TextKind kind) { return horizons_[static_cast<size_t>(state) * kTextKinds + kind]; }
  CharacterSteps& character_steps() { return character_steps_; }
  /// The bytes that lead from a state to itself, and whether all characters beyond ASCII do.
  struct Loops {
    ByteSet bytes;
    bool is_known = false, has_characters = false;
  };
  const Loops& loops(int32_t state);

  const CountedContent& content_;
  const std::shared_ptr<const Lexeme> first_;
  int32_t class_count_ = 0;
  int32_t max_need_ = 0;
  bool is_refuted_ = false;  ///< a text was met in which one character ends within another
  const bool is_limited_;
  const int32_t least_told_;  ///< what is left is told down to this
  uint8_t class_of_[256] = {};
  uint8_t stretch_end_[256] = {};
  Vector<State> states_;
  Vector<Thread> threads_;
  Vector<int32_t> ends_;
  Vector<int32_t> next_;  ///< state * classes + class
  Vector<Horizon> horizons_;  ///< state * kinds + kind
  CharacterSteps character_steps_;
  Vector<Loops> loops_;
  InternTable table_;
  /// Scratch of one step.
  Vector<Thread> reached_;
  Vector<int32_t> reached_ends_;
};

}  // namespace espalier::grammar
