// How far texts of a kind can be read from a state of an automaton, whichever characters they have: a search in breadth.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>

#include "grammar/table_memory.h"
#include "grammar/text_kinds.h"

namespace espalier::grammar {

/// Horizons are bytes: no text is followed farther.
inline constexpr int kMaxHorizon = 254;
/// States that are looked at to tell how far a text is read: so many, and half of it each time they were too many, down to
/// the least.
inline constexpr size_t kMaxHorizonStates = 256, kLeastHorizonStates = 24;

/// What is known of how many characters of a kind, whichever they are, can be read from a state on.
struct Horizon {
  uint8_t least = 0;                ///< so many can be
  uint8_t fails = kMaxHorizon + 1;  ///< so many cannot, or nobody has found out that they can
};

/// The states that one character of a kind leads to, by state, each found once; and what a search over them needs.
class CharacterSteps {
 public:
  static constexpr int32_t kUnknown = -1, kRefused = -2;

  /// Names the list of a state, kUnknown where nobody has found it and kRefused where some character cannot be read.
  int32_t named(int32_t state, TextKind kind) const {
    const size_t at = place(state, kind);
    return at < names_.size() ? names_[at] : kUnknown;
  }
  std::span<const int32_t> list(int32_t name) const {
    return {lists_.data() + name + 1, static_cast<size_t>(lists_[static_cast<size_t>(name)])};
  }
  int32_t refuse(int32_t state, TextKind kind) { return name(state, kind, kRefused); }
  int32_t keep(int32_t state, TextKind kind, std::span<const int32_t> states) {
    const auto at = static_cast<int32_t>(lists_.size());
    lists_.push_back(static_cast<int32_t>(states.size()));
    lists_.insert(lists_.end(), states.begin(), states.end());
    return name(state, kind, at);
  }

  void begin_search() { search_++; }
  /// Whether the state is met for the first time in this search.
  bool meet(int32_t state) {
    if (static_cast<size_t>(state) >= met_.size()) met_.resize(static_cast<size_t>(state) + 1);
    return std::exchange(met_[static_cast<size_t>(state)], search_) != search_;
  }
  size_t max_states() const { return max_states_; }
  void note_too_many() { max_states_ = std::max(kLeastHorizonStates, max_states_ / 2); }
  size_t bytes() const {
    return (names_.capacity() + lists_.capacity()) * sizeof(int32_t) + met_.capacity() * sizeof(uint32_t);
  }

 private:
  static size_t place(int32_t state, TextKind kind) { return static_cast<size_t>(state) * kTextKinds + kind; }
  int32_t name(int32_t state, TextKind kind, int32_t name) {
    if (place(state, kind) >= names_.size()) names_.resize(place(state, kNoText), kUnknown);
    return names_[place(state, kind)] = name;
  }

  Vector<int32_t> names_;  ///< by state and kind: where its list begins
  Vector<int32_t> lists_;  ///< the number of states, and the states
  Vector<uint32_t> met_;   ///< by state: the last search that met it
  uint32_t search_ = 0;
  size_t max_states_ = kMaxHorizonStates;
};

/// Whether every character beyond ASCII leads from the state back to it.
template <typename Automaton>
bool loops_on_characters(Automaton& automaton, int32_t state) {
  // The state that all bytes of a stretch lead to, or negative where they differ.
  const auto common = [&](int32_t from, uint8_t low, uint8_t high) {
    if (from < 0) return from;
    const int32_t to = automaton.next(from, low);
    for (int byte = low; to >= 0 && byte <= high; byte = automaton.stretch_end(static_cast<uint8_t>(byte)) + 1)
      if (automaton.next(from, static_cast<uint8_t>(byte)) != to) return int32_t{-1};
    return to;
  };
  return std::all_of(std::begin(kLeadBytes), std::end(kLeadBytes), [&](const LeadBytes& lead) {
    int32_t at = common(common(state, lead.low, lead.high), lead.second_low, lead.second_high);
    for (int i = 0; i < lead.more; i++) at = common(at, 0x80, 0xbf);
    return at == state;
  });
}

/// `Automaton` gives `next(state, byte)`, negative where the byte is not read; `stretch_end(byte)`, the last of the bytes
/// that no edge tells from this one; `reads_on(state)`: whether texts may be followed through the state;
/// `horizon(state, kind)`, a Horizon that it keeps; and `character_steps()`, which it keeps, too.
template <typename Automaton>
class TextReach {
 public:
  explicit TextReach(Automaton& automaton) : automaton_(automaton) {}

  /// Whether so many characters of the kind, whichever they are, can be read from `state` on. Followed no farther than is
  /// asked: in a pattern each character may lead to more states. What is found is noted for all states on the way.
  bool reads(int32_t state, TextKind kind, int characters) {
    if (characters > kMaxHorizon) return false;
    CharacterSteps& steps = automaton_.character_steps();
    steps.begin_search();
    steps.meet(state);
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
      int32_t list = steps.named(here, kind);
      if (list == CharacterSteps::kUnknown) list = find(here, kind);
      if (list == CharacterSteps::kRefused) {
        automaton_.horizon(here, kind).fails = 1;
        return fail(state, kind, depth, depth + 1);
      }
      for (const int32_t to : steps.list(list))
        if (steps.meet(to)) reached_.push_back({to, depth + 1});
      if (reached_.size() > steps.max_states()) {
        steps.note_too_many();
        return fail(state, kind, depth, depth + 1);
      }
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

  /// Finds the states that one character of the kind leads to.
  int32_t find(int32_t state, TextKind kind) {
    found_.clear();
    const bool is_read = read(state, kind);
    CharacterSteps& steps = automaton_.character_steps();
    if (!is_read) return steps.refuse(state, kind);
    std::sort(found_.begin(), found_.end());
    found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
    return steps.keep(state, kind, found_);
  }

  /// False where some character cannot be read on from.
  bool read(int32_t state, TextKind kind) {
    const ByteSet ascii = ascii_of(kind);
    for (int low = 0, high = 0; low < 0x80; low = high + 1) {
      high = automaton_.stretch_end(static_cast<uint8_t>(low));
      while (low <= high && low < 0x80 && !ascii.has(static_cast<uint8_t>(low))) low++;
      if (low <= high && low < 0x80 && !step(state, low, low, [&](int32_t to) { return add(to); })) return false;
    }
    const auto leads = lead_bytes_of(kind);
    return std::all_of(leads.begin(), leads.end(), [&](const LeadBytes& lead) {
      return step(state, lead.low, lead.high, [&](int32_t second) {
        return step(second, lead.second_low, lead.second_high, [&](int32_t third) {
          if (lead.more == 0) return add(third);
          return step(third, lead.third_low, lead.third_high, [&](int32_t to) { return rest(to, lead.more - 1); });
        });
      });
    });
  }

  bool rest(int32_t from, int more) {
    return more == 0 ? add(from) : step(from, 0x80, 0xbf, [&](int32_t to) { return rest(to, more - 1); });
  }

  bool add(int32_t to) {
    if (found_.empty() || found_.back() != to) found_.push_back(to);
    return true;
  }

  /// Calls `visit` with the states that bytes of a range lead to.
  template <typename Visit>
  bool step(int32_t from, int low, int high, Visit visit) {
    int32_t last = -1;
    for (int byte = low; byte <= high; byte = automaton_.stretch_end(static_cast<uint8_t>(byte)) + 1) {
      const int32_t to = automaton_.next(from, static_cast<uint8_t>(byte));
      if (to < 0) return false;
      if (std::exchange(last, to) == to) continue;
      if (!automaton_.reads_on(to) || !visit(to)) return false;
    }
    return true;
  }

  Automaton& automaton_;
  Vector<Reached> reached_;  ///< by ascending depth
  Vector<int32_t> found_;    ///< scratch of find()
};

}  // namespace espalier::grammar
