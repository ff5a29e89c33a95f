// A token is allowed when the automaton can read all its bytes, or reads it as a token; end of sequence, when the sentence
// is complete. The plain way walks the whole vocabulary. Inside lexemes a mask is put together instead: the tokens that
// stay in the lexeme, which are the same in every grammar, and the tries of what tokens have behind its end.
#include "grammar/masks.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace espalier::grammar {
namespace {

/// Tokens beside a base up to this number are kept as a list.
constexpr size_t kMaxListed = 2048;

int64_t popcount_row(const int32_t* row, size_t words) {
  int64_t count = 0;
  for (size_t i = 0; i < words; i++) count += std::popcount(static_cast<uint32_t>(row[i]));
  return count;
}

}  // namespace

void RowBuilder::clear() { std::memset(row_, 0, words_ * sizeof(int32_t)); }

void RowBuilder::begin(const LexemeMask& base) {
  std::memcpy(row_, base.row.data(), words_ * sizeof(int32_t));
  count_ = base.inner_count;
}

void RowBuilder::add(int32_t token) {
  const uint32_t bit = 1u << (token & 31);
  const uint32_t word = static_cast<uint32_t>(row_[token >> 5]);
  if ((word & bit) != 0) return;
  row_[token >> 5] = static_cast<int32_t>(word | bit);
  count_++;
  if (is_listed_) added_.push_back(token);
}

void RowBuilder::add(const LexemeMask& mask) {
  if (!mask.is_dense()) {
    for (const int32_t token : mask.inner) add(token);
    return;
  }
  for (size_t i = 0; i < words_; i++) row_[i] |= mask.row[i];
  count_ = popcount_row(row_, words_);
  is_listed_ = false;
}

Masks::Masks(ByteMachine& machine, Machine* automaton, const Pda* pda, LexemeTable* lexemes,
             const Vocabulary& vocabulary, const TokenSets& tokens, bool memo, size_t max_bytes)
    : machine_(machine),
      automaton_(automaton),
      vocabulary_(vocabulary),
      tokens_(tokens),
      memo_(memo),
      max_bytes_(max_bytes),
      plain_walk_(machine) {
  if (automaton_ != nullptr && memo_) {
    copies_ = std::make_unique<LexemeCopies>(*pda, *lexemes);
    automaton_walk_ = std::make_unique<TrieWalk<Machine>>(*automaton_);
  }
}

int64_t Masks::fill(SetId set, int32_t* row) {
  if (!memo_) return walk(set, row);
  if (set < known_.size() && known_[set]) {
    counts_.remembered++;
    return copy(*known_[set], row);
  }
  Remembered result;
  if (copies_) {
    compute(set, row, result);
  } else {
    result.count = walk(set, row);
    result.row.assign(row, row + vocabulary_.mask_words());
  }
  const int64_t count = result.count;
  remember(set, std::move(result));
  return count;
}

int64_t Masks::walk(SetId set, int32_t* row) {
  counts_.walks++;
  RowBuilder builder(row, vocabulary_.mask_words());
  builder.clear();
  plain_walk_.run(set, vocabulary_.trie(), [&](int32_t token) { builder.add(token); });
  add_rest(set, builder);
  return builder.count();
}

void Masks::add_rest(SetId set, RowBuilder& builder) {
  machine_.for_each_token_set(set, [&](int32_t token_set) {
    for (int32_t token : tokens_[token_set]) builder.add(token);
  });
  if (machine_.is_accepting(set))
    for (int32_t token : vocabulary_.eos) builder.add(token);
}

int64_t Masks::compute(SetId set, int32_t* row, Remembered& result) {
  std::lock_guard lock(copies_->table().mutex);
  struct Inside {
    Machine::Configuration at;
    LexemeCopies::Place place;
    LexemeMask* mask;
  };
  std::vector<Inside> inside;
  std::vector<Machine::Configuration> others;
  LexemeMask* base = nullptr;
  for (const Machine::Configuration& at : automaton_->configurations_of(set)) {
    const LexemeCopies::Place place = copies_->place(at.state);
    if (place.lexeme == nullptr || at.track != kNoTrack) {
      others.push_back(at);
      continue;
    }
    LexemeMask* mask = &place.lexeme->mask(place.state);
    if (base == nullptr && mask->is_dense()) base = mask;
    inside.push_back({at, place, mask});
  }
  RowBuilder builder(row, vocabulary_.mask_words());
  if (base != nullptr) {
    builder.begin(*base);
  } else {
    builder.clear();
  }
  for (const Inside& one : inside) {
    if (one.mask != base) builder.add(*one.mask);
    add_behind(one.at, one.place, *one.mask, builder);
  }
  if (!others.empty()) {
    counts_.walks++;
    const SetId rest = inside.empty() ? set : automaton_->only(others);
    automaton_walk_->run(rest, vocabulary_.trie(), [&](int32_t token) { builder.add(token); });
  } else {
    counts_.lexemes++;
  }
  add_rest(set, builder);
  result.count = builder.count();
  if (builder.is_listed() && builder.added().size() <= kMaxListed) {
    result.base = base;
    result.tokens = builder.added();
  } else {
    result.row.assign(row, row + vocabulary_.mask_words());
  }
  return result.count;
}

/// Tokens that end the lexeme and go on behind it.
void Masks::add_behind(const Machine::Configuration& at, const LexemeCopies::Place& place, LexemeMask& mask,
                       RowBuilder& builder) {
  if (mask.exits.empty()) return;
  const SetId behind = automaton_->enter({place.then, at.stack, at.track});
  if (behind == kRefused) return;
  for (const int32_t token : mask.closing) builder.add(token);
  const std::bitset<256> bytes = automaton_->bytes_next(behind);
  for (int byte = 0; byte < 256; byte++) {
    if (!bytes[static_cast<size_t>(byte)]) continue;
    const SuffixTrie& suffixes = place.lexeme->suffixes(mask, static_cast<uint8_t>(byte));
    if (suffixes.tokens.empty()) continue;
    const SetId reached = automaton_->step(behind, static_cast<uint8_t>(byte));
    if (reached == kRefused) continue;
    for (int32_t i = suffixes.token_start[0]; i < suffixes.token_start[1]; i++) builder.add(suffixes.tokens[i]);
    automaton_walk_->run(reached, suffixes.view(), [&](int32_t token) { builder.add(token); });
  }
}

int64_t Masks::copy(const Remembered& mask, int32_t* row) const {
  const size_t bytes = vocabulary_.mask_words() * sizeof(int32_t);
  if (!mask.row.empty()) {
    std::memcpy(row, mask.row.data(), bytes);
    return mask.count;
  }
  if (mask.base != nullptr) {
    std::memcpy(row, mask.base->row.data(), bytes);
  } else {
    std::memset(row, 0, bytes);
  }
  for (const int32_t token : mask.tokens)
    row[token >> 5] = static_cast<int32_t>(static_cast<uint32_t>(row[token >> 5]) | 1u << (token & 31));
  return mask.count;
}

void Masks::remember(SetId set, Remembered mask) {
  if (bytes_ > max_bytes_) {
    known_.clear();
    bytes_ = 0;
  }
  if (set >= known_.size()) known_.resize(set + 1);
  bytes_ += mask.bytes();
  known_[set] = std::make_unique<Remembered>(std::move(mask));
}

}  // namespace espalier::grammar
