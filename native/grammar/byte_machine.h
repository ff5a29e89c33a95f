// What masks and matchers ask of a grammar in motion: the native twin of src/automata/byte-machine.ts.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace espalier::grammar {

/// Index of an interned set of configurations.
using SetId = uint32_t;
inline constexpr SetId kRefused = 0xfffffffeu;

/// Which bytes, one bit each.
struct ByteSet {
  uint64_t words[4] = {};
  bool operator==(const ByteSet&) const = default;
  bool has(uint8_t byte) const { return (words[byte >> 6] >> (byte & 63) & 1) != 0; }
  void add(uint8_t byte) { words[byte >> 6] |= uint64_t{1} << (byte & 63); }
  /// All bytes from `low` to `high`.
  void add(uint8_t low, uint8_t high) {
    for (int word = low >> 6; word <= high >> 6; word++) {
      const int from = word == low >> 6 ? low & 63 : 0, to = word == high >> 6 ? high & 63 : 63;
      words[word] |= (~uint64_t{0} >> (63 - (to - from))) << from;
    }
  }
  /// The least byte of the set from `byte` on, or 256.
  int next(int byte) const {
    int word = byte >> 6;
    if (word > 3) return 256;
    uint64_t left = words[word] >> (byte & 63) << (byte & 63);
    while (left == 0 && ++word < 4) left = words[word];
    return left == 0 ? 256 : word * 64 + std::countr_zero(left);
  }
  /// Calls `visit` with each byte, ascending.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (int word = 0; word < 4; word++)
      for (uint64_t left = words[word]; left != 0; left &= left - 1)
        visit(static_cast<uint8_t>(word * 64 + std::countr_zero(left)));
  }
  bool holds_all(const ByteSet& other) const {
    return ((other.words[0] & ~words[0]) | (other.words[1] & ~words[1]) | (other.words[2] & ~words[2]) |
            (other.words[3] & ~words[3])) == 0;
  }
  /// Those of them below 0x80.
  ByteSet ascii() const { return {{words[0], words[1]}}; }
  bool meets(const ByteSet& other) const {
    return ((other.words[0] & words[0]) | (other.words[1] & words[1]) | (other.words[2] & words[2]) |
            (other.words[3] & words[3])) != 0;
  }
};

class ByteMachine {
 public:
  virtual ~ByteMachine() = default;

  virtual SetId start() const = 0;
  /// The set after one more byte, or kRefused. @throws LimitError
  virtual SetId step(SetId from, uint8_t byte) = 0;
  /// Bytes outside of which step() gives kRefused.
  virtual const ByteSet& readable(SetId from) = 0;
  /// The set after one token that is read as a token, or kRefused; `matches` tells of each token set whether it holds
  /// the token. @throws LimitError
  virtual SetId step_token(SetId from, const std::function<bool(int32_t)>& matches) = 0;
  /// Calls `visit` with each token set of which a token can be read next; with some more than once.
  virtual void for_each_token_set(SetId from, const std::function<void(int32_t)>& visit) const = 0;
  /// The configurations of both. @throws LimitError
  virtual SetId unite(SetId a, SetId b) = 0;
  virtual bool is_accepting(SetId set) const = 0;
  /// The byte that must come next, or -1 when there is a choice, including that of ending here. @throws LimitError
  virtual int forced_byte(SetId set) = 0;
  /// Bytes held by the tables, roughly.
  virtual size_t bytes() const = 0;
};

}  // namespace espalier::grammar
