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

/// What is known of how many characters of a kind, whichever they are, can be read from a state on.
struct Horizon {
  uint8_t least = 0;                ///< so many can be
  uint8_t fails = kMaxHorizon + 1;  ///< so many cannot, or nobody has found out that they can
};

/// `Automaton` gives `next(state, byte)`, negative where the byte is not read; `stretch_end(byte)`, the last of the bytes
/// that no edge tells from this one; `reads_on(state)`: whether texts may be followed through the state; and
/// `horizon(state, kind)`, a Horizon that it keeps.
template <typename Automaton>
class TextReach {
 public:
  explicit TextReach(Automaton& automaton) : automaton_(automaton) {}

  /// Whether so many characters of the kind, whichever they are, can be read from `state` on. Followed no farther than is
  /// asked: in a pattern each character may lead to more states. What is found is noted for all states on the way.
  bool reads(int32_t state, TextKind kind, int characters) {
    if (characters > kMaxHorizon) return false;
    reached_.assign(1, {state, 0});
    bool is_endless = true;
    for (size_t at = 0; at < reached_.size(); at++) {
      const auto [here, depth] = reached_[at];
      const Horizon known = automaton_.horizon(here, kind);
      const int left = characters - depth;
      if (known.least >= left) {
        is_endless = is_endless && known.least == kMaxHorizon;
        continue;
      }
      if (known.fails <= left) return fail(state, kind, depth, depth + known.fails);
      depth_ = depth + 1;
      if (!read(here, kind)) {
        automaton_.horizon(here, kind).fails = 1;
        return fail(state, kind, depth, depth + 1);
      }
      if (reached_.size() > kMaxHorizonStates) return fail(state, kind, depth, depth + 1);
    }
    for (const auto [here, depth] : reached_) {
      uint8_t& least = automaton_.horizon(here, kind).least;
      least = std::max(least, static_cast<uint8_t>(is_endless ? kMaxHorizon : characters - depth));
    }
    return true;
  }

 private:
  struct Reached {
    int32_t state;
    int depth;
  };

  bool fail(int32_t state, TextKind kind, int least, int fails) {
    Horizon& known = automaton_.horizon(state, kind);
    known.least = std::max(known.least, static_cast<uint8_t>(least));
    known.fails = std::min(known.fails, static_cast<uint8_t>(fails));
    return false;
  }

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
    if (std::none_of(reached_.begin(), reached_.end(), [&](const Reached& known) { return known.state == to; }))
      reached_.push_back({to, depth_});
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
  Vector<Reached> reached_;  ///< by ascending depth
  int depth_ = 0;            ///< of what is being added
};

}  // namespace espalier::grammar
