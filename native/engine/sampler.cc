// Masked sampling in double precision. The order of filters is that of SGLang's portable sampler: top-k and top-p are
// both judged on the distribution after temperature, min-p last.
#include "engine/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace espalier {
namespace {

struct Candidate {
  double weight;
  int32_t token;
};

bool allows(const int32_t* mask, size_t token) {
  return !mask || (static_cast<uint32_t>(mask[token / 32]) >> (token % 32) & 1);
}

int32_t highest(std::span<const float> logits, const int32_t* mask) {
  int32_t best = -1;
  float most = -std::numeric_limits<float>::infinity();
  for (size_t token = 0; token < logits.size(); ++token)
    if (logits[token] > most && allows(mask, token)) {
      most = logits[token];
      best = static_cast<int32_t>(token);
    }
  return best >= 0 && std::isfinite(most) ? best : -1;
}

// splitmix64's output function (Steele, Lea, Flood, OOPSLA 2014).
uint64_t mix(uint64_t z) {
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

// Sorts by weight and cuts to what the filters keep. Tokens that cannot be kept are dropped before sorting: those below
// min_p of the highest weight (which is 1), and those so light that all such tokens together lie beyond top_p.
void filter(std::vector<Candidate>& candidates, const Sampling& sampling, double total) {
  const auto heavier = [](const Candidate& a, const Candidate& b) {
    return a.weight != b.weight ? a.weight > b.weight : a.token < b.token;
  };
  const double light = total * (1 - sampling.top_p) / static_cast<double>(candidates.size());
  const double least = std::max(sampling.min_p, sampling.top_p < 1 ? light : 0.0);
  std::erase_if(candidates, [&](const Candidate& candidate) { return candidate.weight < std::min(least, 1.0); });
  if (sampling.top_k > 0 && sampling.top_k < candidates.size()) {
    const auto end = candidates.begin() + static_cast<ptrdiff_t>(sampling.top_k);
    std::nth_element(candidates.begin(), end, candidates.end(), heavier);
    candidates.erase(end, candidates.end());
  }
  std::sort(candidates.begin(), candidates.end(), heavier);
  if (sampling.top_p >= 1) return;
  double before = 0;
  size_t kept = 0;
  while (kept < candidates.size() && before <= sampling.top_p * total) before += candidates[kept++].weight;
  candidates.resize(kept);
}

}  // namespace

float adjusted(float logit, const Adjustment& adjustment, const Sampling& sampling) {
  if (adjustment.seen != 0)
    logit = logit > 0 ? logit / sampling.repetition_penalty : logit * sampling.repetition_penalty;
  logit -= sampling.frequency_penalty * static_cast<float>(adjustment.outputs);
  if (adjustment.outputs > 0) logit -= sampling.presence_penalty;
  return logit + adjustment.bias;
}

AdjustedLogits::AdjustedLogits(std::span<float> logits, std::span<const Adjustment> adjustments,
                               const Sampling& sampling)
    : logits_(logits), adjustments_(adjustments) {
  before_.reserve(adjustments.size());
  for (const Adjustment& adjustment : adjustments) {
    float& logit = logits[static_cast<size_t>(adjustment.token)];
    before_.push_back(logit);
    logit = adjusted(logit, adjustment, sampling);
  }
}

AdjustedLogits::~AdjustedLogits() {
  for (size_t i = 0; i < before_.size(); ++i) logits_[static_cast<size_t>(adjustments_[i].token)] = before_[i];
}

Logprobs find_logprobs(std::span<const float> logits, int32_t chosen, size_t alternatives) {
  constexpr float kNone = -std::numeric_limits<float>::infinity();
  std::vector<int32_t> order;
  double most = kNone, total = 0;
  for (size_t token = 0; token < logits.size(); ++token) {
    if (!(logits[token] > kNone)) continue;
    order.push_back(static_cast<int32_t>(token));
    most = std::max<double>(most, logits[token]);
  }
  for (const int32_t token : order) total += std::exp(logits[static_cast<size_t>(token)] - most);
  const double all = most + std::log(total);
  const auto logprob = [&](int32_t token) { return static_cast<float>(logits[static_cast<size_t>(token)] - all); };
  Logprobs found;
  found.tokens.fill(-1);
  found.values.fill(kNone);
  found.chosen = chosen >= 0 ? logprob(chosen) : kNone;
  const size_t count = std::min({alternatives, order.size(), kMostAlternatives});
  std::ranges::partial_sort(order, order.begin() + static_cast<ptrdiff_t>(count), [&](int32_t a, int32_t b) {
    const float x = logits[static_cast<size_t>(a)], y = logits[static_cast<size_t>(b)];
    return x != y ? x > y : a < b;
  });
  for (size_t i = 0; i < count; ++i) {
    found.tokens[i] = order[i];
    found.values[i] = logprob(order[i]);
  }
  return found;
}

double uniform(uint64_t seed, uint64_t position) {
  constexpr uint64_t kStep = 0x9e3779b97f4a7c15;
  return static_cast<double>(mix(mix(seed + kStep) + (position + 1) * kStep) >> 11) * 0x1p-53;
}

int32_t sample(std::span<const float> logits, const int32_t* mask, const Sampling& sampling, uint64_t position) {
  const int32_t best = highest(logits, mask);
  if (best < 0 || sampling.temperature == 0) return best;
  const double most = logits[static_cast<size_t>(best)];
  thread_local std::vector<Candidate> candidates;
  candidates.clear();
  double total = 0;
  for (size_t token = 0; token < logits.size(); ++token) {
    if (!allows(mask, token)) continue;
    const double weight = std::exp((static_cast<double>(logits[token]) - most) / sampling.temperature);
    if (!(weight > 0)) continue;
    candidates.push_back({weight, static_cast<int32_t>(token)});
    total += weight;
  }
  if (sampling.top_k > 0 || sampling.top_p < 1 || sampling.min_p > 0) filter(candidates, sampling, total);
  double mass = 0;
  for (const Candidate& candidate : candidates) mass += candidate.weight;
  const double target = uniform(sampling.seed, position) * mass;
  double sum = 0;
  for (const Candidate& candidate : candidates) {
    sum += candidate.weight;
    if (target < sum) return candidate.token;
  }
  return candidates.back().token;
}

}  // namespace espalier
