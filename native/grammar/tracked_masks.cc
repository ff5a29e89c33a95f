#include "grammar/tracked_masks.h"

#include <algorithm>

namespace espalier::grammar {

void TrackedMasks::add(const Machine::Configuration& at, const Inside& inside, bool is_covered, RowBuilder& builder) {
  LexemeMask& mask = inside.mask();
  assume(at, inside.is_quiet);
  if (!is_covered) add_inner(at, inside, mask, builder);
  add_behind(inside, mask, builder);
}

void TrackedMasks::add_inner(const Machine::Configuration& at, const Inside& inside, LexemeMask& mask,
                             RowBuilder& builder) {
  refused_.clear();
  if (!adds_inner(at)) find_refused(at, inside.behind.state, refused_);
  std::sort(refused_.begin(), refused_.end());
  const auto& stays = mask.inner(inside.count);
  if (refused_.empty()) return stays == builder.base() ? void() : builder.add(*stays);
  builder.add_without(*stays, refused_);
  // One that cannot stay inside may still have passed the end.
  if (inside.counted != nullptr || !inside.lexeme->is_prefix_free())
    for (const int32_t token : refused_)
      if (can_read(token)) builder.add(token);
}

void TrackedMasks::assume(const Machine::Configuration& at, bool is_quiet) {
  const TrackTable& tracks = machine_.tracks();
  here_ = machine_.only({&at, 1});
  assumed_ = machine_.assume_new(at.track);
  reads_text_ = !is_quiet;
  known_rests_.clear();
  for (TrackId id = at.track; id != kNoTrack; id = tracks[id].outer)
    for (const uint32_t value : tracks.candidates(tracks[id]))
      known_rests_.push_back({value, tracks.length(tracks[id])});
  const TrackTable::Track& innermost = tracks[at.track];
  const auto known = machine_.stacks().values(innermost.known);
  const std::string text = tracks.text(innermost);
  is_first_ = known.empty();
  is_nothing_ = text.empty();
  is_plain_string_ = (text.empty() || text.front() == '"') && text.find('\\') == std::string::npos &&
                     std::none_of(known.begin(), known.end(), [&](uint32_t value) {
                       const std::string_view other = machine_.stacks().value_text(value);
                       return other.starts_with('"') && other.find('\\') != std::string_view::npos;
                     });
}

/// Tokens that end the lexeme, and those that go on behind it.
void TrackedMasks::add_behind(const Inside& inside, LexemeMask& mask, RowBuilder& builder) {
  if (!mask.has_exits()) return;
  const SetId behind = machine_.enter({inside.behind.state, inside.behind.stack, assumed_});
  if (behind == kRefused) return;
  const Place end{behind, 0, false};
  const Verdict at_end = verdict(end);
  mask.for_each_closing(inside.count, [&](int32_t token) { add_token(token, end, at_end, builder); });
  const auto walk = [&](const TrieView& trie, const Place& start, std::span<const int32_t> lost) {
    const auto add_at = [&](const Place& place, int32_t node) {
      const int32_t first = trie.token_start[node], last = trie.token_start[node + 1];
      const Verdict common = first < last ? verdict(place) : Verdict::kUnknown;
      trie.for_each_held(first, last, inside.count, lost,
                         [&](int32_t token) { add_token(token, place, common, builder); });
    };
    add_at(start, 0);
    descend(trie.children, 0, start, [&](const Place& from, uint8_t byte, int32_t node) -> std::optional<Place> {
      const SetId reached = machine_.step(from.set, byte);
      if (reached == kRefused) return std::nullopt;
      const Place place{reached, from.depth + 1, from.reads_next || begins_next(from.set)};
      add_at(place, node);
      return place;
    });
  };
  const ByteSet bytes = machine_.readable(behind);
  bytes.for_each([&](uint8_t byte) {
    const Suffixes suffixes = mask.suffixes(byte);
    if (suffixes.trie.is_empty() && (suffixes.shared == nullptr || suffixes.shared->is_empty())) return;
    const SetId reached = machine_.step(behind, byte);
    if (reached == kRefused) return;
    const Place start{reached, 1, begins_next(behind)};
    walk(suffixes.trie.view(), start, {});
    if (suffixes.shared != nullptr) walk(suffixes.shared->view(), start, suffixes.lost);
  });
}

/// More is possible under the assumption than without it, so what is refused under it is refused.
TrackedMasks::Verdict TrackedMasks::verdict(const Place& place) const {
  const TrackTable& tracks = machine_.tracks();
  const TrackId outer = tracks[assumed_].outer;
  Verdict best = Verdict::kUnknown;
  for (const Machine::Configuration& at : machine_.configurations_of(place.set)) {
    if (tracks.at(at.track, tracks[assumed_].depth) == assumed_) return Verdict::kAllowed;
    if (at.track == outer && !place.reads_next) best = Verdict::kWhereNew;
  }
  return machine_.is_accepting(place.set) && outer == kNoTrack && !place.reads_next ? Verdict::kWhereNew : best;
}

/// Whether a value that comes behind the assumed one may be read on from the set.
bool TrackedMasks::begins_next(SetId set) const {
  const TrackTable& tracks = machine_.tracks();
  const uint32_t depth = tracks[assumed_].depth;
  const auto configurations = machine_.configurations_of(set);
  return std::any_of(configurations.begin(), configurations.end(), [&](const Machine::Configuration& at) {
    return tracks[at.track].depth >= depth && tracks.at(at.track, depth) != assumed_;
  });
}

void TrackedMasks::add_token(int32_t token, const Place& place, Verdict verdict, RowBuilder& builder) {
  if (verdict != Verdict::kUnknown) {
    const std::string_view bytes = bytes_of(token);
    const bool holds = leaves_known(bytes.substr(0, bytes.size() - static_cast<size_t>(place.depth))) &&
                       (verdict == Verdict::kAllowed || spells_new(bytes));
    if (holds) return builder.add(token);
  }
  if (can_read(token)) builder.add(token);
}

/// Whether no known value begins like what was read with these bytes of the lexeme.
bool TrackedMasks::leaves_known(std::string_view read) const {
  if (!reads_text_) return known_rests_.empty();
  return std::none_of(known_rests_.begin(), known_rests_.end(), [&](const KnownRest& rest) {
    return machine_.stacks().value_text(rest.value).substr(rest.from).starts_with(read);
  });
}

/// Whether the innermost value, which is spelled like no known one and ends within these bytes, is a new one: strings without
/// escapes are equal where they are spelled alike.
bool TrackedMasks::spells_new(std::string_view bytes) const {
  if (is_first_) return true;
  return is_plain_string_ && bytes.find('\\') == std::string_view::npos &&
         (!is_nothing_ || (reads_text_ && bytes.starts_with('"')));
}

bool TrackedMasks::can_read(int32_t token) {
  SetId set = here_;
  for (const char byte : bytes_of(token)) {
    if (set == kRefused) return false;
    set = machine_.step(set, static_cast<uint8_t>(byte));
  }
  return set != kRefused;
}

std::string_view TrackedMasks::bytes_of(int32_t token) const {
  const Vocabulary& v = vocabulary_;
  const auto* const first = reinterpret_cast<const char*>(v.token_bytes.data()) + v.token_byte_start[token];
  return {first, static_cast<size_t>(v.token_byte_start[token + 1] - v.token_byte_start[token])};
}

/// The configuration of a set that is still in the lexeme before `behind` and in the value that `start` is in; behind a value,
/// the next one knows more.
std::optional<Machine::Configuration> TrackedMasks::staying(SetId set, const Machine::Configuration& start,
                                                            int32_t behind) {
  for (const Machine::Configuration& at : machine_.configurations_of(set)) {
    if (!machine_.is_of_same_value(at.track, start.track)) continue;
    const auto inside = insides_.find_untracked(at);
    if (inside && inside->behind.state == behind) return at;
  }
  return std::nullopt;
}

/// Tokens that do not stay inside because they spell the beginning of known values and nothing else: only where a known value
/// begins like what was read is a step looked at. A value that can no longer become a new one is gone from the set that is
/// reached, though what lies behind its end may still be there.
void TrackedMasks::find_refused(const Machine::Configuration& start, int32_t behind, Vector<int32_t>& refused) {
  const Vocabulary& v = vocabulary_;
  descend(v.children, 0, start, [&](const Machine::Configuration& from, uint8_t byte, int32_t node) {
    std::optional<Machine::Configuration> next;
    const SetId set = machine_.only({&from, 1});
    if (!machine_.readable(set).has(byte)) return next;
    const SetId reached = machine_.step(set, byte);
    if (reached != kRefused) next = staying(reached, start, behind);
    if (next) return machine_.is_unlike_known(next->track) ? std::nullopt : next;
    const int32_t first = reached == kRefused ? node : node + 1;
    refused.insert(refused.end(), v.node_tokens.begin() + v.node_token_start[first],
                   v.node_tokens.begin() + v.node_token_start[v.node_skip[node]]);
    return next;
  });
}

}  // namespace espalier::grammar
