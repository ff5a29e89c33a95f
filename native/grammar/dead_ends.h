// Tells which states of a pushdown automaton cannot lead into a dead end.
#pragma once

#include "grammar/image.h"

namespace espalier::grammar {

/// Fills in State::leads_on, once it is known what states read. What depends on registers may be refused, and does not count;
/// a state may lead on without being found to.
void find_leading_on(Pda& pda);

}  // namespace espalier::grammar
