// Built for one byte behind a lexeme, when it is first asked for.
#include "grammar/suffix_trie.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace espalier::grammar {
namespace {

class SuffixBuilder {
 public:
  /// `left_out`: a row of tokens, or empty.
  SuffixBuilder(const TrieView& view, std::span<const int32_t> left_out)
      : view_(view), left_out_(left_out) {}

  SuffixTrie build(std::span<const BehindExit> nodes) {
    nodes_.assign(nodes.begin(), nodes.end());
    add(0, 0, nodes_.size());
    trie_.token_start.push_back(static_cast<int32_t>(trie_.tokens.size()));
    return SuffixTrie(std::move(trie_));
  }

 private:
  /// Adds one node for those of nodes_ from `from` to `to`.
  void add(uint8_t byte, size_t from, size_t to) {
    const size_t own = trie_.byte.size();
    trie_.byte.push_back(byte);
    trie_.skip.push_back(0);
    trie_.token_start.push_back(static_cast<int32_t>(trie_.tokens.size()));
    const size_t first = nodes_.size();
    for (size_t at = from; at < to; at++) {
      const int32_t node = nodes_[at].node;
      const Bounds bounds = nodes_[at].bounds;
      for (int32_t place = view_.token_start[node]; place < view_.token_start[node + 1]; place++)
        add_token(view_.tokens[place], view_.bounds != nullptr ? view_.bounds[place] : bounds);
      const TrieChildren& below = view_.children;
      for (int32_t i = below.start[node]; i < below.start[node + 1]; i++)
        nodes_.push_back({below.byte[i], below.node[i], bounds});
    }
    // Those of one node are in order.
    if (to - from > 1)
      std::sort(nodes_.begin() + static_cast<ptrdiff_t>(first), nodes_.end(), [](const BehindExit& a, const BehindExit& b) {
        return std::tie(a.byte, a.node) < std::tie(b.byte, b.node);
      });
    for (size_t i = first, last = nodes_.size(); i < last;) {
      size_t end = i;
      while (end < last && nodes_[end].byte == nodes_[i].byte) end++;
      add(nodes_[i].byte, i, end);
      i = end;
    }
    nodes_.resize(first);
    const bool is_empty = static_cast<size_t>(trie_.token_start[own]) == trie_.tokens.size();
    if (is_empty && own > 0) {
      trie_.byte.pop_back();
      trie_.skip.pop_back();
      trie_.token_start.pop_back();
      return;
    }
    trie_.skip[own] = static_cast<int32_t>(trie_.byte.size());
  }

  void add_token(int32_t token, const Bounds& bounds) {
    if (!left_out_.empty() && (static_cast<uint32_t>(left_out_[token >> 5]) >> (token & 31) & 1) != 0) return;
    const bool holds_always = trie_.bounds.empty() && bounds == Bounds{};
    if (!holds_always) {
      trie_.bounds.resize(trie_.tokens.size());
      trie_.bounds.push_back(bounds);
    }
    trie_.tokens.push_back(token);
  }

  const TrieView view_;
  const std::span<const int32_t> left_out_;
  TrieLists trie_;
  Vector<BehindExit> nodes_;  ///< those that are being merged, by depth
};

}  // namespace

SuffixTrie::SuffixTrie(TrieLists lists)
    : nodes_(static_cast<int32_t>(lists.byte.size())),
      bounds_(std::move(lists.bounds)) {
  const size_t nodes = lists.byte.size();
  block_.resize(4 * nodes + 2 + lists.tokens.size() + (nodes + 3) / 4);
  int32_t* at = block_.data();
  for (const Vector<int32_t>* const list : {&lists.token_start, &lists.skip, &lists.tokens})
    at = std::ranges::copy(*list, at).out;
  int32_t* const node = at + nodes + 1;
  auto* const byte = reinterpret_cast<uint8_t*>(node + nodes);
  list_children(lists.skip, lists.byte, at, node, byte);
  children_.start = at;
  children_.node = node;
  children_.byte = byte;
}

SuffixTrie merge_behind(const Vocabulary& vocabulary, std::span<const int32_t> inner, std::span<const BehindExit> nodes) {
  return SuffixBuilder(vocabulary.trie(), inner).build(nodes);
}

SuffixTrie merge_exits(const TrieView& view, std::span<const Exit> exits) {
  Vector<BehindExit> nodes;
  for (const Exit& exit : exits) nodes.push_back({0, exit.node, exit.bounds});
  return SuffixBuilder(view, {}).build(nodes);
}

}  // namespace espalier::grammar
