// What is guessed of a request's next tokens, so that one forward pass may compute several of them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

#include "engine/forced_text.h"

namespace espalier {

enum class DraftSource : uint8_t {
  None,
  /// Only what a grammar forces.
  Grammar,
  /// That, and what followed an earlier occurrence of the last tokens (prompt look-up).
  Lookup,
  /// That, and what a smaller model of the same vocabulary would say.
  Model,
};

struct SpeculationOptions {
  DraftSource source = DraftSource::None;
  /// Most guesses, and most tokens of text that a grammar forces, in one request's draft.
  size_t max_tokens = 8, max_forced = 32;
  /// Lookup: how many of the last tokens must occur earlier, and beyond how many it does not matter.
  size_t min_match = 2, max_match = 8;
  /// Model: KV pages of the draft model.
  size_t draft_pages = 0;
  /// What text that a grammar forces is spelt with. May be null: then only forced tokens are drafted.
  std::shared_ptr<const ForcedText> spelling;

  bool on() const { return source != DraftSource::None; }
  size_t most() const { return on() ? max_tokens + max_forced : 0; }
};

}  // namespace espalier
