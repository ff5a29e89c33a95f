// Read src/automata/punycode.ts beside this: the functions bear the same names.
#include "grammar/punycode.h"

#include <algorithm>
#include <limits>

namespace espalier::grammar {
namespace {

// RFC 3492, section 5: the parameters, and the names of section 6.
constexpr int64_t kBase = 36, kTMin = 1, kTMax = 26, kSkew = 38, kDamp = 700, kInitialBias = 72;
constexpr int32_t kInitialN = 0x80, kMaxCodePoint = 0x10ffff;
/// Larger deltas lead to no code point in texts of the length of labels.
constexpr int64_t kMaxDelta = 0x7ffffff;

int64_t threshold_at(int64_t k, int64_t bias) { return std::clamp(k - bias, kTMin, kTMax); }

int64_t adapted(int64_t delta, int64_t length, bool is_first) {
  int64_t rest = is_first ? delta / kDamp : delta >> 1;
  rest += rest / length;
  int64_t k = 0;
  for (; rest > ((kBase - kTMin) * kTMax) >> 1; k += kBase) rest /= kBase - kTMin;
  return k + (kBase - kTMin + 1) * rest / (rest + kSkew);
}

/// a-z are 0 to 25, 0-9 are 26 to 35; -1 for any other character, capitals among them.
int64_t digit_of(char character) {
  if (character >= 'a' && character <= 'z') return character - 'a';
  return character >= '0' && character <= '9' ? character - '0' + 26 : -1;
}

char character_of(int64_t digit) { return static_cast<char>(digit < 26 ? 'a' + digit : '0' + digit - 26); }

/// A number of variable length, least digit first.
void put_number(std::string& text, int64_t value, int64_t bias) {
  for (int64_t k = kBase;; k += kBase) {
    const int64_t threshold = threshold_at(k, bias);
    if (value < threshold) break;
    const int64_t range = kBase - threshold;
    text.push_back(character_of(threshold + (value - threshold) % range));
    value = (value - threshold) / range;
  }
  text.push_back(character_of(value));
}

/// Reads a number from `at` on; -1 where there is none.
int64_t take_number(std::string_view text, size_t& at, int64_t bias, int64_t place) {
  int64_t weight = 1;
  for (int64_t k = kBase;; k += kBase) {
    const int64_t digit = at < text.size() ? digit_of(text[at++]) : -1;
    if (digit < 0) return -1;
    place += digit * weight;
    if (place > kMaxDelta) return -1;
    const int64_t threshold = threshold_at(k, bias);
    if (digit < threshold) return place;
    weight *= kBase - threshold;
    if (weight > kMaxDelta) return -1;
  }
}

}  // namespace

std::optional<Vector<int32_t>> decode_punycode(std::string_view text) {
  const size_t border = text.rfind('-');
  const size_t basic = border == std::string_view::npos ? 0 : border;
  Vector<int32_t> output;
  for (const char character : text.substr(0, basic)) output.push_back(static_cast<uint8_t>(character));
  int64_t n = kInitialN, bias = kInitialBias, place = 0;
  bool is_first = true;
  for (size_t at = border == std::string_view::npos ? 0 : border + 1; at < text.size();) {
    const int64_t before = place;
    place = take_number(text, at, bias, place);
    if (place < 0) return std::nullopt;
    const auto length = static_cast<int64_t>(output.size()) + 1;
    bias = adapted(place - before, length, is_first);
    is_first = false;
    n += place / length;
    place %= length;
    if (n > kMaxCodePoint) return std::nullopt;
    output.insert(output.begin() + place++, static_cast<int32_t>(n));
  }
  return output;
}

std::string encode_punycode(const Vector<int32_t>& code_points) {
  std::string text;
  for (const int32_t code_point : code_points)
    if (code_point < kInitialN) text.push_back(static_cast<char>(code_point));
  const size_t basic = text.size();
  if (basic > 0) text.push_back('-');
  int64_t delta = 0, bias = kInitialBias;
  int32_t n = kInitialN;
  for (size_t handled = basic; handled < code_points.size(); n++, delta++) {
    int32_t next = std::numeric_limits<int32_t>::max();
    for (const int32_t code_point : code_points)
      if (code_point >= n) next = std::min(next, code_point);
    delta += static_cast<int64_t>(next - n) * static_cast<int64_t>(handled + 1);
    n = next;
    for (const int32_t code_point : code_points) {
      if (code_point < n) delta++;
      if (code_point != n) continue;
      put_number(text, delta, bias);
      handled++;
      bias = adapted(delta, static_cast<int64_t>(handled), handled == basic + 1);
      delta = 0;
    }
  }
  return text;
}

}  // namespace espalier::grammar
