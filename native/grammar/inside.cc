#include "grammar/inside.h"

#include <algorithm>

namespace espalier::grammar {

std::optional<Inside> Insides::find_untracked(const Machine::Configuration& at) {
  const LexemeCopies::Place place = copies_.place(at.state);
  if (place.lexeme == nullptr) return std::nullopt;
  bool is_many = false;
  if (place.lexeme->is_prefix_free())
    if (const auto counted = find_counted(at, place, is_many)) return counted;
  const Lexeme::Place alike = place.lexeme->canonical(place.state);
  return Inside{nullptr, alike.lexeme, alike.state, 0, {}, {place.then, at.stack, at.track}, place.is_quiet, is_many};
}

void Insides::take_apart(const Machine::Configuration& at, Vector<Machine::Configuration>& parts) {
  stacks_.clear();
  parts.clear();
  machine_.take_apart(at.stack, counted_.only_returns(copies_.place(at.state).then), stacks_);
  if (stacks_.size() > kMaxParts) return;
  for (const StackId stack : stacks_) parts.push_back({at.state, stack, at.track});
}

/// A character of a counted lexeme is read either in a frame of its own, which returns behind it, or in place.
std::optional<Inside> Insides::find_counted(const Machine::Configuration& at, const LexemeCopies::Place& character,
                                            bool& is_many) {
  const StackTable& stacks = machine_.stacks();
  int32_t behind = character.then;
  StackId stack = at.stack;
  if (counted_.only_returns(behind)) {
    if (stacks.frame_count(stack) == 0) return std::nullopt;
    is_many = stacks.frame_count(stack) > 1;
    const StackTable::Frame top = stacks.frame(stack, 0);
    behind = top.return_to;
    stack = top.parents;
  }
  const CountedCopies::Place place = counted_.place(behind);
  is_many = place.lexeme != nullptr && (is_many || stacks.frame_count(stack) > 1);
  if (place.lexeme == nullptr || is_many || stacks.frame_count(stack) == 0) return std::nullopt;
  const int32_t number = stacks.frame(stack, 0).count;
  const Count count{place.limit == kUnbounded ? kUnbounded : std::max(0, place.limit - number), place.minimum - number};
  const StackId after = place.resets ? machine_.reset(stack) : stack;
  return Inside{place.lexeme, character.lexeme, character.state, place.place, count,
                {place.then, after, at.track}, character.is_quiet};
}

}  // namespace espalier::grammar
