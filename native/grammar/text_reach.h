// How far texts of a kind can be read from a state of an automaton, whichever characters they have: a search in breadth.
#pragma once

#include <algorithm>
#include <cstdint>

#include "grammar/table_memory.h"
#include "grammar/text_kinds.h"

namespace espalier::grammar {

/// Horizons are bytes: no text is followed farther.
inline constexpr int kMaxHorizon = 254;
/// States that are looked at to tell how far a text is read.
inline constexpr size_t kMaxHorizonStates = 24;

/// `Automaton` gives `next(state, byte)`, negative where the byte is not read; `stretch_end(byte)`, the last of the bytes that
/// no edge tells from this one; and `reads_on(state)`: whether texts may be followed through the state.
template <typename Automaton>
class TextReach {
 public:
  explicit TextReach(Automaton& automaton) : automaton_(automaton) {}

  /// How many characters of the kind, whichever they are, can be read from `state` on. `enough` or more is told as it is found.
  int horizon(int32_t state, TextKind kind, int enough = kMaxHorizon) {
    reached_.assign(1, state);
    int horizon = 0;
    for (size_t from = 0, to = 1; from < to && horizon < enough && to <= kMaxHorizonStates; horizon++) {
      for (; from < to; from++)
        if (!read(reached_[from], kind)) return horizon;
      to = reached_.size();
      if (from == to) horizon = kMaxHorizon - 1;
    }
    return horizon;
  }

 private:
  /// Adds the states that one character of the kind leads to. False where some character cannot be read on from.
  bool read(int32_t state, TextKind kind) {
    const ByteSet ascii = ascii_of(kind);
    for (int low = 0, high = 0; low < 0x80; low = high + 1) {
      high = automaton_.stretch_end(static_cast<uint8_t>(low));
      while (low <= high && low < 0x80 && !ascii.has(static_cast<uint8_t>(low))) low++;
      if (low <= high && low < 0x80 && !step(state, low, low, [&](int32_t to) { return add(to); })) return false;
    }
    return kind != kUnicodeText ||
           std::all_of(std::begin(kLeadBytes), std::end(kLeadBytes), [&](const LeadBytes& lead) {
             return step(state, lead.low, lead.high, [&](int32_t second) {
               return step(second, lead.second_low, lead.second_high, [&](int32_t to) { return rest(to, lead.more); });
             });
           });
  }

  bool rest(int32_t from, int more) {
    return more == 0 ? add(from) : step(from, 0x80, 0xbf, [&](int32_t to) { return rest(to, more - 1); });
  }

  bool add(int32_t to) {
    if (std::find(reached_.begin(), reached_.end(), to) == reached_.end()) reached_.push_back(to);
    return true;
  }

  /// Calls `visit` with the states that bytes of a range lead to.
  template <typename Visit>
  bool step(int32_t from, int low, int high, Visit visit) {
    for (int byte = low; byte <= high; byte = automaton_.stretch_end(static_cast<uint8_t>(byte)) + 1) {
      const int32_t to = automaton_.next(from, static_cast<uint8_t>(byte));
      if (to < 0 || !automaton_.reads_on(to) || !visit(to)) return false;
    }
    return true;
  }

  Automaton& automaton_;
  Vector<int32_t> reached_;
};

}  // namespace espalier::grammar
