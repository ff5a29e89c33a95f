// Runs a pushdown automaton on bytes: the native twin of src/automata/machine.ts, with the same meaning set for set.
// Everything is interned into arrays and named by index; steps are remembered per set and byte class.
#pragma once

#include <bitset>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "grammar/byte_machine.h"
#include "grammar/image.h"
#include "grammar/intern.h"
#include "grammar/stacks.h"
#include "grammar/tracks.h"

namespace espalier::grammar {

class Machine final : public ByteMachine {
 public:
  Machine(const Pda& pda, uint32_t max_configurations, bool memo);

  SetId start() const override { return start_; }
  SetId step(SetId from, uint8_t byte) override;
  SetId step_token(SetId from, const std::function<bool(int32_t)>& matches) override;
  void for_each_token_set(SetId from, const std::function<void(int32_t)>& visit) const override;
  SetId unite(SetId a, SetId b) override;
  bool is_accepting(SetId set) const override { return sets_[set].accepting; }
  int forced_byte(SetId set) override;
  size_t bytes() const override;
  /// The bytes that some edge reads, quiet ones left out: in a parser of symbols, how these begin.
  std::bitset<256> bytes_read(SetId set) const;

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
  void begin(const Configuration& configuration, const Edge& edge);
  StackId operate(const Edge& edge, StackId stack);
  void add(int32_t state, StackId stack, TrackId track);
  bool can_pass(TrackId innermost) const;
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
