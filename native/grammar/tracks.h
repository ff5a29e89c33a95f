// Tracks: the JSON values that are being read where `distinct` will compare them, and the texts that `verify` will check.
// The native twin of src/automata/tracks.ts.
#pragma once

#include <cstdint>
#include <string>

#include "grammar/stacks.h"
#include "grammar/table_memory.h"

namespace espalier::grammar {

/// Index of an interned chain of tracks, innermost first; kNoTrack where nothing is tracked.
using TrackId = uint32_t;
inline constexpr TrackId kNoTrack = 0;
/// What a track is to become: a value that is new to the frame, one that the frame holds, or (0 and up) a text for a check.
inline constexpr int32_t kNewValue = -1, kKnownValue = -2;

class TrackTable {
 public:
  struct Track {
    TrackId outer;
    int32_t goal;  ///< kNewValue, kKnownValue, or a check
    ValueSetId known;
    uint32_t text;
    uint32_t depth;     ///< how many tracks the chain has, this one included
    Slice candidates;  ///< into candidates_: values that are spelled as what was read so far begins
  };

  explicit TrackTable(const StackTable& stacks);

  TrackId begin(TrackId outer, int32_t goal, ValueSetId known);
  TrackId capture(TrackId outer, int32_t check);
  /// The chain with all its values assumed to be new, whatever is read of them: reading leaves it as it is.
  TrackId assume_new(TrackId track);
  /// Whether the innermost value is.
  bool is_assumed_new(TrackId track) const { return tracks_[track].text == kAnyText; }
  /// The chain after one more byte.
  TrackId advance(TrackId track, uint8_t byte);
  const Track& operator[](TrackId track) const { return tracks_[track]; }
  /// Known values that are spelled as what was read so far begins. Without any, whatever follows is a new value.
  std::span<const uint32_t> candidates(const Track& track) const { return within(candidates_, track.candidates); }
  /// Bytes read since the track began.
  uint32_t length(const Track& track) const { return texts_[track.text].length; }
  std::string text(const Track& track) const;
  /// Whether what was read is how a known value is spelled.
  bool is_spelled_like_one(const Track& track) const;
  /// The track of this depth in the chain; kNoTrack where it has ended already.
  TrackId at(TrackId track, uint32_t depth) const;
  size_t bytes() const;

 private:
  struct Text {
    uint32_t before;
    uint8_t byte;
    uint32_t length;
  };
  static constexpr uint32_t kNoText = 0, kAnyText = 1;

  template <typename Candidates>
  TrackId track(TrackId outer, int32_t goal, ValueSetId known, uint32_t text, Candidates candidates);
  uint32_t append(uint32_t before, uint8_t byte);

  const StackTable& stacks_;
  Vector<Track> tracks_;
  Vector<uint32_t> candidates_;
  Vector<Text> texts_;
  InternTable track_table_, text_table_;
};

}  // namespace espalier::grammar
