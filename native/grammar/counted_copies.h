// Finds the lexemes of counted characters in one automaton: loops that count, read one character by a lexeme, and begin
// anew, whichever way the grammar has laid them out.
#pragma once

#include <cstdint>
#include <memory>

#include "grammar/counted_lexeme.h"
#include "grammar/lexeme_copies.h"
#include "grammar/table_memory.h"

namespace espalier::grammar {

class CountedCopies {
 public:
  struct Place {
    CountedLexeme* lexeme;  ///< null where the state is no place between counted characters
    int32_t place;
    int32_t limit;    ///< the counter's, from which what is left is counted; kUnbounded for none
    int32_t minimum;  ///< of the counter, before the lexeme may end; 0 where bounds in the lexeme say it
    int32_t then;   ///< the automaton's state behind the lexeme
    bool resets;    ///< the counter is set back to 0 on the way there
  };

  CountedCopies(const Pda& pda, LexemeCopies& copies);

  /// What a state behind a character is.
  Place place(int32_t state);
  /// Whether the state does nothing but return.
  bool only_returns(int32_t state) const;

 private:
  struct Next {
    Lexeme* character;
    int32_t place, limit, least;
    bool saturates;
  };
  struct Raw {
    Vector<Next> next;
    bool may_end = false;
    int32_t end_min = 0;
  };
  /// What stands on the way from a place to the state that is looked at.
  struct Way {
    bool counted = false;
    bool saturates = false;
    int32_t limit = 0;
    int32_t least = 0;
  };
  struct Group {
    Vector<int32_t> states;  ///< by place
    Vector<Raw> places;
    int32_t then = -1;
    bool resets = false;
  };
  struct Found {
    std::shared_ptr<CountedLexeme> lexeme;
    int32_t limit, minimum, then;
    bool resets;
  };

  bool explore(Group& group);
  bool follow(Group& group, size_t place, int32_t state, Way way, int depth);
  bool end(Group& group, size_t place, int32_t then, bool resets, int32_t min);
  bool read_character(Group& group, size_t place, int32_t state, int32_t behind, const Way& way);
  void settle(const Group& group);
  bool is_loop(const Raw& raw) const;
  void keep(const Group& group, Found found);

  const Pda& pda_;
  LexemeCopies& copies_;
  Vector<Found> found_;
  Vector<int32_t> found_of_;  ///< by state: into found_, or one of the two below
  Vector<int32_t> place_of_;
  static constexpr int32_t kUnknown = -1;
  static constexpr int32_t kNone = -2;
};

}  // namespace espalier::grammar
