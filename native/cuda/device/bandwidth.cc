#include "cuda/device/bandwidth.h"

#include <algorithm>

#include "cuda/device/memory.h"

namespace espalier::cuda {
namespace {

constexpr size_t kBytes = size_t{2} << 30;
constexpr int kCopies = 10;

/// An event with a time.
class Mark {
 public:
  Mark() { ESP_CUDA_CHECK(cudaEventCreate(&event_)); }
  Mark(const Mark&) = delete;
  Mark& operator=(const Mark&) = delete;
  ~Mark() { cudaEventDestroy(event_); }
  cudaEvent_t get() const { return event_; }

 private:
  cudaEvent_t event_ = nullptr;
};

}  // namespace

double measure_copies() {
  const Buffer<std::byte> from(kBytes), to(kBytes);
  ESP_CUDA_CHECK(cudaMemset(from.get(), 0x5a, kBytes));
  const Mark start, end;
  double best = 0;
  for (int i = 0; i < kCopies; ++i) {
    ESP_CUDA_CHECK(cudaEventRecord(start.get()));
    ESP_CUDA_CHECK(cudaMemcpyAsync(to.get(), from.get(), kBytes, cudaMemcpyDeviceToDevice));
    ESP_CUDA_CHECK(cudaEventRecord(end.get()));
    ESP_CUDA_CHECK(cudaEventSynchronize(end.get()));
    float millis = 0;
    ESP_CUDA_CHECK(cudaEventElapsedTime(&millis, start.get(), end.get()));
    best = std::max(best, 2.0 * kBytes / (millis * 1e-3));
  }
  return best;
}

}  // namespace espalier::cuda
