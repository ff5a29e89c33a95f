// A state is a set of threads, each a character that is being read and the place behind it: the subset construction.
#include "grammar/counted_automaton.h"

#include <algorithm>
#include <utility>

#include "grammar/byte_classes.h"

namespace espalier::grammar {
namespace {

Vector<const Lexeme*> characters_of(const CountedContent& content) {
  Vector<const Lexeme*> characters;
  for (const CountedPlace& place : content)
    for (const CountedPlace::Next& next : place.next)
      if (std::find(characters.begin(), characters.end(), next.character.get()) == characters.end())
        characters.push_back(next.character.get());
  return characters;
}

bool limits(const CountedPlace::Next& next) { return next.bounds.least > 0; }

bool limits(const CountedContent& content) {
  return std::any_of(content.begin(), content.end(), [](const CountedPlace& place) {
    return std::any_of(place.next.begin(), place.next.end(), [](const CountedPlace::Next& next) { return limits(next); });
  });
}

}  // namespace

bool CountedAutomaton::fits(const CountedContent& content) {
  const bool is_limited = limits(content);
  for (const CountedPlace& place : content)
    for (const CountedPlace::Next& next : place.next) {
      const CountedPlace& behind = content[next.place];
      if (limits(next) != is_limited) return false;
      // Of the bounds of all characters that were read the last one's must be the strictest.
      if (behind.may_end && next.bounds.least > 1) return false;
      for (const CountedPlace::Next& further : behind.next)
        if (further.bounds.least < next.bounds.least - 1) return false;
    }
  return true;
}

CountedAutomaton::CountedAutomaton(const CountedContent& content, std::shared_ptr<const Lexeme> first)
    : content_(content), first_(std::move(first)), is_limited_(limits(content)), least_told_(least_told(content)) {
  for (const CountedPlace& place : content_)
    for (const CountedPlace::Next& next : place.next) max_need_ = std::max(max_need_, next.bounds.least - 1);
  bool border[257] = {};
  Vector<const Lexeme*> characters = characters_of(content);
  if (first_) characters.push_back(first_.get());
  for (const Lexeme* character : characters)
    for (int byte = 0; byte < 256; byte = character->stretch_end(byte) + 1) border[byte] = true;
  class_count_ = classify_bytes(border, class_of_);
  for (int byte = 255; byte >= 0; byte--)
    stretch_end_[byte] =
        byte < 255 && class_of_[byte + 1] == class_of_[byte] ? stretch_end_[byte + 1] : static_cast<uint8_t>(byte);
}

int32_t CountedAutomaton::enter(const Lexeme& character, int32_t state, int32_t place, int32_t left) {
  if (is_refuted_) throw NoAutomaton{};
  reached_.assign(1, {&character, state, place, 0});
  reached_ends_.clear();
  return intern(false, left);
}

int32_t CountedAutomaton::find_next(int32_t state, uint8_t byte) {
  reached_.clear();
  reached_ends_.clear();
  bool is_border = false, is_inside = false;
  const int32_t left = states_[state].left;
  for (const Thread& thread : within(threads_, states_[state].threads)) {
    const int32_t to = thread.character->next(thread.state, byte);
    if (to >= 0) reached_.push_back({thread.character, to, thread.place, thread.need});
    is_inside = is_inside || to >= 0;
    if (to != kLexemeEnd) continue;
    is_border = true;
    const CountedPlace& place = content_[thread.place];
    for (const CountedPlace::Next& next : place.next)
      if (left <= next.bounds.most)
        reached_.push_back({next.character.get(), 0, next.place, std::max(next.bounds.least - 1, 0)});
    if (place.may_end) reached_ends_.push_back(place.end.most);
  }
  if (is_border && is_inside) {
    is_refuted_ = true;
    throw NoAutomaton{};
  }
  const int32_t left_behind = is_border ? std::max(left - 1, least_told_) : left;
  const int32_t result = reached_.empty() && reached_ends_.empty() ? kLexemeDead : intern(is_border, left_behind);
  next_[static_cast<size_t>(state) * class_count_ + class_of_[byte]] = result;
  return result;
}

/// The state of what was reached, added when it is new.
int32_t CountedAutomaton::intern(bool is_border, int32_t left) {
  const auto tidy = [](auto& list) {
    if (list.size() < 2) return;
    std::sort(list.begin(), list.end());
    list.erase(std::unique(list.begin(), list.end()), list.end());
  };
  tidy(reached_);
  tidy(reached_ends_);
  uint64_t hash = mix(mix(is_border, reached_.size()), static_cast<uint32_t>(left));
  for (const Thread& thread : reached_)
    hash = mix(mix(mix(mix(hash, thread.character->id().number), static_cast<uint32_t>(thread.state)),
                   static_cast<uint32_t>(thread.place)),
               static_cast<uint32_t>(thread.need));
  for (const int32_t end : reached_ends_) hash = mix(hash, static_cast<uint32_t>(end));
  const auto equals = [&](uint32_t i) {
    const State& known = states_[i];
    const auto threads = within(threads_, known.threads);
    const auto ends = within(ends_, known.ends);
    return known.is_border == is_border && known.left == left &&
           std::equal(threads.begin(), threads.end(), reached_.begin(), reached_.end()) &&
           std::equal(ends.begin(), ends.end(), reached_ends_.begin(), reached_ends_.end());
  };
  return static_cast<int32_t>(table_.find_or_create(hash, equals, [&] {
    if (bytes() > kMaxBytes) throw NoAutomaton{};
    int32_t need = reached_.empty() ? 0 : kUnbounded;
    for (const Thread& thread : reached_) need = std::min(need, thread.need);
    states_.push_back({{static_cast<uint32_t>(threads_.size()), static_cast<uint32_t>(reached_.size())},
                       {static_cast<uint32_t>(ends_.size()), static_cast<uint32_t>(reached_ends_.size())},
                       need, left, is_border});
    threads_.insert(threads_.end(), reached_.begin(), reached_.end());
    ends_.insert(ends_.end(), reached_ends_.begin(), reached_ends_.end());
    next_.resize(states_.size() * static_cast<size_t>(class_count_), kUnknown);
    horizons_.resize(states_.size() * kTextKinds);
    loops_.resize(states_.size());
    return static_cast<uint32_t>(states_.size() - 1);
  }));
}

bool CountedAutomaton::reads_all(const TrieView& trie, int32_t node, int32_t state) {
  if (trie.byte_sets == nullptr) return false;
  const int height = trie.height[node];
  if (height == 0) return true;
  const auto kind = static_cast<TextKind>(trie.text_below[node]);
  if (kind != kNoText && reads_text(state, kind, height)) return true;
  const Loops& here = loops(state);
  const ByteSet& below = trie.below(node);
  if (here.bytes.holds_all(below)) return true;
  return here.has_characters && trie.characters_below[node] != 0 && here.bytes.holds_all(below.ascii());
}

const CountedAutomaton::Loops& CountedAutomaton::loops(int32_t state) {
  if (!loops_[state].is_known) {
    Loops found{.is_known = true};
    for (int low = 0, high = 0; low < 256; low = high + 1) {
      high = stretch_end_[low];
      if (next(state, static_cast<uint8_t>(low)) == state)
        found.bytes.add(static_cast<uint8_t>(low), static_cast<uint8_t>(high));
    }
    found.has_characters = loops_on_characters(*this, state);
    loops_[state] = found;
  }
  return loops_[state];
}

size_t CountedAutomaton::bytes() const {
  return sizeof(CountedAutomaton) + states_.capacity() * (sizeof(State) + sizeof(Loops) + kTextKinds * sizeof(Horizon)) +
         threads_.capacity() * sizeof(Thread) + (ends_.capacity() + next_.capacity()) * sizeof(int32_t) + table_.bytes() +
         character_steps_.bytes();
}

}  // namespace espalier::grammar
