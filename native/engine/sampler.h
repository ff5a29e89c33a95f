// From a row of logits and a mask row to one token, and to log-probabilities.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace espalier {

struct Sampling {
  /// 0: greedy.
  double temperature = 0;
  /// 0: off.
  uint64_t top_k = 0;
  /// 1: off.
  double top_p = 1;
  /// 0: off.
  double min_p = 0;
  uint64_t seed = 0;
  /// Divides the positive logits, and multiplies the others, of tokens that prompt or output hold (Keskar et al.,
  /// arXiv:1909.05858). 1: off.
  float repetition_penalty = 1;
  /// Subtracted for each occurrence of a token in the output, and once for all of them. 0: off.
  float frequency_penalty = 0, presence_penalty = 0;
};

/// What changes the logit of one token of a request, besides its Sampling. The device's back end shares the layout.
struct Adjustment {
  int32_t token = 0;
  /// Added last; minus infinity forbids the token.
  float bias = 0;
  /// Occurrences in the output.
  uint32_t outputs = 0;
  /// 1: prompt or output hold it.
  uint32_t seen = 0;
};

/// Repetition penalty, frequency and presence penalty, bias, in this order, each rounded to float.
float adjusted(float logit, const Adjustment& adjustment, const Sampling& sampling);

/// Puts adjusted logits in the row while it lives.
class AdjustedLogits {
 public:
  /// Each token at most once, all within the row.
  AdjustedLogits(std::span<float> logits, std::span<const Adjustment> adjustments, const Sampling& sampling);
  ~AdjustedLogits();
  AdjustedLogits(const AdjustedLogits&) = delete;
  AdjustedLogits& operator=(const AdjustedLogits&) = delete;

 private:
  const std::span<float> logits_;
  const std::span<const Adjustment> adjustments_;
  std::vector<float> before_;
};

/// Most alternatives whose log-probabilities can be asked for.
constexpr size_t kMostAlternatives = 20;

/// Natural logarithms of probabilities in the model's own distribution: of its logits before adjustments, mask and
/// temperature.
struct Logprobs {
  /// Of the chosen token.
  float chosen = 0;
  /// The most probable tokens, of equal ones those with lower ids first; token -1 where fewer have finite logits.
  std::array<int32_t, kMostAlternatives> tokens{};
  std::array<float, kMostAlternatives> values{};
};

/// `alternatives`: how many of them to find, at most kMostAlternatives.
Logprobs find_logprobs(std::span<const float> logits, int32_t chosen, size_t alternatives);

/// A number in [0, 1) that depends on the seed and the position alone.
double uniform(uint64_t seed, uint64_t position);

/// Chooses a token among those that `mask` allows (null: all). Greedy takes the lowest id among the highest logits.
/// Otherwise: temperature; the top_k most probable; of these, while the more probable ones together have at most top_p
/// of the whole distribution; of these, those with at least min_p of the most probable one's probability; then one draw
/// at `position`. Returns -1 when no allowed logit is finite.
int32_t sample(std::span<const float> logits, const int32_t* mask, const Sampling& sampling, uint64_t position);

}  // namespace espalier
