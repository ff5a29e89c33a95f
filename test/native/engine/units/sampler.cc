// The sampler on logits whose distribution is known.
#include "engine/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include "check.h"

using espalier::sample;
using espalier::Sampling;

namespace {

constexpr int kDraws = 20000;

std::map<int32_t, int> draw(const std::vector<float>& logits, Sampling sampling, const int32_t* mask = nullptr) {
  std::map<int32_t, int> seen;
  for (int i = 0; i < kDraws; ++i) {
    sampling.seed = static_cast<uint64_t>(i / 100);
    ++seen[sample(logits, mask, sampling, static_cast<uint64_t>(i % 100))];
  }
  return seen;
}

// Pearson's statistic; for up to 7 degrees of freedom, 30 is exceeded once in 10,000 times.
bool fits(const std::map<int32_t, int>& seen, const std::map<int32_t, double>& expected) {
  double statistic = 0, total = 0;
  for (const auto& [token, share] : expected) total += share;
  for (const auto& [token, count] : seen)
    if (!expected.contains(token)) return false;
  for (const auto& [token, share] : expected) {
    const double mean = share / total * kDraws;
    const auto found = seen.find(token);
    const double difference = (found == seen.end() ? 0 : found->second) - mean;
    statistic += difference * difference / mean;
  }
  return statistic < 30;
}

// Probabilities 0.4, 0.3, 0.15, 0.1, 0.05 for tokens 2, 0, 4, 1, 3.
const std::vector<float> kLogits = {std::log(0.3f), std::log(0.1f), std::log(0.4f), std::log(0.05f), std::log(0.15f)};

}  // namespace

TEST(greedy_takes_the_lowest_of_equal_tokens) {
  const int32_t mask = 0b11011;
  CHECK(sample(std::vector<float>{1, 5, 5, 2}, nullptr, {}, 0) == 1);
  CHECK(sample(std::vector<float>{-8, -9, 5, -8, -8}, &mask, {}, 0) == 0);
}

TEST(sampling_follows_the_softmax_and_the_temperature) {
  CHECK(fits(draw(kLogits, {.temperature = 1}), {{0, .3}, {1, .1}, {2, .4}, {3, .05}, {4, .15}}));
  std::map<int32_t, double> hot;
  for (const auto& [token, p] : std::map<int32_t, double>{{0, .3}, {1, .1}, {2, .4}, {3, .05}, {4, .15}})
    hot[token] = std::pow(p, 1 / 2.5);
  CHECK(fits(draw(kLogits, {.temperature = 2.5}), hot));
  CHECK(!fits(draw(kLogits, {.temperature = 1}), hot));
}

TEST(masked_tokens_are_never_drawn) {
  const int32_t mask = 0b01010;
  CHECK(fits(draw(kLogits, {.temperature = 1}, &mask), {{1, .1}, {3, .05}}));
}

TEST(top_k_keeps_the_most_probable) {
  CHECK(fits(draw(kLogits, {.temperature = 1, .top_k = 2}), {{2, .4}, {0, .3}}));
  CHECK(fits(draw(kLogits, {.temperature = 1, .top_k = 1}), {{2, 1}}));
  CHECK(fits(draw(std::vector<float>(6, 1.0f), {.temperature = 1, .top_k = 3}), {{0, 1}, {1, 1}, {2, 1}}));
}

TEST(top_p_keeps_tokens_until_their_sum_exceeds_it) {
  CHECK(fits(draw(kLogits, {.temperature = 1, .top_p = 0.65}), {{2, .4}, {0, .3}}));
  CHECK(fits(draw(kLogits, {.temperature = 1, .top_p = 0.75}), {{2, .4}, {0, .3}, {4, .15}}));
  CHECK(fits(draw(kLogits, {.temperature = 1, .top_p = 0.01}), {{2, 1}}));
  // Judged on the whole distribution, not on what top-k left.
  CHECK(fits(draw(kLogits, {.temperature = 1, .top_k = 2, .top_p = 0.45}), {{2, .4}, {0, .3}}));
  CHECK(fits(draw(kLogits, {.temperature = 1, .top_k = 3, .top_p = 0.35}), {{2, 1}}));
}

TEST(min_p_drops_what_is_too_far_below_the_best) {
  CHECK(fits(draw(kLogits, {.temperature = 1, .min_p = 0.3}), {{2, .4}, {0, .3}, {4, .15}}));
  CHECK(fits(draw(kLogits, {.temperature = 1, .min_p = 1}), {{2, 1}}));
  CHECK(fits(draw(kLogits, {.temperature = 1, .top_k = 4, .top_p = 0.9, .min_p = 0.5}), {{2, .4}, {0, .3}}));
}

TEST(filters_agree_with_a_full_sort_on_many_tokens) {
  std::vector<float> logits(1000);
  for (size_t i = 0; i < logits.size(); ++i) logits[i] = static_cast<float>(espalier::uniform(3, i) * 12);
  std::vector<std::pair<double, int32_t>> sorted;
  double total = 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    sorted.emplace_back(-std::exp(static_cast<double>(logits[i])), static_cast<int32_t>(i));
    total -= sorted.back().first;
  }
  std::sort(sorted.begin(), sorted.end());
  for (const double top_p : {0.05, 0.5, 0.9, 0.999}) {
    std::map<int32_t, double> kept;
    double before = 0;
    for (const auto& [negative, token] : sorted) {
      if (before > top_p * total) break;
      kept[token] = -negative;
      before -= negative;
    }
    const auto seen = draw(logits, {.temperature = 1, .top_p = top_p});
    for (const auto& [token, count] : seen) CHECK(kept.contains(token));
    CHECK(seen.size() > kept.size() / 2);
  }
}

TEST(draws_depend_on_seed_and_position_alone) {
  CHECK(espalier::uniform(1, 2) == espalier::uniform(1, 2));
  CHECK(espalier::uniform(1, 2) != espalier::uniform(2, 1));
  CHECK(espalier::uniform(1, 2) != espalier::uniform(1, 3));
  double sum = 0, products = 0;
  for (uint64_t i = 0; i < 10000; ++i) {
    const double u = espalier::uniform(7, i);
    CHECK(u >= 0 && u < 1);
    sum += u;
    products += u * espalier::uniform(8, i);
  }
  CHECK(std::abs(sum / 10000 - 0.5) < 0.015);
  CHECK(std::abs(products / 10000 - 0.25) < 0.015);
}

TEST(logits_that_are_not_finite_are_refused) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), inf = std::numeric_limits<float>::infinity();
  for (const double temperature : {0.0, 1.0}) {
    const Sampling sampling{.temperature = temperature};
    CHECK(sample(std::vector<float>{nan, nan}, nullptr, sampling, 0) == -1);
    CHECK(sample(std::vector<float>{-inf, -inf}, nullptr, sampling, 0) == -1);
    CHECK(sample(std::vector<float>{0, inf}, nullptr, sampling, 0) == -1);
    CHECK(sample(std::vector<float>{nan, 1, -inf}, nullptr, sampling, 0) == 1);
  }
}
