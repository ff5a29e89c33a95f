// Memory of each rank that the others read and write where it lies: parts of sums, and the turns by which ranks tell each
// other that they are there (direct_sum.cu).
#pragma once
#include <vector>

#include "cuda/device/kernels.h"
#include "cuda/device/memory.h"

namespace espalier::cuda {

class DirectMemory {
 public:
  /// `devices`: one for each rank. Where they cannot reach each other's memory, there are more than kMostDirectRanks, or
  /// ESPALIER_CUDA_DIRECT_SUMS is 0, there is none.
  explicit DirectMemory(const std::vector<int>& devices);

  /// A rank's part, of so many bytes, of the sums that take this turn (0 or 1); null where it does not fit.
  void* part(size_t rank, int turn, size_t bytes) const;
  DirectSum sum(size_t rank, int turn) const;
  /// Lets kernels that wait for a rank which will not come go on, with whatever sums.
  void release() const;

 private:
  struct Of {
    Buffer<std::byte> parts[2];
    /// A turn told by each rank, the own one, and the blocks that have ended.
    Buffer<uint32_t> words;
  };
  const std::vector<int> devices_;
  std::vector<Of> ranks_;
};

}  // namespace espalier::cuda
