// Interning: a hash table of indices into a caller's arrays. The caller compares by content, so a hash is never
// trusted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "grammar/open_table.h"
#include "grammar/table_memory.h"

namespace espalier::grammar {

inline uint64_t mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15ull;
  return hash ^ (hash >> 32);
}

/// Holds indices; keys live with the caller.
class InternTable {
 public:
  /// `slots`, a power of two: with room for half as many from the first index on.
  explicit InternTable(size_t slots = 64) : slots_(slots) {}

  /// The index whose key has this hash and satisfies `equals`; else the index that `create` returns, now held.
  template <typename Equals, typename Create>
  uint32_t find_or_create(uint64_t hash, Equals equals, Create create) {
    const auto low = static_cast<uint32_t>(hash);
    const auto is_it = [&](const Slot& slot) { return slot.low_hash == low && equals(slot.number - 1); };
    return slots_.find_or_add(low, is_it, [&] { return Slot{low, create() + 1}; }).number - 1;
  }

  /// Takes out an index if it is held under this hash.
  void erase(uint64_t hash, uint32_t index) {
    slots_.erase(static_cast<uint32_t>(hash), [&](const Slot& slot) { return slot.number == index + 1; });
  }

  size_t bytes() const { return slots_.bytes(); }

 private:
  struct Slot {
    uint32_t low_hash;
    uint32_t number;  ///< the index and one
    uint64_t hash() const { return low_hash; }
  };

  OpenTable<Slot> slots_;
};

/// A stretch of an array.
struct Slice {
  uint32_t first;
  uint32_t size;
};

template <typename T>
std::span<const T> within(const Vector<T>& array, Slice slice) {
  return {array.data() + slice.first, slice.size};
}

/// Items by index; the index of one that was given back is taken again.
template <typename T>
class SlotList {
 public:
  size_t size() const { return items_.size(); }
  T& operator[](uint32_t slot) { return items_[slot]; }
  uint32_t take() {
    if (free_.empty()) {
      items_.emplace_back();
      free_.reserve(items_.capacity());
      return static_cast<uint32_t>(items_.size() - 1);
    }
    const uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }
  void give_back(uint32_t slot) noexcept {
    items_[slot] = T{};
    free_.push_back(slot);
  }

 private:
  Vector<T> items_;
  Vector<uint32_t> free_;
};

}  // namespace espalier::grammar
