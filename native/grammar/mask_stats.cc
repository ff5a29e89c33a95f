#include "grammar/mask_stats.h"

#include <algorithm>

#include "grammar/row_cache.h"

namespace espalier::grammar {

void MaskStats::record(MaskPath path, Clock::duration time, uint64_t masks) {
  const auto nanos = static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(time).count());
  const std::lock_guard lock(mutex_);
  PathTimes& times = total_.paths[static_cast<size_t>(path)];
  times.masks += masks;
  times.timed++;
  times.nanos += nanos;
  times.longest = std::max(times.longest, nanos);
  times.by_time[time_class(nanos)]++;
}

void MaskStats::enlist(const RowCache& rows) {
  const std::lock_guard lock(mutex_);
  live_.push_back(&rows);
}

void MaskStats::retire(const RowCache& rows) {
  const std::lock_guard lock(mutex_);
  std::erase(live_, &rows);
  total_.paths[static_cast<size_t>(MaskPath::remembered)].masks += rows.hits();
  total_.row_evictions += rows.evictions();
}

MaskStats::Snapshot MaskStats::read() const {
  const std::lock_guard lock(mutex_);
  Snapshot now = total_;
  now.grammars = live_.size();
  for (const RowCache* rows : live_) {
    now.paths[static_cast<size_t>(MaskPath::remembered)].masks += rows->hits();
    now.row_bytes += rows->bytes();
    now.row_evictions += rows->evictions();
  }
  return now;
}

}  // namespace espalier::grammar
