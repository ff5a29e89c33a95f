// The lexemes of all grammars of one vocabulary, by content.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "grammar/counted_lexeme.h"
#include "grammar/intern.h"
#include "grammar/lexeme.h"

namespace espalier::grammar {

/// The lexemes of all grammars of one vocabulary. Any thread may use it, one at a time.
class LexemeTable {
 public:
  explicit LexemeTable(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  const Vocabulary& vocabulary() const { return vocabulary_; }
  std::shared_ptr<Lexeme> intern(LexemeContent content);
  std::shared_ptr<CountedLexeme> intern(const CountedContent& content);
  std::mutex mutex;

 private:
  const Vocabulary& vocabulary_;
  InternTable table_;
  std::vector<std::shared_ptr<Lexeme>> lexemes_;
  InternTable counted_table_;
  std::vector<std::shared_ptr<CountedLexeme>> counted_;
};

}  // namespace espalier::grammar
