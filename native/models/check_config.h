// Whether a configuration describes a decoder.
#pragma once
#include "models/config.h"

namespace espalier {

/// @throws ModelError `model_config`, naming the field.
void check_config(const ModelConfig& config);

}  // namespace espalier
