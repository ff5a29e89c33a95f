// Runs a pushdown automaton on bytes: the native twin of src/automata/machine.ts, with the same meaning set for set.
// Everything is interned into arrays and named by index; steps are remembered per set and byte class.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "grammar/image.h"
#include "grammar/intern.h"
#include "grammar/stacks.h"
#include "grammar/tracks.h"

namespace espalier::grammar {

/// Index of an interned set of configurations.
using SetId = uint32_t;
inline constexpr SetId kRefused = 0xfffffffeu;

class Machine {
 public:
  Machine(const Pda& pda, uint32_t max_configurations, bool memo);

  SetId start() const { return start_; }
  /// The set after one more byte, or kRefused. @throws LimitError
  SetId step(SetId from, uint8_t byte);
  /// The set after one token that is read as a token, or kRefused; `matches` tells of each token set whether it holds the
  /// token. @throws LimitError
  SetId step_token(SetId from, const std::function<bool(int32_t)>& matches);
  /// Calls `visit` with each token set of which a token can be read next; with some more than once.
  void for_each_token_set(SetId from, const std::function<void(int32_t)>& visit) const;
  /// The configurations of both. @throws LimitError
  SetId unite(SetId a, SetId b);
  bool is_accepting(SetId set) const { return sets_[set].accepting; }
  /// The byte that must come next, or -1 when there is a choice, including that of ending here.
  int forced_byte(SetId set) const;
  size_t set_count() const { return sets_.size(); }
  /// Bytes held by the tables, roughly.
  size_t bytes() const;

 private:
  static constexpr SetId kUnknown = 0xffffffffu;

  struct Configuration {
    int32_t state;
    StackId stack;
    TrackId track;
    bool operator==(const Configuration&) const = default;
  };
  struct Set {
    uint32_t first;  ///< into configurations_
    uint32_t size;
    uint32_t next;  ///< into steps_, or kUnknown before the first step
    bool accepting;
    bool tracked;  ///< some configuration has a track: steps then differ by byte, not only by class
  };
  /// What a closure gives: configurations that read something, and whether the accepting state is among the others.
  struct Closure {
    std::vector<Configuration> reading;
    bool accepting = false;
  };

  void read(const Configuration& configuration, uint8_t byte, std::vector<Configuration>& reached);
  SetId settle(std::span<const Configuration> from);
  Closure close(std::span<const Configuration> from);
  void follow(const Configuration& configuration);
  void begin(const Configuration& configuration, int32_t to);
  StackId operate(const Edge& edge, StackId stack);
  void add(int32_t state, StackId stack, TrackId track);
  bool can_end_anew(const Configuration& configuration);
  bool can_leave(const Configuration& from, uint32_t depth);
  bool leaves_here(const Configuration& at, const TrackTable::Track& track, std::vector<Configuration>& reached);
  SetId intern(std::span<const Configuration> configurations, bool accepting);
  std::span<const Configuration> configurations_of(SetId set) const {
    return {configurations_.data() + sets_[set].first, sets_[set].size};
  }

  const Pda& pda_;
  const uint32_t max_configurations_;
  const bool memo_;
  SetId start_ = 0;

  StackTable stacks_;
  TrackTable tracks_{stacks_};
  std::vector<Set> sets_;
  std::vector<Configuration> configurations_;
  std::vector<SetId> steps_;
  InternTable set_table_;

  /// Scratch of one closure: what is held for each state, as a list of entries that differ in their track.
  struct Held {
    Configuration configuration;
    uint32_t next;  ///< of the same state, or kUnknown
  };
  std::vector<uint32_t> held_of_;  ///< by state; valid where held_epoch_ is epoch_
  std::vector<uint32_t> held_epoch_;
  std::vector<Held> held_;
  std::vector<Configuration> work_;
  uint32_t epoch_ = 0;
  uint64_t budget_ = 0;
};

}  // namespace espalier::grammar
