// The lexemes of all grammars of one vocabulary, by content.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "grammar/counted_lexeme.h"
#include "grammar/intern.h"
#include "grammar/lexeme.h"

namespace espalier::grammar {

/// The lexemes of all grammars of one vocabulary. Any thread may use it, one at a time. It only grows: what is bounded is
/// how long it is used (SharedVocabulary in matcher.h).
class LexemeTable {
 public:
  explicit LexemeTable(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  const Vocabulary& vocabulary() const { return vocabulary_; }
  /// Bytes held, roughly.
  size_t bytes() const { return memory_.bytes; }
  MemoryCount& memory() { return memory_; }
  std::shared_ptr<Lexeme> intern(LexemeContent content);
  std::shared_ptr<CountedLexeme> intern(const CountedContent& content);
  /// What a lexeme does below a node of a trie that lives as long as this table; `counted` is null for a plain one.
  const TriePart& part(const TrieView& trie, int32_t node, CountedLexeme* counted, Lexeme* lexeme, int32_t state,
                       int32_t place);
  std::mutex mutex;

 private:
  struct PartKey {
    const TrieChildren* trie;
    CountedLexeme* counted;
    Lexeme* lexeme;
    int32_t node, state, place;
    bool operator==(const PartKey&) const = default;
  };
  struct Part {
    PartKey key;
    std::unique_ptr<TriePart> part;
  };

  const Vocabulary& vocabulary_;
  MemoryCount memory_;
  InternTable table_;
  std::vector<std::shared_ptr<Lexeme>> lexemes_;
  InternTable counted_table_;
  std::vector<std::shared_ptr<CountedLexeme>> counted_;
  InternTable part_table_;
  std::vector<Part> parts_;
};

}  // namespace espalier::grammar
