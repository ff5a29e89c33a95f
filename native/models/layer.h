// One layer's weights, asked for by name.
#pragma once
#include "models/decoder.h"

namespace espalier {

/// The layer `index` of the decoder that `config` describes. `memory` keeps what had to be rearranged.
/// @throws ModelError as Weights does.
DecoderLayer bind_layer(Weights& weights, const ModelConfig& config, size_t index, WeightMemory& memory);

/// Norm weights of `size` elements, with the configuration's offset.
std::vector<float> bind_norm(Weights& weights, const ModelConfig& config, const std::string& name, size_t size);

}  // namespace espalier
