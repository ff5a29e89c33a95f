// Read src/automata/tracks.ts beside this: the functions bear the same names.
#include "grammar/tracks.h"

namespace espalier::grammar {

TrackTable::TrackTable(const StackTable& stacks) : stacks_(stacks) {
  tracks_.push_back({kNoTrack, kNewValue, kNoValues, kNoText, 0, {0, 0}});
  texts_.assign(2, {kNoText, 0, 0});
}

TrackId TrackTable::begin(TrackId outer, int32_t goal, ValueSetId known) {
  return track(outer, goal, known, kNoText, [&](auto add) {
    for (const uint32_t value : stacks_.values(known)) add(value);
  });
}

TrackId TrackTable::capture(TrackId outer, int32_t check) {
  return track(outer, check, kNoValues, kNoText, [](auto) {});
}

TrackId TrackTable::assume_new(TrackId id) {
  if (id == kNoTrack) return kNoTrack;
  const Track of = tracks_[id];
  return track(assume_new(of.outer), of.goal, of.known, kAnyText, [](auto) {});
}

TrackId TrackTable::advance(TrackId id, uint8_t byte) {
  const Track before = tracks_[id];
  const TrackId outer = before.outer == kNoTrack ? kNoTrack : advance(before.outer, byte);
  const uint32_t at = length(before);
  return track(outer, before.goal, before.known, append(before.text, byte), [&](auto add) {
    for (uint32_t i = 0; i < before.candidates.size; i++) {
      const uint32_t value = candidates_[before.candidates.first + i];
      const std::string_view text = stacks_.value_text(value);
      if (at < text.size() && static_cast<uint8_t>(text[at]) == byte) add(value);
    }
  });
}

template <typename Candidates>
TrackId TrackTable::track(TrackId outer, int32_t goal, ValueSetId known, uint32_t text, Candidates candidates) {
  const auto equals = [&](uint32_t i) {
    const Track& other = tracks_[i];
    return other.outer == outer && other.goal == goal && other.known == known && other.text == text &&
           i != kNoTrack;
  };
  return track_table_.find_or_create(mix(mix(mix(mix(6, outer), static_cast<uint32_t>(goal)), known), text), equals, [&] {
    const auto first = static_cast<uint32_t>(candidates_.size());
    candidates([&](uint32_t value) { candidates_.push_back(value); });
    const Slice own{first, static_cast<uint32_t>(candidates_.size()) - first};
    tracks_.push_back({outer, goal, known, text, tracks_[outer].depth + 1, own});
    return static_cast<uint32_t>(tracks_.size() - 1);
  });
}

uint32_t TrackTable::append(uint32_t before, uint8_t byte) {
  if (before == kAnyText) return kAnyText;
  const auto equals = [&](uint32_t i) { return texts_[i].before == before && texts_[i].byte == byte && i != kNoText; };
  return text_table_.find_or_create(mix(mix(7, before), byte), equals, [&] {
    texts_.push_back({before, byte, texts_[before].length + 1});
    return static_cast<uint32_t>(texts_.size() - 1);
  });
}

std::string TrackTable::text(const Track& track) const {
  std::string bytes(length(track), '\0');
  for (uint32_t at = track.text; at != kNoText; at = texts_[at].before)
    bytes[texts_[at].length - 1] = static_cast<char>(texts_[at].byte);
  return bytes;
}

bool TrackTable::is_spelled_like_one(const Track& track) const {
  for (const uint32_t value : candidates(track))
    if (stacks_.value_text(value).size() == length(track)) return true;
  return false;
}

TrackId TrackTable::at(TrackId track, uint32_t depth) const {
  while (tracks_[track].depth > depth) track = tracks_[track].outer;
  return tracks_[track].depth == depth ? track : kNoTrack;
}

size_t TrackTable::bytes() const {
  return tracks_.capacity() * sizeof(Track) + candidates_.capacity() * sizeof(uint32_t) +
         texts_.capacity() * sizeof(Text) + track_table_.bytes() + text_table_.bytes();
}

}  // namespace espalier::grammar
