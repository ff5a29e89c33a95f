// The walk of an automaton over a trie that does not walk where lexemes are: whatever lies below a node inside of one
// lexeme is the same in every grammar, and remembered.
#pragma once


#include "grammar/inside.h"
#include "grammar/machine.h"
#include "grammar/table_memory.h"
#include "grammar/trie.h"

namespace espalier::grammar {

class LexemeWalk {
 public:
  LexemeWalk(Machine& machine, Insides& insides) : machine_(machine), insides_(insides) {}

  /// Calls `allow` with the place among the trie's tokens of every token whose bytes below the root can be read from
  /// `from`; with some more than once. @throws LimitError
  template <typename Allow>
  void run(SetId from, const TrieView& trie, Allow allow) {
    levels_.clear();
    enter(from, trie, 0);
    while (!levels_.empty()) {
      Level& level = levels_.back();
      level.at = trie.children.seek(level.at, level.end, level.bytes);
      if (level.at == level.end) {
        levels_.pop_back();
        continue;
      }
      const int32_t child = level.at++, node = trie.children.node[child];
      const SetId reached = machine_.step(level.set, trie.children.byte[child]);
      if (reached == kRefused) continue;
      for (int32_t at = trie.token_start[node]; at < trie.token_start[node + 1]; at++) allow(at);
      if (trie.skip[node] - node < kMinPart) {
        enter(reached, trie, node);
      } else {
        divide(reached, trie, node, allow);
      }
    }
  }

 private:
  struct Level {
    SetId set;
    int32_t at, end;  ///< children that are still to be looked at
    ByteSet bytes;
  };
  /// Subtrees with fewer nodes are walked.
  static constexpr int32_t kMinPart = 12;

  void enter(SetId set, const TrieView& trie, int32_t node) {
    const int32_t from = trie.children.start[node], to = trie.children.start[node + 1];
    if (from < to) levels_.push_back({set, from, to, machine_.readable(set)});
  }

  template <typename Allow>
  void divide(SetId set, const TrieView& trie, int32_t node, Allow& allow) {
    const auto here = machine_.configurations_of(set);
    if (here.size() > kMaxParts) return enter(set, trie, node);
    configurations_.assign(here.begin(), here.end());
    others_.clear();
    for (const Machine::Configuration& at : configurations_) {
      if (const auto inside = insides_.find(at)) {
        take(*inside, trie, node, allow);
      } else {
        others_.push_back(at);
      }
    }
    if (!others_.empty()) enter(others_.size() == configurations_.size() ? set : machine_.only(others_), trie, node);
  }

  template <typename Allow>
  void take(const Inside& inside, const TrieView& trie, int32_t node, Allow& allow) {
    const TriePart& part =
        insides_.table().part(trie, node, inside.counted, inside.lexeme, inside.state, inside.place);
    for (const BoundedToken& token : part.inner)
      if (token.bounds.hold(inside.count)) allow(token.token);
    if (part.exits.empty()) return;
    const SetId behind = machine_.enter(inside.behind);
    if (behind == kRefused) return;
    for (const Exit& exit : part.exits) {
      if (!exit.bounds.hold(inside.count)) continue;
      if (exit.closes() || inside.count.left < exit.covered)
        for (int32_t at = trie.token_start[exit.node]; at < trie.token_start[exit.node + 1]; at++) allow(at);
      enter(behind, trie, exit.node);
    }
  }

  /// Sets with more configurations are walked.
  static constexpr size_t kMaxParts = 16;

  Machine& machine_;
  Insides& insides_;
  Vector<Level> levels_;
  Vector<Machine::Configuration> configurations_, others_;  ///< scratch of divide()
};

}  // namespace espalier::grammar
