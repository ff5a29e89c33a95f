// What ranks of one decoder tell each other, queued in the stream of each: sums of their parts, the logits of their tokens,
// the tokens that the first one chose. Every rank calls the same, each from a thread of its own.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "cuda/device/direct_memory.h"
#include "cuda/device/nccl.h"
#include "espalier_cuda.h"

namespace espalier::cuda {

/// The tokens whose logits a rank computes.
struct TokenPart {
  size_t first = 0, count = 0;
};

/// One rank among its peers.
class Peer {
 public:
  Peer(NcclComm comm, int rank, const std::vector<TokenPart>& parts, const DirectMemory& direct)
      : comm_(comm), rank_(rank), parts_(parts), direct_(direct) {}

  int rank() const { return rank_; }
  /// Of every rank.
  const std::vector<TokenPart>& parts() const { return parts_; }

  /// Each value becomes the sum of all ranks', with the same bits on each.
  template <class Element>
  void sum(Element* values, size_t count, cudaStream_t stream) const;
  /// Memory for a part that the others read where it lies, null where there is none; and the sum of all parts in it. What
  /// needs two sums uses turns 0 and 1 one after the other.
  void* direct_part(int turn, size_t bytes) const { return direct_.part(static_cast<size_t>(rank_), turn, bytes); }
  DirectSum direct_sum(int turn) const { return direct_.sum(static_cast<size_t>(rank_), turn); }
  /// The first rank gets the others' logits: `parts` there holds part after part, each [rows, its tokens]; elsewhere the
  /// rank's own.
  void gather(float* parts, size_t rows, cudaStream_t stream) const;
  /// The first rank's tokens go to all.
  void share(int32_t* tokens, size_t count, cudaStream_t stream) const;

 private:
  const NcclComm comm_;
  const int rank_;
  const std::vector<TokenPart>& parts_;
  const DirectMemory& direct_;
};

/// The ranks' communicators and shared memory.
class Peers {
 public:
  /// One configuration a rank. @throws CudaError without NCCL, or where two ranks have the same device
  explicit Peers(std::span<const esp_cuda_config> configs);
  Peers(const Peers&) = delete;
  Peers& operator=(const Peers&) = delete;
  ~Peers();

  Peer of(size_t rank) const { return {comms_[rank], static_cast<int>(rank), parts_, direct_}; }
  /// Ends what waits for a rank that will not come; nothing can be told after.
  void abort();

 private:
  std::vector<NcclComm> comms_;
  std::vector<TokenPart> parts_;
  DirectMemory direct_;
};

}  // namespace espalier::cuda
