// Indices are claimed by adding to one atomic word; the last thread to finish one releases the caller.
#include "cpu/thread_pool.h"

#include <algorithm>
#include <stdexcept>

#if defined(__x86_64__) || defined(__i386__)
#include <immintrin.h>
#endif

namespace espalier {
namespace {

// About 50 microseconds: longer than the gaps within a forward step, short beside a step.
constexpr int kSpins = 2000;

void relax() {
#if defined(__x86_64__) || defined(__i386__)
  _mm_pause();
#else
  std::this_thread::yield();
#endif
}

}  // namespace

ThreadPool::ThreadPool(size_t threads) {
  const size_t most = std::max<size_t>(1, std::thread::hardware_concurrency());
  const size_t wanted = std::clamp<size_t>(threads, 1, most);
  try {
    for (size_t i = 1; i < wanted; ++i) workers_.emplace_back([this, i] { work(i); });
  } catch (...) {
    closing_ = true;
    loops_.fetch_add(1);
    loops_.notify_all();
    for (std::thread& worker : workers_) worker.join();
    throw;
  }
}

ThreadPool::~ThreadPool() {
  closing_ = true;
  loops_.fetch_add(1);
  loops_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::parallel_for(size_t count, const Body& body) {
  if (workers_.empty() || count <= 1) {
    for (size_t i = 0; i < count; ++i) body(i, 0);
    return;
  }
  if (count > kIndexMask / 2) throw std::length_error("parallel_for: too many indices");
  body_ = &body;
  unfinished_.store(count, std::memory_order_relaxed);
  const uint32_t loop = loops_.load(std::memory_order_relaxed) + 1;
  ticket_.store(uint64_t{loop & 0xffff} << (2 * kIndexBits) | uint64_t{count} << kIndexBits, std::memory_order_release);
  loops_.store(loop, std::memory_order_release);
  loops_.notify_all();
  take(0);
  for (int spin = 0;; ++spin) {
    const size_t left = unfinished_.load(std::memory_order_acquire);
    if (left == 0) return;
    if (spin < kSpins)
      relax();
    else
      unfinished_.wait(left, std::memory_order_acquire);
  }
}

void ThreadPool::take(size_t thread) {
  while (true) {
    // Looking first keeps threads that find nothing from pushing the index towards the count's bits.
    const uint64_t seen = ticket_.load(std::memory_order_acquire);
    if ((seen & kIndexMask) >= (seen >> kIndexBits & kIndexMask)) return;
    const uint64_t ticket = ticket_.fetch_add(1, std::memory_order_acq_rel);
    const size_t index = ticket & kIndexMask;
    if (index >= (ticket >> kIndexBits & kIndexMask)) return;
    (*body_)(index, thread);
    if (unfinished_.fetch_sub(1, std::memory_order_acq_rel) == 1) unfinished_.notify_one();
  }
}

void ThreadPool::work(size_t thread) {
  uint32_t seen = 0;
  while (true) {
    for (int spin = 0; loops_.load(std::memory_order_acquire) == seen; ++spin) {
      if (spin < kSpins)
        relax();
      else
        loops_.wait(seen, std::memory_order_acquire);
    }
    seen = loops_.load(std::memory_order_acquire);
    if (closing_) return;
    take(thread);
  }
}

}  // namespace espalier
