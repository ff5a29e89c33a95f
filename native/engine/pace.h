// Whether the next step should be planned before the tokens of the last one are known. It saves the time that the host
// needs between two passes. It costs a request whose token forces others (jump-forward) one pass more: its row of that
// pass was queued before they were known. Both are measured.
#pragma once
#include <cstddef>

namespace espalier {

class Pace {
 public:
  /// Of this many tokens that landed, how many forced others.
  void landed(size_t tokens, size_t forcing) {
    if (tokens > 0) blend(forcing_, static_cast<double>(forcing) / static_cast<double>(tokens));
  }

  /// A step took `micros` and waited for `waited` of them for tokens.
  void stepped(double micros, double waited, bool overlapped) {
    blend(host_, micros - waited);
    blend(pass_, overlapped ? micros : waited);
  }

  bool worth_overlapping() const { return forcing_ * pass_ <= host_; }

 private:
  // Weight of the newest step.
  static constexpr double kNewest = 0.25;
  static void blend(double& value, double newest) { value += kNewest * (newest - value); }

  // Of late: the share of tokens that forced others, the device's time for a pass, the host's for a step, in µs.
  double forcing_ = 0, pass_ = 0, host_ = 0;
};

}  // namespace espalier
