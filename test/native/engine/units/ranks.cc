// Threads of ranks that wait for each other: one that fails keeps none waiting, and the next run is as if it had not.
#include <array>
#include <atomic>
#include <stdexcept>
#include <string>

#include "check.h"
#include "cpu/meeting.h"
#include "ranks/rank_threads.h"

using namespace espalier;

namespace {

constexpr size_t kRanks = 3;

}  // namespace

TEST(ranks_see_what_each_of_them_shows) {
  RankThreads threads(kRanks);
  Meeting meeting(kRanks);
  std::array<float, kRanks> own{}, sums{};
  for (size_t round = 0; round < 200; ++round) {
    threads.run([&](size_t rank) {
      for (size_t turn = 0; turn < 5; ++turn) {
        own[rank] = static_cast<float>(100 * round + 10 * turn + rank);
        float sum = 0;
        for (const float* shown : meeting.show(rank, &own[rank])) sum += *shown;
        meeting.wait();
        sums[rank] = sum;
      }
    });
    for (const float sum : sums) CHECK(sum == static_cast<float>(kRanks * (100 * round + 40) + 3));
  }
}

TEST(a_rank_that_fails_keeps_none_waiting) {
  RankThreads threads(kRanks);
  Meeting meeting(kRanks);
  for (size_t failing = 0; failing < kRanks; ++failing) {
    std::atomic<size_t> passed{0};
    std::string message;
    try {
      threads.run([&](size_t rank) {
        try {
          if (rank == failing) throw std::runtime_error("rank " + std::to_string(rank));
          meeting.wait();
          ++passed;
        } catch (...) {
          meeting.fail();
          throw;
        }
      });
    } catch (const std::runtime_error& error) {
      message = error.what();
    }
    CHECK(message == "rank " + std::to_string(failing));
    CHECK(passed == 0);
    meeting.reset();
    threads.run([&](size_t) {
      meeting.wait();
      ++passed;
    });
    CHECK(passed == kRanks);
  }
}
