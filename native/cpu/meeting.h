// Where the threads of ranks that compute one model meet: none goes on before all are there.
#pragma once
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <mutex>
#include <vector>

namespace espalier {

class Meeting {
 public:
  explicit Meeting(size_t ranks) : shown_(ranks) {}

  /// Waits for all ranks. Rethrows what another rank failed with.
  void wait() {
    std::unique_lock lock(mutex_);
    if (++there_ == shown_.size()) {
      there_ = 0;
      ++round_;
      all_there_.notify_all();
    } else {
      all_there_.wait(lock, [&, round = round_] { return round_ != round || failure_; });
    }
    if (failure_) std::rethrow_exception(failure_);
  }

  /// Shows memory of a rank's own to the others: what each showed, in the order of ranks. It may be shown anew after the
  /// next wait().
  const std::vector<float*>& show(size_t rank, float* data) {
    shown_[rank] = data;
    wait();
    return shown_;
  }

  /// The current exception of a rank that will not come, for those that wait and will wait.
  void fail() noexcept {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = std::current_exception();
    all_there_.notify_all();
  }

  /// While no rank is on its way.
  void reset() {
    failure_ = nullptr;
    there_ = 0;
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_there_;
  std::exception_ptr failure_;
  size_t there_ = 0, round_ = 0;
  std::vector<float*> shown_;
};

}  // namespace espalier
