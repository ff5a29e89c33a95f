// One walk over the vocabulary's trie with the few ways in which a text can be read, each with the counts that allow it.
#include "grammar/counted_lexeme.h"

#include <algorithm>

namespace espalier::grammar {
namespace {

/// The counts at the start that fit bounds which must hold after `counted` more characters.
Bounds at_start(Bounds bounds, int32_t counted) {
  const auto later = [&](int32_t left) { return left == kUnbounded ? left : left + counted; };
  return {bounds.least == 0 ? 0 : later(bounds.least), later(bounds.most), kUnbounded};
}

Bounds both(Bounds a, Bounds b) { return {std::max(a.least, b.least), std::min(a.most, b.most), kUnbounded}; }

}  // namespace

LexemeMask& CountedLexeme::mask(const Lexeme& character, int32_t state, int32_t place) {
  for (const Mask& known : masks_)
    if (known.character == &character && known.state == state && known.place == place) return *known.mask;
  auto fresh = std::make_unique<LexemeMask>(vocabulary_);
  divide({&character, state, place, 0, {}}, *fresh);
  masks_.push_back({&character, state, place, std::move(fresh)});
  return *masks_.back().mask;
}

void CountedLexeme::divide(const Thread& start, LexemeMask& mask) const {
  const Vocabulary& v = vocabulary_;
  const TrieChildren& children = v.children;
  struct Level {
    std::vector<Thread> threads;
    int32_t at, end;
  };
  // Levels are not popped but left, so that their lists keep their memory.
  std::vector<Level> levels{{{start}, children.start[0], children.start[1]}};
  std::vector<BoundedToken> tokens;
  std::vector<Exit> exits;
  for (size_t depth = 1; depth > 0;) {
    if (levels.size() <= depth) levels.emplace_back();
    Level& level = levels[depth - 1];
    if (level.at == level.end) {
      depth--;
      continue;
    }
    const int32_t child = level.at++, node = children.node[child];
    std::vector<Thread>& here = levels[depth].threads;
    step(level.threads, children.byte[child], node, here, exits);
    if (here.empty()) continue;
    for (int32_t at = v.node_token_start[node]; at < v.node_token_start[node + 1]; at++)
      for (size_t i = 0; i < here.size(); i++) {
        const auto same = [&](const Thread& other) { return other.bounds == here[i].bounds; };
        if (std::none_of(here.begin(), here.begin() + static_cast<ptrdiff_t>(i), same))
          tokens.push_back({v.node_tokens[at], here[i].bounds});
      }
    levels[depth].at = children.start[node];
    levels[depth].end = children.start[node + 1];
    depth++;
  }
  mask.set_inner(std::move(tokens));
  mask.set_exits(std::move(exits));
}

void CountedLexeme::step(const std::vector<Thread>& from, uint8_t byte, int32_t node, std::vector<Thread>& to,
                         std::vector<Exit>& exits) const {
  to.clear();
  const auto add = [&](const Thread& thread) {
    if (thread.bounds.least > thread.bounds.most) return;
    if (std::find(to.begin(), to.end(), thread) == to.end()) to.push_back(thread);
  };
  for (const Thread& thread : from) {
    const int32_t state = thread.character->next(thread.state, byte);
    if (state >= 0) {
      add({thread.character, state, thread.place, thread.counted, thread.bounds});
    } else if (state == kLexemeEnd) {
      const CountedPlace& place = content_[thread.place];
      int32_t covered = kUnbounded;
      for (const CountedPlace::Next& next : place.next) {
        const Bounds bounds = both(thread.bounds, at_start(next.bounds, thread.counted));
        add({next.character, 0, next.place, thread.counted + 1, bounds});
        if (bounds.most == kUnbounded) covered = std::min(covered, bounds.least);
      }
      if (!place.may_end) continue;
      Bounds bounds = both(thread.bounds, at_start(place.end, thread.counted));
      bounds.counted = thread.counted;
      const Exit exit{node, covered, bounds};
      size_t same = exits.size();
      while (same > 0 && exits[same - 1].node == node && !(exits[same - 1] == exit)) same--;
      const bool is_new = same == 0 || exits[same - 1].node != node;
      if (bounds.least <= bounds.most && is_new) exits.push_back(exit);
    }
  }
}

}  // namespace espalier::grammar
