// Device and pinned host memory with an owner.
#pragma once
#include <cstddef>
#include <utility>

#include "cuda/device/check.h"

namespace espalier::cuda {

/// Elements of device memory, or of pinned host memory; empty until allocated, freed with its owner.
template <class T, bool kPinned = false>
class Buffer {
 public:
  Buffer() = default;
  explicit Buffer(size_t count) { allocate(count); }
  Buffer(Buffer&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), count_(std::exchange(other.count_, 0)) {}
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
    return *this;
  }
  ~Buffer() { release(); }

  /// Gives up what it held.
  void allocate(size_t count) {
    release();
    void* memory = nullptr;
    if constexpr (kPinned)
      ESP_CUDA_CHECK(cudaMallocHost(&memory, count * sizeof(T)));
    else
      ESP_CUDA_CHECK(cudaMalloc(&memory, count * sizeof(T)));
    data_ = static_cast<T*>(memory);
    count_ = count;
  }
  void release() {
    if (!data_) return;
    if constexpr (kPinned)
      (void)cudaFreeHost(data_);
    else
      (void)cudaFree(data_);
    data_ = nullptr;
    count_ = 0;
  }

  T* get() const { return data_; }
  size_t count() const { return count_; }

 private:
  T* data_ = nullptr;
  size_t count_ = 0;
};

template <class T>
using Pinned = Buffer<T, true>;

}  // namespace espalier::cuda
