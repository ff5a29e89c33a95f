#include "cuda/device/peers.h"

#include <type_traits>

#include "cuda/device/kernels.h"

namespace espalier::cuda {
namespace {

template <class Element>
constexpr NcclType kType = std::is_same_v<Element, float>  ? kNcclFloat32
                           : std::is_same_v<Element, bf16> ? kNcclBfloat16
                                                           : kNcclFloat16;

std::vector<int> devices_of(std::span<const esp_cuda_config> configs) {
  std::vector<int> devices;
  for (const esp_cuda_config& config : configs) devices.push_back(config.device);
  return devices;
}

}  // namespace

template <class Element>
void Peer::sum(Element* values, size_t count, cudaStream_t stream) const {
  ESP_NCCL_CHECK(nccl().all_reduce(values, values, count, kType<Element>, kNcclSum, comm_, stream));
}

void Peer::gather(float* parts, size_t rows, cudaStream_t stream) const {
  const Nccl& n = nccl();
  if (rank_ > 0) {
    const size_t own = parts_[static_cast<size_t>(rank_)].count;
    ESP_NCCL_CHECK(n.send(parts, rows * own, kNcclFloat32, 0, comm_, stream));
    return;
  }
  ESP_NCCL_CHECK(n.group_start());
  int status = 0;
  for (size_t peer = 1; peer < parts_.size() && status == 0; ++peer)
    status = n.receive(parts + rows * parts_[peer].first, rows * parts_[peer].count, kNcclFloat32,
                       static_cast<int>(peer), comm_, stream);
  ESP_NCCL_CHECK(n.group_end());
  check_nccl(status, "ncclRecv");
}

void Peer::share(int32_t* tokens, size_t count, cudaStream_t stream) const {
  ESP_NCCL_CHECK(nccl().broadcast(tokens, tokens, count, kNcclInt32, 0, comm_, stream));
}

Peers::Peers(std::span<const esp_cuda_config> configs) : comms_(configs.size()), direct_(devices_of(configs)) {
  for (const esp_cuda_config& config : configs) parts_.push_back({config.shard.first_token, config.shard.tokens});
  const std::vector<int> devices = devices_of(configs);
  ESP_NCCL_CHECK(nccl().comm_init_all(comms_.data(), static_cast<int>(comms_.size()), devices.data()));
}

Peers::~Peers() {
  for (const NcclComm comm : comms_) (void)nccl().comm_destroy(comm);
}

void Peers::abort() {
  direct_.release();
  for (const NcclComm comm : comms_) (void)nccl().comm_abort(comm);
  comms_.clear();
}

#define ESP_INSTANTIATE(E) template void Peer::sum<E>(E*, size_t, cudaStream_t) const;
ESP_INSTANTIATE(float)
ESP_INSTANTIATE(bf16)
ESP_INSTANTIATE(f16)
#undef ESP_INSTANTIATE

}  // namespace espalier::cuda
