#include "grammar/lexeme_table.h"

namespace espalier::grammar {

namespace {

/// Exits of lexemes with more states are left as they are: those are of one grammar, whose masks may never ask again.
constexpr int32_t kMaxMergedStates = 32;
/// From so many tokens on a part has a row of bits.
constexpr int32_t kLeastPartRow = 256;

/// In four lanes, which do not wait for each other.
uint64_t hash_of(const LexemeContent& content) {
  const auto pair = [&](size_t at) {
    return static_cast<uint64_t>(static_cast<uint32_t>(content[at])) << 32 | static_cast<uint32_t>(content[at + 1]);
  };
  uint64_t lanes[4] = {content.size(), 1, 2, 3};
  size_t at = 0;
  for (; at + 8 <= content.size(); at += 8)
    for (size_t lane = 0; lane < 4; lane++) lanes[lane] = mix(lanes[lane], pair(at + 2 * lane));
  uint64_t hash = mix(mix(mix(lanes[0], lanes[1]), lanes[2]), lanes[3]);
  for (; at < content.size(); at++) hash = mix(hash, static_cast<uint32_t>(content[at]));
  return hash;
}

}  // namespace

std::shared_ptr<Lexeme> LexemeTable::intern(LexemeContent content) {
  const uint64_t hash = hash_of(content);
  std::shared_ptr<Lexeme> fresh;
  const uint32_t found = lexeme_table_.find_or_create(
      hash, [&](uint32_t i) { return lexemes_[i]->content() == content; },
      [&] {
        const uint32_t slot = lexemes_.take();
        fresh.reset(new Lexeme(std::move(content), *this, {++last_id_, hash, slot}));
        lexemes_[slot] = fresh.get();
        return slot;
      });
  touch(*lexemes_[found]);
  return std::static_pointer_cast<Lexeme>(lexemes_[found]->shared_from_this());
}

std::shared_ptr<CountedLexeme> LexemeTable::intern(CountedContent content) {
  uint64_t hash = content.size();
  const auto add = [&](const Bounds& bounds) {
    hash = mix(mix(hash, static_cast<uint32_t>(bounds.least)), static_cast<uint32_t>(bounds.most));
  };
  for (const CountedPlace& place : content) {
    hash = mix(hash, place.may_end);
    add(place.end);
    for (const CountedPlace::Next& next : place.next) {
      hash = mix(mix(hash, next.character->id().number), static_cast<uint32_t>(next.place));
      add(next.bounds);
    }
  }
  std::shared_ptr<CountedLexeme> fresh;
  const uint32_t found = counted_table_.find_or_create(
      hash, [&](uint32_t i) { return counted_[i]->content() == content; },
      [&] {
        const uint32_t slot = counted_.take();
        fresh.reset(new CountedLexeme(std::move(content), *this, {++last_id_, hash, slot}));
        counted_[slot] = fresh.get();
        return slot;
      });
  touch(*counted_[found]);
  return std::static_pointer_cast<CountedLexeme>(counted_[found]->shared_from_this());
}

Lexeme::Place LexemeTable::place_of(const LexemeContent& rest, Lexeme::Place own) {
  const uint64_t hash = hash_of(rest);
  const uint32_t found = rest_table_.find_or_create(
      hash, [&](uint32_t i) { return rests_[i].hash == hash && rests_[i].lexeme->rest_of(rests_[i].state) == rest; },
      [&] {
        const uint32_t slot = rests_.take();
        rests_[slot] = {own.lexeme, own.state, hash};
        own.lexeme->noted_rests().push_back(slot);
        return slot;
      });
  touch(*rests_[found].lexeme);
  return {rests_[found].lexeme, rests_[found].state};
}

Lexeme* LexemeTable::find(const LexemeId& id) {
  Lexeme* const lexeme = id.slot < lexemes_.size() ? lexemes_[id.slot] : nullptr;
  if (lexeme == nullptr || lexeme->id().number != id.number) return nullptr;
  touch(*lexeme);
  return lexeme;
}

void LexemeTable::forget(const Lexeme& lexeme) {
  for (const uint32_t slot : lexeme.noted_rests()) {
    rest_table_.erase(rests_[slot].hash, slot);
    rests_.give_back(slot);
  }
  lexeme_table_.erase(lexeme.id().hash, lexeme.id().slot);
  lexemes_.give_back(lexeme.id().slot);
}

void LexemeTable::forget(const CountedLexeme& counted) {
  counted_table_.erase(counted.id().hash, counted.id().slot);
  counted_.give_back(counted.id().slot);
}

void LexemeTable::touch(MaskOwner& owner) {
  owner.hold();
  recency_.touch(owner);
}

void LexemeTable::raise_needs(LexemeMask& mask) {
  if (LexemeMask* const like = mask.like()) {
    recency_.raise(*like);
    raise_needs(*like);
  }
  mask.owner().hold();
  recency_.raise(mask.owner());
}

LexemeTable::Part& LexemeTable::part(const TrieView& trie, int32_t node, const Reader& reader) {
  const PartKey key{trie.children.id, reader.counted == nullptr ? 0 : reader.counted->id().number,
                    reader.lexeme->id().number, node, reader.state, reader.place, reader.told_left, reader.ends_here};
  uint64_t hash = mix(mix(mix(key.ends_here, key.trie), key.counted), key.lexeme);
  hash = mix(mix(mix(hash, static_cast<uint32_t>(node)), static_cast<uint32_t>(key.state)),
             mix(static_cast<uint32_t>(key.place), static_cast<uint32_t>(key.told_left)));
  const uint32_t found = part_table_.find_or_create(
      hash, [&](uint32_t i) { return parts_[i]->key_ == key; },
      [&] {
        auto fresh = std::make_unique<Part>(*this, key, hash);
        fresh->set(find_part(trie, node, reader));
        fresh->place_ = parts_.take();
        const uint32_t taken = fresh->place_;
        parts_[taken] = std::move(fresh);
        return taken;
      });
  recency_.touch(*parts_[found]);
  return *parts_[found];
}

TriePart LexemeTable::find_part(const TrieView& trie, int32_t node, const Reader& reader) {
  TriePart part;
  if (reader.counted != nullptr) {
    reader.counted->part(trie, node, *reader.lexeme, reader.state, reader.place, reader.told_left, part);
    return part;
  }
  if (reader.ends_here) part.exits.push_back({node, 0, {}});
  reader.lexeme->read(
      trie, node, reader.state,
      [&](int32_t from, int32_t to) {
        part.stay_count += to - from;
        if (!part.stays.empty() && part.stays.back().to == from) {
          part.stays.back().to = to;
        } else if (from < to) {
          part.stays.push_back({from, to});
        }
      },
      [&](int32_t exit, bool closes) { part.exits.push_back({exit, closes ? kUnbounded : 0, {}}); });
  reader.lexeme->account();
  if (part.exits.size() > 1 && reader.lexeme->state_count() <= kMaxMergedStates) {
    part.behind = std::make_unique<SuffixTrie>(merge_exits(trie, part.exits));
    part.exits = {};
  }
  return part;
}

const std::shared_ptr<const InnerRow>& LexemeTable::Part::row_with(const std::shared_ptr<const InnerRow>& other,
                                                                   const int32_t* tokens) {
  if (part_.stay_count < kLeastPartRow) return row_.made();
  if (other_ != other) {
    if (row_.made() != nullptr) grow(size_t{0} - row_.made()->bytes());
    other_ = other;
    row_ = {};
  }
  return row_.ask([&] {
    auto bits = other != nullptr ? other->row : Vector<int32_t>(table_.vocabulary().mask_words());
    auto row = extended_row(std::move(bits), other != nullptr ? other->count : 0, [&](auto add) {
      for (const Stretch& stays : part_.stays)
        for (int32_t at = stays.from; at < stays.to; at++) add(tokens[at]);
    });
    grow(row->bytes());
    return row;
  });
}

void LexemeTable::Part::set(TriePart found) {
  part_ = std::move(found);
  grow(sizeof(Part) + sizeof(PartKey));
  grow_by(part_.inner);
  grow_by(part_.stays);
  grow_by(part_.exits);
  if (part_.behind != nullptr) grow(part_.behind->bytes());
}

void LexemeTable::drop(const Part& part) {
  const uint32_t place = part.place_;
  part_table_.erase(part.hash_, place);
  parts_.give_back(place);
}

}  // namespace espalier::grammar
