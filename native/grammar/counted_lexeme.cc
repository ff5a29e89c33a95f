// One walk over the vocabulary's trie with the few ways in which a text can be read, each with the counts that allow it.
#include "grammar/counted_lexeme.h"

#include <algorithm>
#include <unordered_set>

#include "grammar/lexeme_table.h"

namespace espalier::grammar {
namespace {

/// The counts at the start that fit bounds which must hold after `counted` more characters.
Bounds at_start(Bounds bounds, int32_t counted) {
  const auto later = [&](int32_t left) { return left == kUnbounded ? left : left + counted; };
  return {bounds.least == 0 ? 0 : later(bounds.least), later(bounds.most), kUnbounded};
}

Bounds both(Bounds a, Bounds b) { return {std::max(a.least, b.least), std::min(a.most, b.most), kUnbounded}; }

}  // namespace

CountedLexeme::CountedLexeme(CountedContent content, LexemeTable& table, const LexemeId& id)
    : content_(std::move(content)), table_(table), id_(id) {
  // The characters live as long as this does, and count here, too.
  std::unordered_set<const Lexeme*> characters;
  for (const CountedPlace& place : content_) {
    grow(sizeof(CountedPlace));
    grow_by(place.next);
    for (const CountedPlace::Next& next : place.next)
      if (characters.insert(next.character.get()).second) grow(next.character->bytes());
  }
}

CountedLexeme::~CountedLexeme() { table_.forget(*this); }

LexemeMask& CountedLexeme::mask(const Lexeme& character, int32_t state, int32_t place) {
  const uint64_t id = character.id().number;
  auto known = std::find_if(masks_.begin(), masks_.end(), [&](const Mask& mask) {
    return mask.character == id && mask.state == state && mask.place == place;
  });
  if (known == masks_.end()) {
    table_.count_division();
    const Vocabulary& v = table_.vocabulary();
    TriePart all;
    all.inner.reserve(v.node_tokens.size());
    part(v.trie(), 0, character, state, place, all);
    for (BoundedToken& token : all.inner) token.token = v.node_tokens[token.token];
    auto fresh = std::make_unique<LexemeMask>(v, *this, place);
    fresh->set_inner(std::move(all.inner));
    fresh->set_exits(std::move(all.exits));
    known = masks_.insert(masks_.end(), {id, state, place, std::move(fresh)});
  }
  table_.touch(*known->mask);
  return *known->mask;
}

void CountedLexeme::drop(const LexemeMask& mask) {
  std::erase_if(masks_, [&](const Mask& own) { return own.mask.get() == &mask; });
}

void CountedLexeme::part(const TrieView& trie, int32_t node, const Lexeme& character, int32_t state, int32_t place,
                         TriePart& part) const {
  if (is_loop(character)) {
    read_loop(trie, node, character, state, part);
  } else {
    read(trie, node, {&character, state, place, 0, {}}, part);
  }
}

bool CountedLexeme::is_loop(const Lexeme& character) const {
  if (content_.size() != 1 || content_[0].next.size() != 1 || !content_[0].may_end) return false;
  const CountedPlace::Next& next = content_[0].next[0];
  return next.character.get() == &character && next.bounds == Bounds{.least = 1} && content_[0].end == Bounds{};
}

/// As read(), for what nearly all counted lexemes are: there is one thread, and its bounds are the number of characters.
void CountedLexeme::read_loop(const TrieView& trie, int32_t node, const Lexeme& character, int32_t state,
                              TriePart& part) const {
  struct Place {
    int32_t state, counted;
  };
  descend(trie.children, node, Place{state, 0}, [&](Place at, uint8_t byte, int32_t below) -> std::optional<Place> {
    Place here{character.next(at.state, byte), at.counted};
    if (here.state == kLexemeDead) return std::nullopt;
    if (here.state == kLexemeEnd) {
      part.exits.push_back({below, here.counted + 1, {.least = here.counted, .counted = here.counted}});
      here = {0, here.counted + 1};
    }
    for (int32_t i = trie.token_start[below]; i < trie.token_start[below + 1]; i++)
      part.inner.push_back({i, {.least = here.counted}});
    return here;
  });
}

void CountedLexeme::read(const TrieView& trie, int32_t node, const Thread& start, TriePart& part) const {
  const TrieChildren& children = trie.children;
  struct Level {
    std::vector<Thread> threads;
    int32_t at, end;
  };
  // Levels are not popped but left, so that their lists keep their memory.
  std::vector<Level> levels{{{start}, children.start[node], children.start[node + 1]}};
  for (size_t depth = 1; depth > 0;) {
    if (levels.size() <= depth) levels.emplace_back();
    Level& level = levels[depth - 1];
    if (level.at == level.end) {
      depth--;
      continue;
    }
    const int32_t child = level.at++, below = children.node[child];
    std::vector<Thread>& here = levels[depth].threads;
    step(level.threads, children.byte[child], below, here, part.exits);
    if (here.empty()) continue;
    for (int32_t at = trie.token_start[below]; at < trie.token_start[below + 1]; at++)
      for (size_t i = 0; i < here.size(); i++) {
        const auto same = [&](const Thread& other) { return other.bounds == here[i].bounds; };
        if (std::none_of(here.begin(), here.begin() + static_cast<ptrdiff_t>(i), same))
          part.inner.push_back({at, here[i].bounds});
      }
    levels[depth].at = children.start[below];
    levels[depth].end = children.start[below + 1];
    depth++;
  }
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
        add({next.character.get(), 0, next.place, thread.counted + 1, bounds});
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
