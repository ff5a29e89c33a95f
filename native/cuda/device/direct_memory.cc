#include "cuda/device/direct_memory.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "cuda/device/stream.h"

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

DirectMemory::DirectMemory(const std::vector<int>& devices) : devices_(devices) {
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

// Beside the streams, whose kernels are the ones that wait.
void DirectMemory::release() const {
  constexpr uint32_t kFarAhead = 1u << 30;
  for (size_t rank = 0; rank < ranks_.size(); ++rank) {
    ESP_CUDA_CHECK(cudaSetDevice(devices_[rank]));
    const Stream stream;
    uint32_t* const words = ranks_[rank].words.get();
    uint32_t turns[kMostDirectRanks];
    ESP_CUDA_CHECK(cudaMemcpyAsync(turns, words + kMostDirectRanks, sizeof(uint32_t), cudaMemcpyDeviceToHost, stream.get()));
    ESP_CUDA_CHECK(cudaStreamSynchronize(stream.get()));
    std::ranges::fill(turns, turns[0] + kFarAhead);
    ESP_CUDA_CHECK(cudaMemcpyAsync(words, turns, sizeof(turns), cudaMemcpyHostToDevice, stream.get()));
    ESP_CUDA_CHECK(cudaStreamSynchronize(stream.get()));
  }
}

}  // namespace espalier::cuda
