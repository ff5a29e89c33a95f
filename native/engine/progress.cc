// Where the mask allows one token, sampling could choose no other: it is appended at once, and its keys and values are
// computed together with the next token's (jump-forward decoding).
#include "engine/progress.h"

#include <algorithm>
#include <bit>
#include <span>
#include <utility>

#include "engine/backend.h"

namespace espalier {
namespace {

// Forced tokens appended to one request in a step: bounds the work on grammars that force long texts.
constexpr size_t kMostForced = 64;
// Bytes of forced text looked at in a step.
constexpr size_t kMostForcedBytes = 256;
// In place of a count of tokens: the pool has no row. Below every esp_status.
constexpr int64_t kNoRow = INT64_MIN;
// What the plugin says where only a row tells whether one token is allowed.
constexpr int32_t kAskRow = -2;

int32_t only_token(std::span<const int32_t> mask) {
  for (size_t word = 0; word < mask.size(); ++word)
    if (mask[word] != 0) return static_cast<int32_t>(word * 32) + std::countr_zero(static_cast<uint32_t>(mask[word]));
  return -1;
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
  if (!append(progress, progress.token) || !progress.request->matcher) return;
  const Stopwatch watch(progress.mask_micros);
  // A token that is not sampled has no log-probabilities.
  if (jump_ && progress.request->asked.logprobs < 0) jump(progress);
}

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
  Request& request = *progress.request;
  if (token < 0)
    return fail(progress, "engine_error",
                token == kNoMemory ? "out of memory while sampling" : "no allowed token has a finite logit");
  if (std::ranges::find(request.asked.stop_tokens, token) != request.asked.stop_tokens.end()) {
    progress.ending = {FinishReason::Stop, token, {}, {}};
    return false;
  }
  if (request.matcher) {
    request.mask = {};
    if (plugin_->accept(request.matcher, token) != ESP_OK) return fail(progress, "grammar_error", plugin_message());
    if (plugin_->is_finished(request.matcher)) {
      progress.ending = {FinishReason::Stop, token, {}, {}};
      return false;
    }
  }
  return push(progress, token, request.matcher ? request.allowed : -1);
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
bool Stepper::append_text(Progress& progress) const {
  Request& request = *progress.request;
  uint8_t text[kMostForcedBytes];
  const int64_t bytes = plugin_->forced(request.matcher, text, sizeof(text));
  if (bytes <= 0) return true;
  for (const int32_t token : text_->tokens_of({text, static_cast<size_t>(bytes)})) {
    const auto& stops = request.asked.stop_tokens;
    if (progress.tokens.size() > kMostForced || std::ranges::find(stops, token) != stops.end()) return true;
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
  while (progress.tokens.size() <= kMostForced) {
    int32_t only = plugin_->only_token ? plugin_->only_token(request.matcher) : kAskRow;
    if (only == kAskRow) {
      const KnownMask known = mask_of(request, false);
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
    if (text_ && !append_text(progress)) return false;
    if (progress.tokens.size() == before) return true;
  }
  return true;
}

bool Stepper::fill_mask(Progress& progress) const {
  const KnownMask known = mask_of(*progress.request, true);
  if (known.allowed <= 0) return fail_mask(progress, known.allowed);
  progress.request->mask = known.mask;
  progress.request->allowed = known.allowed;
  return true;
}

// Of a mask that allows one token, no row is kept unless it is sampled with.
KnownMask Stepper::mask_of(const Request& request, bool samples) const {
  const uint64_t state = plugin_->state ? plugin_->state(request.matcher) : 0;
  if (const auto known = masks_.find(state); known && (known->mask.row >= 0 || (!samples && known->only >= 0)))
    return *known;
  const int32_t row = masks_.take();
  if (row < 0) return {{}, kNoRow};
  KnownMask known{{}, ESP_BAD_ARGUMENT};
  plugin_->fill(&request.matcher, 1, masks_.data(row), masks_.words(), &known.allowed);
  if (known.allowed == 1) known.only = only_token({masks_.data(row), masks_.words()});
  if (known.allowed <= 0 || (known.allowed == 1 && !samples))
    masks_.give_back(row);
  else
    known.mask = masks_.keep(row);
  if (known.allowed > 0) masks_.remember(state, known);
  return known;
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
