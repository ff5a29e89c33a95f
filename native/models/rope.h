// Rotary position frequencies (Su et al., RoFormer, arXiv:2104.09864), plain or scaled as config.json's rope_scaling
// says.
#pragma once
#include <vector>

#include "models/config.h"

namespace espalier {

/// size / 2 frequencies in radians per position, float precision as the reference implementation computes them.
/// @throws ModelError `model_config` when the scaling's parameters make no sense.
std::vector<float> make_rope_frequencies(double theta, size_t size, const RopeScaling& scaling);

}  // namespace espalier
