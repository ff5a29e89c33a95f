// Stacks of frames and the registers in them, interned into arrays and named by index: the native twin of
// src/automata/stacks.ts.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "grammar/intern.h"
#include "grammar/table_memory.h"

namespace espalier::grammar {

/// A named limit was reached: the grammar is too ambiguous at this place.
struct LimitError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

using StackId = uint32_t;
using ValueSetId = uint32_t;
inline constexpr StackId kNoStack = 0;
inline constexpr ValueSetId kNoValues = 0;

class StackTable {
 public:
  using RegistersId = uint32_t;

  struct Frame {
    int32_t return_to;
    int32_t count;
    RegistersId registers;
    StackId parents;
    bool operator==(const Frame&) const = default;
  };

  StackTable();

  /// The stack with a fresh frame on top of `parents`.
  StackId push(int32_t return_to, StackId parents) { return stack_of({return_to, 0, kNoRegisters, parents}); }
  /// The union of two sets of stacks; frames alike but for their parents are merged, parents and all.
  StackId merge(StackId a, StackId b, int depth = 0);

  size_t frame_count(StackId stack) const { return stacks_[stack].size; }
  Frame frame(StackId stack, size_t index) const { return frames_[stack_frames_[stacks_[stack].first + index]]; }
  /// The stacks of one top frame alone.
  StackId only(StackId stack, size_t index);

  /// Adds to `parts` the stacks one top frame at a time; `below`: one frame below the top at a time.
  void take_apart(StackId stack, bool below, Vector<StackId>& parts);

  /// The stacks with every top frame's counter changed; frames for which `change` gives less than 0 are left out.
  template <typename Change>
  StackId recount(StackId stack, Change change) {
    return transform(stack, [&](Frame& top) { return (top.count = change(top.count)) >= 0; });
  }
  /// The stacks whose top frame passes `test`.
  template <typename Test>
  StackId filter(StackId stack, Test test) {
    return transform(stack, [&](Frame& top) { return test(top); });
  }
  /// The stacks whose top frame has not marked `bit`, with it marked.
  StackId mark(StackId stack, uint32_t bit);
  /// Whether every bit in [from, to) is marked.
  bool all_marked(const Frame& top, uint32_t from, uint32_t to) const;
  /// The stacks whose top frame does not know the value of this key, with it known.
  StackId learn(StackId stack, std::string_view key, std::string_view text);

  ValueSetId known(const Frame& top) const { return registers_[top.registers].known; }
  /// Indices of a set's values.
  std::span<const uint32_t> values(ValueSetId set) const { return within(members_, value_sets_[set]); }
  std::string_view value_text(uint32_t value) const { return texts_[value]; }

  /// Bytes held, roughly.
  size_t bytes() const;

 private:
  using FrameId = uint32_t;
  static constexpr RegistersId kNoRegisters = 0;

  struct Registers {
    uint32_t marks;
    ValueSetId known;
    bool operator==(const Registers&) const = default;
  };
  struct Merge {
    StackId a, b, result;
  };

  template <typename Transform>
  StackId transform(StackId from, Transform change) {
    StackId result = kNoStack;
    for (size_t i = 0; i < frame_count(from); i++) {
      Frame top = frame(from, i);
      if (change(top)) result = merge(result, stack_of(top));
    }
    return result;
  }
  StackId merge_frames(StackId a, StackId b, int depth);
  FrameId frame_id(const Frame& frame);
  StackId stack(std::span<const FrameId> frames);
  StackId stack_of(const Frame& frame);
  RegistersId registers(const Registers& registers);
  uint32_t marks(std::span<const uint64_t> words);
  ValueSetId value_set(std::span<const uint32_t> values);
  uint32_t value(std::string_view key, std::string_view text);

  Vector<Frame> frames_;
  Vector<StackId> alone_;  ///< by frame: the stack of it alone, kNoStack where nobody has asked
  Vector<Slice> stacks_;
  Vector<FrameId> stack_frames_;
  Vector<Merge> merges_;
  Vector<Registers> registers_;
  Vector<Slice> marks_;
  Vector<uint64_t> mark_words_;
  Vector<Slice> value_sets_;
  Vector<uint32_t> members_;
  Vector<std::string> keys_, texts_;  ///< by value
  size_t value_bytes_ = 0;
  static constexpr size_t kManySlots = 512;  ///< of what nearly all grammars have
  InternTable frame_table_{kManySlots}, stack_table_{kManySlots};
  InternTable merge_table_, registers_table_, marks_table_, value_set_table_, value_table_;
};

/// The index of a list in `lists`, which are stretches of `items`; added when it is new.
template <typename T>
uint32_t intern_list(InternTable& table, Vector<Slice>& lists, Vector<T>& items, std::span<const T> list) {
  uint64_t hash = list.size();
  for (const T& item : list) hash = mix(hash, item);
  const auto equals = [&](uint32_t i) {
    const auto known = within(items, lists[i]);
    return known.size() == list.size() && std::equal(list.begin(), list.end(), known.begin());
  };
  return table.find_or_create(hash, equals, [&] {
    lists.push_back({static_cast<uint32_t>(items.size()), static_cast<uint32_t>(list.size())});
    items.insert(items.end(), list.begin(), list.end());
    return static_cast<uint32_t>(lists.size() - 1);
  });
}

}  // namespace espalier::grammar
