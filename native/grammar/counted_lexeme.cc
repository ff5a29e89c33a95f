// One walk over the vocabulary's trie with the few ways in which a text can be read, each with the counts that allow it.
#include "grammar/counted_lexeme.h"

#include <algorithm>

#include "grammar/counted_division.h"
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

int32_t least_told(const CountedContent& content) {
  int32_t least = kUnbounded;
  for (const CountedPlace& place : content)
    for (const CountedPlace::Next& next : place.next) least = std::min(least, next.bounds.most);
  return least;
}

CountedLexeme::CountedLexeme(CountedContent content, LexemeTable& table, const LexemeId& id)
    : content_(std::move(content)), table_(table), id_(id), least_told_(least_told(content_)) {
  // The characters live as long as this does, and count here, too.
  for (const CountedPlace& place : content_) {
    grow(sizeof(CountedPlace));
    grow_by(place.next);
    for (const CountedPlace::Next& next : place.next) {
      const uint64_t id = next.character->id().number;
      if (std::find(characters_.begin(), characters_.end(), id) != characters_.end()) continue;
      characters_.push_back(id);
      grow(next.character->bytes());
    }
  }
}

CountedLexeme::~CountedLexeme() { table_.forget(*this); }

LexemeMask& CountedLexeme::mask(const Lexeme& character, int32_t state, int32_t place, int32_t left) {
  const int32_t told = told_left(left);
  auto known = std::find_if(masks_.begin(), masks_.end(), [&](const Mask& mask) {
    return mask.character_id == character.id().number && mask.state == state && mask.place == place &&
           mask.told_left == told;
  });
  if (known == masks_.end()) {
    table_.count_division();
    auto fresh = std::make_unique<LexemeMask>(table_.vocabulary(), *this, place);
    known = masks_.insert(masks_.end(), {character.id().number, &character, state, place, told, std::move(fresh)});
    if (auto division = divide_by_part(character, state, place, told)) {
      known->mask->set_division(std::move(division));
    } else {
      divide_whole(*known->mask);
    }
  }
  account();
  table_.touch(*known->mask);
  return *known->mask;
}

void CountedLexeme::divide_whole(LexemeMask& mask) {
  const auto own = std::find_if(masks_.begin(), masks_.end(), [&](const Mask& known) { return known.mask.get() == &mask; });
  const Vocabulary& v = table_.vocabulary();
  TriePart all;
  all.inner.reserve(v.node_tokens.size());
  part(v.trie(), 0, *own->character, own->state, own->place, own->told_left, all);
  for (BoundedToken& token : all.inner) token.token = v.node_tokens[token.token];
  mask.set_inner(std::move(all.inner));
  mask.set_exits(std::move(all.exits));
}

void CountedLexeme::drop(const LexemeMask& mask) {
  std::erase_if(masks_, [&](const Mask& own) { return own.mask.get() == &mask; });
}

CountedAutomaton* CountedLexeme::automaton(const Lexeme& character) {
  if (!has_automaton_) has_automaton_ = CountedAutomaton::fits(content_);
  if (!*has_automaton_) return nullptr;
  const bool is_own =
      std::find(characters_.begin(), characters_.end(), character.id().number) != characters_.end();
  const uint64_t first = is_own ? 0 : character.id().number;
  for (const auto& [known, automaton] : automata_)
    if (known == first) return automaton.get();
  auto held = is_own ? nullptr : std::static_pointer_cast<const Lexeme>(character.shared_from_this());
  automata_.emplace_back(first, std::make_unique<CountedAutomaton>(content_, std::move(held)));
  return automata_.back().second.get();
}

/// What the automata have found since counts, too.
void CountedLexeme::account() {
  size_t bytes = 0;
  for (const auto& [first, automaton] : automata_) bytes += automaton->bytes();
  grow(bytes - automata_bytes_);
  automata_bytes_ = bytes;
}

/// Null where the whole vocabulary has to be divided.
std::unique_ptr<CountedDivision> CountedLexeme::divide_by_part(const Lexeme& character, int32_t state, int32_t place,
                                                              int32_t told_left) {
  CountedAutomaton* const states = automaton(character);
  if (states == nullptr) return nullptr;
  try {
    return std::make_unique<CountedDivision>(table_.vocabulary(), *states,
                                             states->enter(character, state, place, told_left));
  } catch (const NoAutomaton&) {
    return nullptr;
  }
}

void CountedLexeme::part(const TrieView& trie, int32_t node, const Lexeme& character, int32_t state, int32_t place,
                         int32_t told_left, TriePart& part) {
  if (read_states(trie, node, character, state, place, told_left, part)) return;
  part.inner.clear();
  part.exits.clear();
  read(trie, node, {&character, state, place, 0, {}}, part);
}

/// As read(), with the automaton of all characters. False where there is none, or it is too large.
bool CountedLexeme::read_states(const TrieView& trie, int32_t node, const Lexeme& character, int32_t state, int32_t place,
                                int32_t told_left, TriePart& part) {
  CountedAutomaton* const states = automaton(character);
  if (states == nullptr) return false;
  struct At {
    int32_t state, counted;
  };
  try {
    const At start{states->enter(character, state, place, told_left), 0};
    descend(trie.children, node, start, [&](At at, uint8_t byte, int32_t below) -> std::optional<At> {
      const int32_t reached = states->next(at.state, byte);
      if (reached == kLexemeDead) return std::nullopt;
      const int32_t counted = at.counted + states->is_border(reached);
      const bool reads_on = states->reads_on(reached);
      const int32_t least = states->is_limited() ? counted + states->need(reached) : 0;
      for (const int32_t most : states->ends(reached))
        part.exits.push_back(
            {below, reads_on ? least : kUnbounded, states->end_bounds(most, counted - 1)});
      for (int32_t i = trie.token_start[below]; reads_on && i < trie.token_start[below + 1]; i++)
        part.inner.push_back({i, {.least = least}});
      return reads_on ? std::optional(At{reached, counted}) : std::nullopt;
    });
    return true;
  } catch (const NoAutomaton&) {
    return false;
  }
}

void CountedLexeme::read(const TrieView& trie, int32_t node, const Thread& start, TriePart& part) const {
  const TrieChildren& children = trie.children;
  struct Level {
    Vector<Thread> threads;
    int32_t at, end;
  };
  // Levels are not popped but left, so that their lists keep their memory.
  Vector<Level> levels{{{start}, children.start[node], children.start[node + 1]}};
  for (size_t depth = 1; depth > 0;) {
    if (levels.size() <= depth) levels.emplace_back();
    Level& level = levels[depth - 1];
    if (level.at == level.end) {
      depth--;
      continue;
    }
    const int32_t child = level.at++, below = children.node[child];
    Vector<Thread>& here = levels[depth].threads;
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

void CountedLexeme::step(const Vector<Thread>& from, uint8_t byte, int32_t node, Vector<Thread>& to,
                         Vector<Exit>& exits) const {
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
