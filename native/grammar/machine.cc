// Closure and steps of configuration sets. Read src/automata/machine.ts beside this: the functions bear the same names.
#include "grammar/machine.h"

#include <algorithm>
#include <string>

namespace espalier::grammar {
namespace {
/// How far below their tops two ambiguous stacks are compared when they are merged.
constexpr int kMaxMergeDepth = 2000;
}  // namespace

Machine::Machine(const Pda& pda, uint32_t max_configurations, bool memo)
    : pda_(pda), max_configurations_(max_configurations), memo_(memo) {
  held_.resize(pda.state_count());
  held_epoch_.resize(pda.state_count(), 0);
  stacks_.push_back({0, 0});  // kNoStack
  const Configuration first{pda.start, stack_of(kAcceptState, 0, kNoStack)};
  start_ = close({&first, 1});
  if (start_ == kRefused) start_ = intern({}, false);
}

SetId Machine::step(SetId from, uint8_t byte) {
  const int32_t cls = pda_.byte_class[byte];
  if (memo_) {
    if (sets_[from].next == kUnknown) {
      sets_[from].next = static_cast<uint32_t>(steps_.size());
      steps_.resize(steps_.size() + pda_.class_count, kUnknown);
    }
    const SetId known = steps_[sets_[from].next + cls];
    if (known != kUnknown) return known;
  }
  std::vector<Configuration> reached;
  for (const Configuration& configuration : configurations_of(from))
    for (const Edge& edge : pda_.edges_of(configuration.state))
      if (edge.kind == EdgeKind::bytes && edge.a <= byte && byte <= edge.b)
        reached.push_back({edge.to, configuration.stack});
  const SetId result = reached.empty() ? kRefused : close(reached);
  if (memo_) steps_[sets_[from].next + cls] = result;
  return result;
}

int Machine::forced_byte(SetId set) const {
  if (sets_[set].accepting) return -1;
  int forced = -1;
  for (const Configuration& configuration : configurations_of(set))
    for (const Edge& edge : pda_.edges_of(configuration.state)) {
      if (edge.kind != EdgeKind::bytes) continue;
      if (edge.a != edge.b || (forced != -1 && forced != edge.a)) return -1;
      forced = edge.a;
    }
  return forced;
}

SetId Machine::close(std::span<const Configuration> from) {
  epoch_++;
  held_states_.clear();
  work_.clear();
  budget_ = static_cast<uint64_t>(max_configurations_) * 16;
  for (const Configuration& configuration : from) add(configuration.state, configuration.stack);
  while (!work_.empty()) {
    const Configuration configuration = work_.back();
    work_.pop_back();
    follow(configuration);
  }
  bool accepting = false;
  std::vector<Configuration> kept;
  std::sort(held_states_.begin(), held_states_.end());
  for (int32_t state : held_states_) {
    if (state == kAcceptState) accepting = true;
    if (pda_.reads[state]) kept.push_back({state, held_[state]});
  }
  if (kept.empty() && !accepting) return kRefused;
  return intern(kept, accepting);
}

void Machine::follow(const Configuration& configuration) {
  const auto [state, stack] = configuration;
  for (const Edge& edge : pda_.edges_of(state)) {
    switch (edge.kind) {
      case EdgeKind::bytes:
        break;
      case EdgeKind::epsilon:
        add(edge.to, stack);
        break;
      case EdgeKind::call:
        add(edge.a, stack_of(edge.to, 0, stack));
        break;
      case EdgeKind::ret:
        for (uint32_t i = 0; i < stacks_[stack].size; i++) {
          const Frame top = frames_[stack_frames_[stacks_[stack].first + i]];
          add(top.return_to, top.parents);
        }
        break;
      case EdgeKind::count: {
        const StackId counted = recount(stack, [&](int32_t count) {
          return count < edge.a ? count + 1 : edge.b == 1 ? edge.a : -1;
        });
        if (counted != kNoStack) add(edge.to, counted);
        break;
      }
      case EdgeKind::check: {
        const StackId passed = recount(stack, [&](int32_t count) { return count >= edge.a ? 0 : -1; });
        if (passed != kNoStack) add(edge.to, passed);
        break;
      }
    }
  }
}

void Machine::add(int32_t state, StackId stack) {
  const bool held = held_epoch_[state] == epoch_;
  const StackId after = held ? merge(held_[state], stack) : stack;
  if (held && after == held_[state]) return;
  if (!held) {
    held_epoch_[state] = epoch_;
    held_states_.push_back(state);
  }
  held_[state] = after;
  work_.push_back({state, stack});
  if (held_states_.size() > max_configurations_ || budget_-- == 0)
    throw LimitError(
        "the grammar is too ambiguous here (limit maxConfigurations = " + std::to_string(max_configurations_) + ")");
}

template <typename Change>
Machine::StackId Machine::recount(StackId from, Change change) {
  StackId result = kNoStack;
  for (uint32_t i = 0; i < stacks_[from].size; i++) {
    const Frame top = frames_[stack_frames_[stacks_[from].first + i]];
    const int32_t count = change(top.count);
    if (count >= 0) result = merge(result, stack_of(top.return_to, count, top.parents));
  }
  return result;
}

Machine::StackId Machine::merge(StackId a, StackId b, int depth) {
  if (a == b || b == kNoStack) return a;
  if (a == kNoStack) return b;
  if (depth > kMaxMergeDepth)
    throw LimitError("ambiguous stacks differ too deep below their tops (limit MAX_MERGE_DEPTH = " +
                     std::to_string(kMaxMergeDepth) + ")");
  const uint64_t hash = mix(mix(1, a), b);
  const auto equals = [&](uint32_t i) { return merges_[i].a == a && merges_[i].b == b; };
  const uint32_t index = merge_table_.find_or_create(hash, equals, [&] {
    merges_.push_back({a, b, kNoStack});
    return static_cast<uint32_t>(merges_.size() - 1);
  });
  if (merges_[index].result == kNoStack) merges_[index].result = merge_frames(a, b, depth);
  return merges_[index].result;
}

Machine::StackId Machine::merge_frames(StackId a, StackId b, int depth) {
  std::vector<FrameId> merged;
  uint32_t i = 0, j = 0;
  const auto frame_at = [&](StackId stack, uint32_t k) { return stack_frames_[stacks_[stack].first + k]; };
  while (i < stacks_[a].size || j < stacks_[b].size) {
    if (j == stacks_[b].size) {
      merged.push_back(frame_at(a, i++));
      continue;
    }
    if (i == stacks_[a].size) {
      merged.push_back(frame_at(b, j++));
      continue;
    }
    const FrameId x_id = frame_at(a, i), y_id = frame_at(b, j);
    const Frame x = frames_[x_id], y = frames_[y_id];
    const auto x_key = std::pair(x.return_to, x.count), y_key = std::pair(y.return_to, y.count);
    if (x_key < y_key) {
      merged.push_back(x_id);
      i++;
    } else if (y_key < x_key) {
      merged.push_back(y_id);
      j++;
    } else {
      merged.push_back(x_id == y_id ? x_id : frame(x.return_to, x.count, merge(x.parents, y.parents, depth + 1)));
      i++;
      j++;
    }
  }
  return stack(merged);
}

Machine::FrameId Machine::frame(int32_t return_to, int32_t count, StackId parents) {
  const Frame key{return_to, count, parents};
  const uint64_t hash = mix(mix(mix(2, static_cast<uint32_t>(return_to)), static_cast<uint32_t>(count)), parents);
  return frame_table_.find_or_create(
      hash, [&](uint32_t i) { return frames_[i] == key; },
      [&] {
        frames_.push_back(key);
        return static_cast<uint32_t>(frames_.size() - 1);
      });
}

Machine::StackId Machine::stack(std::span<const FrameId> frames) {
  if (frames.empty()) return kNoStack;
  uint64_t hash = 3;
  for (FrameId id : frames) hash = mix(hash, id);
  const auto equals = [&](uint32_t i) {
    const Stack& known = stacks_[i];
    return known.size == frames.size() && std::equal(frames.begin(), frames.end(), stack_frames_.begin() + known.first);
  };
  return stack_table_.find_or_create(hash, equals, [&] {
    stacks_.push_back({static_cast<uint32_t>(stack_frames_.size()), static_cast<uint32_t>(frames.size())});
    stack_frames_.insert(stack_frames_.end(), frames.begin(), frames.end());
    return static_cast<uint32_t>(stacks_.size() - 1);
  });
}

Machine::StackId Machine::stack_of(int32_t return_to, int32_t count, StackId parents) {
  const FrameId only = frame(return_to, count, parents);
  return stack({&only, 1});
}

SetId Machine::intern(std::span<const Configuration> configurations, bool accepting) {
  uint64_t hash = accepting ? 5 : 4;
  for (const Configuration& c : configurations) hash = mix(mix(hash, static_cast<uint32_t>(c.state)), c.stack);
  const auto equals = [&](uint32_t i) {
    const Set& known = sets_[i];
    return known.accepting == accepting && known.size == configurations.size() &&
           std::equal(configurations.begin(), configurations.end(), configurations_.begin() + known.first);
  };
  return set_table_.find_or_create(hash, equals, [&] {
    sets_.push_back({static_cast<uint32_t>(configurations_.size()), static_cast<uint32_t>(configurations.size()),
                     kUnknown, accepting});
    configurations_.insert(configurations_.end(), configurations.begin(), configurations.end());
    return static_cast<uint32_t>(sets_.size() - 1);
  });
}

size_t Machine::bytes() const {
  return frames_.capacity() * sizeof(Frame) + stacks_.capacity() * sizeof(Stack) +
         stack_frames_.capacity() * sizeof(FrameId) + sets_.capacity() * sizeof(Set) +
         configurations_.capacity() * sizeof(Configuration) + steps_.capacity() * sizeof(SetId) +
         merges_.capacity() * sizeof(Merge) + frame_table_.bytes() + stack_table_.bytes() + set_table_.bytes() +
         merge_table_.bytes();
}

}  // namespace espalier::grammar
