// Runs a pushdown automaton on bytes: the native twin of src/automata/machine.ts, with the same meaning set for set.
// Everything is interned into arrays and named by index; steps are remembered per set and byte class.
#pragma once

#include <bitset>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "grammar/byte_machine.h"
#include "grammar/image.h"
#include "grammar/intern.h"
#include "grammar/settled_table.h"
#include "grammar/stacks.h"
#include "grammar/table_memory.h"
#include "grammar/tracks.h"

namespace espalier::grammar {

class Machine final : public ByteMachine {
 public:
  Machine(const Pda& pda, uint32_t max_configurations, bool memo);

  SetId start() const override { return start_; }
  SetId step(SetId from, uint8_t byte) override {
    if (memo_ && from < sets_.size()) {
      const Set& set = sets_[from];
      const uint32_t column = set.tracked ? byte : pda_.byte_class[byte];
      if (set.first_column == column) return set.first_step;
      if (set.steps == nullptr) {
        for (uint32_t at = set.more_steps; at != kUnknown; at = more_steps_[at].next)
          if (more_steps_[at].column == column) return more_steps_[at].result;
      } else if (set.steps[column] != kUnknown) {
        return set.steps[column];
      }
    }
    return find_step(from, byte);
  }
  const ByteSet& readable(SetId from) override {
    Set& set = sets_[from];
    if (set.readable == kUnknown) find_readable(set);
    return readable_[set.readable];
  }
  /// Whether step() refuses no byte of readable(), which has been asked for; it may be so without being known.
  bool leads_on(SetId from) const { return sets_[from].leads_on; }
  SetId step_token(SetId from, const std::function<bool(int32_t)>& matches) override;
  void for_each_token_set(SetId from, const std::function<void(int32_t)>& visit) const override;
  SetId unite(SetId a, SetId b) override;
  bool is_accepting(SetId set) const override { return sets_[set].accepting; }
  int forced_byte(SetId set) override;
  size_t bytes() const override;
  /// The bytes that some edge reads, quiet ones left out: in a parser of symbols, how these begin.
  std::bitset<256> bytes_read(SetId set) const;

  struct Configuration {
    int32_t state;
    StackId stack;
    TrackId track;
    bool operator==(const Configuration&) const = default;
  };
  /// Valid until the next call of a function that is not const.
  std::span<const Configuration> configurations_of(SetId set) const {
    return {configurations_.data() + sets_[set].first, sets_[set].size};
  }
  const StackTable& stacks() const { return stacks_; }
  /// The stacks with the counter of every top frame at 0.
  StackId reset(StackId stack) {
    return stacks_.recount(stack, [](int32_t) { return 0; });
  }
  /// Adds to `parts` the stacks one top frame at a time; `below`: one frame below the top at a time.
  void take_apart(StackId stack, bool below, Vector<StackId>& parts) { stacks_.take_apart(stack, below, parts); }
  /// Whether all that is tracked is to become new values.
  bool tracks_new_values(TrackId track) const;
  /// Whether nothing that is tracked is spelled like a known value so far: whatever is read on, none of it is refused
  /// before it ends.
  bool is_unlike_known(TrackId track) const;
  /// Whether two tracks are of one value: as deep, with the same values before it.
  bool is_of_same_value(TrackId a, TrackId b) const {
    return tracks_[a].depth == tracks_[b].depth && tracks_[a].known == tracks_[b].known;
  }
  const TrackTable& tracks() const { return tracks_; }
  TrackId assume_new(TrackId track) { return tracks_.assume_new(track); }
  /// The set of these configurations of another set, and of nothing else.
  SetId only(std::span<const Configuration> configurations) { return intern(configurations, false); }
  /// What can be read from this configuration, or kRefused. @throws LimitError
  SetId enter(const Configuration& configuration) { return settle({&configuration, 1}); }

 private:
  static constexpr SetId kUnknown = 0xffffffffu;
  static constexpr uint16_t kNoColumn = 0xffff;

  /// Half a line of a cache: the first mask at a place makes a dozen.
  struct Set {
    uint32_t first;  ///< into configurations_
    uint32_t size;
    uint32_t readable = kUnknown;  ///< into readable_, found when it is asked for
    bool accepting : 1;
    bool tracked : 1;  ///< some configuration has a track: steps then differ by byte, not only by class
    bool leads_on : 1 = false;  ///< found with `readable`
    /// The step that was taken first, by its class of bytes; most sets know no other.
    uint16_t first_column = kNoColumn;
    SetId first_step = kUnknown;
    uint32_t more_steps = kUnknown;  ///< a list of a few more, then:
    SetId* steps = nullptr;  ///< all, by class of bytes
  };
  static_assert(sizeof(Set) == 32);

  struct Step {
    uint32_t column;
    SetId result;
    uint32_t next;  ///< of the same set, or kUnknown
  };
  /// Steps in a set's list; with more they are a table.
  static constexpr int kMaxListedSteps = 6;

  void read(const Configuration& configuration, uint8_t byte, Vector<Configuration>& reached);
  SetId find_step(SetId from, uint8_t byte);
  void find_readable(Set& set);
  void remember_step(Set& set, uint32_t column, SetId result);
  SetId* new_steps(size_t count);
  SetId settle(std::span<const Configuration> from);
  SetId settle_one(int32_t state, StackId stack);
  SetId settle_all(std::span<const Configuration> from);
  /// Leaves in `reading` the configurations that read something; tells whether the accepting state is among the others.
  bool close(std::span<const Configuration> from, Vector<Configuration>& reading);
  void follow(const Configuration& configuration);
  void begin(const Configuration& configuration, const Edge& edge);
  StackId operate(const Edge& edge, StackId stack);
  void add(int32_t state, StackId stack, TrackId track);
  uint32_t find_held(int32_t state, TrackId track) const;
  void index_held(uint32_t at);
  bool can_pass(TrackId innermost) const;
  bool can_end_anew(const Configuration& configuration);
  bool can_leave(const Configuration& from, uint32_t depth);
  bool leaves_here(const Configuration& at, const TrackTable::Track& track, Vector<Configuration>& reached);
  SetId intern(std::span<const Configuration> configurations, bool accepting);
  SetId intern_one(int32_t state, StackId stack);
  SetId new_set(std::span<const Configuration> configurations, bool accepting, bool tracked);

  const Pda& pda_;
  const uint32_t max_configurations_;
  const bool memo_;
  SetId start_ = 0;

  StackTable stacks_;
  TrackTable tracks_{stacks_};
  Vector<Set> sets_;
  Vector<ByteSet> readable_;
  Vector<Configuration> configurations_;
  Vector<Step> more_steps_;
  Vector<std::unique_ptr<SetId[]>> step_blocks_;
  size_t block_used_ = 0, block_size_ = 0, step_bytes_ = 0;
  /// What single configurations without a track settle to: those that only read, which are sets by themselves and in no other
  /// table; where steps are remembered, the closures behind a lexeme, too, which its every state asks for.
  SettledTable settled_;
  InternTable set_table_;  ///< of the other sets

  /// So many that are held are looked through; with more they are found by their state.
  static constexpr size_t kFewHeld = 8;

  /// Scratch of one closure: what is held for each state, as a list of entries that differ in their track.
  struct Held {
    Configuration configuration;
    uint32_t next;  ///< of the same state, or kUnknown
  };
  struct HeldOf {
    uint32_t epoch = 0;
    uint32_t first = kUnknown;  ///< valid where `epoch` is epoch_
  };
  Vector<HeldOf> held_of_;  ///< by state
  Vector<Held> held_;
  Vector<Configuration> work_, reached_, reading_;
  uint32_t epoch_ = 0;
  uint64_t budget_ = 0;
};

}  // namespace espalier::grammar
