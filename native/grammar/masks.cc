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

void RowBuilder::begin(const InnerRow& base) {
  std::memcpy(row_, base.row.data(), words_ * sizeof(int32_t));
  count_ = base.count;
}

void RowBuilder::add(int32_t token) {
  const uint32_t bit = 1u << (token & 31);
  const uint32_t word = static_cast<uint32_t>(row_[token >> 5]);
  if ((word & bit) != 0) return;
  row_[token >> 5] = static_cast<int32_t>(word | bit);
  count_++;
  if (is_listed_) added_.push_back(token);
}

void RowBuilder::add(const InnerRow& inner) {
  if (!inner.is_dense()) {
    for (const int32_t token : inner.tokens) add(token);
    return;
  }
  for (size_t i = 0; i < words_; i++) row_[i] |= inner.row[i];
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
    counted_ = std::make_unique<CountedCopies>(*pda, *copies_);
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
  std::lock_guard lock(copies_->table().mutex);
  std::vector<Inside> inside;
  std::vector<Machine::Configuration> others;
  const auto here = automaton_->configurations_of(set);
  const std::vector<Machine::Configuration> configurations(here.begin(), here.end());
  const InnerRow* base = nullptr;
  for (const Machine::Configuration& at : configurations) {
    Inside found;
    if (!find_inside(at, found)) {
      others.push_back(at);
      continue;
    }
    const InnerRow& inner = found.mask->inner(found.count);
    if (base == nullptr && inner.is_dense()) base = &inner;
    inside.push_back(found);
  }
  RowBuilder builder(row, vocabulary_.mask_words());
  if (base != nullptr) {
    builder.begin(*base);
  } else {
    builder.clear();
  }
  for (const Inside& one : inside) {
    const InnerRow& inner = one.mask->inner(one.count);
    if (&inner != base) builder.add(inner);
    add_behind(one, builder);
  }
  if (!others.empty()) {
    counts_.walks++;
    const SetId rest = inside.empty() ? set : automaton_->only(others);
    automaton_walk_->run(rest, vocabulary_.trie(), [&](int32_t at) { builder.add(vocabulary_.node_tokens[at]); });
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

bool Masks::find_inside(const Machine::Configuration& at, Inside& inside) {
  const LexemeCopies::Place place = copies_->place(at.state);
  if (place.lexeme == nullptr || at.track != kNoTrack) return false;
  if (place.lexeme->is_prefix_free() && find_counted(at, place, inside)) return true;
  inside = {&place.lexeme->mask(place.state), {}, {place.then, at.stack, at.track}};
  return true;
}

/// A character of a counted lexeme is read either in a frame of its own, which returns behind it, or in place.
bool Masks::find_counted(const Machine::Configuration& at, const LexemeCopies::Place& character, Inside& inside) {
  const StackTable& stacks = automaton_->stacks();
  int32_t behind = character.then;
  StackId stack = at.stack;
  if (counted_->only_returns(behind)) {
    if (stacks.frame_count(stack) != 1) return false;
    const StackTable::Frame top = stacks.frame(stack, 0);
    behind = top.return_to;
    stack = top.parents;
  }
  const CountedCopies::Place place = counted_->place(behind);
  if (place.lexeme == nullptr || stacks.frame_count(stack) != 1) return false;
  const int32_t number = stacks.frame(stack, 0).count;
  const Count count{place.limit == kUnbounded ? kUnbounded : std::max(0, place.limit - number), place.minimum - number};
  const StackId after = place.resets ? automaton_->reset(stack) : stack;
  inside = {&place.lexeme->mask(*character.lexeme, character.state, place.place), count, {place.then, after, at.track}};
  return true;
}

/// Tokens that end the lexeme and go on behind it.
void Masks::add_behind(const Inside& inside, RowBuilder& builder) {
  LexemeMask& mask = *inside.mask;
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
    automaton_walk_->run(reached, trie.view(), add);
  };
  for (int byte = 0; byte < 256; byte++) {
    if (!bytes.has(static_cast<uint8_t>(byte))) continue;
    const Suffixes suffixes = mask.suffixes(static_cast<uint8_t>(byte));
    if (suffixes.trie.tokens.empty() && suffixes.shared == nullptr) continue;
    const SetId reached = automaton_->step(behind, static_cast<uint8_t>(byte));
    if (reached == kRefused) continue;
    add_from(suffixes.trie, reached, [](int32_t) { return true; });
    if (suffixes.shared != nullptr)
      add_from(*suffixes.shared, reached, [&](int32_t token) {
        return !std::binary_search(suffixes.lost.begin(), suffixes.lost.end(), token);
      });
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
