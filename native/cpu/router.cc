#include "cpu/router.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace espalier {
namespace {

constexpr float kOut = -std::numeric_limits<float>::infinity();

void score(Router::Scores kind, const float* products, size_t count, float* scores) {
  if (kind == Router::Scores::Sigmoid) {
    for (size_t i = 0; i < count; ++i) scores[i] = 1 / (1 + std::exp(-products[i]));
    return;
  }
  const float highest = *std::max_element(products, products + count);
  float sum = 0;
  for (size_t i = 0; i < count; ++i) sum += scores[i] = std::exp(products[i] - highest);
  for (size_t i = 0; i < count; ++i) scores[i] /= sum;
}

// The number of the highest value; the first one where none is above -infinity.
size_t highest_of(const float* values, size_t count) {
  size_t best = 0;
  for (size_t i = 1; i < count; ++i)
    if (values[i] > values[best]) best = i;
  return best;
}

float sum_of_highest(const float* values, size_t count, size_t members, float* scratch) {
  std::copy_n(values, count, scratch);
  float sum = 0;
  for (size_t i = 0; i < members; ++i) {
    const size_t best = highest_of(scratch, count);
    sum += scratch[best];
    scratch[best] = kOut;
  }
  return sum;
}

// Experts of the groups that are not among the best leave the choice.
void keep_best_groups(const Experts& experts, float* choice, float* worth, float* scratch) {
  const Router& router = experts.router;
  const size_t size = experts.count / router.groups;
  for (size_t g = 0; g < router.groups; ++g)
    worth[g] = sum_of_highest(choice + g * size, size, router.group_members, scratch);
  for (size_t kept = 0; kept < router.groups_kept; ++kept) worth[highest_of(worth, router.groups)] = kOut;
  for (size_t g = 0; g < router.groups; ++g)
    if (worth[g] > kOut) std::fill_n(choice + g * size, size, kOut);
}

}  // namespace

void route(const Experts& experts, float* row, const float* bias, ExpertChoice* choices) {
  const Router& router = experts.router;
  const size_t count = experts.count;
  float* scores = row + count;
  float* choice = row + 2 * count;
  score(router.scores, row, count, scores);
  for (size_t i = 0; i < count; ++i) choice[i] = scores[i] + (bias ? bias[i] : 0.0f);
  if (router.groups_kept < router.groups) keep_best_groups(experts, choice, row, row + 3 * count);
  float sum = 0;
  for (size_t i = 0; i < experts.per_token; ++i) {
    const size_t best = highest_of(choice, count);
    choices[i] = {best, scores[best]};
    sum += scores[best];
    choice[best] = kOut;
  }
  const float scale = static_cast<float>(router.scale);
  for (size_t i = 0; i < experts.per_token; ++i)
    choices[i].weight = choices[i].weight / (router.normalize ? sum + 1e-20f : 1.0f) * scale;
}

}  // namespace espalier
