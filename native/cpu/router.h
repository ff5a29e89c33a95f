// Which experts a token goes to.
#pragma once
#include <cstddef>
#include <cstdint>

#include "models/config.h"

namespace espalier {

struct ExpertChoice {
  size_t expert = 0;
  float weight = 0;
};

/// Floats that route() needs for one token.
inline size_t router_row_size(const Experts& experts) { return 4 * experts.count; }

/// Chooses experts.per_token experts, the best first and the lowest number among equals, and their weights. `row` begins
/// with the router's products, one for each expert; its rest is scratch. `bias`: one for each expert, or null.
void route(const Experts& experts, float* row, const float* bias, ExpertChoice* choices);

}  // namespace espalier
