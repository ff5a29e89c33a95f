// One request on its way through the engine: what was asked, how far it is, and which KV pages it owns.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/adjustments.h"
#include "engine/draft.h"
#include "engine/mask_pool.h"
#include "engine/sampler.h"
#include "espalier.h"

namespace espalier {

using Clock = std::chrono::steady_clock;

/// A grammar of the mask plugin, owned.
class GrammarRef {
 public:
  GrammarRef() = default;
  GrammarRef(const esp_mask_plugin* plugin, void* grammar) : plugin_(plugin), grammar_(grammar) {
    if (grammar_) plugin_->retain(grammar_);
  }
  GrammarRef(GrammarRef&& other) noexcept : plugin_(other.plugin_), grammar_(other.grammar_) {
    other.grammar_ = nullptr;
  }
  GrammarRef& operator=(GrammarRef&&) = delete;
  ~GrammarRef() {
    if (grammar_) plugin_->release(grammar_);
  }
  void* get() const { return grammar_; }

 private:
  const esp_mask_plugin* plugin_ = nullptr;
  void* grammar_ = nullptr;
};

/// What is made of the final hidden states of a prompt's tokens, in place of output: nothing; their mean; or the last of
/// them as it is.
enum class Pooling : uint8_t { None, Mean, Last };

/// What JavaScript asked for, checked by it and by Engine::submit.
struct Submission {
  uint64_t id = 0;
  std::vector<int32_t> prompt;
  uint64_t max_tokens = 0;
  Sampling sampling;
  std::vector<int32_t> stop_tokens;
  GrammarRef grammar;
  /// The grammar is still being compiled: Engine::give_grammar() follows, or abort().
  bool grammar_follows = false;
  LogitRules rules;
  /// Report log-probabilities with each token, and those of this many alternatives; -1: none.
  int32_t logprobs = -1;
  /// Only prompts of one salt share cached prefixes.
  std::string salt;
  /// Higher is more urgent, where the scheduler's policy asks.
  int32_t priority = 0;
  /// As `logprobs`, of the prompt's tokens from `prompt_logprobs_from` on; the first token of all has none.
  int32_t prompt_logprobs = -1;
  uint64_t prompt_logprobs_from = 0;
  /// Whether the engine may draft tokens of this request, where it drafts at all.
  bool speculate = true;
  /// Other than None: the request has no output, and ends when its prompt is computed.
  Pooling pooling = Pooling::None;
};

/// Prompt tokens whose log-probabilities one pass finds, at most: the logits of each are a row in the host's memory.
constexpr size_t kMostScoredRows = 64;

struct Request {
  Request(Submission&& submission, uint64_t arrival, size_t max_output, const esp_mask_plugin* plugin)
      : asked(std::move(submission)),
        arrival(arrival),
        max_output(max_output),
        plugin(plugin),
        adjustments(asked.sampling, asked.rules, asked.prompt, asked.stop_tokens),
        tokens(asked.prompt),
        next_score(asked.prompt_logprobs < 0 ? asked.prompt.size() : std::max<size_t>(1, asked.prompt_logprobs_from)) {}
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;
  ~Request() {
    if (matcher) plugin->close(matcher);
  }

  const Submission asked;
  /// Place in the order of arrival, kept through retractions.
  const uint64_t arrival;
  /// maxTokens, or less where the model's positions end sooner.
  const size_t max_output;
  const esp_mask_plugin* const plugin;
  const Clock::time_point submitted = Clock::now();

  /// The grammar that followed, where one was to.
  std::optional<GrammarRef> followed;

  Adjustments adjustments;

  /// Prompt and output so far.
  std::vector<int32_t> tokens;
  /// Tokens whose keys and values are in `pages`.
  size_t computed = 0;
  std::vector<int32_t> pages;
  /// The next prompt token whose log-probability is to be found; prompt_size(): none is.
  size_t next_score;
  /// Of an embedding: the sum of the final hidden states that are pooled so far.
  std::vector<float> pooled;

  /// Steps spent waiting since it last joined the queue.
  size_t waited = 0;
  bool admitted_before = false;
  size_t cached_tokens = 0;

  void* matcher = nullptr;
  /// The mask of the next token, once filled, and how many it allows.
  MaskRef mask;
  int64_t allowed = -1;
  /// Row of the step's logits, in a step that samples it.
  size_t logit_row = 0;
  /// A next token is being sampled and not known yet: the entry `choice` of the last Backend::choose().
  bool awaiting = false;
  size_t choice = 0;

  /// Tokens that this step computes beside the next one, empty between steps.
  Draft draft;
  DraftPace guess_pace{4}, forced_pace{32};
  /// Tokens that were drafted and sampled, and of these how many were right.
  uint64_t draft_tokens = 0, accepted_tokens = 0;
  /// Tokens of `tokens` and `draft` whose keys and values are in these pages of the draft model.
  size_t draft_computed = 0;
  std::vector<int32_t> draft_pages;

  Clock::time_point first_token{};
  double mask_micros = 0;

  size_t prompt_size() const { return asked.prompt.size(); }
  size_t output_size() const { return tokens.size() - prompt_size(); }
  /// Tokens that belong in the KV cache: the known ones and the one being sampled, except an output's last.
  size_t length() const { return tokens.size() + (awaiting && output_size() + 1 < max_output); }
  /// Tokens whose keys and values are still to be computed.
  size_t pending() const { return length() - std::min(computed, length()); }
  /// Of these, what can be computed now: before its grammar came, a request's next token could not be sampled, and the
  /// logits for it would be lost.
  size_t runnable() const {
    if (scoring()) return std::min(prompt_size() - 1 - computed, kMostScoredRows);
    return pending() - (lacks_grammar() ? std::min<size_t>(pending(), 1) : 0);
  }
  bool scoring() const { return next_score < prompt_size(); }
  bool embeds() const { return asked.pooling != Pooling::None; }
  bool lacks_grammar() const { return asked.grammar_follows && !followed; }
  void* grammar() const { return followed ? followed->get() : asked.grammar.get(); }
  /// Tokens that are both known and computed.
  size_t settled() const { return std::min(computed, tokens.size()); }
};

using RequestPtr = std::unique_ptr<Request>;

}  // namespace espalier
