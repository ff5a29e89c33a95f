// Read src/automata/text-checks.ts beside this: the functions bear the same names.
#include "grammar/text_checks.h"

#include <utility>

namespace espalier::grammar {
namespace {

constexpr size_t kCheckHeader = 6;
/// Longest text that a check may have.
constexpr int32_t kMaxCheckedText = 256;
constexpr int32_t kMaxCodePoint = 0x10ffff;

std::optional<ClassedAutomaton> decode_automaton(std::span<const int32_t> words, int64_t interval_count,
                                                 int64_t class_count) {
  ClassedAutomaton automaton;
  automaton.class_count = static_cast<int32_t>(class_count);
  const auto tables = words.subspan(static_cast<size_t>(3 * interval_count));
  const int64_t state_count = static_cast<int64_t>(tables.size()) / (class_count + 1);
  int32_t from = 0;
  for (int64_t index = 0; index < interval_count; index++) {
    const auto triple = words.subspan(static_cast<size_t>(3 * index), 3);
    const bool is_ordered = from <= triple[0] && triple[0] <= triple[1] && triple[1] <= kMaxCodePoint;
    if (!is_ordered || triple[2] < 0 || triple[2] >= class_count) return std::nullopt;
    automaton.intervals.push_back({triple[0], triple[1], triple[2]});
    from = triple[1] + 1;
  }
  const auto next = tables.first(static_cast<size_t>(state_count * class_count));
  for (const int32_t to : next)
    if (to < -1 || to >= state_count) return std::nullopt;
  automaton.next.assign(next.begin(), next.end());
  for (const int32_t word : tables.subspan(next.size())) automaton.accept.push_back(word == 0 ? 0 : 1);
  automaton.find_ends();
  return automaton;
}

}  // namespace

bool TextCheck::passes(std::string_view text) const {
  return kind == CheckKind::encoded ? passes_encoded(*this, text) : passes_unicode(*this, text);
}

bool TextCheck::may_pass(std::string_view text) const {
  return kind == CheckKind::encoded ? may_pass_encoded(*this, text) : may_pass_unicode(*this, text);
}

std::optional<Vector<TextCheck>> decode_checks(std::span<const int32_t> words, size_t count) {
  Vector<TextCheck> checks;
  for (size_t index = 0; index < count; index++) {
    if (words.size() < kCheckHeader) return std::nullopt;
    const int32_t kind = words[0], longest = words[1], filler = words[2];
    const int64_t interval_count = words[3], class_count = words[4], state_count = words[5];
    words = words.subspan(kCheckHeader);
    const bool is_sound = kind >= 0 && kind <= static_cast<int32_t>(CheckKind::unicode) && filler >= 0x80 &&
                          filler <= kMaxCodePoint;
    if (!is_sound || longest < kReserve || longest > kMaxCheckedText) return std::nullopt;
    const auto left = static_cast<int64_t>(words.size());
    for (const int64_t size : {interval_count, class_count, state_count})
      if (size < 1 || size > left) return std::nullopt;
    if (state_count * (class_count + 1) > left - 3 * interval_count) return std::nullopt;
    const auto size = static_cast<size_t>(3 * interval_count + state_count * (class_count + 1));
    auto automaton = decode_automaton(words.first(size), interval_count, class_count);
    if (!automaton) return std::nullopt;
    words = words.subspan(size);
    checks.push_back({static_cast<CheckKind>(kind), longest, filler, std::move(*automaton)});
  }
  if (!words.empty()) return std::nullopt;
  return checks;
}

}  // namespace espalier::grammar
