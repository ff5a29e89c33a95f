// What a new token does to a request: stop tokens, the grammar's next state, the mask of the next token, tokens that the
// grammar forces. Works on one request and touches no other, so that the requests of a step go side by side on threads;
// what the rest of the engine must learn is noted in a Progress.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/forced_spelling.h"
#include "engine/mask_filler.h"
#include "engine/mask_pool.h"
#include "engine/outbox.h"
#include "engine/request.h"

namespace espalier {

/// Why a request ends, found while it went on.
struct Ending {
  FinishReason reason = FinishReason::Stop;
  int32_t stop_token = -1;
  std::string error_code, error_message;
};

struct Progress {
  Request* request = nullptr;
  /// What the step sampled, by the entries of its Backend::choose(): tokens, kNoToken or kNoMemory, and the
  /// log-probabilities of entries that asked for them, or none. Without meaning for prepare().
  std::span<const int32_t> sampled;
  std::span<const Logprobs> logprobs;
  /// Tokens appended to the request, and how many the mask allowed for each; 1 for those that forced text was made of.
  std::vector<int32_t> tokens, allowed;
  std::optional<Ending> ending;
  double mask_micros = 0;
  /// Drafted tokens that were sampled, and of these how many were right.
  size_t drafted = 0, accepted = 0;
};

class Stepper {
 public:
  /// `plugin` may be null where no request has a grammar. With `jump`, tokens without an alternative are appended at
  /// once; with `text`, also the tokens of text without an alternative.
  Stepper(const esp_mask_plugin* plugin, MaskPool& masks, bool jump, const ForcedText* text)
      : plugin_(plugin), masks_(masks), filler_(plugin, masks), jump_(jump), spelling_(plugin, filler_, text) {}

  /// Appends the sampled token and what it forces, unless the request ends; and goes on with the rows behind its draft, as
  /// long as the draft was right. Fills the next mask where it had to be looked at for that.
  void advance(Progress& progress) const;
  /// Opens the matcher of a request with a grammar and fills its next mask, where that is still to do.
  void prepare(Progress& progress) const;

 private:
  // All: whether the request goes on.
  bool take(Progress& progress, size_t choice) const;
  bool append(Progress& progress, int32_t token) const;
  bool accept(Progress& progress, int32_t token) const;
  bool jumps(const Request& request) const;
  std::vector<int32_t> respelt(const Request& request, int32_t token) const;
  bool jump(Progress& progress) const;
  bool append_text(Progress& progress, size_t most) const;
  bool push(Progress& progress, int32_t token, int64_t allowed) const;
  bool fill_mask(Progress& progress) const;
  bool fail(Progress& progress, const char* code, std::string message) const;
  bool fail_mask(Progress& progress, int64_t allowed) const;
  std::string plugin_message() const;

  const esp_mask_plugin* const plugin_;
  MaskPool& masks_;
  const MaskFiller filler_;
  const bool jump_;
  const ForcedSpelling spelling_;
};

}  // namespace espalier
