// Who runs next: policies, bounded waiting, preemption, and what admission expects of requests.
#include "engine/scheduler.h"

#include <string>

#include "check.h"

using espalier::Request;
using espalier::RequestPtr;
using espalier::SchedulePolicy;
using espalier::Scheduler;
using espalier::SchedulerOptions;
using espalier::Submission;
using espalier::UsageEstimate;

namespace {

RequestPtr request(uint64_t id, std::vector<int32_t> prompt, int32_t priority = 0, size_t most = 8) {
  Submission submission;
  submission.id = id;
  submission.prompt = std::move(prompt);
  submission.max_tokens = most;
  submission.priority = priority;
  return std::make_unique<Request>(std::move(submission), id, most, nullptr);
}

SchedulerOptions one_at_a_time(SchedulePolicy policy) {
  SchedulerOptions options;
  options.pages = 100;
  options.page_size = 4;
  options.max_running = 1;
  options.policy = policy;
  return options;
}

// Runs a step; a request that is prefilled gets its only token and ends. Returns the ids that ended.
std::vector<uint64_t> step(Scheduler& scheduler) {
  const auto plan = scheduler.plan();
  scheduler.complete(plan);
  std::vector<uint64_t> ended;
  for (const auto& [request, count, drafts] : plan) {
    if (request->pending() > 0) continue;
    request->tokens.push_back(0);
    ended.push_back(request->asked.id);
    scheduler.remove(request);
  }
  return ended;
}

std::vector<uint64_t> order_of(Scheduler& scheduler) {
  std::vector<uint64_t> order;
  for (int i = 0; i < 1000 && scheduler.running() + scheduler.waiting() > 0; ++i)
    for (const uint64_t id : step(scheduler)) order.push_back(id);
  return order;
}

const std::vector<int32_t> kLong(16, 7);

}  // namespace

TEST(the_longest_cached_prefix_goes_first_or_the_oldest_or_the_most_urgent) {
  const auto order = [](SchedulePolicy policy) {
    Scheduler scheduler(one_at_a_time(policy));
    scheduler.enqueue(request(1, kLong));
    step(scheduler);
    scheduler.enqueue(request(2, {1, 2, 3, 4, 5}, 1));
    scheduler.enqueue(request(3, {7, 7, 7, 7, 7}, 2));
    scheduler.enqueue(request(4, kLong, 0));
    scheduler.enqueue(request(5, {2, 2}, 2));
    return order_of(scheduler);
  };
  CHECK(order(SchedulePolicy::LongestPrefix) == std::vector<uint64_t>({4, 3, 2, 5}));
  CHECK(order(SchedulePolicy::FirstCome) == std::vector<uint64_t>({2, 3, 4, 5}));
  CHECK(order(SchedulePolicy::Priority) == std::vector<uint64_t>({3, 5, 2, 4}));
}

TEST(waiting_is_bounded) {
  for (const SchedulePolicy policy : {SchedulePolicy::LongestPrefix, SchedulePolicy::Priority}) {
    Scheduler scheduler(one_at_a_time(policy));
    scheduler.enqueue(request(1, kLong));
    step(scheduler);
    scheduler.enqueue(request(2, {1, 2, 3}));
    uint64_t next = 3;
    bool done = false;
    // Each step brings one that goes before: it shares a prefix, and is a little more urgent.
    while (!done && next < 300) {
      scheduler.enqueue(request(next++, kLong, 3));
      for (const uint64_t id : step(scheduler)) done = done || id == 2;
    }
    CHECK(done && next > 60 && next < 260);
  }
}

TEST(the_far_more_urgent_takes_the_place_of_one_that_runs) {
  Scheduler scheduler(one_at_a_time(SchedulePolicy::Priority));
  scheduler.enqueue(request(1, kLong, 0));
  scheduler.complete(scheduler.plan());
  scheduler.enqueue(request(2, {1, 2}, 10));
  scheduler.complete(scheduler.plan());
  CHECK(scheduler.counts().preemptions == 0);
  scheduler.enqueue(request(3, {1, 3}, 11));
  const auto plan = scheduler.plan();
  CHECK(scheduler.counts().preemptions == 1 && plan.size() == 1 && plan[0].request->asked.id == 3);
  scheduler.complete(plan);
  CHECK(scheduler.check().empty());
  scheduler.remove(scheduler.find(3));
  CHECK(order_of(scheduler) == std::vector<uint64_t>({2, 1}));
}

TEST(prompts_of_different_salts_do_not_wait_for_each_other) {
  SchedulerOptions options = one_at_a_time(SchedulePolicy::LongestPrefix);
  options.max_running = 4;
  for (const std::string salt : {"", "x"}) {
    Scheduler scheduler(options);
    scheduler.enqueue(request(1, kLong));
    Submission submission;
    submission.id = 2;
    submission.prompt = kLong;
    submission.max_tokens = 8;
    submission.salt = salt;
    scheduler.enqueue(std::make_unique<Request>(std::move(submission), 2, 8, nullptr));
    CHECK(scheduler.plan().size() == (salt.empty() ? 1 : 2));
  }
}

TEST(admission_learns_how_much_requests_use) {
  UsageEstimate estimate;
  CHECK(estimate.remaining(0, 1000) == 500);
  for (int i = 0; i < 200; ++i) estimate.ended(100, 1000);
  CHECK(estimate.remaining(0, 1000) < 110 && estimate.remaining(90, 1000) == 16 && estimate.remaining(990, 1000) == 10);
  estimate.ran_out();
  CHECK(estimate.remaining(0, 1000) == 1000 && estimate.remaining(0, 100000) == 4096);
  for (int i = 0; i < 1000; ++i) estimate.stepped();
  CHECK(estimate.remaining(0, 1000) < 110);
}

TEST(admission_leaves_room_for_outputs) {
  SchedulerOptions options = one_at_a_time(SchedulePolicy::FirstCome);
  options.max_running = 8;
  Scheduler scheduler(options);
  // Of 400 tokens, each is taken to need 16 and half of 200.
  for (uint64_t id = 1; id <= 8; ++id) scheduler.enqueue(request(id, {static_cast<int32_t>(id)}, 0, 200));
  scheduler.complete(scheduler.plan());
  CHECK(scheduler.running() == 3);
}
