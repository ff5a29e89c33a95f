// The walk: a token is allowed when the automaton can read all its bytes, or reads it as a token; end of sequence, when
// the sentence is complete.
#include "grammar/masks.h"

#include <algorithm>
#include <cstring>

namespace espalier::grammar {

Masks::Masks(ByteMachine& machine, const Vocabulary& vocabulary, const TokenSets& tokens, bool memo, size_t max_bytes)
    : machine_(machine),
      vocabulary_(vocabulary),
      tokens_(tokens),
      memo_(memo),
      max_rows_(std::max<size_t>(1, max_bytes / (vocabulary.mask_words() * sizeof(int32_t)))) {}

int64_t Masks::fill(SetId set, int32_t* row) {
  const size_t words = vocabulary_.mask_words();
  if (!memo_) return walk(set, row);
  if (set < row_of_.size() && row_of_[set] != kNoRow) {
    std::memcpy(row, rows_.data() + row_of_[set] * words, words * sizeof(int32_t));
    return allowed_[row_of_[set]];
  }
  const int64_t allowed = walk(set, row);
  if (allowed_.size() >= max_rows_) {
    row_of_.clear();
    allowed_.clear();
    rows_.clear();
  }
  if (set >= row_of_.size()) row_of_.resize(set + 1, kNoRow);
  row_of_[set] = static_cast<uint32_t>(allowed_.size());
  allowed_.push_back(allowed);
  rows_.insert(rows_.end(), row, row + words);
  return allowed;
}

int64_t Masks::walk(SetId set, int32_t* row) {
  const Vocabulary& v = vocabulary_;
  std::fill(row, row + v.mask_words(), 0);
  int64_t allowed = 0;
  const auto allow = [&](int32_t token) {
    const uint32_t bit = 1u << (token & 31);
    uint32_t word = static_cast<uint32_t>(row[token >> 5]);
    allowed += (word & bit) == 0;
    row[token >> 5] = static_cast<int32_t>(word | bit);
  };
  levels_.assign(1, {set, v.node_count()});
  for (int32_t node = 1; node < v.node_count();) {
    while (node >= levels_.back().end) levels_.pop_back();
    const SetId reached = machine_.step(levels_.back().set, v.node_byte[node]);
    if (reached == kRefused) {
      node = v.node_skip[node];
      continue;
    }
    for (int32_t at = v.node_token_start[node]; at < v.node_token_start[node + 1]; at++) allow(v.node_tokens[at]);
    levels_.push_back({reached, v.node_skip[node]});
    node++;
  }
  machine_.for_each_token_set(set, [&](int32_t token_set) {
    for (int32_t token : tokens_[token_set]) allow(token);
  });
  if (machine_.is_accepting(set))
    for (int32_t token : v.eos) allow(token);
  return allowed;
}

}  // namespace espalier::grammar
