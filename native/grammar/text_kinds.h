// Kinds of text that most tokens are, each wider than the one before it, and the well-formed sequences of UTF-8.
#pragma once

#include <cstdint>
#include <span>

#include "grammar/byte_machine.h"

namespace espalier::grammar {

/// ASCII letters of lower case; letters and digits; what a JSON string has without a backslash; the same beyond ASCII, whole
/// characters: without the separators of lines and paragraphs (U+2028, U+2029), which a pattern's dot leaves out; with them.
enum TextKind : uint8_t { kLowerText, kWordText, kPlainText, kLineText, kUnicodeText, kNoText };
inline constexpr int kTextKinds = kNoText;

/// The bytes below 0x80 of a kind.
inline ByteSet ascii_of(TextKind kind) {
  ByteSet bytes;
  if (kind >= kPlainText) {
    bytes.add(' ', '!');
    bytes.add('#', '[');
    bytes.add(']', 0x7f);
  } else {
    bytes.add('a', 'z');
    if (kind == kWordText) bytes.add('A', 'Z'), bytes.add('0', '9');
  }
  return bytes;
}

/// Classes of bytes, a bit each, that tell most sets of bytes apart: the quote, the backslash, control characters, digits,
/// letters of upper and of lower case, the rest of ASCII, and what is beyond it.
inline uint8_t byte_classes_of(const ByteSet& bytes) {
  struct Words {
    uint64_t low, high;
  };
  // Bytes below 0x40, and those from there to 0x7f.
  constexpr Words kQuote{1ull << '"', 0}, kBackslash{0, 1ull << ('\\' - 64)}, kControl{0xffffffff, 1ull << 63},
      kDigits{0x3ffull << '0', 0}, kUpper{0, 0x3ffffffull << ('A' - 64)}, kLower{0, 0x3ffffffull << ('a' - 64)};
  constexpr Words kClasses[] = {kQuote, kBackslash, kControl, kDigits, kUpper, kLower};
  Words rest{~0ull, ~0ull};
  int classes = 0, bit = 1;
  const auto add = [&](Words words) {
    if ((bytes.words[0] & words.low) != 0 || (bytes.words[1] & words.high) != 0) classes |= bit;
    bit <<= 1;
  };
  for (const Words& words : kClasses) {
    add(words);
    rest.low &= ~words.low;
    rest.high &= ~words.high;
  }
  add(rest);
  if ((bytes.words[2] | bytes.words[3]) != 0) classes |= bit;
  return static_cast<uint8_t>(classes);
}

/// The first bytes of characters beyond ASCII, and how many more follow the second: Unicode 15, table 3-7.
struct LeadBytes {
  uint8_t low, high, second_low, second_high;
  int more;
  uint8_t third_low = 0x80, third_high = 0xbf;
};
inline constexpr LeadBytes kLeadBytes[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 0}, {0xe0, 0xe0, 0xa0, 0xbf, 1}, {0xe1, 0xec, 0x80, 0xbf, 1}, {0xed, 0xed, 0x80, 0x9f, 1},
    {0xee, 0xef, 0x80, 0xbf, 1}, {0xf0, 0xf0, 0x90, 0xbf, 2}, {0xf1, 0xf3, 0x80, 0xbf, 2}, {0xf4, 0xf4, 0x80, 0x8f, 2}};
inline constexpr LeadBytes kLineLeadBytes[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 0}, {0xe0, 0xe0, 0xa0, 0xbf, 1}, {0xe1, 0xe1, 0x80, 0xbf, 1},
    {0xe2, 0xe2, 0x80, 0x80, 1, 0x80, 0xa7}, {0xe2, 0xe2, 0x80, 0x80, 1, 0xaa, 0xbf}, {0xe2, 0xe2, 0x81, 0xbf, 1},
    {0xe3, 0xec, 0x80, 0xbf, 1}, {0xed, 0xed, 0x80, 0x9f, 1}, {0xee, 0xef, 0x80, 0xbf, 1}, {0xf0, 0xf0, 0x90, 0xbf, 2},
    {0xf1, 0xf3, 0x80, 0xbf, 2}, {0xf4, 0xf4, 0x80, 0x8f, 2}};

/// Those of a kind of text.
inline std::span<const LeadBytes> lead_bytes_of(TextKind kind) {
  if (kind == kUnicodeText) return kLeadBytes;
  return kind == kLineText ? std::span<const LeadBytes>(kLineLeadBytes) : std::span<const LeadBytes>();
}

}  // namespace espalier::grammar
