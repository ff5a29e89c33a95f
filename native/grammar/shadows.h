// Conditions that tokens left behind when they ended; the twin of src/automata/shadows.ts.
#pragma once

#include <compare>
#include <cstdint>
#include <span>

#include "grammar/intern.h"
#include "grammar/lexed_image.h"
#include "grammar/table_memory.h"

namespace espalier::grammar {

using ShadowsId = uint32_t;
inline constexpr ShadowsId kNoShadows = 0;
inline constexpr ShadowsId kViolated = 0xfffffffeu;

class ShadowTable {
 public:
  struct Member {
    int32_t terminal, state;
    auto operator<=>(const Member&) const = default;
  };

  explicit ShadowTable(const Vector<TokenAutomaton>& terminals);

  ShadowsId of(Vector<Member> members);
  ShadowsId unite(ShadowsId a, ShadowsId b);
  /// The conditions after one more byte, or kViolated.
  ShadowsId step(ShadowsId set, uint8_t byte);
  /// Whether all hold when the text ends here.
  bool hold_at_end(ShadowsId set) const { return sets_[set].holds_at_end; }
  size_t bytes() const;

 private:
  struct Set {
    uint32_t first, size;
    bool holds_at_end;
    uint32_t next;  ///< into steps_, or kUnknown
  };
  static constexpr uint32_t kUnknown = 0xffffffffu;

  std::span<const Member> members_of(ShadowsId set) const {
    return {members_.data() + sets_[set].first, sets_[set].size};
  }

  const Vector<TokenAutomaton>& terminals_;
  Vector<Set> sets_;
  Vector<Member> members_;
  Vector<ShadowsId> steps_;
  InternTable table_;
};

}  // namespace espalier::grammar
