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

}  // namespace

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
    insides_ = std::make_unique<Insides>(*pda, *automaton_, *lexemes);
    lexeme_walk_ = std::make_unique<LexemeWalk>(*automaton_, *insides_);
    tracked_masks_ = std::make_unique<TrackedMasks>(*automaton_, *insides_, vocabulary_);
  }
}

int64_t Masks::fill(SetId set, int32_t* row) {
  if (!memo_) return walk(set, row);
  if (set < known_.size() && known_[set]) return copy(*known_[set], row);
  Remembered result;
  if (insides_) {
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
  RowBuilder builder(row, vocabulary_.mask_words(), added_);
  builder.clear();
  plain_walk_.run(set, vocabulary_.trie(), [&](int32_t at) { builder.add(vocabulary_.node_tokens[at]); });
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
  std::lock_guard lock(insides_->table().mutex);
  const auto here = automaton_->configurations_of(set);
  here_.assign(here.begin(), here.end());
  inside_.clear();
  others_.clear();
  tracked_.clear();
  const InnerRow* base = nullptr;
  for (const Machine::Configuration& at : here_) {
    const auto found = insides_->find(at);
    if (!found) {
      (at.track != kNoTrack ? tracked_ : others_).push_back(at);
      continue;
    }
    const InnerRow& inner = found->mask().inner(found->count);
    if (inner.has_row() && (base == nullptr || inner.count > base->count)) base = &inner;
    inside_.push_back(*found);
  }
  RowBuilder builder(row, vocabulary_.mask_words(), added_);
  if (base != nullptr) {
    builder.begin(*base);
  } else {
    builder.clear();
  }
  for (const Inside& one : inside_) {
    const InnerRow& inner = one.mask().inner(one.count);
    if (&inner != base) builder.add(inner);
    add_behind(one, builder);
  }
  for (const Machine::Configuration& at : tracked_)
    if (!tracked_masks_->add(at, builder)) others_.push_back(at);
  if (!others_.empty()) {
    const SetId rest = others_.size() == here_.size() ? set : automaton_->only(others_);
    lexeme_walk_->run(rest, vocabulary_.trie(), [&](int32_t at) { builder.add(vocabulary_.node_tokens[at]); });
  }
  add_rest(set, builder);
  result.count = builder.count();
  if (builder.is_listed() && added_.size() <= kMaxListed) {
    result.base = base;
    result.tokens.assign(added_.begin(), added_.end());
  } else {
    result.row.assign(row, row + vocabulary_.mask_words());
  }
  return result.count;
}

/// Tokens that end the lexeme and go on behind it.
void Masks::add_behind(const Inside& inside, RowBuilder& builder) {
  LexemeMask& mask = inside.mask();
  if (!mask.has_exits()) return;
  const SetId behind = automaton_->enter(inside.behind);
  if (behind == kRefused) return;
  mask.for_each_closing(inside.count, [&](int32_t token) { builder.add(token); });
  const ByteSet bytes = automaton_->readable(behind);
  const auto add_from = [&](const SuffixTrie& trie, SetId reached, auto allow) {
    if (trie.tokens.empty()) return;
    const auto add = [&](int32_t i) {
      if (trie.bounds[i].hold(inside.count) && allow(trie.tokens[i])) builder.add(trie.tokens[i]);
    };
    for (int32_t i = trie.token_start[0]; i < trie.token_start[1]; i++) add(i);
    lexeme_walk_->run(reached, trie.view(), add);
  };
  bytes.for_each([&](uint8_t byte) {
    const Suffixes suffixes = mask.suffixes(byte);
    if (suffixes.trie.tokens.empty() && (suffixes.shared == nullptr || suffixes.shared->tokens.empty())) return;
    const SetId reached = automaton_->step(behind, byte);
    if (reached == kRefused) return;
    add_from(suffixes.trie, reached, [](int32_t) { return true; });
    if (suffixes.shared != nullptr)
      add_from(*suffixes.shared, reached, [&](int32_t token) {
        return !std::binary_search(suffixes.lost.begin(), suffixes.lost.end(), token);
      });
  });
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

const InnerRow* Masks::adopt(std::vector<int32_t> row) {
  auto made = std::make_unique<InnerRow>();
  for (const int32_t word : row) made->count += std::popcount(static_cast<uint32_t>(word));
  bytes_ += sizeof(InnerRow) + row.size() * sizeof(int32_t);
  made->row = std::move(row);
  adopted_.push_back(std::move(made));
  return adopted_.back().get();
}

bool Masks::keep(SetId set, const InnerRow* base, std::span<const int32_t> tokens) {
  if (!memo_ || remembered(set) != nullptr) return false;
  const int64_t count = (base == nullptr ? 0 : base->count) + static_cast<int64_t>(tokens.size());
  remember(set, {.base = base, .tokens = {tokens.begin(), tokens.end()}, .row = {}, .count = count});
  return true;
}

}  // namespace espalier::grammar
