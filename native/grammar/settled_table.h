// What single configurations of a machine settle to. The keys lie in the slots: a look-up comes by one line of a cache.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

#include "grammar/byte_machine.h"
#include "grammar/intern.h"
#include "grammar/stacks.h"
#include "grammar/table_memory.h"

namespace espalier::grammar {

/// Open addressing, linear probing, at most half full.
class SettledTable {
 public:
  /// With room for half as many.
  explicit SettledTable(size_t slots) : slots_(std::bit_ceil(slots), Slot{0, 0, kFree}) {}

  /// The set that a state with this stack settles to, or null. Valid until the next call of add().
  const SetId* find(int32_t state, StackId stack) const {
    for (size_t at = home(state, stack);; at = (at + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[at];
      if (slot.set == kFree) return nullptr;
      if (slot.state == state && slot.stack == stack) return &slot.set;
    }
  }

  /// Of a state and stack that it has not.
  void add(int32_t state, StackId stack, SetId set) {
    if (++used_ * 2 > slots_.size()) grow();
    place({state, stack, set});
  }

  size_t bytes() const { return slots_.size() * sizeof(Slot); }

 private:
  static constexpr SetId kFree = 0xffffffffu;
  struct Slot {
    int32_t state;
    StackId stack;
    SetId set;
  };

  size_t home(int32_t state, StackId stack) const {
    return mix(6, uint64_t{static_cast<uint32_t>(state)} << 32 | stack) & (slots_.size() - 1);
  }
  void place(const Slot& slot) {
    size_t at = home(slot.state, slot.stack);
    while (slots_[at].set != kFree) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = slot;
  }
  void grow() {
    Vector<Slot> before(slots_.size() * 2, Slot{0, 0, kFree});
    before.swap(slots_);
    for (const Slot& slot : before)
      if (slot.set != kFree) place(slot);
  }

  Vector<Slot> slots_;
  size_t used_ = 0;
};

}  // namespace espalier::grammar
