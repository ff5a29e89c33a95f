// The engine's thread: what happens between two tokens. Nothing here throws past run(), and one request's trouble ends
// that request alone.
//
// A step's tokens are "in flight" from sample() to land(). Without overlap they land at once. With it, the next step is
// planned and its forward pass queued first: a token in flight counts as one, which the device takes from its own
// sampler. Then the tokens land, the grammars advance and masks are filled while that pass runs, and it is sampled. A
// request whose token ends it has one row computed in vain.
#include <algorithm>
#include <functional>
#include <span>
#include <utility>

#include "engine/engine.h"

namespace espalier {
namespace {

// Passes with longer segments than this compute prompts, and tell nothing of decoding.
constexpr size_t kShortSegment = 32;
// Tokens of a pass beside which the host's time for a step is nothing.
constexpr size_t kLongPass = 4096;

double micros(Clock::duration time) { return std::chrono::duration<double, std::micro>(time).count(); }
double micros_since(Clock::time_point start) { return micros(Clock::now() - start); }

size_t tokens_of(const std::vector<PlannedSegment>& plan) {
  size_t tokens = 0;
  for (const PlannedSegment& segment : plan) tokens += segment.count;
  return tokens;
}

// Sorts them into runs of one grammar each.
std::vector<std::span<Progress*>> by_grammar(std::vector<Progress*>& all) {
  const auto grammar = [](const Progress* one) { return one->request->grammar(); };
  std::ranges::stable_sort(all, std::less<>(), grammar);
  std::vector<std::span<Progress*>> runs;
  for (auto first = all.begin(); first != all.end();) {
    const auto next = std::find_if(first, all.end(), [&](const Progress* one) { return grammar(one) != grammar(*first); });
    runs.emplace_back(first, next);
    first = next;
  }
  return runs;
}

}  // namespace

void Engine::run() {
  while (true) {
    Inbox inbox;
    bool closing;
    {
      std::unique_lock lock(mutex_);
      if (is_idle()) {
        // Time asleep is no step's.
        step_ended_ = {};
        const auto called = [&] { return closing_ || !inbox_.empty(); };
        if (counts_.cold && !called()) {
          lock.unlock();
          warm_up();
          continue;
        }
        wake_.wait(lock, called);
      } else if (stalled_) {
        wake_.wait(lock, [&] { return closing_ || !inbox_.empty(); });
      }
      inbox = std::exchange(inbox_, {});
      closing = closing_;
    }
    serve_inbox(std::move(inbox));
    if (closing) {
      for (Request* request : scheduler_.all()) end(*request, {FinishReason::Abort});
      publish();
      return;
    }
    try {
      step();
    } catch (const std::exception& error) {
      for (Request* request : scheduler_.all()) end(*request, {FinishReason::Error, -1, "engine_error", error.what()});
      computing_.clear();
      flight_.clear();
      // Nobody knows which pages hold what they should.
      scheduler_.flush_cache();
      scheduler_.take_copies();
    }
    if (!options_.overlap || is_idle() || stalled_) publish();
  }
}

// A part of it: requests that come meanwhile wait for no more. What fails here fails again where it is needed, or does not
// matter.
void Engine::warm_up() {
  const size_t decoding = 2 * options_.scheduler.max_running;
  try {
    const size_t tokens = options_.scheduler.chunked_prefill_size + decoding;
    counts_.cold = backend_->warm_up(decoding, tokens) || (draft_model_ && draft_model_->warm_up(decoding, tokens));
  } catch (const std::exception&) {
    counts_.cold = false;
  }
  if (!counts_.cold) publish();
}

void Engine::serve_inbox(Inbox inbox) {
  for (RequestPtr& request : inbox.requests) scheduler_.enqueue(std::move(request));
  for (const uint64_t id : inbox.aborts)
    if (Request* request = scheduler_.find(id)) end(*request, {FinishReason::Abort});
  for (auto& [id, grammar] : inbox.grammars)
    if (Request* request = scheduler_.find(id)) request->followed.emplace(std::move(grammar));
  for (const auto& errand : inbox.errands) errand();
}

void Engine::step() {
  const double waited_before = counts_.wait_micros;
  const bool overlapped = !flight_.empty();
  masks_->begin_step();
  // Such a pass leaves no other's logits to sample.
  const bool own_passes = scheduler_.has_own_passes();
  if (own_passes) land();
  if (drafter_) draft();
  const std::vector<PlannedSegment> plan = scheduler_.plan();
  if (const std::vector<PageCopy> copies = scheduler_.take_copies(); !copies.empty()) backend_->copy_pages(copies);
  stalled_ = plan.empty() && flight_.empty();
  if (!plan.empty()) forward(plan);
  // What the last step gave waits until the device has work again.
  if (options_.overlap) publish();
  land();
  const Clock::time_point landed = Clock::now();
  sample();
  const double sampling = micros_since(landed);
  // While a long pass runs, grammars come: planned after it, the next one takes their requests along.
  const bool waits = tokens_of(plan) >= kLongPass && scheduler_.lacks_grammar();
  if (!options_.overlap || !pace_.worth_overlapping() || waits) land();
  if (waits) backend_->wait();
  counts_.overlapped_steps += overlapped;
  // Sampling is queued while the pass runs. From here to here: what the host does between steps counts, too.
  const Clock::time_point now = Clock::now();
  const auto is_short = [](const PlannedSegment& one) { return one.count <= kShortSegment; };
  const bool decodes = !own_passes && std::ranges::all_of(plan, is_short);
  if (decodes && decoded_ && step_ended_ != Clock::time_point{})
    pace_.stepped(micros(now - step_ended_) - sampling, counts_.wait_micros - waited_before, overlapped);
  step_ended_ = now;
  decoded_ = decodes;
}

void Engine::forward(const std::vector<PlannedSegment>& plan) {
  const Clock::time_point start = Clock::now();
  std::vector<Segment> segments;
  std::vector<int32_t> coming;
  coming.reserve(plan.size());
  std::vector<std::vector<int32_t>> drafted;
  drafted.reserve(plan.size());
  size_t rows = 0;
  pool_prompts(plan);
  for (const auto& [request, count, drafts] : plan) {
    if (request->embeds()) continue;
    if (request->scoring()) {
      score_prompt(*request, count);
      continue;
    }
    const int32_t* tokens = request->tokens.data() + request->computed;
    if (request->computed == request->tokens.size()) {
      coming.push_back(-1 - static_cast<int32_t>(request->choice));
      tokens = &coming.back();
    }
    if (drafts > 0) {
      std::vector<int32_t>& spelled = drafted.emplace_back(tokens, tokens + count);
      spelled.insert(spelled.end(), request->draft.tokens.begin(), request->draft.tokens.end());
      tokens = spelled.data();
    }
    const bool last = count == request->pending();
    const size_t sampled = last ? 1 + drafts : 0;
    segments.push_back({tokens, count + drafts, request->computed, request->pages.data(), sampled});
    if (!last) continue;
    request->logit_row = std::exchange(rows, rows + sampled);
    computing_.push_back(request);
  }
  if (!segments.empty()) backend_->forward(segments, nullptr);
  scheduler_.complete(plan);
  end_embeddings(plan);
  ++counts_.forward_steps;
  counts_.forward_micros += micros_since(start);
}

void Engine::land() {
  if (flight_.empty()) return;
  const Clock::time_point start = Clock::now();
  std::vector<int32_t> tokens(choices_, kNoToken);
  const bool reports = std::ranges::any_of(flight_, [](const Request* one) { return one && one->asked.logprobs >= 0; });
  std::vector<Logprobs> logprobs(reports ? choices_ : 0);
  backend_->take(tokens, logprobs);
  const double waited = micros_since(start);
  counts_.wait_micros += waited;
  counts_.forward_micros += waited;
  std::vector<Progress> all;
  all.reserve(flight_.size());
  for (Request* request : std::exchange(flight_, {})) {
    if (!request) continue;
    request->awaiting = false;
    all.push_back({request, tokens, logprobs});
  }
  progress(all, [&](Progress& one) { stepper_->advance(one); });
  const auto forcing = std::ranges::count_if(all, [](const Progress& one) { return one.tokens.size() > 1; });
  pace_.landed(all.size(), static_cast<size_t>(forcing));
}

void Engine::sample() {
  // Requests that ended, or that know their next token already, are not sampled.
  std::erase_if(computing_, [](const Request* request) { return !request || request->pending() > 0; });
  std::vector<Progress> all;
  all.reserve(computing_.size());
  for (Request* request : computing_) {
    if (masks_->holds(request->mask)) masks_->touch(request->mask);
    all.push_back({request});
  }
  progress(all, [&](Progress& one) { stepper_->prepare(one); });
  std::vector<Choice> choices;
  for (Request* request : std::exchange(computing_, {})) {
    if (!request) continue;
    request->awaiting = true;
    request->choice = choices.size();
    flight_.push_back(request);
    choices.push_back(choice_behind(*request, 0, *masks_));
    for (size_t i = 0; i < request->draft.rows.size(); ++i) {
      DraftRow& row = request->draft.rows[i];
      if (row.certain) continue;
      row.choice = choices.size();
      choices.push_back(choice_behind(*request, i + 1, *masks_));
    }
  }
  const std::vector<int32_t> fresh = masks_->take_fresh();
  if (!fresh.empty()) backend_->send_masks(fresh);
  if (!choices.empty()) backend_->choose(choices);
  choices_ = choices.size();
}

void Engine::progress(std::vector<Progress>& all, const std::function<void(Progress&)>& work) {
  std::vector<Progress*> constrained;
  constrained.reserve(all.size());
  for (Progress& one : all) {
    if (one.request->grammar())
      constrained.push_back(&one);
    else
      work(one);
  }
  if (!constrained.empty()) {
    const Clock::time_point start = Clock::now();
    // Those of one grammar share its tables, and these a lock: threads would wait for each other.
    const std::vector<std::span<Progress*>> grammars = by_grammar(constrained);
    mask_threads_.parallel_for(grammars.size(), [&](size_t i, size_t) {
      for (Progress* one : grammars[i]) {
        try {
          work(*one);
        } catch (const std::exception& error) {
          one->ending = {FinishReason::Error, -1, "engine_error", error.what()};
        }
      }
    });
    counts_.mask_micros += micros_since(start);
  }
  for (Progress& one : all) settle(one);
}

void Engine::settle(Progress& progress) {
  Request& request = *progress.request;
  const bool landed = !progress.tokens.empty() || (progress.ending && progress.ending->reason == FinishReason::Stop);
  if (landed && request.first_token == Clock::time_point{}) request.first_token = Clock::now();
  request.mask_micros += progress.mask_micros;
  request.draft_tokens += progress.drafted;
  request.accepted_tokens += progress.accepted;
  counts_.draft_tokens += progress.drafted;
  counts_.accepted_tokens += progress.accepted;
  counts_.output_tokens += progress.tokens.size();
  for (size_t i = 0; i < progress.tokens.size(); ++i)
    outbox_.add_token(request.asked.id, progress.tokens[i], progress.allowed[i]);
  // Then all tokens were sampled, one choice after the other.
  if (request.asked.logprobs >= 0)
    for (size_t i = 0; i < progress.tokens.size(); ++i)
      outbox_.add_logprobs(request.asked.id, progress.logprobs[request.choice + i],
                           static_cast<size_t>(request.asked.logprobs));
  if (progress.ending) end(request, std::move(*progress.ending));
}

// The request's last event; its pages go to the prefix cache and it is no more.
void Engine::end(Request& request, Ending ending) {
  Finish finish;
  finish.reason = ending.reason;
  finish.stop_token = ending.stop_token;
  finish.error_code = std::move(ending.error_code);
  finish.error_message = std::move(ending.error_message);
  finish.prompt_tokens = request.prompt_size();
  finish.cached_tokens = request.cached_tokens;
  finish.output_tokens = request.output_size();
  finish.first_token_micros = request.first_token == Clock::time_point{} ? 0 : micros(request.first_token - request.submitted);
  finish.total_micros = micros_since(request.submitted);
  finish.mask_micros = request.mask_micros;
  finish.draft_tokens = request.draft_tokens;
  finish.accepted_tokens = request.accepted_tokens;
  if (draft_model_) draft_model_->forget(request);
  std::ranges::replace(computing_, &request, nullptr);
  std::ranges::replace(flight_, &request, nullptr);
  const uint64_t id = request.asked.id;
  scheduler_.remove(&request);
  {
    const std::lock_guard lock(mutex_);
    live_.erase(id);
  }
  outbox_.add_finish(id, std::move(finish));
}

// First the figures, then the events: who has seen a request end finds it counted.
void Engine::publish() {
  counts_.running = scheduler_.running();
  counts_.queued = scheduler_.waiting();
  counts_.pages_total = scheduler_.pool().total();
  counts_.pages_free = scheduler_.pool().free();
  counts_.pages_cached = scheduler_.pool().evictable();
  counts_.scheduled = scheduler_.counts();
  counts_.host_pages_total = scheduler_.tree().host_pages();
  counts_.host_pages_used = scheduler_.tree().used_host_pages();
  counts_.cache = scheduler_.tree().counts();
  counts_.cache_nodes = scheduler_.tree().nodes();
  counts_.expected_share = scheduler_.expected_share();
  {
    const std::lock_guard lock(mutex_);
    stats_ = counts_;
  }
  outbox_.publish();
}

}  // namespace espalier
