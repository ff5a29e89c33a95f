// Read src/automata/text-checks.ts beside this: the functions bear the same names.
#include "grammar/text_checks.h"

#include <algorithm>

#include "grammar/punycode.h"

namespace espalier::grammar {
namespace {

/// Characters that a hyphen and the numbers of up to kMostFillers fillers need at most.
constexpr int32_t kReserve = 16;
constexpr int kMostFillers = 5;
constexpr size_t kCheckHeader = 5;
/// Longest text that a check may have.
constexpr int32_t kMaxCheckedText = 256;
constexpr int32_t kMaxCodePoint = 0x10ffff;
constexpr std::string_view kDigits = "abcdefghijklmnopqrstuvwxyz0123456789";

}  // namespace

bool TextCheck::passes(std::string_view text) const {
  if (text.size() > static_cast<size_t>(longest)) return false;
  const auto decoded = decode_punycode(text);
  if (!decoded || std::none_of(decoded->begin(), decoded->end(), [](int32_t c) { return c >= 0x80; })) return false;
  return accepts(*decoded) && encode_punycode(*decoded) == text;
}

bool TextCheck::may_pass(std::string_view text) const {
  const auto short_size = static_cast<size_t>(longest - kReserve);
  if (text.size() <= short_size) return true;
  if (text.size() > static_cast<size_t>(longest)) return false;
  const auto whole = completed(text.substr(0, short_size));
  if (whole && whole->starts_with(text)) return true;
  if (passes(text)) return true;
  return std::any_of(kDigits.begin(), kDigits.end(),
                     [&](char digit) { return passes(std::string(text) + digit); });
}

std::optional<std::string> TextCheck::completed(std::string_view basic) const {
  for (int count = 1; count <= kMostFillers; count++)
    for (int at_end = 0; at_end <= 1; at_end++)
      for (int third = 0; third <= std::min(2, count - at_end); third++) {
        std::vector<int32_t> label(static_cast<size_t>(count - at_end - third), filler);
        for (const char character : basic) label.push_back(static_cast<uint8_t>(character));
        const auto place = static_cast<std::ptrdiff_t>(std::min<size_t>(2, label.size()));
        label.insert(label.begin() + place, static_cast<size_t>(third), filler);
        if (at_end == 1) label.push_back(filler);
        std::string text = encode_punycode(label);
        if (passes(text)) return text;
      }
  return std::nullopt;
}

bool TextCheck::accepts(const std::vector<int32_t>& symbols) const {
  int32_t state = 0;
  for (const int32_t symbol : symbols) {
    const auto at = std::lower_bound(intervals.begin(), intervals.end(), symbol,
                                     [](const Interval& interval, int32_t value) { return interval.last < value; });
    if (at == intervals.end() || at->first > symbol) return false;
    state = next[static_cast<size_t>(state * class_count + at->symbol_class)];
    if (state < 0) return false;
  }
  return accept[static_cast<size_t>(state)] != 0;
}

std::optional<std::vector<TextCheck>> decode_checks(std::span<const int32_t> words, size_t count) {
  std::vector<TextCheck> checks;
  for (size_t index = 0; index < count; index++) {
    if (words.size() < kCheckHeader) return std::nullopt;
    TextCheck check;
    check.longest = words[0];
    check.filler = words[1];
    const int64_t interval_count = words[2], class_count = words[3], state_count = words[4];
    words = words.subspan(kCheckHeader);
    const auto left = static_cast<int64_t>(words.size());
    if (check.longest < kReserve || check.longest > kMaxCheckedText || check.filler < 0x80 ||
        check.filler > kMaxCodePoint)
      return std::nullopt;
    for (const int64_t size : {interval_count, class_count, state_count})
      if (size < 1 || size > left) return std::nullopt;
    if (state_count * (class_count + 1) > left - 3 * interval_count) return std::nullopt;
    int32_t from = 0;
    for (int64_t i = 0; i < interval_count; i++) {
      const TextCheck::Interval interval{words[0], words[1], words[2]};
      words = words.subspan(3);
      const bool is_sound = interval.first >= from && interval.first <= interval.last &&
                            interval.last <= kMaxCodePoint && interval.symbol_class >= 0 &&
                            interval.symbol_class < class_count;
      if (!is_sound) return std::nullopt;
      from = interval.last + 1;
      check.intervals.push_back(interval);
    }
    const auto take = [&](int64_t size) {
      const auto part = words.first(static_cast<size_t>(size));
      words = words.subspan(static_cast<size_t>(size));
      return std::vector<int32_t>(part.begin(), part.end());
    };
    check.class_count = static_cast<int32_t>(class_count);
    check.next = take(state_count * class_count);
    check.accept = take(state_count);
    for (const int32_t to : check.next)
      if (to < -1 || to >= state_count) return std::nullopt;
    checks.push_back(std::move(check));
  }
  if (!words.empty()) return std::nullopt;
  return checks;
}

}  // namespace espalier::grammar
