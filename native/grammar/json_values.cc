// Read src/automata/json-values.ts beside this: the functions bear the same names.
#include "grammar/json_values.h"

#include <cstdint>
#include <algorithm>
#include <cstdlib>
#include <map>
#include <vector>

namespace espalier::grammar {
namespace {

/// Longer exponents are compared as they are spelled.
constexpr size_t kMaxExponentLength = 15;

struct NotJson {};

/// An array or object that is being read: the keys of its members so far.
struct Open {
  char kind;
  std::vector<std::string> parts;
  std::map<std::string, std::string> members;  ///< of members of one name the last counts
  std::string name;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, uint32_t code) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

class KeyReader {
 public:
  explicit KeyReader(std::string_view source) : source_(source) {}

  std::string read() {
    for (;;) {
      std::string key;
      if (!opening(key)) continue;
      for (;;) {
        if (open_.empty()) {
          if (at_ != source_.size()) throw NotJson{};
          return key;
        }
        put(open_.back(), std::move(key));
        if (take(',')) {
          if (open_.back().kind == '{') read_name(open_.back());
          break;
        }
        expect(open_.back().kind == '[' ? ']' : '}');
        key = close(open_.back());
        open_.pop_back();
      }
    }
  }

 private:
  /// Reads a scalar or an empty container and gives its key; false when a container was opened.
  bool opening(std::string& key) {
    const char first = peek();
    if (first == '[' || first == '{') {
      at_++;
      Open container{.kind = first, .parts = {}, .members = {}, .name = {}};
      if (take(first == '[' ? ']' : '}')) {
        key = close(container);
        return true;
      }
      if (first == '{') read_name(container);
      open_.push_back(std::move(container));
      return false;
    }
    if (first == '"') {
      key = '"';
      key += string();
      return true;
    }
    for (const std::string_view word : {"true", "false", "null"}) {
      if (source_.substr(at_, word.size()) != word) continue;
      at_ += word.size();
      key = word;
      return true;
    }
    key = number();
    return true;
  }

  void read_name(Open& container) {
    container.name = string();
    expect(':');
  }

  static void put(Open& container, std::string key) {
    if (container.kind == '[')
      container.parts.push_back(std::move(key));
    else
      container.members[container.name] = std::move(key);
  }

  /// Parts are written with their length before them, so that no two lists of parts run together alike.
  static std::string close(const Open& container) {
    std::string key(1, container.kind);
    const auto write = [&](const std::string& part) { key += std::to_string(part.size()) + ':' + part; };
    for (const std::string& part : container.parts) write(part);
    for (const auto& [name, part] : container.members) {
      write(name);
      write(part);
    }
    return key;
  }

  std::string string() {
    expect('"');
    std::string out;
    for (;;) {
      const char c = peek();
      if (at_ == source_.size() || static_cast<uint8_t>(c) < 0x20) throw NotJson{};
      at_++;
      if (c == '"') return out;
      if (c == '\\')
        escape(out);
      else
        out += c;
    }
  }

  void escape(std::string& out) {
    const char c = peek();
    at_++;
    static constexpr std::string_view kNames = "\"\\/bfnrt", kValues = "\"\\/\b\f\n\r\t";
    if (const size_t found = at_ <= source_.size() ? kNames.find(c) : std::string_view::npos;
        found != std::string_view::npos) {
      out += kValues[found];
      return;
    }
    if (c != 'u') throw NotJson{};
    uint32_t unit = hex4();
    if (unit >= 0xd800 && unit < 0xdc00 && source_.substr(at_, 2) == "\\u") {
      const size_t before = at_;
      at_ += 2;
      const uint32_t low = hex4();
      if (low >= 0xdc00 && low < 0xe000)
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
      else
        at_ = before;
    }
    append_utf8(out, unit);
  }

  uint32_t hex4() {
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
      const char c = peek();
      const int digit = is_digit(c)              ? c - '0'
                        : (c >= 'a' && c <= 'f') ? c - 'a' + 10
                        : (c >= 'A' && c <= 'F') ? c - 'A' + 10
                                                 : -1;
      if (digit < 0) throw NotJson{};
      value = value * 16 + static_cast<uint32_t>(digit);
      at_++;
    }
    return value;
  }

  std::string_view digits() {
    const size_t from = at_;
    while (is_digit(peek())) at_++;
    return source_.substr(from, at_ - from);
  }

  std::string number() {
    const bool negative = take('-');
    const std::string_view whole = digits();
    if (whole.empty()) throw NotJson{};
    std::string all(whole);
    int64_t power = 0;
    if (peek() == '.' && at_ + 1 < source_.size() && is_digit(source_[at_ + 1])) {
      at_++;
      const std::string_view fraction = digits();
      all += fraction;
      power -= static_cast<int64_t>(fraction.size());
    }
    power += exponent();
    all.erase(0, std::min(all.find_first_not_of('0'), all.size()));
    if (all.empty()) return "0";
    const size_t significant = all.find_last_not_of('0') + 1;
    power += static_cast<int64_t>(all.size() - significant);
    std::string key(negative ? "-" : "");
    key.append(all, 0, significant);
    key += 'e';
    key += std::to_string(power);
    return key;
  }

  int64_t exponent() {
    if (peek() != 'e' && peek() != 'E') return 0;
    const size_t sign = at_ + 1;
    const bool has_sign = sign < source_.size() && (source_[sign] == '+' || source_[sign] == '-');
    size_t end = sign + (has_sign ? 1 : 0);
    const size_t first = end;
    while (end < source_.size() && is_digit(source_[end])) end++;
    if (end == first) return 0;  // not an exponent; what follows is refused by the caller
    if (end - sign > kMaxExponentLength) throw NotJson{};
    const int64_t value = std::strtoll(std::string(source_.substr(first, end - first)).c_str(), nullptr, 10);
    at_ = end;
    return has_sign && source_[sign] == '-' ? -value : value;
  }

  char peek() const { return at_ < source_.size() ? source_[at_] : '\0'; }
  bool take(char c) {
    if (at_ >= source_.size() || source_[at_] != c) return false;
    at_++;
    return true;
  }
  void expect(char c) {
    if (!take(c)) throw NotJson{};
  }

  const std::string_view source_;
  std::vector<Open> open_;
  size_t at_ = 0;
};

}  // namespace

std::string json_value_key(std::string_view text) {
  try {
    return KeyReader(text).read();
  } catch (const NotJson&) {
    std::string key("?");
    key += text;
    return key;
  }
}

}  // namespace espalier::grammar
