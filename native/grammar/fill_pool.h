// Threads that fill mask rows side by side. They are started once and wait in between.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace espalier::grammar {

class FillPool {
 public:
  /// One pool for the process, never taken down: its threads end with it.
  static FillPool& shared();

  /// Calls `task` with every number below `count` on at most `threads` threads, this one included, and waits for all.
  void run(size_t count, size_t threads, const std::function<void(size_t)>& task);

 private:
  void work();
  void take(const std::function<void(size_t)>& task, size_t count);

  std::mutex one_at_a_time_;
  std::mutex mutex_;
  std::condition_variable wake_, done_;
  std::vector<std::thread> threads_;
  const std::function<void(size_t)>* task_ = nullptr;
  size_t count_ = 0, wanted_ = 0, busy_ = 0;
  std::atomic<size_t> next_{0};
};

}  // namespace espalier::grammar
