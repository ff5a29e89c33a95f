#include "cuda/device/direct_memory.h"

#include <cstdlib>
#include <string_view>

namespace espalier::cuda {
namespace {

// Of a turn's part: 1,024 rows of 4,096 elements of two bytes. More gain nothing over NCCL.
constexpr size_t kPartBytes = size_t{8} << 20;

bool wanted(size_t ranks) {
  const char* named = std::getenv("ESPALIER_CUDA_DIRECT_SUMS");
  return ranks <= kMostDirectRanks && !(named && std::string_view(named) == "0");
}

// Lets the current device use the others' memory, for good.
bool reach(int device, const std::vector<int>& devices) {
  for (const int other : devices) {
    if (other == device) continue;
    int can = 0;
    ESP_CUDA_CHECK(cudaDeviceCanAccessPeer(&can, device, other));
    if (!can) return false;
    const cudaError_t status = cudaDeviceEnablePeerAccess(other, 0);
    if (status == cudaErrorPeerAccessAlreadyEnabled)
      (void)cudaGetLastError();
    else
      ESP_CUDA_CHECK(status);
  }
  return true;
}

}  // namespace

DirectMemory::DirectMemory(const std::vector<int>& devices) {
  if (!wanted(devices.size())) return;
  std::vector<Of> ranks;
  for (const int device : devices) {
    ESP_CUDA_CHECK(cudaSetDevice(device));
    if (!reach(device, devices)) return;
    Of& of = ranks.emplace_back();
    for (Buffer<std::byte>& part : of.parts) part.allocate(kPartBytes);
    of.words.allocate(kMostDirectRanks + 2);
    ESP_CUDA_CHECK(cudaMemset(of.words.get(), 0, of.words.count() * sizeof(uint32_t)));
    ESP_CUDA_CHECK(cudaDeviceSynchronize());
  }
  ranks_ = std::move(ranks);
}

void* DirectMemory::part(size_t rank, int turn, size_t bytes) const {
  return ranks_.empty() || bytes > kPartBytes ? nullptr : ranks_[rank].parts[turn].get();
}

DirectSum DirectMemory::sum(size_t rank, int turn) const {
  DirectSum sum;
  for (size_t i = 0; i < ranks_.size(); ++i) {
    sum.parts[i] = ranks_[i].parts[turn].get();
    sum.turns[i] = ranks_[i].words.get();
  }
  sum.turn = ranks_[rank].words.get() + kMostDirectRanks;
  sum.ended = sum.turn + 1;
  sum.rank = static_cast<int>(rank);
  sum.ranks = static_cast<int>(ranks_.size());
  return sum;
}

}  // namespace espalier::cuda
