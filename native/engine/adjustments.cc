// One list, changed in place: a step hands it to the back end as it is.
#include "engine/adjustments.h"

#include <algorithm>
#include <limits>

namespace espalier {

Adjustments::Adjustments(const Sampling& sampling, const LogitRules& rules, std::span<const int32_t> prompt,
                         std::span<const int32_t> stop_tokens)
    : penalizes_(sampling.repetition_penalty != 1 || sampling.frequency_penalty != 0 || sampling.presence_penalty != 0),
      forbidden_for_(rules.min_tokens) {
  for (const auto& [token, bias] : rules.biases) of(token).bias = bias;
  if (sampling.repetition_penalty != 1)
    for (const int32_t token : prompt) of(token).seen = 1;
  if (forbidden_for_ == 0) return;
  for (const int32_t token : stop_tokens) {
    Adjustment& adjustment = of(token);
    if (adjustment.bias == -std::numeric_limits<float>::infinity()) continue;
    stops_.emplace_back(token, adjustment.bias);
    adjustment.bias = -std::numeric_limits<float>::infinity();
  }
}

Adjustment& Adjustments::of(int32_t token) {
  const auto [entry, fresh] = places_.try_emplace(token, list_.size());
  if (fresh) list_.push_back({token});
  return list_[entry->second];
}

void Adjustments::add_output(int32_t token) {
  if (penalizes_) {
    Adjustment& adjustment = of(token);
    adjustment.seen = 1;
    ++adjustment.outputs;
  }
  if (forbidden_for_ > 0 && --forbidden_for_ == 0) allow_stops();
}

void Adjustments::allow_stops() {
  for (const auto& [token, bias] : stops_) of(token).bias = bias;
  stops_.clear();
}

std::span<const Adjustment> Adjustments::next(const int32_t* mask, int64_t allowed) {
  if (mask && !stops_.empty()) {
    const auto allows = [&](const auto& stop) {
      const auto token = static_cast<size_t>(stop.first);
      return (static_cast<uint32_t>(mask[token / 32]) >> token % 32 & 1) != 0;
    };
    if (std::ranges::count_if(stops_, allows) == allowed) allow_stops();
  }
  return list_;
}

}  // namespace espalier
