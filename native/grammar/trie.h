// Tries of byte strings in depth-first order, and the walk of an automaton over one: the vocabulary's own trie, and the
// tries of what is left of tokens behind the end of a lexeme (lexeme_mask.h).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <optional>
#include <span>

#include "grammar/byte_machine.h"
#include "grammar/counts.h"
#include "grammar/table_memory.h"

namespace espalier::grammar {

/// A number that no other trie of the process has, ever.
inline uint64_t new_trie_id() {
  static std::atomic<uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

/// The children of each node side by side, by ascending byte, so that a walk looks at those alone that it can enter. Somebody
/// else holds the lists.
struct TrieChildren {
  uint64_t id = new_trie_id();
  const int32_t* start = nullptr;  ///< node n's are start[n] up to start[n + 1] - 1
  const int32_t* node = nullptr;
  const uint8_t* byte = nullptr;

  bool is_leaf(int32_t parent) const { return start[parent] == start[parent + 1]; }

  /// The first child from `at` on, before `end`, whose byte is in the set; `end` where there is none.
  int32_t seek(int32_t at, int32_t end, const ByteSet& bytes) const {
    while (at < end) {
      const int wanted = bytes.next(byte[at]);
      if (wanted == byte[at]) return at;
      if (wanted > byte[end - 1]) return end;
      // Bytes ascend, so it lies no farther than where it would with no byte left out.
      const int32_t last = std::min(end - 1, at + wanted - byte[at]);
      at = byte[last] <= wanted
               ? last
               : static_cast<int32_t>(std::lower_bound(byte + at + 1, byte + last, wanted) - byte);
      if (byte[at] == wanted) return at;
    }
    return at;
  }
};

/// Writes the lists of TrieChildren for a trie in depth-first order: `start` has one number more than there are nodes, the other
/// lists one less. `skip` and `bytes` by node: the first node behind its subtree, and its byte.
inline void list_children(std::span<const int32_t> skip, std::span<const uint8_t> bytes, int32_t* start, int32_t* node,
                          uint8_t* byte) {
  const auto count = static_cast<int32_t>(bytes.size());
  int32_t listed = 0;
  for (int32_t parent = 0; parent < count; parent++) {
    start[parent] = listed;
    for (int32_t child = parent + 1; child < skip[parent]; child = skip[child]) {
      node[listed] = child;
      byte[listed++] = bytes[child];
    }
  }
  start[count] = listed;
}

/// A trie that somebody else holds. Node 0 is the root; node n's tokens are at the places token_start[n] up to
/// token_start[n + 1] - 1 of the trie's list of tokens, its subtree ends before skip[n].
struct TrieView {
  const TrieChildren& children;
  const int32_t* token_start;
  const int32_t* skip;
  const int32_t* tokens;  ///< by place
  const Bounds* bounds = nullptr;  ///< by place: the counts for which it is allowed; null where it is for all
  const uint32_t* bytes_below = nullptr;  ///< by node, into byte_sets: the bytes in its subtree, its own left out
  const ByteSet* byte_sets = nullptr;  ///< null where nobody has found this and the following
  const uint8_t* characters_below = nullptr;  ///< by node: whether its subtree reads as whole characters, the last one perhaps cut
  const uint8_t* text_below = nullptr;  ///< by node: the narrowest kind of text (text_kinds.h) that its subtree is
  const uint8_t* classes_below = nullptr;  ///< by node: classes of the bytes below (text_kinds.h)
  const uint8_t* height = nullptr;  ///< by node: the most bytes below it, 255 for more

  const ByteSet& below(int32_t node) const { return byte_sets[bytes_below[node]]; }
  /// Calls `visit` with the tokens from one place up to another that are allowed for a count, but for the `lost`, which ascend.
  template <typename Visit>
  void for_each_held(int32_t from, int32_t to, Count count, std::span<const int32_t> lost, Visit visit) const {
    for (int32_t place = from; place < to; place++)
      if ((bounds == nullptr || bounds[place].hold(count)) &&
          !std::binary_search(lost.begin(), lost.end(), tokens[place]))
        visit(tokens[place]);
  }
  /// The child of a node on a byte, or -1.
  int32_t child(int32_t node, uint8_t byte) const {
    ByteSet wanted;
    wanted.add(byte);
    const int32_t end = children.start[node + 1], at = children.seek(children.start[node], end, wanted);
    return at < end ? children.node[at] : -1;
  }
};

/// Goes down the subtree of `node`. `enter(state, byte, below)` is told of each child and gives the state in which its own
/// children are entered, or nothing where they are not.
template <typename State, typename Enter>
void descend(const TrieChildren& children, int32_t node, State start, Enter enter) {
  struct Level {
    State state;
    int32_t at, end;
  };
  Vector<Level> levels;
  levels.reserve(64);
  levels.push_back({start, children.start[node], children.start[node + 1]});
  while (!levels.empty()) {
    Level& level = levels.back();
    if (level.at == level.end) {
      levels.pop_back();
      continue;
    }
    const int32_t child = level.at++, below = children.node[child];
    const std::optional<State> next = enter(level.state, children.byte[child], below);
    const int32_t from = children.start[below], to = children.start[below + 1];
    if (next && from < to) levels.push_back({*next, from, to});
  }
}

/// As descend() from the root, for walks that come by most nodes: in the order in which they lie in memory. `bytes`: by node.
template <typename State, typename Enter>
void sweep(std::span<const int32_t> skip, std::span<const uint8_t> bytes, State start, Enter enter) {
  struct Level {
    State state;
    int32_t end;
  };
  const auto count = static_cast<int32_t>(bytes.size());
  Vector<Level> levels;
  levels.reserve(64);
  levels.push_back({start, count});
  for (int32_t node = 1; node < count;) {
    while (node >= levels.back().end) levels.pop_back();
    const std::optional<State> next = enter(levels.back().state, bytes[node], node);
    if (!next) {
      node = skip[node];
      continue;
    }
    if (skip[node] > node + 1) levels.push_back({*next, skip[node]});
    node++;
  }
}

/// Walks a machine over tries and keeps its scratch between walks.
template <typename MachineType>
class TrieWalk {
 public:
  explicit TrieWalk(MachineType& machine) : machine_(machine) {}

  /// Calls `allow` with the place among the trie's tokens of every token whose bytes below the root can be read from
  /// `from`. @throws LimitError
  template <typename Allow>
  void run(SetId from, const TrieView& trie, Allow allow) {
    const TrieChildren& children = trie.children;
    levels_.clear();
    levels_.push_back({from, children.start[0], children.start[1], machine_.readable(from)});
    while (!levels_.empty()) {
      Level& level = levels_.back();
      level.at = children.seek(level.at, level.end, level.bytes);
      if (level.at == level.end) {
        levels_.pop_back();
        continue;
      }
      const int32_t child = level.at++;
      const SetId reached = machine_.step(level.set, children.byte[child]);
      if (reached == kRefused) continue;
      const int32_t node = children.node[child];
      for (int32_t at = trie.token_start[node]; at < trie.token_start[node + 1]; at++) allow(at);
      if (children.start[node] < children.start[node + 1])
        levels_.push_back({reached, children.start[node], children.start[node + 1], machine_.readable(reached)});
    }
  }

 private:
  struct Level {
    SetId set;
    int32_t at, end;  ///< children that are still to be looked at
    ByteSet bytes;
  };

  MachineType& machine_;
  Vector<Level> levels_;
};

}  // namespace espalier::grammar
