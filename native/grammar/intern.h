// Interning: a hash table of indices into a caller's arrays. The caller compares by content, so a hash is never
// trusted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "grammar/table_memory.h"

namespace espalier::grammar {

inline uint64_t mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15ull;
  return hash ^ (hash >> 32);
}

/// Open addressing, linear probing, at most half full. Holds indices; keys live with the caller.
class InternTable {
 public:
  /// `slots`, a power of two: with room for half as many from the first index on.
  explicit InternTable(size_t slots = 64) : first_slots_(slots) {}

  /// The index whose key has this hash and satisfies `equals`; else the index that `create` returns, now held.
  template <typename Equals, typename Create>
  uint32_t find_or_create(uint64_t hash, Equals equals, Create create) {
    if ((used_ + 1) * 2 > slots_.size()) grow();
    size_t at = hash & (slots_.size() - 1);
    for (; slots_[at].index != kFree; at = (at + 1) & (slots_.size() - 1))
      if (slots_[at].hash == static_cast<uint32_t>(hash) && equals(slots_[at].index)) return slots_[at].index;
    const uint32_t index = create();
    slots_[at] = {static_cast<uint32_t>(hash), index};
    used_++;
    return index;
  }

  /// Takes out an index if it is held under this hash.
  void erase(uint64_t hash, uint32_t index) {
    const size_t last = slots_.size() - 1;
    size_t at = hash & last;
    for (; slots_[at].index != index; at = (at + 1) & last)
      if (slots_[at].index == kFree) return;
    // Those behind move up where they may stand, so that no search meets a gap before what it looks for.
    for (size_t next = (at + 1) & last; slots_[next].index != kFree; next = (next + 1) & last) {
      const size_t home = slots_[next].hash & last;
      if (((next - home) & last) < ((next - at) & last)) continue;
      slots_[at] = slots_[next];
      at = next;
    }
    slots_[at].index = kFree;
    used_--;
  }

  size_t bytes() const { return slots_.size() * sizeof(Slot); }

 private:
  struct Slot {
    uint32_t hash;
    uint32_t index;
  };
  static constexpr uint32_t kFree = 0xffffffffu;

  void grow() {
    Vector<Slot> before(slots_.empty() ? first_slots_ : slots_.size() * 2, Slot{0, kFree});
    before.swap(slots_);
    for (const Slot& slot : before) {
      if (slot.index == kFree) continue;
      size_t at = slot.hash & (slots_.size() - 1);
      while (slots_[at].index != kFree) at = (at + 1) & (slots_.size() - 1);
      slots_[at] = slot;
    }
  }

  Vector<Slot> slots_;
  size_t first_slots_, used_ = 0;
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
