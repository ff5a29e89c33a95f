// What a request's adjustments are as its output grows.
#include "engine/adjustments.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "check.h"

using namespace espalier;

namespace {

constexpr float kForbidden = -std::numeric_limits<float>::infinity();

const Adjustment* find(std::span<const Adjustment> all, int32_t token) {
  const auto found = std::ranges::find(all, token, &Adjustment::token);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

TEST(adjustments_are_none_where_nothing_is_asked_for) {
  Adjustments none({}, {}, std::vector{1, 2, 3}, std::vector{7});
  none.add_output(5);
  CHECK(none.next(nullptr, -1).empty());
}

TEST(adjustments_count_what_the_output_holds) {
  Sampling sampling;
  sampling.frequency_penalty = 1;
  Adjustments counts(sampling, {}, std::vector{1, 2}, {});
  CHECK(counts.next(nullptr, -1).empty());
  for (const int32_t token : {5, 1, 5}) counts.add_output(token);
  const auto all = counts.next(nullptr, -1);
  CHECK(all.size() == 2 && find(all, 5)->outputs == 2 && find(all, 1)->outputs == 1);
  sampling.repetition_penalty = 2;
  Adjustments repeated(sampling, {}, std::vector{1, 2, 1}, {});
  CHECK(repeated.next(nullptr, -1).size() == 2 && find(repeated.next(nullptr, -1), 2)->seen == 1);
  CHECK(find(repeated.next(nullptr, -1), 2)->outputs == 0);
}

TEST(stop_tokens_are_forbidden_for_so_many_outputs) {
  Adjustments early({}, {{{7, 1.5f}}, 2}, {}, std::vector{7, 8, 7});
  CHECK(find(early.next(nullptr, -1), 7)->bias == kForbidden && find(early.next(nullptr, -1), 8)->bias == kForbidden);
  early.add_output(3);
  CHECK(find(early.next(nullptr, -1), 7)->bias == kForbidden);
  early.add_output(3);
  CHECK(find(early.next(nullptr, -1), 7)->bias == 1.5f && find(early.next(nullptr, -1), 8)->bias == 0);
}

TEST(a_mask_of_stop_tokens_alone_lets_them_come) {
  Adjustments early({}, {{}, 9}, {}, std::vector{7, 40});
  const int32_t more[] = {1 << 7 | 1 << 9, 0}, none_but_stops[] = {1 << 7, 1 << 8};
  CHECK(find(early.next(more, 2), 7)->bias == kForbidden);
  CHECK(find(early.next(none_but_stops, 2), 7)->bias == 0);
}

TEST(adjusted_logits_stand_while_they_live) {
  Sampling sampling;
  sampling.repetition_penalty = 2;
  sampling.frequency_penalty = 0.5f;
  sampling.presence_penalty = 0.25f;
  std::vector<float> logits{4, -4, 1, 0};
  const std::vector<Adjustment> all{{0, 0, 0, 1}, {1, 1, 2, 1}, {3, kForbidden, 0, 0}};
  {
    const AdjustedLogits adjusted(logits, all, sampling);
    CHECK((logits == std::vector<float>{2, -8.25f, 1, kForbidden}));
  }
  CHECK((logits == std::vector<float>{4, -4, 1, 0}));
}

TEST(logprobs_are_of_the_softmax) {
  const std::vector<float> logits{1, kForbidden, 3, 3, NAN, 0};
  const double sum = std::log(std::exp(1) + 2 * std::exp(3) + 1);
  const Logprobs found = find_logprobs(logits, 5, 5);
  CHECK(std::abs(found.chosen + sum) < 1e-6);
  const std::vector<int32_t> expected{2, 3, 0, 5, -1};
  CHECK(std::equal(expected.begin(), expected.end(), found.tokens.begin()));
  CHECK(std::abs(found.values[1] - (3 - sum)) < 1e-6 && found.values[4] == kForbidden);
}
