// Runs a pushdown automaton on bytes: the native twin of src/automata/machine.ts, with the same meaning set for set.
// Everything is interned into arrays and named by index; steps are remembered per set and byte class.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include "grammar/image.h"
#include "grammar/intern.h"

namespace espalier::grammar {

/// A named limit was reached: the grammar is too ambiguous at this place.
struct LimitError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Index of an interned set of configurations.
using SetId = uint32_t;
inline constexpr SetId kRefused = 0xfffffffeu;

class Machine {
 public:
  Machine(const Pda& pda, uint32_t max_configurations, bool memo);

  SetId start() const { return start_; }
  /// The set after one more byte, or kRefused. @throws LimitError
  SetId step(SetId from, uint8_t byte);
  bool is_accepting(SetId set) const { return sets_[set].accepting; }
  /// The byte that must come next, or -1 when there is a choice, including that of ending here.
  int forced_byte(SetId set) const;
  size_t set_count() const { return sets_.size(); }
  /// Bytes held by the tables, roughly.
  size_t bytes() const;

 private:
  using StackId = uint32_t;
  using FrameId = uint32_t;
  static constexpr StackId kNoStack = 0;
  static constexpr SetId kUnknown = 0xffffffffu;

  struct Frame {
    int32_t return_to;
    int32_t count;
    StackId parents;
    bool operator==(const Frame&) const = default;
  };
  struct Stack {
    uint32_t first;  ///< into stack_frames_
    uint32_t size;
  };
  struct Configuration {
    int32_t state;
    StackId stack;
    bool operator==(const Configuration&) const = default;
  };
  struct Set {
    uint32_t first;  ///< into configurations_
    uint32_t size;
    uint32_t next;  ///< into steps_, or kUnknown before the first step
    bool accepting;
  };

  SetId close(std::span<const Configuration> from);
  void follow(const Configuration& configuration);
  void add(int32_t state, StackId stack);
  FrameId frame(int32_t return_to, int32_t count, StackId parents);
  StackId stack(std::span<const FrameId> frames);
  StackId stack_of(int32_t return_to, int32_t count, StackId parents);
  StackId merge(StackId a, StackId b, int depth = 0);
  StackId merge_frames(StackId a, StackId b, int depth);
  template <typename Change>
  StackId recount(StackId from, Change change);
  SetId intern(std::span<const Configuration> configurations, bool accepting);
  std::span<const Configuration> configurations_of(SetId set) const {
    return {configurations_.data() + sets_[set].first, sets_[set].size};
  }

  const Pda& pda_;
  const uint32_t max_configurations_;
  const bool memo_;
  SetId start_ = 0;

  std::vector<Frame> frames_;
  std::vector<Stack> stacks_;
  std::vector<FrameId> stack_frames_;
  std::vector<Set> sets_;
  std::vector<Configuration> configurations_;
  std::vector<SetId> steps_;
  struct Merge {
    StackId a, b, result;
  };
  std::vector<Merge> merges_;
  InternTable frame_table_, stack_table_, set_table_, merge_table_;

  // Scratch of one closure.
  std::vector<StackId> held_;  ///< by state; valid where held_epoch_ is epoch_
  std::vector<uint32_t> held_epoch_;
  std::vector<int32_t> held_states_;
  std::vector<Configuration> work_;
  uint32_t epoch_ = 0;
  uint64_t budget_ = 0;
};

}  // namespace espalier::grammar
