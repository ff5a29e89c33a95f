// Walks over the vocabulary's trie, each as far as it has to: the tokens that stay inside take subtrees as a whole; those of
// many characters are looked for where the trie is deep enough; exits where their byte lies below.
#include "grammar/counted_division.h"

#include <algorithm>
#include <bit>

namespace espalier::grammar {
namespace {

/// Heights of nodes are told up to 254 bytes.
constexpr int32_t kMaxKnownHeight = 254;
/// Tokens of fewer bytes are counted together with those of so many, at most.
constexpr int32_t kMaxLevel = 128;

void flip(Vector<int32_t>& row, int32_t token) { row[token >> 5] ^= static_cast<int32_t>(1u << (token & 31)); }

}  // namespace

CountedDivision::CountedDivision(const Vocabulary& vocabulary, CountedAutomaton& automaton, int32_t start)
    : vocabulary_(vocabulary), automaton_(automaton), start_(start) {
  const TrieView trie = vocabulary_.trie();
  Stretches stays;
  descend(trie.children, 0, At{start_, 0}, [&](At at, uint8_t byte, int32_t node) -> std::optional<At> {
    const int32_t state = automaton_.next(at.state, byte);
    if (state == kLexemeDead) return std::nullopt;
    const int32_t counted = at.counted + automaton_.is_border(state);
    if (!automaton_.reads_on(state)) {
      for (int32_t i = trie.token_start[node]; i < trie.token_start[node + 1]; i++)
        for (const int32_t most : automaton_.ends(state))
          always_closing_.push_back(
              {vocabulary_.node_tokens[i], kUnbounded, automaton_.end_bounds(most, counted - 1)});
      return std::nullopt;
    }
    const bool whole = automaton_.reads_all(trie, node, state);
    stays.add(trie.token_start[node], trie.token_start[whole ? trie.skip[node] : node + 1]);
    return whole ? std::nullopt : std::optional(At{state, counted});
  });
  auto all = std::make_shared<InnerRow>();
  all->set(stays, vocabulary_);
  bytes_ += all->bytes() + always_closing_.capacity() * sizeof(ClosingToken);
  all_ = std::move(all);
}

const CountedDivision::Near& CountedDivision::near(int32_t left) {
  if (near_.size() <= static_cast<size_t>(left)) near_.resize(static_cast<size_t>(left) + 1);
  std::unique_ptr<Near>& known = near_[static_cast<size_t>(left)];
  if (known) return *known;
  auto fresh = std::make_unique<Near>();
  const TrieView trie = vocabulary_.trie();
  Stretches stays;
  const auto enter = [&](At at, uint8_t byte, int32_t node) -> std::optional<At> {
    const int32_t state = automaton_.next(at.state, byte);
    if (state == kLexemeDead || !automaton_.reads_on(state)) return std::nullopt;
    const int32_t counted = at.counted + automaton_.is_border(state);
    if (counted > left + 1) return std::nullopt;
    const bool is_inside = counted + automaton_.need(state) <= left;
    const bool whole = is_inside && trie.height[node] + counted + automaton_.max_need() <= left &&
                       trie.height[node] <= kMaxKnownHeight && automaton_.reads_all(trie, node, state);
    if (is_inside) stays.add(trie.token_start[node], trie.token_start[whole ? trie.skip[node] : node + 1]);
    for (int32_t i = trie.token_start[node]; !is_inside && i < trie.token_start[node + 1]; i++)
      for (const int32_t most : automaton_.ends(state))
        fresh->closing.push_back(
            {vocabulary_.node_tokens[i], kUnbounded, automaton_.end_bounds(most, counted - 1)});
    return whole ? std::nullopt : std::optional(At{state, counted});
  };
  sweep(vocabulary_.node_skip, vocabulary_.node_byte, At{start_, 0}, enter);
  auto row = std::make_shared<InnerRow>();
  row->set(stays, vocabulary_);
  bytes_ += sizeof(Near) + row->bytes() + fresh->closing.capacity() * sizeof(ClosingToken);
  fresh->inner = std::move(row);
  known = std::move(fresh);
  return *known;
}

bool CountedDivision::know_from(int32_t least) {
  if (least == kUnbounded) return false;
  const int32_t height = vocabulary_.node_height[0], bytes = least - automaton_.max_need();
  if (height <= kMaxKnownHeight && bytes > height) return false;
  const auto level = static_cast<int32_t>(std::bit_floor(static_cast<uint32_t>(std::min(bytes, kMaxLevel))));
  if (level < least_bytes_) count_longer(level);
  return true;
}

void CountedDivision::count_longer(int32_t least_bytes) {
  struct Deep {
    int32_t state, counted, depth;
  };
  const TrieView trie = vocabulary_.trie();
  Vector<CountedToken> found;
  int32_t most = 0;
  descend(trie.children, 0, Deep{start_, 0, 0}, [&](Deep at, uint8_t byte, int32_t node) -> std::optional<Deep> {
    const int32_t depth = at.depth + 1;
    if (depth + trie.height[node] < least_bytes) return std::nullopt;
    const int32_t state = automaton_.next(at.state, byte);
    if (state == kLexemeDead || !automaton_.reads_on(state)) return std::nullopt;
    const int32_t counted = at.counted + automaton_.is_border(state);
    for (int32_t i = trie.token_start[node]; depth >= least_bytes && i < trie.token_start[node + 1]; i++) {
      const int32_t least = counted + automaton_.need(state);
      found.push_back({vocabulary_.node_tokens[i], least, counted, state});
      most = std::max(most, least);
    }
    return Deep{state, counted, depth};
  });
  starts_.assign(static_cast<size_t>(most) + 2, 0);
  for (const CountedToken& token : found) starts_[static_cast<size_t>(token.least) + 1]++;
  for (size_t i = 1; i < starts_.size(); i++) starts_[i] += starts_[i - 1];
  bytes_ -= counted_.capacity() * sizeof(CountedToken);
  counted_ = Vector<CountedToken>(found.size());
  Vector<size_t> at = starts_;
  for (const CountedToken& token : found) counted_[at[static_cast<size_t>(token.least)]++] = token;
  bytes_ += counted_.capacity() * sizeof(CountedToken);
  least_bytes_ = least_bytes;
}

const std::shared_ptr<const InnerRow>& CountedDivision::inner(int32_t left) {
  if (left == kUnbounded || !automaton_.is_limited()) return all_;
  if (!is_far(left)) return near(left).inner;
  if (!know_from(left + 1) || start_of(left + 1) == counted_.size()) return all_;
  // The row is the same down to the next bound that some token has, as far as these are known.
  const int32_t known_from = least_bytes_ + automaton_.max_need();
  int32_t from = left;
  while (from >= known_from && start_of(from) == start_of(from + 1)) from--;
  if (rows_.size() <= static_cast<size_t>(from)) rows_.resize(static_cast<size_t>(from) + 1);
  std::shared_ptr<const InnerRow>& row = rows_[static_cast<size_t>(from)];
  if (!row) {
    row = make_row(left);
    bytes_ += row->bytes();
  }
  return row;
}

std::shared_ptr<const InnerRow> CountedDivision::make_row(int32_t left) const {
  auto row = std::make_shared<InnerRow>();
  Vector<int32_t> bits = all_->has_row() ? all_->row : Vector<int32_t>(vocabulary_.mask_words());
  if (!all_->has_row())
    for (const int32_t token : all_->tokens) flip(bits, token);
  const size_t from = start_of(left + 1);
  for (size_t i = from; i < counted_.size(); i++) flip(bits, counted_[i].token);
  row->set(std::move(bits), all_->count - static_cast<int64_t>(counted_.size() - from));
  return row;
}

void CountedDivision::find_closing(Count count, Vector<int32_t>& tokens) {
  tokens.clear();
  for (const ClosingToken& closing : always_closing_)
    if (closing.bounds.hold(count)) tokens.push_back(closing.token);
  // Others could go on if more were left.
  if (count.left == kUnbounded || !automaton_.is_limited()) return;
  if (!is_far(count.left)) {
    for (const ClosingToken& closing : near(count.left).closing)
      if (closing.bounds.hold(count)) tokens.push_back(closing.token);
    return;
  }
  const int32_t least = count.left + 1;
  if (!know_from(least)) return;
  for (size_t i = start_of(least), end = start_of(least + automaton_.max_need() + 1); i < end; i++)
    for (const int32_t most : automaton_.ends(counted_[i].state))
      if (automaton_.end_bounds(most, counted_[i].counted - 1).hold(count)) tokens.push_back(counted_[i].token);
}

Vector<BehindExit> CountedDivision::behind(uint8_t wanted) {
  Vector<BehindExit> nodes;
  descend(vocabulary_.children, 0, At{start_, 0}, [&](At at, uint8_t byte, int32_t node) -> std::optional<At> {
    if (byte == wanted)
      for (const int32_t most : automaton_.ends(at.state))
        nodes.push_back({byte, node, automaton_.end_bounds(most, at.counted - 1)});
    if (!vocabulary_.below(node).has(wanted)) return std::nullopt;
    const int32_t state = automaton_.next(at.state, byte);
    if (state == kLexemeDead) return std::nullopt;
    return At{state, at.counted + automaton_.is_border(state)};
  });
  return nodes;
}

}  // namespace espalier::grammar
