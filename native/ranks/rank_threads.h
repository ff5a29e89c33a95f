// A thread for each rank of a model that several compute together; what they run, they run at once.
#pragma once
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace espalier {

class RankThreads {
 public:
  using Body = std::function<void(size_t rank)>;

  explicit RankThreads(size_t ranks) : ranks_(ranks) {
    try {
      for (size_t rank = 1; rank < ranks; ++rank) workers_.emplace_back([this, rank] { work(rank); });
    } catch (...) {
      close();
      throw;
    }
  }
  RankThreads(const RankThreads&) = delete;
  RankThreads& operator=(const RankThreads&) = delete;
  ~RankThreads() { close(); }

  size_t ranks() const { return ranks_; }

  /// Runs body(rank) for every rank, rank 0 on this thread, and returns when all have ended. Rethrows what was thrown first.
  /// One caller at a time.
  void run(const Body& body) {
    body_ = &body;
    error_ = nullptr;
    working_.store(ranks_ - 1, std::memory_order_relaxed);
    turn_.fetch_add(1, std::memory_order_release);
    turn_.notify_all();
    guarded(0);
    for (size_t left; (left = working_.load(std::memory_order_acquire)) > 0;)
      working_.wait(left, std::memory_order_acquire);
    if (error_) std::rethrow_exception(error_);
  }

 private:
  void guarded(size_t rank) {
    try {
      (*body_)(rank);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
    }
  }

  void work(size_t rank) {
    for (uint32_t seen = 0;;) {
      turn_.wait(seen, std::memory_order_acquire);
      ++seen;
      if (closing_) return;
      guarded(rank);
      if (working_.fetch_sub(1, std::memory_order_acq_rel) == 1) working_.notify_one();
    }
  }

  void close() {
    closing_ = true;
    turn_.fetch_add(1, std::memory_order_release);
    turn_.notify_all();
    for (std::thread& worker : workers_) worker.join();
  }

  const size_t ranks_;
  const Body* body_ = nullptr;
  std::exception_ptr error_;
  std::mutex mutex_;
  std::atomic<uint32_t> turn_{0};
  std::atomic<size_t> working_{0};
  std::atomic<bool> closing_{false};
  std::vector<std::thread> workers_;
};

}  // namespace espalier
