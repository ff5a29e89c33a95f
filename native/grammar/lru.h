// A cache's order of use: the least recently used goes first, until what is held fits a bound in bytes. Exact, and without
// memory of its own: the links lie in the entries.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "grammar/table_memory.h"

namespace espalier::grammar {

class LruList;

/// What a cache holds and may drop. Its bytes count for the list while it is listed.
class LruEntry {
 public:
  LruEntry() = default;
  LruEntry(const LruEntry&) = delete;
  LruEntry& operator=(const LruEntry&) = delete;
  virtual ~LruEntry();

  size_t bytes() const { return bytes_; }
  bool is_listed() const { return list_ != nullptr; }

 protected:
  /// So many more bytes belong to this entry.
  void grow(size_t bytes);
  template <typename T>
  void grow_by(const Vector<T>& items) {
    grow(items.capacity() * sizeof(T));
  }

 private:
  friend class LruList;
  /// The list has dropped this entry: its owner is to do so, too, and may delete it.
  virtual void evict() = 0;

  LruList* list_ = nullptr;
  LruEntry *older_ = nullptr, *newer_ = nullptr;
  size_t bytes_ = 0;
  uint64_t used_ = 0;  ///< the list's time of the last touch
};

/// Used under its owner's lock, but for its figures.
class LruList {
 public:
  size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  uint64_t evictions() const { return evictions_.load(std::memory_order_relaxed); }
  /// What is touched from now on, and until the next call, is of use at the same time.
  void begin() { now_++; }
  /// Makes the entry the newest, listed if it was not. False when it was touched since begin() already, and not moved.
  bool touch(LruEntry& entry) {
    if (entry.used_ == now_ && entry.list_ != nullptr) return false;
    raise(entry);
    return true;
  }
  /// Makes the entry the newest whenever it was touched.
  void raise(LruEntry& entry);
  /// Drops the oldest entry; false where there is none.
  bool drop_oldest();
  /// Drops the oldest until the others take at most `max` bytes.
  void trim(size_t max) {
    while (bytes() > max && drop_oldest());
  }

 private:
  friend class LruEntry;
  void unlink(LruEntry& entry);
  void add(size_t bytes) { bytes_.store(this->bytes() + bytes, std::memory_order_relaxed); }

  LruEntry *oldest_ = nullptr, *newest_ = nullptr;
  std::atomic<size_t> bytes_{0};
  std::atomic<uint64_t> evictions_{0};
  uint64_t now_ = 1;
};

}  // namespace espalier::grammar
