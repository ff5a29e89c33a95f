// Weights of the right size for measurements without a checkpoint: bfloat16, uniform, of variance 1 / inputs, so that each
// product keeps the size of its input. The same for the same shapes.
#pragma once
#include <memory>
#include <vector>

#include "models/weights.h"

namespace espalier {

class RandomWeights final : public Weights {
 public:
  /// With `fill` the matrices lie in `memory`; without it they have shapes alone. Norm weights are `norm`, biases 0.
  RandomWeights(bool fill, double norm, WeightMemory& memory)
      : fill_(fill), norm_(static_cast<float>(norm)), memory_(memory) {}

  Matrix matrix(const std::string& name, size_t rows, size_t cols) override;
  std::vector<float> vector(const std::string& name, size_t size) override;

 private:
  const bool fill_;
  const float norm_;
  WeightMemory& memory_;
  uint64_t state_ = 1;
};

}  // namespace espalier
