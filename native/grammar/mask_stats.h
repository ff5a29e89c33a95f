// Which way masks were answered and how long each way took, over all grammars of a vocabulary: so that a slow one is told by
// its cause.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <mutex>

#include "grammar/table_memory.h"

namespace espalier::grammar {

/// A mask that went several ways counts for the last of them here.
enum class MaskPath : uint8_t {
  remembered,  ///< the row of this set was kept
  lexemes,     ///< rows of lexemes and the suffixes behind them
  counted,     ///< as before, of lexemes with a counter
  tracked,     ///< values that must differ: as before, and tokens read byte by byte
  walks,       ///< the vocabulary's trie, with lexemes' parts where there are any
  divisions,   ///< a lexeme divided the vocabulary first
};
inline constexpr size_t kMaskPaths = 6;

/// Durations by their logarithm: four classes to a power of two. Class 0 is below 2^7 ns, the last has no end.
inline constexpr size_t kTimeClasses = 96;
inline constexpr int kFirstTimePower = 7;
inline size_t time_class(uint64_t nanos) {
  if (nanos < uint64_t{1} << kFirstTimePower) return 0;
  const int power = std::bit_width(nanos) - 1;
  const size_t at = static_cast<size_t>(power - kFirstTimePower) * 4 + (nanos >> (power - 2) & 3) + 1;
  return at < kTimeClasses ? at : kTimeClasses - 1;
}

struct PathTimes {
  uint64_t masks = 0;
  /// Of these some were timed: all that were put together, one in a few dozen of those remembered.
  uint64_t timed = 0, nanos = 0, longest = 0;
  std::array<uint64_t, kTimeClasses> by_time{};
};

class RowCache;

class MaskStats {
 public:
  using Clock = std::chrono::steady_clock;

  struct Snapshot {
    std::array<PathTimes, kMaskPaths> paths;
    uint64_t grammars = 0, row_bytes = 0, row_evictions = 0;
  };

  /// `masks`: 0 for one that is counted elsewhere.
  void record(MaskPath path, Clock::duration time, uint64_t masks);
  /// The rows of a grammar, which are asked for their figures until they retire.
  void enlist(const RowCache& rows);
  void retire(const RowCache& rows);
  Snapshot read() const;

 private:
  mutable std::mutex mutex_;
  Snapshot total_;
  Vector<const RowCache*> live_;
};

}  // namespace espalier::grammar
