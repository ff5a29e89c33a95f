// ESP_CUDA_ARCHITECTURES is CMake's list, as in "80,89,90a,100": code runs on devices of the same major and the same or
// a higher minor version; with a letter, on the very version alone.
#include "cuda/device/features.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "cuda/device/check.h"

namespace espalier::cuda {
namespace {

constexpr std::string_view kArchitectures = ESP_CUDA_ARCHITECTURES;
constexpr size_t kMostDevices = 64;

template <class Fits>
bool any_architecture(const Fits& fits) {
  for (size_t at = 0; at < kArchitectures.size();) {
    const size_t end = std::min(kArchitectures.find(',', at), kArchitectures.size());
    const std::string name(kArchitectures.substr(at, end - at));
    if (fits(std::atoi(name.c_str()), std::isalpha(static_cast<unsigned char>(name.back())) != 0)) return true;
    at = end + 1;
  }
  return false;
}

int capability_of(int device) {
  int major = 0, minor = 0;
  ESP_CUDA_CHECK(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device));
  ESP_CUDA_CHECK(cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device));
  return major * 10 + minor;
}

Features features_of(int capability) {
  const bool hopper = any_architecture([](int number, bool exact) { return number == 90 && exact; });
  return {capability >= 90, capability == 90 && hopper};
}

Features choose_features(int device) {
  const int own = capability_of(device);
  const Features all = features_of(own);
  const char* named = std::getenv("ESPALIER_CUDA_ARCH");
  if (!named || !*named) return all;
  const Features wanted = features_of(std::atoi(named));
  if ((wanted.clusters && !all.clusters) || (wanted.warpgroups && !all.warpgroups) || std::atoi(named) < 80)
    throw CudaError("ESPALIER_CUDA_ARCH = " + std::string(named) + ", but the device's compute capability is " +
                    std::to_string(own) + " and the least is 80");
  return wanted;
}

}  // namespace

const Features& features() {
  static std::mutex mutex;
  static std::array<std::optional<Features>, kMostDevices> known;
  int device = 0;
  ESP_CUDA_CHECK(cudaGetDevice(&device));
  if (static_cast<size_t>(device) >= kMostDevices) throw CudaError("more than 64 CUDA devices");
  const std::lock_guard lock(mutex);
  std::optional<Features>& entry = known[static_cast<size_t>(device)];
  if (!entry) entry = choose_features(device);
  return *entry;
}

bool has_code_for(int major, int minor) {
  return any_architecture([&](int number, bool exact) {
    return exact ? number == major * 10 + minor : number / 10 == major && number % 10 <= minor;
  });
}

}  // namespace espalier::cuda
