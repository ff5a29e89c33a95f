// Prompt look-up, how many tokens are drafted, and what a wrong or failing grammar does to drafts.
#include <random>

#include "check.h"
#include "engine/draft.h"
#include "engine/prompt_lookup.h"

using namespace espalier;

namespace {

// The same by its definition: each earlier place, from the last one on.
std::optional<size_t> slow_look_up(const std::vector<int32_t>& all, size_t least, size_t most) {
  std::optional<size_t> found;
  size_t longest = least - 1;
  for (size_t end = all.size() - 1; end > 0; --end) {
    size_t length = 0;
    while (length < most && length < end && all[end - 1 - length] == all[all.size() - 1 - length]) ++length;
    if (length <= longest) continue;
    longest = length;
    found = end;
  }
  return found;
}

}  // namespace

TEST(look_up_finds_the_longest_then_the_latest_match) {
  const std::vector<int32_t> tokens{1, 2, 3, 9, 2, 3, 8, 7, 3, 6, 1, 2, 3};
  CHECK(look_up(tokens, {}, 1, 8) == 3);   // 1 2 3, then 9
  CHECK(look_up(tokens, {}, 1, 2) == 6);   // 2 3, then 8
  CHECK(look_up(tokens, {}, 1, 1) == 9);   // 3, then 6
  CHECK(look_up(tokens, {}, 4, 8) == std::nullopt);
  // A draft counts as if it were appended.
  const std::vector<int32_t> draft{9, 2};
  CHECK(look_up(tokens, draft, 2, 8) == 5);
  CHECK(look_up({}, {}, 1, 8) == std::nullopt);
}

TEST(look_up_equals_its_definition) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::vector<int32_t> all(2 + random() % 30);
    for (int32_t& token : all) token = static_cast<int32_t>(random() % 4);
    const size_t least = 1 + random() % 3, most = least + random() % 5, known = random() % (all.size() + 1);
    const std::span<const int32_t> span(all);
    CHECK(look_up(span.first(known), span.subspan(known), least, most) == slow_look_up(all, least, most));
  }
}

TEST(drafts_grow_while_they_are_right_and_rest_while_they_are_wrong) {
  DraftPace pace(4);
  CHECK(pace.room(100) == 4);
  CHECK(pace.room(3) == 3);
  pace.judged(4, 4);
  CHECK(pace.room(100) == 8);
  pace.judged(8, 6);
  CHECK(pace.room(100) == 7);
  pace.judged(7, 1);
  CHECK(pace.room(100) == 3);
  pace.judged(3, 0);
  CHECK(pace.room(100) == 1);
  pace.judged(1, 0);
  CHECK(pace.room(100) == 0);
  pace.stepped();
  CHECK(pace.room(100) == 1);
  for (int miss = 0; miss < 9; ++miss) pace.judged(1, 0);
  size_t rests = 0;
  while (pace.room(100) == 0) {
    pace.stepped();
    ++rests;
  }
  CHECK(rests == 4);
  pace.judged(1, 1);
  CHECK(pace.room(100) == 2);
}

TEST(a_draft_agrees_up_to_the_first_difference) {
  Draft draft;
  draft.tokens = {5, 6, 7};
  draft.rows.resize(3);
  draft.guessed = {true, false, true};
  CHECK(draft.guesses() == 2);
  CHECK(draft.agreeing(std::vector<int32_t>{}) == 0);
  CHECK(draft.agreeing(std::vector<int32_t>{5, 6}) == 2);
  CHECK(draft.agreeing(std::vector<int32_t>{5, 9, 7}) == 1);
  CHECK(draft.agreeing(std::vector<int32_t>{5, 6, 7, 8}) == 3);
  draft.cut(1);
  CHECK(draft.agreeing(std::vector<int32_t>{5, 6}) == 1);
  CHECK(draft.rows.size() == 1 && draft.guessed.size() == 1);
}
