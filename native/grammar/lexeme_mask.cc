// Rows and suffix tries are built when they are first asked for.
#include "grammar/lexeme_mask.h"

#include <algorithm>
#include <span>

#include "grammar/counted_division.h"

namespace espalier::grammar {
namespace {

/// Exits from which on it pays to know of every subtree whether it matters.
constexpr size_t kManyExits = 8192;
/// From so many closing tokens on they are put into a row with those that stay inside.
constexpr size_t kManyClosing = 32;
/// Suffixes and what may follow at once are merged up to this many nodes.
constexpr int64_t kMaxMerged = 16384;

void set_bit(Vector<int32_t>& row, int32_t token) {
  row[token >> 5] = static_cast<int32_t>(static_cast<uint32_t>(row[token >> 5]) | 1u << (token & 31));
}

/// The places of tokens, in the trie's order, that are not in a row: a bit each.
Vector<uint64_t> places_outside(const Vocabulary& v, std::span<const int32_t> row) {
  Vector<uint64_t> places(v.node_tokens.size() / 64 + 1);
  for (size_t at = 0; at < v.node_tokens.size(); at++) {
    const int32_t token = v.node_tokens[at];
    const uint32_t is_inside = static_cast<uint32_t>(row[token >> 5]) >> (token & 31) & 1;
    places[at / 64] |= uint64_t{is_inside ^ 1} << (at % 64);
  }
  return places;
}

/// Whether a bit in [from, to) is set.
bool has_bit(const Vector<uint64_t>& bits, int32_t from, int32_t to) {
  if (from >= to) return false;
  const auto first = static_cast<size_t>(from) / 64, last = static_cast<size_t>(to - 1) / 64;
  for (size_t word = first; word <= last; word++) {
    uint64_t here = bits[word];
    if (word == first) here &= ~uint64_t{0} << (from % 64);
    if (word == last) here &= ~uint64_t{0} >> (63 - (to - 1) % 64);
    if (here != 0) return true;
  }
  return false;
}

/// Sorts by `bounds.least`, keeping the order of equals. Those are numbers of characters, mostly small.
template <typename T>
void sort_by_least(Vector<T>& items) {
  constexpr int32_t kMaxBuckets = 4096;
  int32_t most = 0;
  bool is_sorted = true;
  for (size_t i = 0; i < items.size(); i++) {
    most = std::max(most, items[i].bounds.least);
    is_sorted = is_sorted && (i == 0 || items[i - 1].bounds.least <= items[i].bounds.least);
  }
  if (is_sorted) return;
  if (most >= kMaxBuckets) {
    std::stable_sort(items.begin(), items.end(),
                     [](const T& a, const T& b) { return a.bounds.least < b.bounds.least; });
    return;
  }
  Vector<size_t> at(static_cast<size_t>(most) + 2);
  for (const T& item : items) at[static_cast<size_t>(item.bounds.least) + 1]++;
  for (size_t i = 1; i < at.size(); i++) at[i] += at[i - 1];
  Vector<T> sorted(items.size());
  for (const T& item : items) sorted[at[static_cast<size_t>(item.bounds.least)]++] = item;
  items = std::move(sorted);
}

}  // namespace

LexemeMask::LexemeMask(const Vocabulary& vocabulary, MaskOwner& owner, int32_t place)
    : vocabulary_(vocabulary), owner_(owner), place_(place) {
  grow(sizeof(LexemeMask));
}

LexemeMask::~LexemeMask() = default;

/// Asks the division by part. False where there is none, or it grew too large and the whole vocabulary was divided.
template <typename Work>
bool LexemeMask::by_part(Work work) {
  if (!division_) return false;
  try {
    const size_t before = division_->bytes();
    work(*division_);
    grow(division_->bytes() - before);
    return true;
  } catch (const NoAutomaton&) {
    owner_.divide_whole(*this);
    return false;
  }
}

bool LexemeMask::find_closing(Count count) {
  return by_part([&](CountedDivision& division) { division.find_closing(count, found_); });
}

void LexemeMask::set_division(std::unique_ptr<CountedDivision> division) {
  is_counted_ = has_all_exits_ = true;
  division_ = std::move(division);
  grow(division_->bytes());
}

void LexemeMask::set_inner(const Stretches& stays) {
  auto row = std::make_shared<InnerRow>();
  row->set(stays, vocabulary_);
  set_all(std::move(row));
}

void LexemeMask::set_all(std::shared_ptr<const InnerRow> row) {
  grow(row->bytes());
  rows_.push_back(std::move(row));
}

void LexemeMask::set_inner_like(const LexemeMask& other, const Vector<int32_t>& joins,
                                const Vector<int32_t>& leaves) {
  if (joins.empty() && leaves.empty()) {
    // Either mask may outlive the other, so the row counts for both.
    set_all(other.rows_.front());
    return;
  }
  const InnerRow& all = *other.rows_.front();
  Vector<int32_t> bits = all.row;
  for (const int32_t token : joins) set_bit(bits, token);
  for (const int32_t token : leaves)
    bits[token >> 5] = static_cast<int32_t>(static_cast<uint32_t>(bits[token >> 5]) & ~(1u << (token & 31)));
  auto row = std::make_shared<InnerRow>();
  row->set(std::move(bits), all.count + static_cast<int64_t>(joins.size()) - static_cast<int64_t>(leaves.size()));
  set_all(std::move(row));
}

void LexemeMask::set_inner(Vector<BoundedToken> tokens) {
  is_counted_ = true;
  division_.reset();
  sort_by_least(tokens);
  for (const auto& [token, bounds] : tokens) {
    if (bounds.least > 0 && (borders_.empty() || borders_.back() != bounds.least)) borders_.push_back(bounds.least);
    only_least_ = only_least_ && bounds.most == kUnbounded;
  }
  if (!only_least_) {
    for (const auto& [token, bounds] : tokens)
      if (bounds.most < kUnbounded) borders_.push_back(bounds.most + 1);
    std::sort(borders_.begin(), borders_.end());
    borders_.erase(std::unique(borders_.begin(), borders_.end()), borders_.end());
  }
  rows_.resize(borders_.size() + 1);
  inner_ = std::move(tokens);
  if (inner_.capacity() > 2 * inner_.size()) inner_.shrink_to_fit();
  grow_by(inner_);
  grow_by(rows_);
  grow_by(borders_);
}

void LexemeMask::set_exits(Vector<Exit> exits) {
  if (has_all_exits_ && !is_counted_) return;
  has_all_exits_ = true;
  const Vocabulary& v = vocabulary_;
  exits_ = std::move(exits);
  size_t closing = 0, always_closing = 0;
  for (const Exit& exit : exits_)
    (exit.closes() ? always_closing : closing) +=
        static_cast<size_t>(v.node_token_start[exit.node + 1] - v.node_token_start[exit.node]);
  closing_.reserve(closing);
  always_closing_.reserve(always_closing);
  for (const Exit& exit : exits_) {
    if (exit.covered <= exit.bounds.least) continue;
    for (int32_t i = v.node_token_start[exit.node]; i < v.node_token_start[exit.node + 1]; i++) {
      const ClosingToken closing{v.node_tokens[i], exit.covered, exit.bounds};
      (exit.closes() ? always_closing_ : closing_).push_back(closing);
      if (!exit.closes()) longest_cover_ = std::max(longest_cover_, exit.covered - exit.bounds.least);
    }
  }
  sort_by_least(closing_);
  grow_by(exits_);
  grow_by(closing_);
  grow_by(always_closing_);
}

const std::shared_ptr<const InnerRow>& LexemeMask::inner(Count count) {
  if (!is_divided()) owner_.divide_whole(*this);
  const std::shared_ptr<const InnerRow>* row = nullptr;
  if (by_part([&](CountedDivision& division) { row = &division.inner(count.left); })) return *row;
  const auto stretch =
      static_cast<size_t>(std::upper_bound(borders_.begin(), borders_.end(), count.left) - borders_.begin());
  if (!rows_[stretch]) rows_[stretch] = make_row(stretch, count.left);
  return rows_[stretch];
}

const std::shared_ptr<const InnerRow>& LexemeMask::with_closing() {
  return with_closing_.ask([&]() -> std::shared_ptr<const InnerRow> {
    const InnerRow& inner = all();
    know_exits();
    if (!inner.has_row() || closing_.size() + always_closing_.size() < kManyClosing) return nullptr;
    auto row = extended_row(inner.row, inner.count, [&](auto add) { for_each_closing({}, add); });
    grow(row->bytes());
    return row;
  });
}

std::shared_ptr<const InnerRow> LexemeMask::make_row(size_t stretch, int32_t left) {
  Vector<int32_t> bits(vocabulary_.mask_words());
  int64_t number = 0;
  auto from = inner_.begin();
  // With more left, all is allowed that was with less: a row can begin with a known one.
  for (size_t known = stretch; only_least_ && known-- > 0;) {
    if (!rows_[known] || !rows_[known]->has_row()) continue;
    bits = rows_[known]->row;
    number = rows_[known]->count;
    from = std::lower_bound(inner_.begin(), inner_.end(), borders_[known],
                            [](const BoundedToken& token, int32_t border) { return token.bounds.least < border; });
    break;
  }
  auto row = extended_row(std::move(bits), number, [&](auto add) {
    for (; from != inner_.end() && from->bounds.least <= left; from++)
      if (left <= from->bounds.most) add(from->token);
  });
  grow(row->bytes());
  return row;
}

void LexemeMask::set_exits_like(std::shared_ptr<LexemeMask> other, const Vector<int32_t>& removed,
                                const Vector<Exit>& added) {
  if (has_all_exits_) return;
  Vector<Exit> exits;
  exits.reserve(other->exits().size() + added.size());
  Vector<int32_t> gone;
  size_t add = 0, remove = 0;
  bool all_close = true;
  for (const Exit& exit : other->exits()) {
    while (add < added.size() && added[add].node < exit.node) exits.push_back(added[add++]);
    all_close = all_close && exit.closes();
    while (remove < removed.size() && removed[remove] < exit.node) remove++;
    if (remove < removed.size() && removed[remove] == exit.node) {
      gone.push_back(exit.node);
    } else {
      exits.push_back(exit);
    }
  }
  exits.insert(exits.end(), added.begin() + static_cast<ptrdiff_t>(add), added.end());
  for (const Exit& exit : added) all_close = all_close && exit.closes();
  set_exits(std::move(exits));
  // A token that passes one exit at most is lost with it. A mask that is itself told by another's tries keeps only its own
  // beside them, so it cannot be the one that others are told by.
  if (!all_close || other->like_) return;
  const Vocabulary& v = vocabulary_;
  for (const int32_t node : gone)
    lost_.insert(lost_.end(), v.node_tokens.begin() + v.node_token_start[node + 1],
                 v.node_tokens.begin() + v.node_token_start[v.node_skip[node]]);
  std::sort(lost_.begin(), lost_.end());
  own_exits_ = added;
  grow_by(lost_);
  grow_by(own_exits_);
  like_ = std::move(other);
}

Suffixes LexemeMask::suffixes(uint8_t byte) {
  know_exits();
  if (!like_) return {trie(suffixes_[byte], behind_, exits_, byte)};
  return {trie(suffixes_[byte], behind_, own_exits_, byte),
          &like_->trie(like_->suffixes_[byte], like_->behind_, like_->exits_, byte), lost_};
}

/// Without a counter, the row of tokens that stay inside where they are many, if it is known.
std::span<const int32_t> LexemeMask::inner_row() const {
  return is_counted_ || rows_.empty() ? std::span<const int32_t>() : std::span<const int32_t>(rows_.front()->row);
}

const SuffixTrie& LexemeMask::trie(std::unique_ptr<SuffixTrie>& trie, std::unique_ptr<Behind>& behind,
                                   const Vector<Exit>& exits, uint8_t byte) {
  if (trie) return *trie;
  Vector<BehindExit> few;
  trie = std::make_unique<SuffixTrie>(merge_behind(vocabulary_, inner_row(), nodes_behind(behind, exits, byte, few)));
  grow(trie->bytes());
  return *trie;
}

const SuffixTrie* LexemeMask::suffixes_and_here(uint8_t byte) {
  know_exits();
  if (is_counted_ || like_) return nullptr;
  if (!and_here_) {
    and_here_ = std::make_unique<AndHere>();
    grow(sizeof(AndHere));
  }
  std::unique_ptr<SuffixTrie>& trie = and_here_->tries[byte];
  if (and_here_->is_known.has(byte)) return trie.get();
  and_here_->is_known.add(byte);
  Vector<BehindExit> few;
  const auto behind = nodes_behind(behind_, exits_, byte, few);
  const int32_t here = vocabulary_.trie().child(0, byte);
  if (behind.empty() || here < 0) return nullptr;
  Vector<BehindExit> nodes(behind.begin(), behind.end());
  nodes.push_back({byte, here, {}});
  int64_t size = 0;
  for (const BehindExit& node : nodes) size += vocabulary_.node_skip[node.node] - node.node;
  if (size > kMaxMerged) return nullptr;
  trie = std::make_unique<SuffixTrie>(merge_behind(vocabulary_, inner_row(), nodes));
  grow(trie->bytes());
  return trie.get();
}

std::span<const BehindExit> LexemeMask::nodes_behind(std::unique_ptr<Behind>& behind, const Vector<Exit>& exits,
                                                     uint8_t byte, Vector<BehindExit>& few) {
  if (by_part([&](CountedDivision& division) { few = division.behind(byte); })) return few;
  const bool is_first = behind == nullptr;
  if (is_first) {
    behind = std::make_unique<Behind>();
    grow(sizeof(Behind));
  }
  // Behind many exits there is mostly one byte that is asked for: the quote behind a string.
  if (is_first && exits.size() > kManyExits) return few = behind_on(exits, byte);
  if (!behind->is_found) {
    find_behind(exits, *behind);
    grow_by(behind->nodes);
  }
  return {behind->nodes.data() + behind->start[byte], behind->nodes.data() + behind->start[byte + 1]};
}

Vector<BehindExit> LexemeMask::behind_on(const Vector<Exit>& exits, uint8_t byte) const {
  const TrieChildren& children = vocabulary_.children;
  Vector<BehindExit> nodes;
  for (const Exit& exit : exits) {
    int32_t at = children.start[exit.node];
    const int32_t end = children.start[exit.node + 1];
    while (at < end && children.byte[at] < byte) at++;
    if (at < end && children.byte[at] == byte) nodes.push_back({byte, children.node[at], exit.bounds});
  }
  return nodes;
}

void LexemeMask::find_behind(const Vector<Exit>& exits, Behind& behind) const {
  const Vocabulary& v = vocabulary_;
  const std::span<const int32_t> inner = inner_row();
  const Vector<uint64_t> outside =
      !inner.empty() && exits.size() > kManyExits ? places_outside(v, inner) : Vector<uint64_t>();
  const auto matters = [&](int32_t node) {
    return outside.empty() || has_bit(outside, v.node_token_start[node], v.node_token_start[v.node_skip[node]]);
  };
  Vector<BehindExit> nodes;
  for (const Exit& exit : exits)
    for (int32_t i = v.children.start[exit.node]; i < v.children.start[exit.node + 1]; i++)
      if (matters(v.children.node[i])) nodes.push_back({v.children.byte[i], v.children.node[i], exit.bounds});
  for (const BehindExit& node : nodes) behind.start[node.byte + 1]++;
  for (int byte = 0; byte < 256; byte++) behind.start[byte + 1] += behind.start[byte];
  behind.nodes.resize(nodes.size());
  Vector<int32_t> at(behind.start, behind.start + 256);
  for (const BehindExit& node : nodes) behind.nodes[at[node.byte]++] = node;
  behind.is_found = true;
}

}  // namespace espalier::grammar
