#include "grammar/fill_pool.h"

#include <algorithm>

namespace espalier::grammar {

FillPool& FillPool::shared() {
  static FillPool* pool = new FillPool;
  return *pool;
}

void FillPool::run(size_t count, size_t threads, const std::function<void(size_t)>& task) {
  std::lock_guard call(one_at_a_time_);
  next_ = 0;
  if (threads > 1 && count > 1) {
    std::lock_guard lock(mutex_);
    wanted_ = std::min(threads, count) - 1;
    while (threads_.size() < wanted_) threads_.emplace_back([this] { work(); });
    task_ = &task;
    count_ = count;
  }
  wake_.notify_all();
  take(task, count);
  std::unique_lock lock(mutex_);
  wanted_ = 0;
  done_.wait(lock, [this] { return busy_ == 0; });
  task_ = nullptr;
}

void FillPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    wake_.wait(lock, [this] { return wanted_ > 0; });
    wanted_--;
    busy_++;
    const auto* task = task_;
    const size_t count = count_;
    lock.unlock();
    take(*task, count);
    lock.lock();
    if (--busy_ == 0) done_.notify_all();
  }
}

void FillPool::take(const std::function<void(size_t)>& task, size_t count) {
  for (size_t i = next_++; i < count; i = next_++) task(i);
}

}  // namespace espalier::grammar
