// Labels of host names in UTF-8. Read src/automata/unicode-label.ts beside this: the functions bear the same names.
#include <algorithm>

#include "grammar/punycode.h"
#include "grammar/table_memory.h"
#include "grammar/text_checks.h"

namespace espalier::grammar {
namespace {

struct Range {
  int32_t least, most;
};
/// The whole characters of a text, and the bytes of one that has begun. What is no UTF-8 is read as far as it goes.
struct Decoded {
  Vector<int32_t> symbols;
  std::string_view rest;
};

size_t length_of(char first) {
  const auto byte = static_cast<uint8_t>(first);
  return byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

/// The smallest code points of one to four bytes.
constexpr int32_t kSmallest[] = {0, 0x80, 0x800, 0x10000};

/// The first and the last code point whose bytes begin like this.
Range code_points_of(std::string_view bytes) {
  const size_t length = length_of(bytes[0]);
  const auto first = static_cast<uint8_t>(bytes[0]);
  Range range{first, 0};
  if (length > 1) range.least = first & (0x7f >> length);
  range.most = range.least;
  for (size_t index = 1; index < length; index++) {
    const bool is_read = index < bytes.size();
    const int32_t bits = is_read ? static_cast<uint8_t>(bytes[index]) & 0x3f : 0;
    range = {range.least * 64 + bits, range.most * 64 + (is_read ? bits : 63)};
  }
  // Smaller ones have shorter spellings.
  return {std::max(range.least, kSmallest[length - 1]), range.most};
}

Decoded decode(std::string_view text) {
  Decoded decoded;
  while (!text.empty() && length_of(text[0]) <= text.size()) {
    const size_t length = length_of(text[0]);
    decoded.symbols.push_back(code_points_of(text.substr(0, length)).least);
    text.remove_prefix(length);
  }
  decoded.rest = text;
  return decoded;
}

/// Whether the symbols, with the shortest way from their state to acceptance, are encoded in time.
bool ends_in_time(const TextCheck& check, Vector<int32_t> symbols, int32_t state) {
  const ClassedAutomaton& automaton = check.automaton;
  const auto longest = static_cast<size_t>(check.longest);
  while (automaton.ends[static_cast<size_t>(state)] >= 0 && symbols.size() <= longest) {
    symbols.push_back(automaton.ends[static_cast<size_t>(state)]);
    state = automaton.step(state, symbols.back());
  }
  return automaton.accepts(state) && encode_punycode(symbols).size() <= longest;
}

}  // namespace

bool passes_unicode(const TextCheck& check, std::string_view text) {
  const Decoded decoded = decode(text);
  if (!decoded.rest.empty() || !check.automaton.accepts(check.automaton.run(decoded.symbols))) return false;
  return encode_punycode(decoded.symbols).size() <= static_cast<size_t>(check.longest);
}

bool may_pass_unicode(const TextCheck& check, std::string_view text) {
  const ClassedAutomaton& automaton = check.automaton;
  const Decoded decoded = decode(text);
  const int32_t state = automaton.run(decoded.symbols);
  if (state < 0) return false;
  if (decoded.rest.empty()) return ends_in_time(check, decoded.symbols, state);
  const Range range = code_points_of(decoded.rest);
  const auto goes_on = [&](int32_t symbol) {
    const int32_t next = symbol >= range.least && symbol <= range.most ? automaton.step(state, symbol) : -1;
    if (next < 0) return false;
    Vector<int32_t> symbols = decoded.symbols;
    symbols.push_back(symbol);
    return ends_in_time(check, std::move(symbols), next);
  };
  if (goes_on(automaton.ends[static_cast<size_t>(state)])) return true;
  const auto& intervals = automaton.intervals;
  for (size_t at = automaton.interval_from(range.least); at < intervals.size() && intervals[at].first <= range.most; at++)
    if (goes_on(std::max(intervals[at].first, range.least)) || goes_on(std::min(intervals[at].last, range.most)))
      return true;
  return false;
}

}  // namespace espalier::grammar
