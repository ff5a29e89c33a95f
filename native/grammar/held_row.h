// A mask row that knows which mask it holds, so that the next one is written as the difference.
#pragma once

#include <cstdint>
#include <memory>

#include "grammar/row_cache.h"
#include "grammar/table_memory.h"

namespace espalier::grammar {

/// Used by one thread at a time. Nobody else may write to its bits.
class HeldRow {
 public:
  explicit HeldRow(size_t words) : bits_(words) {}

  int32_t* bits() { return bits_.data(); }
  size_t words() const { return bits_.size(); }
  /// Writes a mask and returns how many tokens it allows: nothing where it is held, and only what differs where both are the
  /// same lexeme's row, or none, and a few more tokens.
  int64_t write(const FinishedMask& mask);
  /// Notes that the bits are this mask's already.
  void note(const FinishedMask& mask);
  /// Notes that the bits are about to become something else, which begins with a row or, where it is null, with no token.
  /// Whether that is what they are now.
  bool begin_with(const std::shared_ptr<const InnerRow>& base);

 private:
  /// With more tokens beside, the whole row is written faster.
  static constexpr size_t kMaxTokens = 256;

  void forget();
  void take_back();

  Vector<int32_t> bits_;
  uint64_t mask_ = 0;     ///< the mask that the bits are; 0 where it is not known
  bool is_known_ = true;  ///< the bits are those of `base_` and `tokens_`
  std::shared_ptr<const InnerRow> base_;
  Vector<int32_t> tokens_;
};

}  // namespace espalier::grammar
