// The engine's doors: submit, abort, stats, flush and close, all of them callable from any thread.
#include "engine/engine.h"

#include <algorithm>
#include <cmath>
#include <future>
#include <utility>

#include "engine/errors.h"

namespace espalier {
namespace {

constexpr float kMostRepetitionPenalty = 100;

[[noreturn]] void refuse(const std::string& message) { throw EngineFailure("bad_request", message); }

void check_sampling(const Submission& s, size_t vocab_size) {
  const Sampling& sampling = s.sampling;
  if (!(sampling.temperature >= 0)) refuse("temperature must be at least 0");
  if (!(sampling.top_p > 0 && sampling.top_p <= 1)) refuse("topP must be above 0 and at most 1");
  if (!(sampling.min_p >= 0 && sampling.min_p <= 1)) refuse("minP must be from 0 to 1");
  if (!(sampling.repetition_penalty > 0 && sampling.repetition_penalty <= kMostRepetitionPenalty))
    refuse("repetitionPenalty must be above 0 and at most " + std::to_string(kMostRepetitionPenalty));
  if (!std::isfinite(sampling.frequency_penalty) || !std::isfinite(sampling.presence_penalty))
    refuse("frequencyPenalty and presencePenalty must be finite");
  for (const auto& [token, bias] : s.rules.biases)
    if (token < 0 || static_cast<size_t>(token) >= vocab_size || !std::isfinite(bias))
      refuse("logitBias names token " + std::to_string(token) + ", which is not one, or a bias that is not finite");
  for (const int32_t token : s.stop_tokens)
    if (s.rules.min_tokens > 0 && (token < 0 || static_cast<size_t>(token) >= vocab_size))
      refuse("stop token " + std::to_string(token) + " is outside the vocabulary");
  if (std::max(s.logprobs, s.prompt_logprobs) > static_cast<int32_t>(std::min(kMostAlternatives, vocab_size)))
    refuse("logprobs and promptLogprobs can be those of " + std::to_string(kMostAlternatives) + " alternatives at most");
}

void check_embedding(const Submission& s) {
  if (s.max_tokens > 0) refuse("an embedding has no output; maxTokens must be 0");
  if (s.grammar.get() || s.grammar_follows || s.prompt_logprobs >= 0)
    refuse("an embedding takes neither a grammar nor promptLogprobs");
}

}  // namespace

Engine::Engine(const EngineOptions& options, std::unique_ptr<Backend> backend, const esp_mask_plugin* plugin,
               std::function<void()> events_ready, std::unique_ptr<Backend> draft_backend)
    : options_(options),
      backend_(std::move(backend)),
      plugin_(plugin),
      outbox_(std::move(events_ready)),
      scheduler_(options.scheduler),
      mask_threads_(plugin ? options.mask_threads : 1) {
  if (plugin_ && plugin_->abi_version != ESP_ABI_VERSION)
    throw EngineFailure("bad_plugin", "the mask plugin has ABI version " + std::to_string(plugin_->abi_version) +
                                          ", the engine needs " + std::to_string(ESP_ABI_VERSION));
  backend_->allocate_kv(options.scheduler.pages, options.scheduler.page_size);
  if (options.scheduler.host_pages > 0) backend_->allocate_host_kv(options.scheduler.host_pages);
  counts_.page_bytes = backend_->page_bytes(options.scheduler.page_size);
  if (plugin_) {
    // A row for each running request, kept from one step to the next beside those of the next, one for each token that is
    // drafted, and one in each thread.
    const size_t drafts = options.speculation.most();
    const size_t least = (2 + drafts) * options.scheduler.max_running + mask_threads_.threads();
    const size_t rows = std::max(options.mask_rows, least), words = (options.vocab_size + 31) / 32;
    masks_ = std::make_unique<MaskPool>(backend_->mask_memory(rows, words), rows, words);
  } else {
    masks_ = std::make_unique<MaskPool>(nullptr, 0, 0);
  }
  stepper_ = std::make_unique<Stepper>(plugin_, *masks_, options_.jump_forward, options_.forced_text.get());
  set_up_speculation(std::move(draft_backend));
  publish();
  thread_ = std::thread([this] { run(); });
}

Engine::~Engine() { close(); }

void Engine::set_up_speculation(std::unique_ptr<Backend> draft_backend) {
  const SpeculationOptions& speculation = options_.speculation;
  if (!speculation.on()) return;
  if (options_.overlap) refuse("speculation needs the tokens of a step before it plans the next; it excludes overlap");
  if ((speculation.source == DraftSource::Model) != (draft_backend != nullptr))
    refuse("a draft model is needed where it drafts, and nowhere else");
  drafter_ = std::make_unique<Drafter>(plugin_, *masks_, speculation, options_.jump_forward);
  const SchedulerOptions& scheduler = options_.scheduler;
  if (!draft_backend) return;
  if (plugin_) draft_backend->share_masks(*backend_);
  draft_model_ = std::make_unique<DraftModel>(std::move(draft_backend), speculation.draft_pages, scheduler.page_size,
                                                scheduler.chunked_prefill_size, scheduler.radix_cache);
}

void Engine::check_submission(const Submission& s) const {
  if (s.prompt.empty()) refuse("prompt is empty");
  const bool embeds = s.pooling != Pooling::None;
  if (embeds) check_embedding(s);
  if (!embeds && s.max_tokens == 0) refuse("maxTokens must be at least 1");
  if (s.prompt_logprobs_from > s.prompt.size()) refuse("promptLogprobsFrom lies behind the prompt");
  if (embeds && s.prompt.size() > options_.max_positions)
    refuse("prompt has " + std::to_string(s.prompt.size()) +
           " tokens (limit maxPositions = " + std::to_string(options_.max_positions) + ")");
  if (!embeds && s.prompt.size() >= options_.max_positions)
    refuse("prompt has " + std::to_string(s.prompt.size()) +
           " tokens, which leaves no room for output (limit maxPositions = " + std::to_string(options_.max_positions) +
           ")");
  for (const int32_t token : s.prompt)
    if (token < 0 || static_cast<size_t>(token) >= options_.vocab_size)
      refuse("prompt token " + std::to_string(token) + " is outside the vocabulary of " +
             std::to_string(options_.vocab_size));
  check_sampling(s, options_.vocab_size);
  if ((s.grammar.get() || s.grammar_follows) && !plugin_) refuse("a grammar was given, but this engine has no mask plugin");
  const size_t kv_tokens = options_.scheduler.pages * options_.scheduler.page_size;
  const size_t output = std::min<uint64_t>(s.max_tokens, options_.max_positions - s.prompt.size());
  // The last output token is never computed.
  if (s.prompt.size() + (embeds ? 0 : output - 1) > kv_tokens)
    refuse("prompt (" + std::to_string(s.prompt.size()) + " tokens) and output (up to " + std::to_string(output) +
           ") can never fit the KV cache (limit kvTokens = " + std::to_string(kv_tokens) + ")");
}

void Engine::submit(Submission submission) {
  check_submission(submission);
  const size_t output = std::min<uint64_t>(submission.max_tokens, options_.max_positions - submission.prompt.size());
  const std::lock_guard lock(mutex_);
  if (closing_) throw EngineFailure("engine_closed", "the engine is closed");
  if (live_.contains(submission.id))
    throw EngineFailure("bad_request", "id " + std::to_string(submission.id) + " belongs to a live request");
  const size_t most = options_.scheduler.max_running + options_.max_queued;
  if (live_.size() >= most)
    throw EngineFailure("queue_full", std::to_string(live_.size()) +
                                          " requests are running or waiting (limits maxRunning = " +
                                          std::to_string(options_.scheduler.max_running) +
                                          ", maxQueued = " + std::to_string(options_.max_queued) + ")");
  const uint64_t id = submission.id;
  inbox_.requests.push_back(std::make_unique<Request>(std::move(submission), ++arrivals_, output, plugin_));
  live_.insert(id);
  wake_.notify_one();
}

void Engine::abort(uint64_t id) {
  const std::lock_guard lock(mutex_);
  if (!live_.contains(id)) return;
  inbox_.aborts.push_back(id);
  wake_.notify_one();
}

void Engine::give_grammar(uint64_t id, GrammarRef grammar) {
  const std::lock_guard lock(mutex_);
  if (!live_.contains(id)) return;
  inbox_.grammars.emplace_back(id, std::move(grammar));
  wake_.notify_one();
}

EngineStats Engine::stats() const {
  const std::lock_guard lock(mutex_);
  EngineStats stats = stats_;
  stats.queued += inbox_.requests.size();
  return stats;
}

// Has the engine's thread answer between two steps.
template <class Result>
Result Engine::ask(std::function<Result()> question) {
  auto task = std::make_shared<std::packaged_task<Result()>>([this, question = std::move(question)] {
    Result result = question();
    publish();
    return result;
  });
  std::future<Result> answer = task->get_future();
  {
    const std::lock_guard lock(mutex_);
    if (closing_) throw EngineFailure("engine_closed", "the engine is closed");
    inbox_.errands.push_back([task] { (*task)(); });
    wake_.notify_one();
  }
  return answer.get();
}

size_t Engine::flush_cache() {
  return ask<size_t>([this] {
    if (draft_model_) draft_model_->flush_cache();
    return scheduler_.flush_cache();
  });
}

std::vector<CachedPrefix> Engine::cached_prefixes(size_t most) {
  return ask<std::vector<CachedPrefix>>([this, most] { return scheduler_.tree().list(most); });
}

std::string Engine::check() {
  return ask<std::string>([this] {
    const std::string wrong = scheduler_.check();
    return wrong.empty() && draft_model_ ? draft_model_->check(scheduler_.all()) : wrong;
  });
}

void Engine::close() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    wake_.notify_one();
  }
  const std::lock_guard lock(join_mutex_);
  if (thread_.joinable()) thread_.join();
  drafter_.reset();
  draft_model_.reset();
  stepper_.reset();
  masks_.reset();
  backend_.reset();
}

}  // namespace espalier
