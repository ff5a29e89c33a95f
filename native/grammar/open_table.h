// The slots of a hash table. A large one grows step by step: a mask that waits while thousands of slots are moved takes
// milliseconds.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "grammar/table_memory.h"

namespace espalier::grammar {

/// Open addressing, linear probing, at most half full. While it grows, each addition moves some of what the smaller array holds;
/// until all is moved, both are searched. A `Slot` has `hash()` and a `number`: 0, as all of it is, where it is free, and
/// never kGone.
template <typename Slot>
class OpenTable {
 public:
  /// With room for half of `slots`, a power of two, once something is added.
  explicit OpenTable(size_t slots) : first_slots_(slots) {}

  /// The slot under this hash that satisfies `is_it`, or null. Valid until the next call of another function.
  template <typename IsIt>
  const Slot* find(uint64_t hash, IsIt is_it) const {
    if (slots_.size() == 0) return nullptr;
    if (const Slot* const found = search(slots_, hash, is_it)) return found;
    return before_.size() > 0 ? search_before(hash, is_it) : nullptr;
  }
  /// The same; where there is none, what `make` returns, now held. `make` does not add to this table.
  template <typename IsIt, typename Make>
  const Slot& find_or_add(uint64_t hash, IsIt is_it, Make make) {
    if ((used_ + 1) * 2 > slots_.size()) grow();
    size_t at = hash & (slots_.size() - 1);
    for (; slots_[at].number != 0; at = (at + 1) & (slots_.size() - 1))
      if (is_it(slots_[at])) return slots_[at];
    if (before_.size() > 0) {
      if (const Slot* const found = search_before(hash, is_it)) return *found;
      move(kMovedAtOnce);
      while (slots_[at].number != 0) at = (at + 1) & (slots_.size() - 1);
    }
    slots_[at] = make();
    used_++;
    return slots_[at];
  }
  /// Takes out the slot under this hash that satisfies `is_it`, if there is one.
  template <typename IsIt>
  void erase(uint64_t hash, IsIt is_it) {
    const Slot* const found = find(hash, is_it);
    if (found == nullptr) return;
    used_--;
    if (found >= before_.begin() && found < before_.end()) {
      before_[static_cast<size_t>(found - before_.begin())].number = kGone;
    } else {
      close_gap(static_cast<size_t>(found - slots_.begin()));
    }
  }

  size_t bytes() const { return (slots_.size() + before_.size()) * sizeof(Slot); }

 private:
  /// The number of a slot whose content was taken out, over which a search goes on.
  static constexpr uint32_t kGone = 0xffffffffu;
  /// Arrays of more slots than this are moved step by step.
  static constexpr size_t kFewSlots = 1024;
  /// So many are moved by each addition: all are long before the larger array is half full.
  static constexpr size_t kMovedAtOnce = 32;

  template <typename IsIt>
  static const Slot* search(const ZeroedArray<Slot>& slots, uint64_t hash, IsIt is_it) {
    for (size_t at = hash & (slots.size() - 1);; at = (at + 1) & (slots.size() - 1)) {
      const Slot& slot = slots[at];
      if (slot.number == 0) return nullptr;
      if (is_it(slot)) return &slot;
    }
  }

  template <typename IsIt>
  const Slot* search_before(uint64_t hash, IsIt is_it) const {
    return search(before_, hash, [&](const Slot& slot) { return slot.number != kGone && is_it(slot); });
  }

  void place(const Slot& slot) {
    size_t at = slot.hash() & (slots_.size() - 1);
    while (slots_[at].number != 0) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = slot;
  }

  void grow() {
    move(before_.size());
    const size_t size = slots_.size();
    before_ = std::move(slots_);
    slots_ = ZeroedArray<Slot>(size == 0 ? first_slots_ : 2 * size);
    moved_ = 0;
    if (size <= kFewSlots) move(size);
  }

  void move(size_t most) {
    const size_t end = std::min(before_.size(), moved_ + most);
    for (; moved_ < end; moved_++) {
      Slot& slot = before_[moved_];
      if (slot.number == 0) continue;
      if (slot.number != kGone) place(slot);
      slot.number = kGone;
    }
    if (moved_ == before_.size()) before_ = {};
  }

  /// Those behind move up where they may stand, so that no search meets a gap before what it looks for.
  void close_gap(size_t at) {
    const size_t last = slots_.size() - 1;
    for (size_t next = (at + 1) & last; slots_[next].number != 0; next = (next + 1) & last) {
      const size_t home = slots_[next].hash() & last;
      if (((next - home) & last) < ((next - at) & last)) continue;
      slots_[at] = slots_[next];
      at = next;
    }
    slots_[at] = Slot{};
  }

  ZeroedArray<Slot> slots_;
  ZeroedArray<Slot> before_;  ///< the smaller array, while it is being moved
  size_t moved_ = 0;          ///< slots of it that hold nothing any more
  size_t first_slots_, used_ = 0;
};

}  // namespace espalier::grammar
