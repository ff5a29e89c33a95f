// Tokens that stay inside a lexeme.
#pragma once

#include <cstdint>
#include <memory>
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

/// The row of `bits`, in which there are `count` tokens, and of all those with which `for_each` calls what it is given.
template <typename ForEach>
std::shared_ptr<const InnerRow> extended_row(Vector<int32_t> bits, int64_t count, ForEach for_each) {
  for_each([&](int32_t token) {
    const uint32_t word = static_cast<uint32_t>(bits[token >> 5]), bit = 1u << (token & 31);
    count += (word & bit) == 0;
    bits[token >> 5] = static_cast<int32_t>(word | bit);
  });
  auto row = std::make_shared<InnerRow>();
  row->set(std::move(bits), count);
  return row;
}

/// A row that is made once it was asked for often: for many lexemes and parts of one grammar alone masks ask once.
class RowOnDemand {
 public:
  /// The row; null where it was asked for less often, or `make` has none.
  template <typename Make>
  const std::shared_ptr<const InnerRow>& ask(Make make) {
    if (asked_ < kOften && ++asked_ == kOften) row_ = make();
    return row_;
  }
  /// Without asking for it.
  const std::shared_ptr<const InnerRow>& made() const { return row_; }

 private:
  static constexpr uint8_t kOften = 3;

  std::shared_ptr<const InnerRow> row_;
  uint8_t asked_ = 0;
};

}  // namespace espalier::grammar
