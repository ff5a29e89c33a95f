// Which experts a token goes to, on scores that can be read.
#include "cpu/router.h"

#include <cmath>
#include <limits>
#include <vector>

#include "check.h"

using espalier::ExpertChoice;
using espalier::Experts;
using espalier::Router;

namespace {

std::vector<ExpertChoice> choices_of(const Experts& experts, const std::vector<float>& products,
                                     const std::vector<float>& bias = {}) {
  std::vector<float> row(espalier::router_row_size(experts));
  std::copy(products.begin(), products.end(), row.begin());
  std::vector<ExpertChoice> choices(experts.per_token);
  route(experts, row.data(), bias.empty() ? nullptr : bias.data(), choices.data());
  return choices;
}

Experts experts_of(size_t count, size_t per_token) {
  Experts experts;
  experts.count = count;
  experts.per_token = per_token;
  return experts;
}

bool near(float a, float b) { return std::abs(a - b) < 1e-6f; }

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

TEST(router_takes_the_best_and_the_lowest_number_among_equals) {
  const auto choices = choices_of(experts_of(5, 3), {1, 3, 2, 3, 2});
  CHECK(choices[0].expert == 1 && choices[1].expert == 3 && choices[2].expert == 2);
  const float sum = std::exp(1.f) + 2 * std::exp(3.f) + 2 * std::exp(2.f);
  CHECK(near(choices[0].weight, std::exp(3.f) / sum) && near(choices[2].weight, std::exp(2.f) / sum));
}

TEST(router_normalises_and_scales_weights) {
  Experts experts = experts_of(4, 2);
  experts.router.normalize = true;
  experts.router.scale = 3;
  const auto choices = choices_of(experts, {0, 1, 1, -5});
  CHECK(near(choices[0].weight, 1.5f) && near(choices[1].weight, 1.5f));
}

TEST(router_bias_counts_in_the_choice_alone) {
  Experts experts = experts_of(3, 1);
  experts.router.scores = Router::Scores::Sigmoid;
  const auto choices = choices_of(experts, {2, 1, 0}, {0, 0, 5});
  CHECK(choices[0].expert == 2 && near(choices[0].weight, 0.5f));
  // Biases below zero leave the experts of other groups out all the same.
  experts = experts_of(4, 2);
  experts.router.scores = Router::Scores::Sigmoid;
  experts.router.groups = 2;
  const auto negative = choices_of(experts, {0, 1, 9, 9}, {-1, -1, -3, -3});
  CHECK(negative[0].expert == 1 && negative[1].expert == 0);
  CHECK(near(negative[0].weight, sigmoid(1)));
}

TEST(router_keeps_the_best_groups) {
  Experts experts = experts_of(6, 2);
  experts.router.groups = 3;
  experts.router.groups_kept = 1;
  // By its best expert the second group, by its two best the third.
  const std::vector<float> products = {0, 0, 5, -9, 4.9f, 4.8f};
  CHECK(choices_of(experts, products)[0].expert == 2 && choices_of(experts, products)[1].expert == 3);
  experts.router.group_members = 2;
  CHECK(choices_of(experts, products)[0].expert == 4 && choices_of(experts, products)[1].expert == 5);
}

TEST(router_gives_experts_that_exist_whatever_the_scores) {
  Experts experts = experts_of(6, 3);
  experts.router.groups = 3;
  experts.router.groups_kept = 2;
  experts.router.group_members = 2;
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  for (const float value : {nan, infinity, -infinity})
    for (const auto& choice : choices_of(experts, std::vector<float>(6, value))) CHECK(choice.expert < 6);
}
