// How many output tokens a request is likely to use of those that it may: what admission leaves pages for. Most requests
// end long before maxTokens; to reserve all of it would leave the cache empty, to reserve nothing would retract.
#pragma once
#include <algorithm>
#include <cstddef>

namespace espalier {

class UsageEstimate {
 public:
  /// A request ended after `used` output tokens of `most`.
  void ended(size_t used, size_t most) {
    const double share = static_cast<double>(used) / static_cast<double>(std::max<size_t>(most, 1));
    share_ += kWeight * (share - share_);
  }
  /// Pages ran out: for a while, requests are taken to use all that they may.
  void ran_out() { caution_ = 1; }
  /// A step went by.
  void stepped() { caution_ *= kCalming; }

  /// The share of their tokens that requests use.
  double share() const { return share_ + (1 - share_) * caution_; }

  /// Tokens still to come of a request that has `used` of `most`.
  size_t remaining(size_t used, size_t most) const {
    const size_t left = most - std::min(used, most), near = std::min(left, kNear);
    const double expected = share() * static_cast<double>(std::min(most, kMost)) - static_cast<double>(used);
    return std::clamp(static_cast<size_t>(std::max(expected, 0.0)), near, left);
  }

 private:
  // Of the newest request in the running mean.
  static constexpr double kWeight = 1.0 / 16;
  // Caution falls to half in 69 steps.
  static constexpr double kCalming = 0.99;
  // At least these are expected, unless fewer are left.
  static constexpr size_t kNear = 16;
  // Larger limits are taken to mean that there is none.
  static constexpr size_t kMost = 4096;

  double share_ = 0.5, caution_ = 0;
};

}  // namespace espalier
