// What single configurations of a machine settle to. The keys lie in the slots: a look-up comes by one line of a cache.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "grammar/byte_machine.h"
#include "grammar/intern.h"
#include "grammar/open_table.h"
#include "grammar/stacks.h"

namespace espalier::grammar {

class SettledTable {
 public:
  /// With room for half as many.
  explicit SettledTable(size_t slots) : slots_(std::bit_ceil(slots)) {}

  /// The set that a state with this stack settles to, or nothing.
  std::optional<SetId> find(int32_t state, StackId stack) const {
    const Slot key{state, stack, 0};
    const Slot* const found = slots_.find(key.hash(), [&](const Slot& slot) { return slot.has_key_of(key); });
    return found != nullptr ? std::optional(found->number - 1) : std::nullopt;
  }

  /// The same; where it has none, what `make` returns, now held.
  template <typename Make>
  SetId find_or_add(int32_t state, StackId stack, Make make) {
    const Slot key{state, stack, 0};
    const auto is_it = [&](const Slot& slot) { return slot.has_key_of(key); };
    return slots_.find_or_add(key.hash(), is_it, [&] { return Slot{state, stack, make() + 1}; }).number - 1;
  }

  size_t bytes() const { return slots_.bytes(); }

 private:
  struct Slot {
    int32_t state;
    StackId stack;
    uint32_t number;  ///< the set and one
    uint64_t hash() const { return mix(6, uint64_t{static_cast<uint32_t>(state)} << 32 | stack); }
    bool has_key_of(const Slot& other) const { return state == other.state && stack == other.stack; }
  };

  OpenTable<Slot> slots_;
};

}  // namespace espalier::grammar
