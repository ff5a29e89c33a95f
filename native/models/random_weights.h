// Weights of the right size for measurements without a checkpoint: bfloat16, uniform, of variance 1 / inputs, so that each
// product keeps the size of its input. The same for the same shapes.
#pragma once
#include <memory>
#include <vector>

#include "models/decoder.h"

namespace espalier {

class RandomWeights {
 public:
  /// With `fill` the matrices lie in `memory`; without it they have shapes alone.
  RandomWeights(bool fill, std::vector<std::unique_ptr<std::byte[]>>& memory) : fill_(fill), memory_(memory) {}

  Matrix matrix(size_t rows, size_t cols);
  DecoderLayer layer(const ModelConfig& config);

 private:
  const bool fill_;
  std::vector<std::unique_ptr<std::byte[]>>& memory_;
  uint64_t state_ = 1;
};

}  // namespace espalier
