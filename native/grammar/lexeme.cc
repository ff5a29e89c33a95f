// Divides the vocabulary by a lexeme's state: one walk over the trie with a table of transitions, no stacks and no sets.
#include "grammar/lexeme.h"

#include <algorithm>
#include <bit>

namespace espalier::grammar {
namespace {

constexpr int32_t kDead = -2;
/// Inner tokens up to this number are kept as a list.
constexpr int64_t kMaxListed = 1024;

/// Merges the subtrees below nodes of the vocabulary's trie that lie at the same place behind a lexeme.
class SuffixBuilder {
 public:
  SuffixBuilder(const Vocabulary& vocabulary, SuffixTrie& trie) : v_(vocabulary), trie_(trie) {}

  void build(const std::vector<int32_t>& nodes) {
    add(0, nodes);
    trie_.token_start.push_back(static_cast<int32_t>(trie_.tokens.size()));
  }

 private:
  void add(uint8_t byte, const std::vector<int32_t>& nodes) {
    const size_t own = trie_.byte.size();
    trie_.byte.push_back(byte);
    trie_.skip.push_back(0);
    trie_.token_start.push_back(static_cast<int32_t>(trie_.tokens.size()));
    std::vector<std::pair<uint8_t, int32_t>> children;
    for (const int32_t node : nodes) {
      trie_.tokens.insert(trie_.tokens.end(), v_.node_tokens.begin() + v_.node_token_start[node],
                          v_.node_tokens.begin() + v_.node_token_start[node + 1]);
      for (int32_t child = node + 1; child < v_.node_skip[node]; child = v_.node_skip[child])
        children.emplace_back(v_.node_byte[child], child);
    }
    std::sort(children.begin(), children.end());
    std::vector<int32_t> same;
    for (size_t i = 0; i < children.size();) {
      same.clear();
      const uint8_t next = children[i].first;
      for (; i < children.size() && children[i].first == next; i++) same.push_back(children[i].second);
      add(next, same);
    }
    trie_.skip[own] = static_cast<int32_t>(trie_.byte.size());
  }

  const Vocabulary& v_;
  SuffixTrie& trie_;
};

}  // namespace

Lexeme::Lexeme(LexemeContent content, const Vocabulary& vocabulary)
    : content_(std::move(content)), vocabulary_(vocabulary) {
  bool border[257] = {};
  size_t states = 0;
  for (size_t at = 0; at < content_.size(); states++) {
    const auto edges = static_cast<size_t>(content_[at + 1]);
    at += 2;
    for (size_t i = 0; i < edges; i++, at += 3) border[content_[at]] = border[content_[at + 1] + 1] = true;
  }
  for (int byte = 0; byte < 256; byte++) {
    if (byte > 0 && border[byte]) class_count_++;
    class_of_[byte] = static_cast<uint8_t>(class_count_);
  }
  class_count_++;
  next_.assign(states * class_count_, kDead);
  may_end_.resize(states);
  masks_.resize(states);
  size_t state = 0;
  for (size_t at = 0; at < content_.size(); state++) {
    may_end_[state] = content_[at] != 0;
    const auto edges = static_cast<size_t>(content_[at + 1]);
    at += 2;
    for (size_t i = 0; i < edges; i++, at += 3)
      for (int c = class_of_[content_[at]]; c <= class_of_[content_[at + 1]]; c++)
        next_[state * class_count_ + c] = content_[at + 2];
  }
}

LexemeMask& Lexeme::mask(int32_t state) {
  std::unique_ptr<LexemeMask>& mask = masks_[state];
  if (!mask) {
    auto fresh = std::make_unique<LexemeMask>();
    divide(state, *fresh);
    mask = std::move(fresh);
  }
  return *mask;
}

void Lexeme::divide(int32_t start, LexemeMask& mask) {
  const Vocabulary& v = vocabulary_;
  struct Level {
    int32_t state, end;
  };
  std::vector<Level> levels{{start, v.node_count()}};
  std::vector<int32_t> row(v.mask_words());
  int64_t count = 0;
  for (int32_t node = 1; node < v.node_count();) {
    while (node >= levels.back().end) levels.pop_back();
    const int32_t state = next_[levels.back().state * class_count_ + class_of_[v.node_byte[node]]];
    if (state == kDead) {
      node = v.node_skip[node];
      continue;
    }
    const int32_t from = v.node_token_start[node], to = v.node_token_start[node + 1];
    if (state == kLexemeEnd) {
      mask.closing.insert(mask.closing.end(), v.node_tokens.begin() + from, v.node_tokens.begin() + to);
      mask.exits.push_back(node);
      node = v.node_skip[node];
      continue;
    }
    if (may_end_[state]) mask.exits.push_back(node);
    for (int32_t at = from; at < to; at++) {
      const int32_t token = v.node_tokens[at];
      row[token >> 5] |= static_cast<int32_t>(1u << (token & 31));
    }
    count += to - from;
    levels.push_back({state, v.node_skip[node]});
    node++;
  }
  mask.inner_count = count;
  if (count > kMaxListed) {
    mask.row = std::move(row);
    return;
  }
  for (size_t word = 0; word < row.size(); word++)
    for (uint32_t bits = static_cast<uint32_t>(row[word]); bits != 0; bits &= bits - 1)
      mask.inner.push_back(static_cast<int32_t>(word * 32) + std::countr_zero(bits));
}

const SuffixTrie& Lexeme::suffixes(LexemeMask& mask, uint8_t byte) {
  std::unique_ptr<SuffixTrie>& trie = mask.suffixes[byte];
  if (!trie) {
    const Vocabulary& v = vocabulary_;
    std::vector<int32_t> nodes;
    for (const int32_t exit : mask.exits)
      for (int32_t child = exit + 1; child < v.node_skip[exit] && v.node_byte[child] <= byte; child = v.node_skip[child])
        if (v.node_byte[child] == byte) nodes.push_back(child);
    auto fresh = std::make_unique<SuffixTrie>();
    SuffixBuilder(v, *fresh).build(nodes);
    trie = std::move(fresh);
  }
  return *trie;
}

std::shared_ptr<Lexeme> LexemeTable::intern(LexemeContent content) {
  uint64_t hash = content.size();
  for (const int32_t word : content) hash = mix(hash, static_cast<uint32_t>(word));
  const uint32_t found = table_.find_or_create(
      hash, [&](uint32_t i) { return lexemes_[i]->content() == content; },
      [&] {
        lexemes_.push_back(std::make_shared<Lexeme>(content, vocabulary_));
        return static_cast<uint32_t>(lexemes_.size() - 1);
      });
  return lexemes_[found];
}

}  // namespace espalier::grammar
