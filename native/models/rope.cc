// Plain frequencies theta^(-2i/d), then the scaling: linear divides all of them; llama3 divides the slow ones, keeps
// the fast ones and blends between (wavelengths are compared with the context the model was first trained on); yarn
// (arXiv:2309.00071) does so with a ramp over the frequencies' numbers; longrope (arXiv:2402.13753) divides each by a
// factor of its own.
#include "models/rope.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

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

// The number, not whole, of the frequency that makes this many turns within the original positions.
double frequency_of_turns(double turns, double theta, double size, const RopeScaling& scaling) {
  return size * std::log(scaling.original_max_positions / (turns * 2 * std::numbers::pi)) / (2 * std::log(theta));
}

std::vector<float> yarn_frequencies(double theta, size_t size, const RopeScaling& scaling) {
  const double elements = static_cast<double>(size);
  double low = frequency_of_turns(scaling.beta_fast, theta, elements, scaling);
  double high = frequency_of_turns(scaling.beta_slow, theta, elements, scaling);
  if (scaling.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, elements - 1);
  if (low == high) high += 0.001;
  std::vector<float> frequencies(size / 2);
  for (size_t i = 0; i < frequencies.size(); ++i) {
    const double power = std::pow(theta, static_cast<double>(2 * i) / elements);
    const double ramp = std::clamp((static_cast<double>(i) - low) / (high - low), 0.0, 1.0);
    frequencies[i] = static_cast<float>(ramp / (scaling.factor * power) + (1 - ramp) / power);
  }
  return frequencies;
}

void check_scaling(const RopeScaling& scaling, double theta, size_t size) {
  const auto need = [](bool ok, const char* message) {
    if (!ok) throw ModelError("model_config", message);
  };
  need(scaling.factor > 0, "ropeScaling.factor must be positive");
  need(scaling.attention_factor > 0, "ropeScaling.attentionFactor must be positive");
  if (scaling.kind == RopeScaling::Kind::Factors) {
    if (scaling.factors.size() != size / 2)
      throw ModelError("model_config", "ropeScaling.factors has " + std::to_string(scaling.factors.size()) +
                                           " numbers, the rotated part has " + std::to_string(size / 2) +
                                           " frequencies");
    for (const double factor : scaling.factors) need(factor > 0, "ropeScaling.factors must be positive");
  }
  if (scaling.kind != RopeScaling::Kind::Llama3 && scaling.kind != RopeScaling::Kind::Yarn) return;
  need(scaling.original_max_positions > 0, "ropeScaling.originalMaxPositions must be positive");
  if (scaling.kind == RopeScaling::Kind::Llama3)
    need(scaling.low_freq_factor > 0 && scaling.high_freq_factor > scaling.low_freq_factor,
         "ropeScaling needs 0 < lowFreqFactor < highFreqFactor");
  else
    need(scaling.beta_slow > 0 && scaling.beta_fast > scaling.beta_slow && theta > 1,
         "ropeScaling needs 0 < betaSlow < betaFast, and a ropeTheta above 1");
}

}  // namespace

std::vector<float> make_rope_frequencies(double theta, size_t size, const RopeScaling& scaling) {
  if (scaling.kind != RopeScaling::Kind::None) check_scaling(scaling, theta, size);
  if (scaling.kind == RopeScaling::Kind::Yarn) return yarn_frequencies(theta, size, scaling);
  std::vector<float> frequencies(size / 2);
  for (size_t i = 0; i < frequencies.size(); ++i) {
    const float exponent = static_cast<float>(2 * i) / static_cast<float>(size);
    const float power = std::pow(static_cast<float>(theta), exponent);
    float frequency = 1.0f / power;
    if (scaling.kind == RopeScaling::Kind::Linear) frequency = static_cast<float>(frequency / scaling.factor);
    if (scaling.kind == RopeScaling::Kind::Llama3) frequency = llama3_scaled(frequency, scaling);
    if (scaling.kind == RopeScaling::Kind::Factors) frequency = 1.0f / (static_cast<float>(scaling.factors[i]) * power);
    frequencies[i] = frequency;
  }
  return frequencies;
}

}  // namespace espalier
