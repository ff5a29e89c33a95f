// A fixed set of threads that share loops: parallel_for hands out indices until none is left. Threads spin briefly
// between loops, because a forward step runs dozens of them, and sleep when no loop comes.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <thread>
#include <vector>

namespace espalier {

class ThreadPool {
 public:
  /// The body of a loop: the index, and the number of the thread that runs it (0 is the caller of parallel_for).
  using Body = std::function<void(size_t index, size_t thread)>;

  /// `threads` counts the caller; it is capped at the machine's processors.
  explicit ThreadPool(size_t threads);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  size_t threads() const { return workers_.size() + 1; }

  /// Runs body(0) ... body(count - 1), in any order and on any thread, and returns when all are done. One caller at a
  /// time; the body must not throw.
  void parallel_for(size_t count, const Body& body);

 private:
  // The state of the loop in one word, so that a thread that comes late cannot mistake one loop for the next:
  // number of the loop (16 bits), its count (24), the next index (24).
  static constexpr int kIndexBits = 24;
  static constexpr uint64_t kIndexMask = (uint64_t{1} << kIndexBits) - 1;

  void work(size_t thread);
  void take(size_t thread);

  std::atomic<uint64_t> ticket_{0};
  std::atomic<size_t> unfinished_{0};
  std::atomic<uint32_t> loops_{0};
  std::atomic<bool> closing_{false};
  const Body* body_ = nullptr;
  std::vector<std::thread> workers_;
};

}  // namespace espalier
