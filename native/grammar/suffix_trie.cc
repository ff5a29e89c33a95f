// Built for one byte behind a lexeme, when it is first asked for.
#include "grammar/suffix_trie.h"

#include <algorithm>

namespace espalier::grammar {
namespace {

class SuffixBuilder {
 public:
  /// `inner`: a row of tokens to leave out; empty for none.
  SuffixBuilder(const Vocabulary& vocabulary, std::span<const int32_t> inner, SuffixTrie& trie)
      : v_(vocabulary), inner_(inner), trie_(trie) {}

  void build(std::span<const BehindExit> nodes) {
    add(0, nodes.data(), nodes.data() + nodes.size());
    trie_.token_start.push_back(static_cast<int32_t>(trie_.tokens.size()));
    trie_.children = TrieChildren(trie_.skip, trie_.byte);
  }

 private:
  void add(uint8_t byte, const BehindExit* from, const BehindExit* to) {
    const size_t own = trie_.byte.size();
    trie_.byte.push_back(byte);
    trie_.skip.push_back(0);
    trie_.token_start.push_back(static_cast<int32_t>(trie_.tokens.size()));
    Vector<BehindExit> children;
    for (const BehindExit* at = from; at < to; at++) {
      for (int32_t i = v_.node_token_start[at->node]; i < v_.node_token_start[at->node + 1]; i++) {
        const int32_t token = v_.node_tokens[i];
        if (!inner_.empty() && (static_cast<uint32_t>(inner_[token >> 5]) >> (token & 31) & 1) != 0) continue;
        trie_.tokens.push_back(token);
        trie_.bounds.push_back(at->bounds);
      }
      for (int32_t child = at->node + 1; child < v_.node_skip[at->node]; child = v_.node_skip[child])
        children.push_back({v_.node_byte[child], child, at->bounds});
    }
    std::stable_sort(children.begin(), children.end(), [](const BehindExit& a, const BehindExit& b) { return a.byte < b.byte; });
    for (size_t i = 0; i < children.size();) {
      size_t end = i;
      while (end < children.size() && children[end].byte == children[i].byte) end++;
      add(children[i].byte, children.data() + i, children.data() + end);
      i = end;
    }
    const bool is_empty = static_cast<size_t>(trie_.token_start[own]) == trie_.tokens.size();
    if (is_empty && own > 0) {
      trie_.byte.pop_back();
      trie_.skip.pop_back();
      trie_.token_start.pop_back();
      return;
    }
    trie_.skip[own] = static_cast<int32_t>(trie_.byte.size());
  }

  const Vocabulary& v_;
  const std::span<const int32_t> inner_;
  SuffixTrie& trie_;
};

}  // namespace

size_t bytes_of(const SuffixTrie& trie) {
  constexpr size_t kNode = 2 * sizeof(uint8_t) + 4 * sizeof(int32_t);  // byte, skip, token_start, and as a child
  return sizeof(SuffixTrie) + trie.byte.size() * kNode + trie.tokens.capacity() * sizeof(int32_t) +
         trie.bounds.capacity() * sizeof(Bounds);
}

SuffixTrie merge_behind(const Vocabulary& v, std::span<const int32_t> inner, std::span<const BehindExit> nodes) {
  SuffixTrie trie;
  SuffixBuilder(v, inner, trie).build(nodes);
  return trie;
}

SuffixTrie trie_of(const Vocabulary& v, const Vector<int32_t>& places) {
  SuffixTrie trie;
  Vector<size_t> path;
  std::span<const uint8_t> before;
  const auto open = [&](uint8_t byte) {
    path.push_back(trie.byte.size());
    trie.byte.push_back(byte);
    trie.skip.push_back(0);
    trie.token_start.push_back(static_cast<int32_t>(trie.tokens.size()));
  };
  const auto close_to = [&](size_t depth) {
    for (; path.size() > depth; path.pop_back()) trie.skip[path.back()] = static_cast<int32_t>(trie.byte.size());
  };
  open(0);
  for (const int32_t place : places) {
    const int32_t token = v.node_tokens[place];
    const std::span<const uint8_t> bytes{v.token_bytes.data() + v.token_byte_start[token],
                                         v.token_bytes.data() + v.token_byte_start[token + 1]};
    size_t shared = 0;
    while (shared < before.size() && shared < bytes.size() && before[shared] == bytes[shared]) shared++;
    close_to(shared + 1);
    for (size_t i = shared; i < bytes.size(); i++) open(bytes[i]);
    trie.tokens.push_back(token);
    trie.bounds.push_back({});
    before = bytes;
  }
  close_to(0);
  trie.token_start.push_back(static_cast<int32_t>(trie.tokens.size()));
  trie.children = TrieChildren(trie.skip, trie.byte);
  return trie;
}

}  // namespace espalier::grammar
