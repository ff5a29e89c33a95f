// Lexemes of counted characters: a string of 3 to 40 characters, a pattern with a length bound. A grammar reads each
// character by a lexeme of its own and counts it in a frame; here characters and counter are one automaton, and the
// vocabulary is divided once for all counts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "grammar/lexeme.h"
#include "grammar/table_memory.h"

namespace espalier::grammar {

/// A place between two characters: which characters may follow, for which counts, and whether all may end.
/// Counts are told by what is left until the limit, so that strings of at most 40 and at most 50 characters are the same.
struct CountedPlace {
  struct Next {
    std::shared_ptr<Lexeme> character;
    int32_t place;     ///< behind the character
    Bounds bounds;     ///< of what is left before the character is counted
    bool operator==(const Next&) const = default;
  };
  Vector<Next> next;
  bool may_end = false;
  Bounds end;  ///< of what is left
  bool operator==(const CountedPlace&) const = default;
};

using CountedContent = Vector<CountedPlace>;

/// Down to which what is left decides which characters may follow: below, all that have a bound above may. kUnbounded where
/// none has one.
int32_t least_told(const CountedContent& content);

class CountedAutomaton;

/// Made, used and given up in a LexemeUse.
class CountedLexeme final : public MaskOwner {
 public:
  CountedLexeme(CountedContent content, LexemeTable& table, const LexemeId& id);
  ~CountedLexeme() override;

  const LexemeId& id() const { return id_; }
  const CountedContent& content() const { return content_; }
  /// What is left as far as places and their masks are told by it: the same for counts that differ only in bounds of tokens.
  int32_t told_left(int32_t left) const { return std::max(left, least_told_); }
  /// The mask in a character that is counted already: in which of its states, and which place lies behind it. It is one for
  /// all counts with the same told_left().
  LexemeMask& mask(const Lexeme& character, int32_t state, int32_t place, int32_t left);
  void drop(const LexemeMask& mask) override;
  void divide_whole(LexemeMask& mask) override;
  /// Adds to `part` what there is below `node` of a trie.
  void part(const TrieView& trie, int32_t node, const Lexeme& character, int32_t state, int32_t place, int32_t told_left,
            TriePart& part);

 private:
  /// A way to read what was read, and the counts left at the start for which it is one.
  struct Thread {
    const Lexeme* character;
    int32_t state;
    int32_t place;
    int32_t counted;  ///< characters that began since the start
    Bounds bounds;
    bool operator==(const Thread&) const = default;
  };
  struct Mask {
    uint64_t character_id;
    const Lexeme* character;  ///< lives while the identity is asked for
    int32_t state, place, told_left;
    std::unique_ptr<LexemeMask> mask;
  };

  /// The automaton for texts that begin in a character, or null where there is none.
  CountedAutomaton* automaton(const Lexeme& character);
  void account();
  std::unique_ptr<CountedDivision> divide_by_part(const Lexeme& character, int32_t state, int32_t place, int32_t told_left);
  void read(const TrieView& trie, int32_t node, const Thread& start, TriePart& part) const;
  bool read_states(const TrieView& trie, int32_t node, const Lexeme& character, int32_t state, int32_t place,
                   int32_t told_left, TriePart& part);
  void step(const Vector<Thread>& from, uint8_t byte, int32_t node, Vector<Thread>& to,
            Vector<Exit>& exits) const;

  const CountedContent content_;
  LexemeTable& table_;
  const LexemeId id_;
  const int32_t least_told_;
  Vector<uint64_t> characters_;  ///< identities of the content's
  std::optional<bool> has_automaton_;
  /// By the identity of the character that texts begin in, 0 for all of the content's.
  Vector<std::pair<uint64_t, std::unique_ptr<CountedAutomaton>>> automata_;
  size_t automata_bytes_ = 0;
  Vector<Mask> masks_;
};

}  // namespace espalier::grammar
