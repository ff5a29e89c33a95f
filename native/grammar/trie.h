// Tries of byte strings in depth-first order, and the walk of an automaton over one: the vocabulary's own trie, and the
// tries of what is left of tokens behind the end of a lexeme (lexeme_masks.h).
#pragma once

#include <cstdint>
#include <vector>

#include "grammar/byte_machine.h"

namespace espalier::grammar {

/// Arrays of a trie that somebody else holds. Node 0 is the root; node n's subtree ends before skip[n]; its tokens are
/// tokens[token_start[n]] up to tokens[token_start[n + 1] - 1].
struct TrieView {
  const uint8_t* byte;
  const int32_t* skip;
  const int32_t* token_start;
  const int32_t* tokens;
  int32_t count;
};

/// Walks a machine over tries and keeps its scratch between walks.
template <typename MachineType>
class TrieWalk {
 public:
  explicit TrieWalk(MachineType& machine) : machine_(machine) {}

  /// Calls `allow` with the place in `trie.tokens` of every token whose bytes below the root can be read from `from`.
  /// @throws LimitError
  template <typename Allow>
  void run(SetId from, const TrieView& trie, Allow allow) {
    levels_.assign(1, {from, trie.count, machine_.readable(from)});
    for (int32_t node = 1; node < trie.count;) {
      while (node >= levels_.back().end) levels_.pop_back();
      const uint8_t byte = trie.byte[node];
      const SetId reached = levels_.back().bytes.has(byte) ? machine_.step(levels_.back().set, byte) : kRefused;
      if (reached == kRefused) {
        node = trie.skip[node];
        continue;
      }
      for (int32_t at = trie.token_start[node]; at < trie.token_start[node + 1]; at++) allow(at);
      const int32_t end = trie.skip[node++];
      if (node < end) levels_.push_back({reached, end, machine_.readable(reached)});
    }
  }

 private:
  struct Level {
    SetId set;
    int32_t end;  ///< first node behind the subtree that is walked in `set`
    ByteSet bytes;
  };

  MachineType& machine_;
  std::vector<Level> levels_;
};

}  // namespace espalier::grammar
