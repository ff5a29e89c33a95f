// Where the mask allows one token, sampling could choose no other: it is appended at once, and its keys and values are
// computed together with the next token's (jump-forward decoding).
#include "engine/progress.h"

#include <algorithm>
#include <span>
#include <utility>

#include "engine/backend.h"

namespace espalier {
namespace {

// Forced tokens appended to one request after one that was sampled: bounds the work on grammars that force long texts.
constexpr size_t kMostForced = 64;
// What the plugin says where only a row tells whether one token is allowed.
constexpr int32_t kAskRow = -2;

// What a draft of which `agreed` tokens were right says of drafting. Tokens that were certain say nothing, nor do those
// behind a wrong one.
void judge(Progress& progress, size_t agreed) {
  Request& request = *progress.request;
  const Draft& draft = request.draft;
  size_t seen[2] = {}, right[2] = {};
  for (size_t i = 0; i < draft.tokens.size(); ++i) {
    if (i > 0 && draft.rows[i - 1].certain) continue;
    ++progress.drafted;
    progress.accepted += i < agreed;
    seen[draft.guessed[i]] += i <= agreed;
    right[draft.guessed[i]] += i < agreed;
  }
  if (seen[0] > 0) request.forced_pace.judged(seen[0], right[0]);
  if (seen[1] > 0) request.guess_pace.judged(seen[1], right[1]);
}

// Adds the time that it lives.
class Stopwatch {
 public:
  explicit Stopwatch(double& micros) : micros_(micros) {}
  ~Stopwatch() { micros_ += std::chrono::duration<double, std::micro>(Clock::now() - start_).count(); }

 private:
  double& micros_;
  const Clock::time_point start_ = Clock::now();
};

}  // namespace

void Stepper::advance(Progress& progress) const {
  Request& request = *progress.request;
  const Draft& draft = request.draft;
  const size_t known = request.tokens.size();
  size_t choice = request.choice;
  // Only what is known to be right counts as computed, should this fail half way.
  const size_t draft_computed = std::exchange(request.draft_computed, std::min(request.draft_computed, known));
  if (!draft.tokens.empty()) request.computed = known;
  while (take(progress, choice)) {
    const size_t added = progress.tokens.size();
    // The row behind these tokens was computed if they were drafted, and sampled unless its token was certain.
    if (draft.agreeing(progress.tokens) < added) break;
    const DraftRow& row = draft.rows[added - 1];
    if (row.certain) break;
    choice = row.choice;
    request.mask = row.mask;
    request.allowed = row.allowed;
  }
  const size_t agreed = draft.agreeing(progress.tokens);
  request.draft_computed = std::min(draft_computed, known + agreed);
  if (draft.tokens.empty()) return;
  judge(progress, agreed);
  // The rows of tokens that were drafted in vain are computed again; so is a last one that was not sampled.
  request.computed = std::min(known + agreed, request.tokens.size() - 1);
}

bool Stepper::take(Progress& progress, size_t choice) const {
  const Request& request = *progress.request;
  const int32_t token = progress.sampled[choice];
  if (!accept(progress, token)) return false;
  if (!request.matcher) return push(progress, token, -1);
  const Stopwatch watch(progress.mask_micros);
  if (!jumps(request)) return push(progress, token, request.allowed);
  int64_t allowed = request.allowed;
  for (const int32_t spelt : respelt(request, token))
    if (!push(progress, spelt, std::exchange(allowed, 1))) return false;
  return jump(progress);
}

// A token that is not sampled has no log-probabilities.
bool Stepper::jumps(const Request& request) const { return jump_ && request.asked.logprobs < 0; }

void Stepper::prepare(Progress& progress) const {
  Request& request = *progress.request;
  if (!request.grammar() || masks_.holds(request.mask)) return;
  const Stopwatch watch(progress.mask_micros);
  if (!request.matcher && plugin_->open(request.grammar(), &request.matcher) != ESP_OK) {
    request.matcher = nullptr;
    fail(progress, "grammar_error", plugin_message());
    return;
  }
  fill_mask(progress);
}

bool Stepper::append(Progress& progress, int32_t token) const {
  return accept(progress, token) && push(progress, token, progress.request->allowed);
}

// Whether the token is one of the output's; the matcher has it then.
bool Stepper::accept(Progress& progress, int32_t token) const {
  Request& request = *progress.request;
  if (token < 0)
    return fail(progress, "engine_error",
                token == kNoMemory ? "out of memory while sampling" : "no allowed token has a finite logit");
  if (std::ranges::find(request.asked.stop_tokens, token) != request.asked.stop_tokens.end()) {
    progress.ending = {FinishReason::Stop, token, {}, {}};
    return false;
  }
  if (!request.matcher) return true;
  request.mask = {};
  if (plugin_->accept(request.matcher, token) != ESP_OK) return fail(progress, "grammar_error", plugin_message());
  if (!plugin_->is_finished(request.matcher)) return true;
  progress.ending = {FinishReason::Stop, token, {}, {}};
  return false;
}

// Where text is forced behind a sampled token, the two in the tokenizer's tokens, which may begin with a longer one: "f"
// and "alse," are "false" and ",". The matcher, which has the sampled token, then has these. Else that token.
std::vector<int32_t> Stepper::respelt(const Request& request, int32_t token) const {
  if (!spelling_.spells() || spelling_.bytes_of(token).empty()) return {token};
  void* const matcher = request.matcher;
  const size_t least = spelling_.bytes_of(token).size();
  std::vector<int32_t> tokens = spelling_.spell(matcher, spelling_.bytes_of(token));
  const auto& stops = request.asked.stop_tokens;
  if (tokens.size() < 2 || tokens[0] == token || std::ranges::find_first_of(tokens, stops) != tokens.end() ||
      plugin_->rollback(matcher, 1) != ESP_OK)
    return {token};
  // What may be a longer token's beginning is left for later.
  tokens.resize(std::min(tokens.size() - 1, kMostForced));
  size_t taken = 0, bytes = 0;
  while (taken < tokens.size() && plugin_->accept(matcher, tokens[taken]) == ESP_OK)
    bytes += spelling_.bytes_of(tokens[taken++]).size();
  if (bytes >= least) return {tokens.begin(), tokens.begin() + static_cast<ptrdiff_t>(taken)};
  if (taken > 0) plugin_->rollback(matcher, taken);
  plugin_->accept(matcher, token);
  return {token};
}

bool Stepper::push(Progress& progress, int32_t token, int64_t allowed) const {
  Request& request = *progress.request;
  request.tokens.push_back(token);
  request.adjustments.add_output(token);
  progress.tokens.push_back(token);
  progress.allowed.push_back(static_cast<int32_t>(allowed));
  if (request.output_size() < request.max_output) return true;
  progress.ending = {FinishReason::Length, -1, {}, {}};
  return false;
}

// Whether the request goes on. Where nothing was appended, sampling comes next.
bool Stepper::append_text(Progress& progress, size_t most) const {
  Request& request = *progress.request;
  const auto& stops = request.asked.stop_tokens;
  const std::vector<int32_t> tokens = spelling_.spell(request.matcher, {});
  for (const int32_t& token : tokens) {
    if (progress.tokens.size() >= most || std::ranges::find(stops, token) != stops.end()) return true;
    if (&token == &tokens.back() && !spelling_.is_closed(request.matcher, token)) return true;
    if (plugin_->accept(request.matcher, token) != ESP_OK) return true;
    request.mask = {};
    if (!push(progress, token, 1)) return false;
  }
  return true;
}

// Masks are looked at only where the plugin cannot tell without: the others are filled by prepare(), while the device
// computes what they are for.
bool Stepper::jump(Progress& progress) const {
  Request& request = *progress.request;
  const size_t most = progress.tokens.size() + kMostForced;
  while (progress.tokens.size() < most) {
    int32_t only = plugin_->only_token ? plugin_->only_token(request.matcher) : kAskRow;
    if (only == kAskRow) {
      const KnownMask known = filler_.mask_of(request.matcher, false);
      if (known.allowed <= 0) return fail_mask(progress, known.allowed);
      only = known.only;
      request.mask = known.mask;
      request.allowed = known.allowed;
    }
    if (only >= 0) {
      request.allowed = 1;
      if (!append(progress, only)) return false;
      continue;
    }
    const size_t before = progress.tokens.size();
    if (spelling_.spells() && !append_text(progress, most)) return false;
    if (progress.tokens.size() == before) return true;
  }
  return true;
}

bool Stepper::fill_mask(Progress& progress) const {
  const KnownMask known = filler_.mask_of(progress.request->matcher, true);
  if (known.allowed <= 0) return fail_mask(progress, known.allowed);
  progress.request->mask = known.mask;
  progress.request->allowed = known.allowed;
  return true;
}

bool Stepper::fail_mask(Progress& progress, int64_t allowed) const {
  if (allowed == kNoRow) return fail(progress, "engine_error", "no mask row is free");
  return fail(progress, "grammar_error", allowed == 0 ? "the grammar allows no token here" : plugin_message());
}

bool Stepper::fail(Progress& progress, const char* code, std::string message) const {
  progress.ending = {FinishReason::Error, -1, code, std::move(message)};
  return false;
}

std::string Stepper::plugin_message() const {
  const char* message = plugin_->last_error();
  return message && *message ? message : "the grammar engine failed";
}

}  // namespace espalier
