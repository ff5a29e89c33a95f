// What masks and matchers ask of a grammar in motion: the native twin of src/automata/byte-machine.ts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace espalier::grammar {

/// Index of an interned set of configurations.
using SetId = uint32_t;
inline constexpr SetId kRefused = 0xfffffffeu;

class ByteMachine {
 public:
  virtual ~ByteMachine() = default;

  virtual SetId start() const = 0;
  /// The set after one more byte, or kRefused. @throws LimitError
  virtual SetId step(SetId from, uint8_t byte) = 0;
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
