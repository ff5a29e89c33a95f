// Sets of shadows: interning and steps.
#include "grammar/shadows.h"

#include <algorithm>

namespace espalier::grammar {

ShadowTable::ShadowTable(const Vector<TokenAutomaton>& terminals) : terminals_(terminals) { of({}); }

ShadowsId ShadowTable::of(Vector<Member> members) {
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  uint64_t hash = 7;
  bool holds = true;
  for (const Member& m : members) {
    hash = mix(mix(hash, static_cast<uint32_t>(m.terminal)), static_cast<uint32_t>(m.state));
    const TokenAutomaton& t = terminals_[m.terminal];
    holds = holds && t.holds_at_end[m.state - t.run_count] == 1;
  }
  const auto equals = [&](uint32_t i) {
    return sets_[i].size == members.size() &&
           std::equal(members.begin(), members.end(), members_.begin() + sets_[i].first);
  };
  return table_.find_or_create(hash, equals, [&] {
    sets_.push_back({static_cast<uint32_t>(members_.size()), static_cast<uint32_t>(members.size()), holds, kUnknown});
    members_.insert(members_.end(), members.begin(), members.end());
    return static_cast<uint32_t>(sets_.size() - 1);
  });
}

ShadowsId ShadowTable::unite(ShadowsId a, ShadowsId b) {
  if (a == b || b == kNoShadows) return a;
  if (a == kNoShadows) return b;
  const auto first = members_of(a), second = members_of(b);
  Vector<Member> both(first.begin(), first.end());
  both.insert(both.end(), second.begin(), second.end());
  return of(std::move(both));
}

ShadowsId ShadowTable::step(ShadowsId set, uint8_t byte) {
  if (set == kNoShadows) return set;
  if (sets_[set].next == kUnknown) {
    sets_[set].next = static_cast<uint32_t>(steps_.size());
    steps_.resize(steps_.size() + 256, kUnknown);
  }
  const size_t at = sets_[set].next + byte;
  if (steps_[at] != kUnknown) return steps_[at];
  Vector<Member> members;
  bool violated = false;
  for (const Member& m : members_of(set)) {
    const int32_t to = terminals_[m.terminal].step(m.state, byte);
    violated = violated || to == kBad;
    if (to >= 0) members.push_back({m.terminal, to});
  }
  const ShadowsId result = violated ? kViolated : of(std::move(members));
  steps_[at] = result;
  return result;
}

size_t ShadowTable::bytes() const {
  return sets_.capacity() * sizeof(Set) + members_.capacity() * sizeof(Member) + steps_.capacity() * sizeof(ShadowsId) +
         table_.bytes();
}

}  // namespace espalier::grammar
