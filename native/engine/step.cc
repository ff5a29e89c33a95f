// The engine's thread: what happens between two tokens. Nothing here throws past run(), and one request's trouble ends
// that request alone.
#include <algorithm>
#include <bit>
#include <utility>

#include "engine/engine.h"

namespace espalier {
namespace {

// Forced tokens appended to one request in a step: bounds the work on grammars that force long texts.
constexpr int kMostForced = 64;

double micros_since(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

int32_t only_token(const std::vector<int32_t>& mask) {
  for (size_t word = 0; word < mask.size(); ++word)
    if (mask[word] != 0) return static_cast<int32_t>(word * 32) + std::countr_zero(static_cast<uint32_t>(mask[word]));
  return -1;
}

}  // namespace

void Engine::run() {
  while (true) {
    Inbox inbox;
    bool closing;
    {
      std::unique_lock lock(mutex_);
      const bool idle = scheduler_.running() + scheduler_.waiting() == 0;
      if (idle) wake_.wait(lock, [&] { return closing_ || !inbox_.empty(); });
      inbox = std::exchange(inbox_, {});
      closing = closing_;
    }
    serve_inbox(std::move(inbox));
    if (closing) {
      for (Request* request : scheduler_.all()) finish(*request, FinishReason::Abort);
      publish();
      return;
    }
    try {
      step();
    } catch (const std::exception& error) {
      for (Request* request : scheduler_.all()) fail(*request, "engine_error", error.what());
    }
    publish();
  }
}

void Engine::serve_inbox(Inbox inbox) {
  for (RequestPtr& request : inbox.requests) scheduler_.enqueue(std::move(request));
  for (const uint64_t id : inbox.aborts)
    if (Request* request = scheduler_.find(id)) finish(*request, FinishReason::Abort);
  for (const auto& errand : inbox.errands) errand();
}

void Engine::step() {
  const std::vector<PlannedSegment> plan = scheduler_.plan();
  if (plan.empty()) return;
  const std::vector<Request*> requests = fill_masks(open_matchers(forward(plan)));
  const std::vector<int32_t> tokens = sample_tokens(requests);
  std::vector<Request*> constrained;
  for (size_t i = 0; i < requests.size(); ++i)
    if (append(*requests[i], tokens[i]) && requests[i]->matcher) constrained.push_back(requests[i]);
  append_forced(std::move(constrained));
}

std::vector<Request*> Engine::forward(const std::vector<PlannedSegment>& plan) {
  const Clock::time_point start = Clock::now();
  std::vector<Segment> segments;
  std::vector<Request*> complete;
  for (const auto& [request, count] : plan) {
    const bool last = count == request->pending();
    segments.push_back({request->tokens.data() + request->computed, count, request->computed, request->pages.data(),
                        last ? size_t{1} : size_t{0}});
    if (!last) continue;
    request->logit_row = complete.size();
    complete.push_back(request);
  }
  backend_->forward(segments, nullptr);
  scheduler_.complete(plan);
  ++counts_.forward_steps;
  counts_.forward_micros += micros_since(start);
  return complete;
}

std::vector<Request*> Engine::open_matchers(std::vector<Request*> requests) {
  std::erase_if(requests, [&](Request* request) {
    if (!request->asked.grammar.get() || request->matcher) return false;
    if (plugin_->open(request->asked.grammar.get(), &request->matcher) == ESP_OK) return false;
    request->matcher = nullptr;
    fail(*request, "grammar_error", plugin_message());
    return true;
  });
  return requests;
}

// One call for all rows that are not filled yet; its time is shared out evenly.
std::vector<Request*> Engine::fill_masks(const std::vector<Request*>& requests) {
  std::vector<Request*> to_fill;
  std::vector<void*> matchers;
  for (Request* request : requests)
    if (request->matcher && !request->mask_ready) {
      to_fill.push_back(request);
      matchers.push_back(request->matcher);
    }
  if (to_fill.empty()) return requests;
  const size_t words = (options_.vocab_size + 31) / 32;
  mask_rows_.resize(std::max(mask_rows_.size(), to_fill.size() * words));
  std::vector<int64_t> counts(to_fill.size(), ESP_BAD_ARGUMENT);
  const Clock::time_point start = Clock::now();
  plugin_->fill(matchers.data(), matchers.size(), mask_rows_.data(), words, counts.data());
  const double micros = micros_since(start);
  counts_.mask_micros += micros;
  for (size_t i = 0; i < to_fill.size(); ++i) {
    Request& request = *to_fill[i];
    request.mask.assign(mask_rows_.begin() + static_cast<ptrdiff_t>(i * words),
                        mask_rows_.begin() + static_cast<ptrdiff_t>((i + 1) * words));
    request.allowed = counts[i];
    request.mask_micros += micros / static_cast<double>(to_fill.size());
    request.mask_ready = true;
  }
  std::vector<Request*> able;
  for (Request* request : requests) {
    if (!request->matcher || request->allowed > 0)
      able.push_back(request);
    else if (request->allowed == 0)
      fail(*request, "grammar_error", "the grammar allows no token here");
    else
      fail(*request, "grammar_error", plugin_message());
  }
  return able;
}

std::vector<int32_t> Engine::sample_tokens(const std::vector<Request*>& requests) {
  std::vector<int32_t> tokens(requests.size(), kNoToken);
  std::vector<Choice> choices;
  for (const Request* request : requests)
    choices.push_back({request->logit_row, request->matcher ? request->mask.data() : nullptr, request->asked.sampling,
                       request->tokens.size()});
  if (!choices.empty()) backend_->choose(choices, tokens.data());
  return tokens;
}

bool Engine::append(Request& request, int32_t token) {
  if (request.first_token == Clock::time_point{}) request.first_token = Clock::now();
  if (token < 0) {
    const char* reason = token == kNoMemory ? "out of memory while sampling" : "no allowed token has a finite logit";
    fail(request, "engine_error", reason);
    return false;
  }
  if (std::ranges::find(request.asked.stop_tokens, token) != request.asked.stop_tokens.end()) {
    finish(request, FinishReason::Stop, token);
    return false;
  }
  if (request.matcher) {
    if (plugin_->accept(request.matcher, token) != ESP_OK) {
      fail(request, "grammar_error", plugin_message());
      return false;
    }
    request.mask_ready = false;
    if (plugin_->is_finished(request.matcher)) {
      finish(request, FinishReason::Stop, token);
      return false;
    }
  }
  request.tokens.push_back(token);
  ++counts_.output_tokens;
  const int64_t allowed = request.matcher ? request.allowed : -1;
  outbox_.add_token(request.asked.id, token, static_cast<int32_t>(allowed));
  if (request.output_size() < request.max_output) return true;
  finish(request, FinishReason::Length);
  return false;
}

// Where the mask allows one token, sampling could choose no other: it is appended at once, and its keys and values are
// computed together with the next token's (jump-forward decoding).
void Engine::append_forced(std::vector<Request*> requests) {
  for (int round = 0; round < kMostForced && !requests.empty(); ++round) {
    requests = fill_masks(requests);
    std::erase_if(requests, [&](Request* request) {
      return request->allowed != 1 || !append(*request, only_token(request->mask));
    });
  }
}

void Engine::finish(Request& request, FinishReason reason, int32_t stop_token) {
  Finish finish;
  finish.reason = reason;
  finish.stop_token = stop_token;
  report(request, std::move(finish));
}

void Engine::fail(Request& request, const std::string& code, const std::string& message) {
  Finish finish;
  finish.reason = FinishReason::Error;
  finish.error_code = code;
  finish.error_message = message;
  report(request, std::move(finish));
}

// The request's last event; its pages go to the prefix cache and it is no more.
void Engine::report(Request& request, Finish finish) {
  const auto micros = [&](Clock::time_point time) {
    return std::chrono::duration<double, std::micro>(time - request.submitted).count();
  };
  finish.prompt_tokens = request.prompt_size();
  finish.cached_tokens = request.cached_tokens;
  finish.output_tokens = request.output_size();
  finish.first_token_micros = request.first_token == Clock::time_point{} ? 0 : micros(request.first_token);
  finish.total_micros = micros(Clock::now());
  finish.mask_micros = request.mask_micros;
  const uint64_t id = request.asked.id;
  scheduler_.remove(&request);
  {
    const std::lock_guard lock(mutex_);
    live_.erase(id);
  }
  outbox_.add_finish(id, std::move(finish));
}

std::string Engine::plugin_message() const {
  const char* message = plugin_->last_error();
  return message && *message ? message : "the grammar engine failed";
}

// First the figures, then the events: who has seen a request end finds it counted.
void Engine::publish() {
  counts_.running = scheduler_.running();
  counts_.queued = scheduler_.waiting();
  counts_.pages_total = scheduler_.pool().total();
  counts_.pages_free = scheduler_.pool().free();
  counts_.pages_cached = scheduler_.pool().evictable();
  counts_.prompt_tokens = scheduler_.prompt_tokens();
  counts_.cached_tokens = scheduler_.cached_tokens();
  counts_.retractions = scheduler_.retractions();
  {
    const std::lock_guard lock(mutex_);
    stats_ = counts_;
  }
  outbox_.publish();
}

}  // namespace espalier
