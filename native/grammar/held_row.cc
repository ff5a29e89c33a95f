#include "grammar/held_row.h"

namespace espalier::grammar {

int64_t HeldRow::write(const FinishedMask& mask) {
  if (mask.id != 0 && mask.id == mask_) return mask.count;
  const bool is_near = mask.row.empty() && mask.tokens.size() <= kMaxTokens && is_known_ && base_ == mask.base;
  if (!is_near) {
    mask.write(bits(), words());
    note(mask);
    return mask.count;
  }
  take_back();
  for (const int32_t token : mask.tokens)
    bits_[token >> 5] = static_cast<int32_t>(static_cast<uint32_t>(bits_[token >> 5]) | 1u << (token & 31));
  tokens_ = mask.tokens;
  mask_ = mask.id;
  return mask.count;
}

void HeldRow::note(const FinishedMask& mask) {
  forget();
  mask_ = mask.id;
  is_known_ = mask.row.empty() && mask.tokens.size() <= kMaxTokens;
  if (!is_known_) return;
  base_ = mask.base;
  tokens_ = mask.tokens;
}

bool HeldRow::begin_with(const std::shared_ptr<const InnerRow>& base) {
  const bool is_same = is_known_ && base_ == base;
  if (is_same) take_back();
  forget();
  return is_same;
}

void HeldRow::forget() {
  mask_ = 0;
  is_known_ = false;
  base_.reset();
  tokens_.clear();
}

/// Leaves the base alone in the row.
void HeldRow::take_back() {
  for (const int32_t token : tokens_) bits_[token >> 5] = base_ ? base_->row[token >> 5] : 0;
}

}  // namespace espalier::grammar
