// Finds the lexeme that a configuration is inside of.
#pragma once

#include <optional>

#include "grammar/counted_copies.h"
#include "grammar/image.h"
#include "grammar/lexeme_copies.h"
#include "grammar/machine.h"

namespace espalier::grammar {

/// A configuration inside a lexeme: where in it, and where the grammar goes on behind it.
struct Inside {
  CountedLexeme* counted;  ///< null for a plain lexeme
  Lexeme* lexeme;          ///< of a counted one, the character that is being read
  int32_t state;
  int32_t place;
  Count count;
  Machine::Configuration behind;
  bool is_quiet;         ///< what the lexeme reads is no part of tracked values
  /// Counted characters under several counters, so read as a plain lexeme: take_apart() tells them apart.
  bool is_many = false;

  int32_t told_left() const { return counted != nullptr ? counted->told_left(count.left) : 0; }
  LexemeMask& mask() const {
    return counted != nullptr ? counted->mask(*lexeme, state, place, count.left) : lexeme->mask(state);
  }
};

/// The lexemes of one automaton. Call in a LexemeUse, and destroy in one.
class Insides {
 public:
  Insides(const Pda& pda, Machine& machine, LexemeTable& table)
      : machine_(machine), copies_(pda, table), counted_(pda, copies_) {}

  /// Nothing for a configuration outside any lexeme, and for one whose bytes are tracked.
  std::optional<Inside> find(const Machine::Configuration& at) {
    return at.track == kNoTrack ? find_untracked(at) : std::nullopt;
  }
  /// The same as if nothing were tracked.
  std::optional<Inside> find_untracked(const Machine::Configuration& at);
  /// Leaves in `parts` what a configuration that is many is made of, each under one counter; none where they are too many.
  void take_apart(const Machine::Configuration& at, Vector<Machine::Configuration>& parts);
  LexemeTable& table() { return copies_.table(); }

 private:
  /// Under how many counters more are told apart than it costs to read them as a plain lexeme.
  static constexpr size_t kMaxParts = 64;

  std::optional<Inside> find_counted(const Machine::Configuration& at, const LexemeCopies::Place& character, bool& is_many);

  Machine& machine_;
  LexemeCopies copies_;
  CountedCopies counted_;
  Vector<StackId> stacks_;  ///< scratch of take_apart()
};

}  // namespace espalier::grammar
