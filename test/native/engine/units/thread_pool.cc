// The thread pool: every index runs once, on a thread of the pool, and all are done when parallel_for returns.
#include "cpu/thread_pool.h"

#include <atomic>
#include <chrono>
#include <thread>

#include "check.h"

using espalier::ThreadPool;

TEST(every_index_runs_once_before_parallel_for_returns) {
  ThreadPool pool(4);
  CHECK(pool.threads() >= 1 && pool.threads() <= 4);
  for (size_t round = 0; round < 3000; ++round) {
    const size_t count = round % 37;
    std::vector<int> runs(count, 0);
    std::atomic<bool> stray = false;
    pool.parallel_for(count, [&](size_t index, size_t thread) {
      ++runs[index];
      if (thread >= pool.threads()) stray = true;
    });
    CHECK(runs == std::vector<int>(count, 1) && !stray);
    // Long enough for the others to fall asleep, now and then.
    if (round % 1000 == 999) std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

TEST(a_slow_index_is_waited_for) {
  ThreadPool pool(2);
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> done = 0;
    pool.parallel_for(4, [&](size_t index, size_t) {
      if (index == static_cast<size_t>(round % 4)) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      ++done;
    });
    CHECK(done == 4);
  }
}

TEST(pools_come_and_go) {
  for (int round = 0; round < 50; ++round) {
    ThreadPool pool(3);
    if (round % 2) pool.parallel_for(5, [](size_t, size_t) {});
  }
}
