// Encoded labels of host names. Read src/automata/encoded-label.ts beside this: the functions bear the same names.
#include <algorithm>
#include <string>

#include "grammar/punycode.h"
#include "grammar/table_memory.h"
#include "grammar/text_checks.h"

namespace espalier::grammar {
namespace {

constexpr int kMostFillers = 5;
constexpr std::string_view kDigits = "abcdefghijklmnopqrstuvwxyz0123456789";

std::optional<std::string> completed_label(const TextCheck& check, std::string_view basic) {
  for (int count = 1; count <= kMostFillers; count++)
    for (int at_end = 0; at_end <= 1; at_end++)
      for (int third = 0; third <= std::min(2, count - at_end); third++) {
        Vector<int32_t> label(static_cast<size_t>(count - at_end - third), check.filler);
        for (const char character : basic) label.push_back(static_cast<uint8_t>(character));
        const auto place = static_cast<std::ptrdiff_t>(std::min<size_t>(2, label.size()));
        label.insert(label.begin() + place, static_cast<size_t>(third), check.filler);
        if (at_end == 1) label.push_back(check.filler);
        std::string text = encode_punycode(label);
        if (passes_encoded(check, text)) return text;
      }
  return std::nullopt;
}

}  // namespace

bool passes_encoded(const TextCheck& check, std::string_view text) {
  if (text.size() > static_cast<size_t>(check.longest)) return false;
  const auto decoded = decode_punycode(text);
  if (!decoded || std::none_of(decoded->begin(), decoded->end(), [](int32_t c) { return c >= 0x80; })) return false;
  return check.automaton.accepts(check.automaton.run(*decoded)) && encode_punycode(*decoded) == text;
}

bool may_pass_encoded(const TextCheck& check, std::string_view text) {
  const auto short_size = static_cast<size_t>(check.longest - kReserve);
  if (text.size() <= short_size) return true;
  if (text.size() > static_cast<size_t>(check.longest)) return false;
  const auto completed = completed_label(check, text.substr(0, short_size));
  if (completed && completed->starts_with(text)) return true;
  if (passes_encoded(check, text)) return true;
  return std::any_of(kDigits.begin(), kDigits.end(),
                     [&](char digit) { return passes_encoded(check, std::string(text) + digit); });
}

}  // namespace espalier::grammar
