#include "grammar/row_builder.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace espalier::grammar {

void RowBuilder::begin(std::shared_ptr<const InnerRow> base) {
  const bool is_there = held_ != nullptr && held_->begin_with(base);
  if (!is_there && base != nullptr) std::memcpy(row_, base->row.data(), words_ * sizeof(int32_t));
  if (!is_there && base == nullptr) std::memset(row_, 0, words_ * sizeof(int32_t));
  count_ = base != nullptr ? base->count : 0;
  base_ = std::move(base);
}

void RowBuilder::begin_late(std::shared_ptr<const InnerRow> base) {
  int32_t before[kMaxLate];
  const size_t count = listed_;
  std::copy_n(room_.begin(), count, before);
  listed_ = 0;
  begin(std::move(base));
  add(std::span<const int32_t>(before, count));
}

void RowBuilder::add(std::span<const int32_t> tokens) {
  if (!is_listed_) {
    for (const int32_t token : tokens) add(token);
    return;
  }
  int32_t *const first = room_for(tokens.size()), *last = first;
  for (const int32_t token : tokens) {
    const uint32_t word = static_cast<uint32_t>(row_[token >> 5]), after = word | 1u << (token & 31);
    row_[token >> 5] = static_cast<int32_t>(after);
    *last = token;
    last += after != word;
  }
  count_ += last - first;
  listed_ += static_cast<size_t>(last - first);
}

void RowBuilder::add(const InnerRow& inner) {
  if (inner.is_listed()) {
    for (const int32_t token : inner.tokens) add(token);
    return;
  }
  count_ = 0;
  for (size_t i = 0; i < words_; i++) {
    row_[i] |= inner.row[i];
    count_ += std::popcount(static_cast<uint32_t>(row_[i]));
  }
  is_listed_ = false;
}

void RowBuilder::add_without(const InnerRow& inner, const Vector<int32_t>& refused) {
  InnerRow rest = inner;
  for (const int32_t token : refused)
    if (rest.has_row())
      rest.row[token >> 5] = static_cast<int32_t>(static_cast<uint32_t>(rest.row[token >> 5]) & ~(1u << (token & 31)));
  rest.count -= static_cast<int64_t>(std::erase_if(
      rest.tokens, [&](int32_t token) { return std::binary_search(refused.begin(), refused.end(), token); }));
  add(rest);
}

}  // namespace espalier::grammar
