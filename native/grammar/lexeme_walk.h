// The walk of an automaton over a trie that does not walk where lexemes are: whatever lies below a node inside of one
// lexeme is the same in every grammar, and remembered.
#pragma once

#include <algorithm>
#include <span>

#include "grammar/inside.h"
#include "grammar/machine.h"
#include "grammar/table_memory.h"
#include "grammar/trie.h"

namespace espalier::grammar {

class LexemeWalk {
 public:
  using Configuration = Machine::Configuration;

  LexemeWalk(Machine& machine, Insides& insides) : machine_(machine), insides_(insides) {}

  /// Calls `allow(trie, from, to)` with stretches of a trie's tokens, of this one or of one that was merged from it: with every
  /// token below `node` whose bytes from there on can be read from `from`; with some more than once, and perhaps with the
  /// node's own. `allow.begin_with(part, trie)` may take all that stays inside in a part. @throws LimitError
  template <typename Allow>
  void run(SetId from, const TrieView& trie, int32_t node, const Allow& allow) {
    levels_.clear();
    divide(from, trie, node, allow);
    run_to_end(trie, 0, allow);
  }

  /// The same from the root, where no configuration of `from` lies in a lexeme.
  template <typename Allow>
  void run_outside(SetId from, const TrieView& trie, const Allow& allow) {
    levels_.clear();
    enter(from, trie, 0);
    run_to_end(trie, 0, allow);
  }

  /// Where a lexeme may end where it stands, what may follow it stands in the set beside it: takes that out of `others`,
  /// the first `count`, if all of it is there.
  bool take_out(const Inside& inside, Configuration* others, size_t& count) {
    if (count == 0 || inside.counted != nullptr || !inside.lexeme->may_end(inside.state)) return false;
    const SetId behind = machine_.enter(inside.behind);
    if (behind == kRefused) return false;
    const auto follow = machine_.configurations_of(behind);
    const auto in = [](auto from, auto to, const Configuration& at) { return std::find(from, to, at) != to; };
    const bool is_there =
        !follow.empty() && follow.size() <= kMaxParts &&
        std::all_of(follow.begin(), follow.end(), [&](const Configuration& at) { return in(others, others + count, at); });
    if (!is_there) return false;
    Configuration* const end = std::remove_if(
        others, others + count, [&](const Configuration& at) { return in(follow.begin(), follow.end(), at); });
    count = static_cast<size_t>(end - others);
    return true;
  }

 private:
  struct Level {
    SetId set;
    int32_t at, end;  ///< children that are still to be looked at
    bool leads_on;    ///< no byte of `bytes` is refused: it need not be tried where nothing lies below
    ByteSet bytes;
  };
  /// Subtrees with fewer nodes are walked.
  static constexpr int32_t kMinPart = 12;
  /// Sets with more configurations are walked.
  static constexpr size_t kMaxParts = 16;
  /// From so many stretches on, what stays inside is asked for as a row.
  static constexpr size_t kManyStretches = 16;
  /// What may follow a lexeme that may end where it stands is merged with what lies behind it below this many nodes.
  static constexpr int32_t kMaxMerged = 4096;

  /// Goes on with the levels above `bottom`, which are of this trie.
  template <typename Allow>
  void run_to_end(const TrieView& trie, size_t bottom, const Allow& allow) {
    while (levels_.size() > bottom) {
      Level& level = levels_.back();
      level.at = trie.children.seek(level.at, level.end, level.bytes);
      if (level.at == level.end) {
        levels_.pop_back();
        continue;
      }
      const int32_t child = level.at++, node = trie.children.node[child];
      if (level.leads_on && trie.children.is_leaf(node)) {
        allow_at(trie, node, allow);
        continue;
      }
      const SetId reached = machine_.step(level.set, trie.children.byte[child]);
      if (reached == kRefused) continue;
      allow_at(trie, node, allow);
      if (trie.skip[node] - node < kMinPart) {
        enter(reached, trie, node);
      } else {
        divide(reached, trie, node, allow);
      }
    }
  }

  template <typename Allow>
  static void allow_at(const TrieView& trie, int32_t node, const Allow& allow) {
    const int32_t from = trie.token_start[node], to = trie.token_start[node + 1];
    if (from < to) allow(trie, from, to);
  }

  void enter(SetId set, const TrieView& trie, int32_t node) {
    const int32_t from = trie.children.start[node], to = trie.children.start[node + 1];
    if (from == to) return;
    const ByteSet& bytes = machine_.readable(set);
    levels_.push_back({set, from, to, machine_.leads_on(set), bytes});
  }

  template <typename Allow>
  void divide(SetId set, const TrieView& trie, int32_t node, const Allow& allow) {
    const auto here = machine_.configurations_of(set);
    if (trie.skip[node] - node < kMinPart || here.size() > kMaxParts) return enter(set, trie, node);
    Inside inside[kMaxParts];
    Configuration others[kMaxParts];
    size_t insides = 0, rest = 0;
    const size_t all = here.size();
    for (size_t i = 0; i < all; i++) {
      const Configuration at = machine_.configurations_of(set)[i];
      const auto found = insides_.find(at);
      if (!found) {
        others[rest++] = at;
        continue;
      }
      if (found->is_many) insides_.take_apart(at, parts_);
      if (!found->is_many || parts_.empty() || insides + parts_.size() + all - i - 1 > kMaxParts) {
        inside[insides++] = *found;
      } else {
        for (const Configuration& part : parts_) inside[insides++] = *insides_.find(part);
      }
    }
    if (insides == 0) return enter(set, trie, node);
    for (size_t i = 0; i < insides; i++) {
      const bool ends_here = trie.skip[node] - node < kMaxMerged && take_out(inside[i], others, rest);
      take(inside[i], ends_here, trie, node, allow);
    }
    if (rest > 0) enter(machine_.only({others, rest}), trie, node);
  }

  template <typename Allow>
  void take(const Inside& inside, bool ends_here, const TrieView& trie, int32_t node, const Allow& allow) {
    LexemeTable::Part& found = insides_.table().part(
        trie, node, {inside.counted, inside.lexeme, inside.state, inside.place, inside.told_left(), ends_here});
    const TriePart& part = *found;
    if (part.stays.size() < kManyStretches || !allow.begin_with(found, trie))
      for (const Stretch& stays : part.stays) allow(trie, stays.from, stays.to);
    for (const BoundedToken& token : part.inner)
      if (token.bounds.hold(inside.count)) allow(trie, token.token, token.token + 1);
    if (part.exits.empty() && part.behind == nullptr) return;
    const SetId behind = machine_.enter(inside.behind);
    if (behind == kRefused) return;
    if (part.behind != nullptr) return pass(behind, part.behind->view(), allow);
    for (const Exit& exit : part.exits) {
      if (!exit.bounds.hold(inside.count)) continue;
      if (exit.closes() || inside.count.left < exit.covered) allow_at(trie, exit.node, allow);
      enter(behind, trie, exit.node);
    }
  }

  /// What lies behind a part's exits, in a trie of its own.
  template <typename Allow>
  void pass(SetId behind, const TrieView& merged, const Allow& allow) {
    const size_t bottom = levels_.size();
    allow_at(merged, 0, allow);
    divide(behind, merged, 0, allow);
    run_to_end(merged, bottom, allow);
  }

  Machine& machine_;
  Insides& insides_;
  Vector<Level> levels_;
  Vector<Configuration> parts_;  ///< scratch of divide()
};

}  // namespace espalier::grammar
