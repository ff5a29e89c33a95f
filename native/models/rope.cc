// Plain frequencies theta^(-2i/d), then the scaling: linear divides all of them; llama3 divides the slow ones, keeps
// the fast ones and blends between (wavelengths are compared with the context the model was first trained on).
#include "models/rope.h"

#include <cmath>
#include <numbers>

namespace espalier {
namespace {

float llama3_scaled(float frequency, const RopeScaling& scaling) {
  const double wavelength = 2 * std::numbers::pi / frequency;
  if (wavelength > scaling.original_max_positions / scaling.low_freq_factor)
    return static_cast<float>(frequency / scaling.factor);
  if (wavelength < scaling.original_max_positions / scaling.high_freq_factor) return frequency;
  const double blend = (scaling.original_max_positions / wavelength - scaling.low_freq_factor) /
                       (scaling.high_freq_factor - scaling.low_freq_factor);
  return static_cast<float>((1 - blend) * frequency / scaling.factor + blend * frequency);
}

void check_scaling(const RopeScaling& scaling) {
  if (!(scaling.factor > 0)) throw ModelError("model_config", "ropeScaling.factor must be positive");
  if (scaling.kind != RopeScaling::Kind::Llama3) return;
  if (!(scaling.low_freq_factor > 0) || !(scaling.high_freq_factor > scaling.low_freq_factor))
    throw ModelError("model_config", "ropeScaling needs 0 < lowFreqFactor < highFreqFactor");
  if (!(scaling.original_max_positions > 0))
    throw ModelError("model_config", "ropeScaling.originalMaxPositions must be positive");
}

}  // namespace

std::vector<float> make_rope_frequencies(const ModelConfig& config) {
  const RopeScaling& scaling = config.rope_scaling;
  if (scaling.kind != RopeScaling::Kind::None) check_scaling(scaling);
  std::vector<float> frequencies(config.head_dim / 2);
  for (size_t i = 0; i < frequencies.size(); ++i) {
    const float exponent = static_cast<float>(2 * i) / static_cast<float>(config.head_dim);
    float frequency = 1.0f / std::pow(static_cast<float>(config.rope_theta), exponent);
    if (scaling.kind == RopeScaling::Kind::Linear) frequency = static_cast<float>(frequency / scaling.factor);
    if (scaling.kind == RopeScaling::Kind::Llama3) frequency = llama3_scaled(frequency, scaling);
    frequencies[i] = frequency;
  }
  return frequencies;
}

}  // namespace espalier
