// What a machine may still do with configurations whose values are tracked. Read src/automata/machine.ts beside this.
#include <algorithm>
#include <bitset>
#include <string_view>

#include "grammar/machine.h"

namespace espalier::grammar {

bool Machine::can_pass(TrackId innermost) const {
  for (TrackId id = innermost; id != kNoTrack; id = tracks_[id].outer) {
    const TrackTable::Track& track = tracks_[id];
    if (track.goal == kKnownValue && track.candidates.size == 0) return false;
    if (track.goal >= 0 && !pda_.checks[track.goal].may_pass(tracks_.text(track))) return false;
  }
  return true;
}

bool Machine::tracks_new_values(TrackId innermost) const {
  for (TrackId id = innermost; id != kNoTrack; id = tracks_[id].outer)
    if (tracks_[id].goal != kNewValue) return false;
  return true;
}

bool Machine::is_unlike_known(TrackId innermost) const {
  for (TrackId id = innermost; id != kNoTrack; id = tracks_[id].outer)
    if (tracks_[id].candidates.size > 0) return false;
  return true;
}

bool Machine::can_end_anew(const Configuration& configuration) {
  for (TrackId track = configuration.track; track != kNoTrack; track = tracks_[track].outer)
    if (tracks_[track].goal == kNewValue && tracks_[track].candidates.size > 0 &&
        !can_leave(configuration, tracks_[track].depth))
      return false;
  return true;
}

bool Machine::can_leave(const Configuration& from, uint32_t depth) {
  Vector<Configuration> seen, pending{from};
  while (!pending.empty()) {
    const Configuration at = pending.back();
    pending.pop_back();
    const TrackId id = tracks_.at(at.track, depth);
    if (id == kNoTrack || tracks_[id].candidates.size == 0) return true;
    if (std::find(seen.begin(), seen.end(), at) != seen.end()) continue;
    seen.push_back(at);
    Vector<Configuration> reached;
    if (leaves_here(at, TrackTable::Track(tracks_[id]), reached)) return true;
    Vector<Configuration> reading;
    close(reached, reading);
    pending.insert(pending.end(), reading.begin(), reading.end());
  }
  return false;
}

/// Whether the configuration can read a byte that no candidate of the track has next; else `reached` gets what it comes to.
bool Machine::leaves_here(const Configuration& at, const TrackTable::Track& track, Vector<Configuration>& reached) {
  std::bitset<256> known;
  for (const uint32_t value : tracks_.candidates(track)) {
    const std::string_view text = stacks_.value_text(value);
    if (tracks_.length(track) < text.size()) known.set(static_cast<uint8_t>(text[tracks_.length(track)]));
  }
  for (const Edge& edge : pda_.edges_of(at.state)) {
    if (edge.kind == EdgeKind::quiet) read(at, static_cast<uint8_t>(edge.a), reached);
    if (edge.kind != EdgeKind::bytes) continue;
    for (int32_t byte = edge.a; byte <= edge.b; byte++) {
      if (!known[byte]) return true;
      read(at, static_cast<uint8_t>(byte), reached);
    }
  }
  return false;
}

}  // namespace espalier::grammar
