// A mask row under construction.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>

#include "grammar/held_row.h"
#include "grammar/lexeme_mask.h"
#include "grammar/table_memory.h"

namespace espalier::grammar {

/// Writes into a caller's row; knows how many tokens are in it and which were added one by one.
class RowBuilder {
 public:
  /// `room`: scratch, kept from row to row. `held`: whose bits the row is, or null.
  RowBuilder(int32_t* row, size_t words, Vector<int32_t>& room, HeldRow* held)
      : row_(row), words_(words), room_(room), held_(held) {}

  /// Begins with a row that many masks have, or with no token.
  void begin(std::shared_ptr<const InnerRow> base);
  void add(int32_t token) {
    const uint32_t bit = 1u << (token & 31), word = static_cast<uint32_t>(row_[token >> 5]);
    if ((word & bit) != 0) return;
    row_[token >> 5] = static_cast<int32_t>(word | bit);
    count_++;
    if (is_listed_) *room_for(1) = token, listed_++;
  }
  void add(std::span<const int32_t> tokens);
  void add(const InnerRow& inner);
  /// Whether few tokens were added to what this began with.
  bool may_begin_late() const { return is_listed_ && listed_ <= kMaxLate; }
  /// Begins with another row, which has what this began with, where it may begin late: what was added stays.
  void begin_late(std::shared_ptr<const InnerRow> base);
  /// Adds the tokens of a row that are not in `refused`, which is ascending.
  void add_without(const InnerRow& inner, const Vector<int32_t>& refused);
  int64_t count() const { return count_; }
  /// The tokens that were added while the row was listed.
  std::span<const int32_t> added() const { return {room_.data(), listed_}; }
  /// Whether the row is what it began with and the tokens in added(), no more.
  bool is_listed() const { return is_listed_; }
  /// What this began with, or null.
  const std::shared_ptr<const InnerRow>& base() const { return base_; }

 private:
  /// Tokens that may have been added before a late beginning.
  static constexpr size_t kMaxLate = 64;

  /// Where the next tokens of the list are to stand.
  int32_t* room_for(size_t count) {
    if (listed_ + count > room_.size()) room_.resize(std::max(listed_ + count, 2 * room_.size()));
    return room_.data() + listed_;
  }

  int32_t* row_;
  size_t words_;
  int64_t count_ = 0;
  bool is_listed_ = true;
  Vector<int32_t>& room_;  ///< for the tokens that are listed; only grows
  size_t listed_ = 0;
  HeldRow* const held_;
  std::shared_ptr<const InnerRow> base_;
};

}  // namespace espalier::grammar
