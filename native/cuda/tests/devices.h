// What tests of several devices need to know of the machine.
#pragma once
#include <cstdio>
#include <cstdlib>
#include <string>

#include "cuda/client/library.h"

namespace espalier::cuda::test {

/// Says so where there are fewer.
inline bool has_devices(int least) {
  std::string why;
  const esp_cuda_api* api = cuda_library(why);
  const int found = api ? api->device_count() : 0;
  if (found < least) std::printf("  skipped: it needs %d GPUs, there are %d\n", least, found);
  return found >= least;
}

/// Whether contexts that are made from here on sum by reading each other's memory, as they do by themselves.
class DirectSums {
 public:
  explicit DirectSums(bool on) { setenv("ESPALIER_CUDA_DIRECT_SUMS", on ? "1" : "0", 1); }
  ~DirectSums() { unsetenv("ESPALIER_CUDA_DIRECT_SUMS"); }
  DirectSums(const DirectSums&) = delete;
};

}  // namespace espalier::cuda::test
