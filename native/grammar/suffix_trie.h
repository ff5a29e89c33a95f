// What is left of tokens behind the end of a lexeme, as tries.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "grammar/counts.h"
#include "grammar/table_memory.h"
#include "grammar/trie.h"
#include "grammar/vocabulary.h"

namespace espalier::grammar {

/// A trie while it is built, node by node in depth-first order.
struct TrieLists {
  Vector<uint8_t> byte;
  Vector<int32_t> skip, token_start, tokens;
  Vector<Bounds> bounds;  ///< by token, in the order of `tokens`; empty where all hold for any count
};

/// What is left of tokens behind the end of a lexeme, of those that go on with one byte: a trie below that byte. All of its lists
/// lie in one block of memory: most are small, and found in no cache when a new grammar asks for them.
class SuffixTrie {
 public:
  explicit SuffixTrie(TrieLists lists);

  bool is_empty() const { return token_start()[nodes_] == 0; }
  TrieView view() const {
    return {.children = children_,
            .token_start = token_start(),
            .skip = token_start() + nodes_ + 1,
            .tokens = token_start() + 2 * nodes_ + 1,
            .bounds = bounds_.empty() ? nullptr : bounds_.data()};
  }
  size_t bytes() const {
    return sizeof(SuffixTrie) + block_.capacity() * sizeof(int32_t) + bounds_.capacity() * sizeof(Bounds);
  }

 private:
  const int32_t* token_start() const { return block_.data(); }

  int32_t nodes_;
  Vector<int32_t> block_;  ///< token_start, skip, tokens, and the children's start, node and byte
  Vector<Bounds> bounds_;
  TrieChildren children_;
};

/// Tries by the byte behind a lexeme, most of which are never asked for.
class TriesByByte {
 public:
  /// Null where it is not made yet. The place of the pointer is valid until the next call.
  std::unique_ptr<SuffixTrie>& operator[](uint8_t byte) {
    if (number_[byte] == 0) {
      tries_.emplace_back();
      number_[byte] = static_cast<uint16_t>(tries_.size());
    }
    return tries_[number_[byte] - 1u];
  }

 private:
  uint16_t number_[256] = {};  ///< 0 for none
  Vector<std::unique_ptr<SuffixTrie>> tries_;
};

/// The suffixes of one mask: a trie, or another mask's trie without some of its tokens and one more trie.
struct Suffixes {
  const SuffixTrie& trie;
  const SuffixTrie* shared = nullptr;
  std::span<const int32_t> lost;  ///< ascending; not to be taken from `shared`
};

/// A node of the vocabulary's trie behind an exit.
struct BehindExit {
  uint8_t byte;
  int32_t node;
  Bounds bounds;
};

/// Places of tokens that follow each other in a trie's list, from `from` up to `to` - 1.
struct Stretch {
  int32_t from, to;
};

/// What a lexeme does with the subtree of one node of a trie: the places of tokens that stay inside, and what leaves it.
struct TriePart {
  Vector<BoundedToken> inner;  ///< with a counter
  Vector<Stretch> stays;       ///< without one
  int32_t stay_count = 0;      ///< tokens in these
  Vector<Exit> exits;
  /// In place of several exits of a small lexeme without a counter: what lies below them, and the tokens that end at them at
  /// its root.
  std::unique_ptr<SuffixTrie> behind;
};

/// Merges the subtrees below nodes of the vocabulary's trie that lie at the same place behind a lexeme. Tokens of the row
/// `inner` are left out: they stay inside the lexeme, too. Empty: none are.
SuffixTrie merge_behind(const Vocabulary& vocabulary, std::span<const int32_t> inner, std::span<const BehindExit> nodes);

/// Merges what lies at and below exits of a trie.
SuffixTrie merge_exits(const TrieView& trie, std::span<const Exit> exits);

}  // namespace espalier::grammar
