#include "grammar/inner_row.h"

#include <bit>

namespace espalier::grammar {
namespace {

/// Tokens up to this number are kept as a list, and from the other one on as a row with which masks begin.
constexpr int64_t kMaxListed = 1024, kLeastRow = 256;

}  // namespace

void InnerRow::set(Vector<int32_t> bits, int64_t number) {
  count = number;
  tokens.reserve(number > kMaxListed ? 0 : static_cast<size_t>(number));
  for (size_t word = 0; number <= kMaxListed && word < bits.size(); word++)
    for (uint32_t left = static_cast<uint32_t>(bits[word]); left != 0; left &= left - 1)
      tokens.push_back(static_cast<int32_t>(word * 32) + std::countr_zero(left));
  if (number >= kLeastRow) row = std::move(bits);
}

void InnerRow::set(const Stretches& stretches, const Vocabulary& vocabulary) {
  count = stretches.count();
  if (count <= kMaxListed) {
    tokens.reserve(static_cast<size_t>(count));
    stretches.for_each(vocabulary, [&](int32_t token) { tokens.push_back(token); });
  }
  if (count >= kLeastRow) row = stretches.row(vocabulary);
}

Vector<int32_t> Stretches::row(const Vocabulary& v) const {
  const bool are_most = static_cast<size_t>(count_) > v.node_tokens.size() / 2;
  Vector<int32_t> row = are_most ? v.trie_row : Vector<int32_t>(v.mask_words());
  const auto flip = [&](int32_t from, int32_t to) {
    for (int32_t at = from; at < to; at++) {
      const int32_t token = v.node_tokens[at];
      row[token >> 5] ^= static_cast<int32_t>(1u << (token & 31));
    }
  };
  int32_t behind = 0;
  for (const auto& [from, to] : stretches_) {
    if (are_most) {
      flip(behind, from);
    } else {
      flip(from, to);
    }
    behind = to;
  }
  if (are_most) flip(behind, static_cast<int32_t>(v.node_tokens.size()));
  return row;
}

}  // namespace espalier::grammar
