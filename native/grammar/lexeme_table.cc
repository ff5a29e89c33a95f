#include "grammar/lexeme_table.h"

namespace espalier::grammar {

std::shared_ptr<Lexeme> LexemeTable::intern(LexemeContent content) {
  uint64_t hash = content.size();
  for (const int32_t word : content) hash = mix(hash, static_cast<uint32_t>(word));
  const uint32_t found = table_.find_or_create(
      hash, [&](uint32_t i) { return lexemes_[i]->content() == content; },
      [&] {
        lexemes_.push_back(std::make_shared<Lexeme>(content, *this));
        return static_cast<uint32_t>(lexemes_.size() - 1);
      });
  return lexemes_[found];
}

std::shared_ptr<CountedLexeme> LexemeTable::intern(const CountedContent& content) {
  uint64_t hash = content.size();
  const auto add = [&](const Bounds& bounds) {
    hash = mix(mix(hash, static_cast<uint32_t>(bounds.least)), static_cast<uint32_t>(bounds.most));
  };
  for (const CountedPlace& place : content) {
    hash = mix(hash, place.may_end);
    add(place.end);
    for (const CountedPlace::Next& next : place.next) {
      hash = mix(mix(hash, reinterpret_cast<uintptr_t>(next.character)), static_cast<uint32_t>(next.place));
      add(next.bounds);
    }
  }
  const uint32_t found = counted_table_.find_or_create(
      hash, [&](uint32_t i) { return counted_[i]->content() == content; },
      [&] {
        counted_.push_back(std::make_shared<CountedLexeme>(content, vocabulary_, memory_));
        return static_cast<uint32_t>(counted_.size() - 1);
      });
  return counted_[found];
}

const TriePart& LexemeTable::part(const TrieView& trie, int32_t node, CountedLexeme* counted, Lexeme* lexeme,
                                  int32_t state, int32_t place) {
  const PartKey key{&trie.children, counted, lexeme, node, state, place};
  const auto word = [](const void* pointer) { return static_cast<uint64_t>(reinterpret_cast<uintptr_t>(pointer)); };
  uint64_t hash = mix(mix(mix(0, word(key.trie)), word(counted)), word(lexeme));
  hash = mix(mix(mix(hash, static_cast<uint32_t>(node)), static_cast<uint32_t>(state)), static_cast<uint32_t>(place));
  const uint32_t found = part_table_.find_or_create(
      hash, [&](uint32_t i) { return parts_[i].key == key; },
      [&] {
        auto part = std::make_unique<TriePart>();
        if (counted != nullptr) {
          counted->part(trie, node, *lexeme, state, place, *part);
        } else {
          lexeme->read(
              trie, node, state,
              [&](int32_t from, int32_t to) {
                for (int32_t at = from; at < to; at++) part->inner.push_back({at, {}});
              },
              [&](int32_t exit, bool closes) { part->exits.push_back({exit, closes ? kUnbounded : 0, {}}); });
        }
        memory_.add(part->inner);
        memory_.add(part->exits);
        parts_.push_back({key, std::move(part)});
        return static_cast<uint32_t>(parts_.size() - 1);
      });
  return *parts_[found].part;
}

}  // namespace espalier::grammar
