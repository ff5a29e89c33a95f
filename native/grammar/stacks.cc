// Read src/automata/stacks.ts beside this: the functions bear the same names.
#include "grammar/stacks.h"

#include <algorithm>
#include <functional>

namespace espalier::grammar {
namespace {
/// How far below their tops two ambiguous stacks are compared when they are merged.
constexpr int kMaxMergeDepth = 2000;

uint64_t hash_text(std::string_view text) { return std::hash<std::string_view>{}(text); }
}  // namespace

StackTable::StackTable() {
  frames_.reserve(kManySlots / 2);
  alone_.reserve(kManySlots / 2);
  stacks_.reserve(kManySlots / 2);
  stack_frames_.reserve(kManySlots / 2);
  // The empty ones come first: kNoStack, no marks, kNoValues, kNoRegisters.
  stack(std::span<const FrameId>());
  marks({});
  value_set({});
  registers({0, kNoValues});
}

StackId StackTable::only(StackId from, size_t index) {
  const FrameId frame = stack_frames_[stacks_[from].first + index];
  return stack({&frame, 1});
}

void StackTable::take_apart(StackId from, bool below, Vector<StackId>& parts) {
  for (size_t i = 0; i < frame_count(from); i++) {
    if (!below) {
      parts.push_back(only(from, i));
      continue;
    }
    const Frame top = frame(from, i);
    for (size_t j = 0; j < frame_count(top.parents); j++)
      parts.push_back(stack_of({top.return_to, top.count, top.registers, only(top.parents, j)}));
  }
}

StackId StackTable::merge(StackId a, StackId b, int depth) {
  if (a == b || b == kNoStack) return a;
  if (a == kNoStack) return b;
  if (depth > kMaxMergeDepth)
    throw LimitError("ambiguous stacks differ too deep below their tops (limit MAX_MERGE_DEPTH = " +
                     std::to_string(kMaxMergeDepth) + ")");
  const auto equals = [&](uint32_t i) { return merges_[i].a == a && merges_[i].b == b; };
  const uint32_t found = merge_table_.find_or_create(mix(mix(1, a), b), equals, [&] {
    merges_.push_back({a, b, kNoStack});
    return static_cast<uint32_t>(merges_.size() - 1);
  });
  if (merges_[found].result != kNoStack) return merges_[found].result;
  const StackId result = merge_frames(a, b, depth);
  merges_[found].result = result;
  return result;
}

StackId StackTable::merge_frames(StackId a, StackId b, int depth) {
  Vector<FrameId> merged;
  size_t i = 0, j = 0;
  while (i < stacks_[a].size || j < stacks_[b].size) {
    if (j == stacks_[b].size) {
      merged.push_back(stack_frames_[stacks_[a].first + i++]);
      continue;
    }
    if (i == stacks_[a].size) {
      merged.push_back(stack_frames_[stacks_[b].first + j++]);
      continue;
    }
    const FrameId x_id = stack_frames_[stacks_[a].first + i], y_id = stack_frames_[stacks_[b].first + j];
    const Frame x = frames_[x_id], y = frames_[y_id];
    const auto x_key = std::tie(x.return_to, x.count, x.registers), y_key = std::tie(y.return_to, y.count, y.registers);
    if (x_key < y_key) {
      merged.push_back(x_id);
      i++;
    } else if (y_key < x_key) {
      merged.push_back(y_id);
      j++;
    } else {
      const StackId parents = x_id == y_id ? x.parents : merge(x.parents, y.parents, depth + 1);
      merged.push_back(frame_id({x.return_to, x.count, x.registers, parents}));
      i++;
      j++;
    }
  }
  return stack(merged);
}

StackId StackTable::mark(StackId from, uint32_t bit) {
  return transform(from, [&](Frame& top) {
    if (all_marked(top, bit, bit + 1)) return false;
    const auto before = within(mark_words_, marks_[registers_[top.registers].marks]);
    Vector<uint64_t> words(before.begin(), before.end());
    if (words.size() <= bit / 64) words.resize(bit / 64 + 1);
    words[bit / 64] |= uint64_t{1} << (bit % 64);
    top.registers = registers({marks(words), registers_[top.registers].known});
    return true;
  });
}

bool StackTable::all_marked(const Frame& top, uint32_t from, uint32_t to) const {
  const auto words = within(mark_words_, marks_[registers_[top.registers].marks]);
  for (uint32_t bit = from; bit < to;) {
    if (bit / 64 >= words.size()) return false;
    const uint32_t last = std::min(to, (bit / 64 + 1) * 64);
    const uint64_t wanted = (~uint64_t{0} >> (64 - (last - bit))) << (bit % 64);
    if ((words[bit / 64] & wanted) != wanted) return false;
    bit = last;
  }
  return true;
}

StackId StackTable::learn(StackId from, std::string_view key, std::string_view text) {
  return transform(from, [&](Frame& top) {
    const auto before = values(known(top));
    if (std::any_of(before.begin(), before.end(), [&](uint32_t known) { return keys_[known] == key; })) return false;
    Vector<uint32_t> after(before.begin(), before.end());
    const uint32_t added = value(key, text);
    after.insert(std::lower_bound(after.begin(), after.end(), added), added);
    top.registers = registers({registers_[top.registers].marks, value_set(after)});
    return true;
  });
}

StackTable::FrameId StackTable::frame_id(const Frame& key) {
  const uint64_t hash = mix(mix(2, uint64_t{static_cast<uint32_t>(key.return_to)} << 32 | key.parents),
                            uint64_t{static_cast<uint32_t>(key.count)} << 32 | key.registers);
  return frame_table_.find_or_create(
      hash, [&](uint32_t i) { return frames_[i] == key; },
      [&] {
        frames_.push_back(key);
        alone_.push_back(kNoStack);
        return static_cast<uint32_t>(frames_.size() - 1);
      });
}

StackId StackTable::stack(std::span<const FrameId> frames) {
  return intern_list(stack_table_, stacks_, stack_frames_, frames);
}

StackId StackTable::stack_of(const Frame& frame) {
  const FrameId only = frame_id(frame);
  if (alone_[only] == kNoStack) alone_[only] = stack({&only, 1});
  return alone_[only];
}

StackTable::RegistersId StackTable::registers(const Registers& key) {
  return registers_table_.find_or_create(
      mix(mix(3, key.marks), key.known), [&](uint32_t i) { return registers_[i] == key; },
      [&] {
        registers_.push_back(key);
        return static_cast<uint32_t>(registers_.size() - 1);
      });
}

uint32_t StackTable::marks(std::span<const uint64_t> words) {
  return intern_list(marks_table_, marks_, mark_words_, words);
}

ValueSetId StackTable::value_set(std::span<const uint32_t> values) {
  return intern_list(value_set_table_, value_sets_, members_, values);
}

uint32_t StackTable::value(std::string_view key, std::string_view text) {
  return value_table_.find_or_create(
      mix(hash_text(key), hash_text(text)), [&](uint32_t i) { return keys_[i] == key && texts_[i] == text; },
      [&] {
        keys_.emplace_back(key);
        texts_.emplace_back(text);
        value_bytes_ += key.size() + text.size() + 2 * sizeof(std::string);
        return static_cast<uint32_t>(keys_.size() - 1);
      });
}

size_t StackTable::bytes() const {
  return frames_.capacity() * sizeof(Frame) + alone_.capacity() * sizeof(StackId) + stacks_.capacity() * sizeof(Slice) +
         stack_frames_.capacity() * sizeof(FrameId) + merges_.capacity() * sizeof(Merge) +
         registers_.capacity() * sizeof(Registers) + marks_.capacity() * sizeof(Slice) +
         mark_words_.capacity() * sizeof(uint64_t) + value_sets_.capacity() * sizeof(Slice) +
         members_.capacity() * sizeof(uint32_t) + value_bytes_ + frame_table_.bytes() + stack_table_.bytes() +
         merge_table_.bytes() + registers_table_.bytes() + marks_table_.bytes() + value_set_table_.bytes() +
         value_table_.bytes();
}

}  // namespace espalier::grammar
