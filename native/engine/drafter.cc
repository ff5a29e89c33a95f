// A draft ends before anything that ends the request: that is sampled like every last token.
#include "engine/drafter.h"

#include <algorithm>
#include <span>
#include <utility>

#include "engine/prompt_lookup.h"

namespace espalier {
namespace {

// More tokens than this still to be computed are a prompt's, or a retracted request's.
constexpr size_t kMostPending = 128;

bool is_adjusted(const Submission& asked) {
  const Sampling& s = asked.sampling;
  return s.repetition_penalty != 1 || s.frequency_penalty != 0 || s.presence_penalty != 0 ||
         !asked.rules.biases.empty() || asked.rules.min_tokens > 0;
}

}  // namespace

bool Drafter::may_draft(const Request& request) const {
  if (request.output_size() == 0 || request.pages.empty() || request.awaiting || request.lacks_grammar()) return false;
  if (request.grammar() && !request.matcher) return false;
  return request.pending() >= 1 && request.pending() <= kMostPending &&
         request.output_size() + 1 < request.max_output;
}

void Drafter::begin(Request& request) const {
  Draft& draft = request.draft;
  draft.open = true;
  if (is_adjusted(request.asked)) draft.ahead.emplace(request.adjustments);
  while (add_forced(request)) continue;
  if (options_.source == DraftSource::Lookup) look_up_guesses(request);
}

bool Drafter::wants_guess(const Request& request) const {
  if (options_.source == DraftSource::Grammar || !request.draft.open) return false;
  const Draft& draft = request.draft;
  return draft.guesses() < request.guess_pace.room(options_.max_tokens) &&
         request.output_size() + draft.tokens.size() + 1 < request.max_output &&
         (draft.rows.empty() || !draft.rows.back().certain);
}

void Drafter::add_guess(Request& request, int32_t token) const {
  if (!add(request, token, true)) {
    request.draft.open = false;
    return;
  }
  while (add_forced(request)) continue;
}

void Drafter::look_up_guesses(Request& request) const {
  Draft& draft = request.draft;
  std::optional<size_t> source;
  while (wants_guess(request)) {
    if (!source) source = look_up(request.tokens, draft.tokens, options_.min_match, options_.max_match);
    if (!source) return;
    const size_t at = *source, before = draft.tokens.size();
    const int32_t token = at < request.tokens.size() ? request.tokens[at] : draft.tokens[at - request.tokens.size()];
    add_guess(request, token);
    source = at + 1;
    // What the grammar put in between may be found elsewhere.
    if (draft.tokens.size() > before + 1) source.reset();
  }
}

bool Drafter::finish(Request& request) const {
  const size_t matched = std::exchange(request.draft.matched, 0);
  request.draft.open = false;
  request.guess_pace.stepped();
  request.forced_pace.stepped();
  return matched == 0 || plugin_->rollback(request.matcher, matched) == ESP_OK;
}

bool Drafter::add_forced(Request& request) const {
  Draft& draft = request.draft;
  if (!request.matcher || !draft.open) return false;
  const size_t room = request.forced_pace.room(options_.max_forced);
  const size_t forced = draft.tokens.size() - draft.guesses();
  const int32_t only = plugin_->only_token ? plugin_->only_token(request.matcher) : -1;
  if (only >= 0) return forced < options_.max_forced && add(request, only, false);
  if (!spelling_.spells() || forced >= room) return false;
  const size_t before = draft.tokens.size();
  const std::vector<int32_t> tokens = spelling_.spell(request.matcher, {});
  for (const int32_t& token : tokens) {
    if (draft.tokens.size() - before >= room - forced) break;
    if (&token == &tokens.back() && !spelling_.is_closed(request.matcher, token)) break;
    if (!add(request, token, false)) break;
  }
  return draft.tokens.size() > before;
}

bool Drafter::add(Request& request, int32_t token, bool guess) const {
  Draft& draft = request.draft;
  const auto& stops = request.asked.stop_tokens;
  if (request.output_size() + draft.tokens.size() + 1 >= request.max_output) return false;
  if (token < 0 || std::ranges::find(stops, token) != stops.end()) return false;
  if (request.matcher) {
    if (plugin_->accept(request.matcher, token) != ESP_OK) return false;
    ++draft.matched;
    // The token that finishes a grammar is no part of the output.
    if (plugin_->is_finished(request.matcher)) {
      draft.open = false;
      return false;
    }
  }
  DraftRow row;
  if (draft.ahead) draft.ahead->add_output(token);
  if (!prepare_row(request, row)) {
    draft.open = false;
    return false;
  }
  draft.tokens.push_back(token);
  draft.rows.push_back(std::move(row));
  draft.guessed.push_back(guess);
  return true;
}

bool Drafter::prepare_row(Request& request, DraftRow& row) const {
  Draft& draft = request.draft;
  if (request.matcher) {
    row.certain = jumps(request) && plugin_->only_token && plugin_->only_token(request.matcher) >= 0;
    if (row.certain) return true;
    const KnownMask known = filler_.mask_of(request.matcher, true);
    if (known.allowed <= 0) return false;
    row.mask = known.mask;
    row.allowed = known.allowed;
  }
  if (draft.ahead) {
    const auto list = draft.ahead->next(request.matcher ? masks_.data(row.mask.row) : nullptr, row.allowed);
    row.adjustments.assign(list.begin(), list.end());
  }
  return true;
}

}  // namespace espalier
