// Tells which states of a pushdown automaton cannot lead into a dead end.
#pragma once

#include <cstdint>
#include <span>

#include "grammar/image.h"

namespace espalier::grammar {

/// Fills in State::leads_on, once it is known what states read. `others`: all states but those that only read, ascending. What
/// depends on registers may be refused, and does not count; a state may lead on without being found to.
void find_leading_on(Pda& pda, std::span<const int32_t> others);

}  // namespace espalier::grammar
