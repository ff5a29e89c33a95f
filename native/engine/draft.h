// Tokens that are guessed to follow a request's own, what each row behind them is sampled with, and how many to guess.
// A step computes them together with the request's next token and keeps those that it would have sampled itself.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/adjustments.h"
#include "engine/mask_pool.h"

namespace espalier {

/// How many tokens to draft: twice as many after a draft that was right, after another half as many or one more than were
/// right. While drafts go on being wrong from their first token, some steps go without.
class DraftPace {
 public:
  explicit DraftPace(size_t first) : room_(first) {}

  /// Most tokens of the next draft.
  size_t room(size_t most) const { return resting_ > 0 ? 0 : std::min(room_, most); }
  /// A step passed that could have drafted.
  void stepped() { resting_ -= resting_ > 0; }
  /// Of this many drafted tokens (at least one), how many were right.
  void judged(size_t drafted, size_t right) {
    room_ = std::min(right == drafted ? 2 * room_ : std::max(room_ / 2, right + 1), kMost);
    misses_ = right > 0 ? 0 : std::min(misses_ + 1, kMostRest + 1);
    resting_ = misses_ > 1 ? misses_ - 1 : 0;
  }

 private:
  static constexpr size_t kMost = 1024, kMostRest = 4;
  size_t room_, misses_ = 0, resting_ = 0;
};

/// The row behind a drafted token.
struct DraftRow {
  /// The next token is certain: it is not sampled.
  bool certain = false;
  MaskRef mask;
  int64_t allowed = -1;
  std::vector<Adjustment> adjustments;
  /// Its entry of the step's Backend::choose().
  size_t choice = 0;
};

struct Draft {
  std::vector<int32_t> tokens;
  /// rows[i] is behind tokens[i].
  std::vector<DraftRow> rows;
  /// Whether tokens[i] was guessed, or else spells what a grammar forces.
  std::vector<bool> guessed;
  /// Whether more may be drafted; how many of the tokens the matcher was given.
  bool open = false;
  size_t matched = 0;
  /// The request's adjustments after the drafted tokens, where it has any.
  std::optional<Adjustments> ahead;

  size_t guesses() const { return static_cast<size_t>(std::ranges::count(guessed, true)); }
  void cut(size_t count) {
    if (count >= tokens.size()) return;
    const auto kept = static_cast<ptrdiff_t>(count);
    tokens.erase(tokens.begin() + kept, tokens.end());
    rows.erase(rows.begin() + kept, rows.end());
    guessed.erase(guessed.begin() + kept, guessed.end());
  }
  void clear() {
    cut(0);
    open = false;
    matched = 0;
    ahead.reset();
  }
  /// How many of these tokens, from the first on, were drafted.
  size_t agreeing(std::span<const int32_t> actual) const {
    const auto end = std::mismatch(actual.begin(), actual.end(), tokens.begin(), tokens.end()).first;
    return static_cast<size_t>(end - actual.begin());
  }
};

}  // namespace espalier
