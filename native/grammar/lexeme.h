// Lexemes: the regular parts of a grammar (string bodies, numbers, white space, patterns), as automata that are known by
// their content and shared by all grammars of a tokenizer.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "grammar/image.h"
#include "grammar/lexeme_mask.h"

namespace espalier::grammar {

/// Where an edge of a lexeme leads when the lexeme is over behind it.
inline constexpr int32_t kLexemeEnd = -1;
/// No edge reads the byte.
inline constexpr int32_t kLexemeDead = -2;

/// A deterministic automaton as one list of words, which is also its name: per state whether the lexeme may end there,
/// the number of edges, and for each edge its lowest and highest byte and the state that it leads to (or kLexemeEnd).
using LexemeContent = std::vector<int32_t>;

class LexemeTable;

class Lexeme {
 public:
  Lexeme(LexemeContent content, LexemeTable& table);

  const LexemeContent& content() const { return content_; }
  int32_t state_count() const { return static_cast<int32_t>(may_end_.size()); }
  int32_t next(int32_t state, uint8_t byte) const { return next_[state * class_count_ + class_of_[byte]]; }
  /// Whether no sentence of the lexeme begins another.
  bool is_prefix_free() const { return is_prefix_free_; }
  /// The mask of a state, computed when first asked for. Call with the table's lock held.
  LexemeMask& mask(int32_t state);

 private:
  LexemeContent rest_of(int32_t state) const;
  int32_t likeness(int32_t state) const;
  void divide(int32_t state, LexemeMask& mask) const;
  void divide_like(int32_t state, int32_t other, const std::shared_ptr<LexemeMask>& known, LexemeMask& mask) const;
  bool ends_at(int32_t state) const { return state == kLexemeEnd || (state >= 0 && may_end_[state]); }

  const LexemeContent content_;
  LexemeTable& table_;
  int32_t class_count_ = 0;
  uint8_t class_of_[256] = {};
  std::vector<int32_t> next_;  ///< state * classes + class: state, kLexemeEnd or kLexemeDead
  std::vector<uint8_t> may_end_;
  std::vector<ByteSet> loops_;  ///< by state: the bytes that lead from it to itself
  bool is_prefix_free_ = true;
  std::vector<std::shared_ptr<LexemeMask>> masks_;
};

}  // namespace espalier::grammar
