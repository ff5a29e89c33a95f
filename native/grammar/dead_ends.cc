// The compiler drops what leads nowhere, so nearly every byte that can be read leads on; but an image may come from anywhere,
// and a counter, a mark or a tracked value may refuse what follows.
#include "grammar/dead_ends.h"

#include <algorithm>

namespace espalier::grammar {
namespace {

/// Rounds over all states. Edges mostly lead to later ones, and rounds go backwards.
constexpr int kMaxRounds = 4;

class Onward {
 public:
  Onward(const Pda& pda, std::span<const int32_t> others)
      : pda_(pda), others_(others), ways_(static_cast<size_t>(pda.state_count()), kReads) {
    for (const int32_t state : others) ways_[state] = 0;
    size_t without = others.size();
    for (int round = 0; round < kMaxRounds && without > 0; round++) without = go_over();
    all_returns_lead_on_ = std::ranges::all_of(others, [&](int32_t state) {
      return std::ranges::all_of(pda.edges_of(state),
                                 [&](const Edge& edge) { return edge.kind != EdgeKind::call || ways_[edge.to] != 0; });
    });
  }

  /// By induction on the stack's height: what returns goes on where it returns to, and at the bottom the sentence is complete.
  bool from(int32_t state) const {
    return (ways_[state] & kReads) != 0 || (all_returns_lead_on_ && (ways_[state] & kReturns) != 0);
  }
  bool from_everywhere() const {
    return std::ranges::all_of(others_, [&](int32_t state) { return from(state); });
  }

 private:
  static constexpr uint8_t kReads = 1;    ///< without a byte: a state that reads, or the accepting one
  static constexpr uint8_t kReturns = 2;  ///< without a byte: to where the frame on top returns

  /// How many states have no way yet.
  size_t go_over() {
    size_t without = 0;
    for (size_t i = others_.size(); i-- > 0;) {
      const int32_t state = others_[i];
      ways_[state] |= state == kAcceptState || pda_.reads(state) ? kReads : ways_of(state);
      without += ways_[state] == 0;
    }
    return without;
  }

  uint8_t ways_of(int32_t state) const {
    uint8_t ways = 0;
    for (const Edge& edge : pda_.edges_of(state)) {
      if (edge.kind == EdgeKind::epsilon) ways |= ways_[edge.to];
      if (edge.kind == EdgeKind::ret) ways |= kReturns;
      if (edge.kind != EdgeKind::call) continue;
      ways |= ways_[edge.a] & kReads;
      if ((ways_[edge.a] & kReturns) != 0) ways |= ways_[edge.to];
    }
    return ways;
  }

  const Pda& pda_;
  const std::span<const int32_t> others_;
  Vector<uint8_t> ways_;  ///< by state
  bool all_returns_lead_on_ = false;
};

}  // namespace

void find_leading_on(Pda& pda, std::span<const int32_t> others) {
  const Onward onward(pda, others);
  if (onward.from_everywhere()) return;
  for (int32_t state = 0; state < pda.state_count(); state++) {
    bool leads_on = true;
    for (const Edge& edge : pda.edges_of(state)) leads_on &= !reads_byte(edge.kind) || onward.from(edge.to);
    pda.states[state].leads_on = leads_on;
  }
}

}  // namespace espalier::grammar
