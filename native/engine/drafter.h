// Writes one request's draft: what its grammar forces, what its own text suggests, or what it is given. The request's
// matcher goes along and is taken back at the end, so that every row behind a drafted token has its mask. Touches no other
// request: those of a step go side by side on threads.
#pragma once
#include "engine/forced_spelling.h"
#include "engine/mask_filler.h"
#include "engine/request.h"
#include "engine/speculation.h"

namespace espalier {

class Drafter {
 public:
  /// `plugin` may be null where no request has a grammar. `jump`: tokens without an alternative are appended without
  /// being sampled, except for requests that ask for log-probabilities.
  Drafter(const esp_mask_plugin* plugin, MaskPool& masks, const SpeculationOptions& options, bool jump)
      : plugin_(plugin), masks_(masks), filler_(plugin, masks), options_(options),
        spelling_(plugin, filler_, options_.spelling.get()), jump_(jump) {}

  /// Whether a draft for the next token makes sense: the request is about to sample one, and not its first.
  bool may_draft(const Request& request) const;
  /// Begins a draft with what the grammar forces; by prompt look-up, completes it.
  void begin(Request& request) const;
  /// Whether a guess is wanted.
  bool wants_guess(const Request& request) const;
  /// Adds a guess and what the grammar forces after it; a guess that cannot stand there closes the draft.
  void add_guess(Request& request, int32_t token) const;
  /// Takes the matcher back to the request's own tokens. Whether that could be done.
  bool finish(Request& request) const;

 private:
  bool add(Request& request, int32_t token, bool guess) const;
  bool prepare_row(Request& request, DraftRow& row) const;
  // Adds what is forced at the draft's end; whether there was any.
  bool add_forced(Request& request) const;
  void look_up_guesses(Request& request) const;
  bool jumps(const Request& request) const { return jump_ && request.asked.logprobs < 0; }

  const esp_mask_plugin* const plugin_;
  MaskPool& masks_;
  const MaskFiller filler_;
  const SpeculationOptions options_;
  const ForcedSpelling spelling_;
  const bool jump_;
};

}  // namespace espalier
