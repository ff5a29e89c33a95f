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
    const auto is_it = [&](const Slot& slot) { return slot.state == state && slot.stack == stack; };
    const Slot* const found = slots_.find(key.hash(), is_it);
    return found != nullptr ? std::optional(found->number - 1) : std::nullopt;
  }

  /// The same; where it has none, what `make` returns, now held.
  template <typename Make>
  SetId find_or_add(int32_t state, StackId stack, Make make) {
    const Slot key{state, stack, 0};
    const auto is_it = [&](const Slot& slot) { return slot.state == state && slot.stack == stack; };
    return slots_.find_or_add(key.hash(), is_it, [&] { return Slot{state, stack, make() + 1}; }).number - 1;
  }

  size_t bytes() const { return slots_.bytes(); }

 private:
  struct Slot {
    int32_t state;
    StackId stack;
    uint32_t number;  ///< the set and one
    static constexpr uint32_t kGone = 0xffffffffu;

    uint64_t hash() const { return mix(6, uint64_t{static_cast<uint32_t>(state)} << 32 | stack); }
    bool is_free() const { return number == 0; }
    bool is_gone() const { return number == kGone; }
    static Slot gone() { return {0, 0, kGone}; }
  };

  OpenTable<Slot> slots_;
};

}  // namespace espalier::grammar
