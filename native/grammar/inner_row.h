// Tokens that stay inside a lexeme.
#pragma once

#include <cstdint>
#include <utility>

#include "grammar/table_memory.h"
#include "grammar/vocabulary.h"

namespace espalier::grammar {

/// Places of tokens in the trie's order, ascending, gathered as stretches while a walk comes by them.
class Stretches {
 public:
  void add(int32_t from, int32_t to) {
    count_ += to - from;
    if (!stretches_.empty() && stretches_.back().second == from) {
      stretches_.back().second = to;
    } else if (from < to) {
      stretches_.emplace_back(from, to);
    }
  }
  int64_t count() const { return count_; }
  /// Calls `visit` with each token.
  template <typename Visit>
  void for_each(const Vocabulary& vocabulary, Visit visit) const {
    for (const auto& [from, to] : stretches_)
      for (int32_t at = from; at < to; at++) visit(vocabulary.node_tokens[at]);
  }
  /// The row of their tokens: set one by one, or the others cleared.
  Vector<int32_t> row(const Vocabulary& vocabulary) const;

 private:
  Vector<std::pair<int32_t, int32_t>> stretches_;
  int64_t count_ = 0;
};

/// Tokens that stay inside a lexeme: a row of bits unless they are few, and a list unless they are many.
struct InnerRow {
  Vector<int32_t> row;
  Vector<int32_t> tokens;
  int64_t count = 0;

  bool has_row() const { return !row.empty(); }
  bool is_listed() const { return static_cast<size_t>(count) == tokens.size(); }
  size_t bytes() const { return sizeof(InnerRow) + (row.capacity() + tokens.capacity()) * sizeof(int32_t); }
  /// Takes the row of all tokens, and keeps it or makes it a list, or both.
  void set(Vector<int32_t> bits, int64_t number);
  /// Takes the tokens of stretches; a list of them is in the trie's order.
  void set(const Stretches& stretches, const Vocabulary& vocabulary);
};

}  // namespace espalier::grammar
