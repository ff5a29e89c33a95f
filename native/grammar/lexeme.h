// Lexemes: the regular parts of a grammar (string bodies, numbers, white space, patterns), as automata that are known by
// their content and shared by all grammars of a tokenizer.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "grammar/image.h"
#include "grammar/intern.h"
#include "grammar/trie.h"

namespace espalier::grammar {

/// Where an edge of a lexeme leads when the lexeme is over behind it.
inline constexpr int32_t kLexemeEnd = -1;

/// A deterministic automaton as one list of words, which is also its name: per state whether the lexeme may end there,
/// the number of edges, and for each edge its lowest and highest byte and the state that it leads to (or kLexemeEnd).
using LexemeContent = std::vector<int32_t>;

/// What is left of tokens behind the end of a lexeme, those that go on with one byte: a trie below that byte.
struct SuffixTrie {
  std::vector<uint8_t> byte;
  std::vector<int32_t> skip, token_start, tokens;

  TrieView view() const {
    return {byte.data(), skip.data(), token_start.data(), tokens.data(), static_cast<int32_t>(byte.size())};
  }
};

/// The vocabulary as one state of a lexeme divides it. Immutable but for the tries, which are built when asked for.
struct LexemeMask {
  /// Tokens that stay inside the lexeme; a row where they are many, else a list.
  std::vector<int32_t> row;
  std::vector<int32_t> inner;
  int64_t inner_count = 0;
  /// Tokens with which the lexeme ends and that end with it.
  std::vector<int32_t> closing;
  /// Nodes of the vocabulary's trie at which the lexeme may end.
  std::vector<int32_t> exits;
  std::unique_ptr<SuffixTrie> suffixes[256];

  bool is_dense() const { return !row.empty(); }
};

class Lexeme {
 public:
  Lexeme(LexemeContent content, const Vocabulary& vocabulary);

  const LexemeContent& content() const { return content_; }
  /// The mask of a state, computed when first asked for. Call with the table's lock held.
  LexemeMask& mask(int32_t state);
  /// The suffixes behind exits of `mask` that begin with `byte`. Call with the table's lock held.
  const SuffixTrie& suffixes(LexemeMask& mask, uint8_t byte);

 private:
  void divide(int32_t state, LexemeMask& mask);

  const LexemeContent content_;
  const Vocabulary& vocabulary_;
  int32_t class_count_ = 0;
  uint8_t class_of_[256] = {};
  std::vector<int32_t> next_;  ///< state * classes + class: state, kLexemeEnd or kDead
  std::vector<uint8_t> may_end_;
  std::vector<std::unique_ptr<LexemeMask>> masks_;
};

/// The lexemes of all grammars of one vocabulary. Any thread may use it.
class LexemeTable {
 public:
  explicit LexemeTable(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  std::shared_ptr<Lexeme> intern(LexemeContent content);
  std::mutex mutex;

 private:
  const Vocabulary& vocabulary_;
  InternTable table_;
  std::vector<std::shared_ptr<Lexeme>> lexemes_;
};

}  // namespace espalier::grammar
