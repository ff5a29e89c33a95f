// The engine: one thread that repeats plan, forward, mask, sample, report; or, on a device that works by itself, plans a
// step while the last one runs. Other threads talk to it through an inbox and an outbox; none of them is ever waited for
// between two tokens.
#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include "cpu/thread_pool.h"
#include "engine/backend.h"
#include "engine/draft_model.h"
#include "engine/drafter.h"
#include "engine/mask_pool.h"
#include "engine/outbox.h"
#include "engine/pace.h"
#include "engine/progress.h"
#include "engine/scheduler.h"
#include "engine/speculation.h"

namespace espalier {

struct EngineOptions {
  SchedulerOptions scheduler;
  size_t max_queued = 1024;
  size_t vocab_size = 0;
  size_t max_positions = 0;
  /// Plan the next step before the tokens of the last one are known.
  bool overlap = false;
  /// Append tokens that a grammar forces without sampling them.
  bool jump_forward = true;
  /// With jump_forward: also the tokens of forced text. May be null.
  std::shared_ptr<const ForcedText> forced_text;
  /// Threads that advance grammars and fill masks, the engine's own among them.
  size_t mask_threads = 1;
  /// Mask rows that are kept; raised to what max_running needs.
  size_t mask_rows = 1024;
  /// Needs the tokens of a step before it plans the next: not with overlap.
  SpeculationOptions speculation = {};
  /// Numbers in an embedding.
  size_t hidden_size = 0;
};

struct EngineStats {
  uint64_t running = 0, queued = 0;
  uint64_t pages_total = 0, pages_free = 0, pages_cached = 0;
  /// Of the host tier, and the bytes of a page.
  uint64_t host_pages_total = 0, host_pages_used = 0, page_bytes = 0;
  /// What the prefix cache did, and its nodes.
  RadixCounts cache;
  uint64_t cache_nodes = 0;
  SchedulerCounts scheduled;
  uint64_t output_tokens = 0;
  uint64_t forward_steps = 0, overlapped_steps = 0;
  /// The share of maxTokens that requests are taken to use.
  double expected_share = 0;
  double forward_micros = 0, wait_micros = 0, mask_micros = 0;
  /// Tokens that were drafted and sampled, those of them that were right, and the time for drafting.
  uint64_t draft_tokens = 0, accepted_tokens = 0;
  double draft_micros = 0;
  /// The back end still has something to prepare, which it does while there are no requests.
  bool cold = true;
};

class Engine {
 public:
  /// Allocates the KV cache and starts the thread. `plugin` may be null: requests with grammars are then refused.
  /// `events_ready` is called on the engine's thread; take_events() is meant to follow on another. `draft_backend` computes
  /// the draft model, where there is one; with a plugin it shares the masks of `backend`.
  Engine(const EngineOptions& options, std::unique_ptr<Backend> backend, const esp_mask_plugin* plugin,
         std::function<void()> events_ready, std::unique_ptr<Backend> draft_backend = nullptr);
  ~Engine();

  /// @throws EngineFailure `bad_request`, `queue_full` or `engine_closed`; nothing is queued then.
  void submit(Submission submission);
  void abort(uint64_t id);
  /// For a request that was submitted with grammar_follows; its prompt is computed meanwhile. Unknown ids are ignored.
  void give_grammar(uint64_t id, GrammarRef grammar);
  EngineStats stats() const;
  std::vector<Event> take_events() { return outbox_.take(); }

  /// These wait for the step that runs. @throws EngineFailure `engine_closed`.
  size_t flush_cache();
  /// The prefix cache's nodes, at most `most`.
  std::vector<CachedPrefix> cached_prefixes(size_t most);
  /// What contradicts what in the engine's bookkeeping, or "". For tests.
  std::string check();

  /// Ends all requests with reason abort, joins the thread and frees the KV cache. May be called again, and from any
  /// thread but the engine's.
  void close();

 private:
  struct Inbox {
    std::vector<RequestPtr> requests;
    std::vector<uint64_t> aborts;
    std::vector<std::pair<uint64_t, GrammarRef>> grammars;
    std::vector<std::function<void()>> errands;
    bool empty() const { return requests.empty() && aborts.empty() && grammars.empty() && errands.empty(); }
  };

  void set_up_speculation(std::unique_ptr<Backend> draft_backend);
  void check_submission(const Submission& submission) const;
  template <class Result>
  Result ask(std::function<Result()> question);

  // The thread.
  void run();
  bool is_idle() const { return scheduler_.running() + scheduler_.waiting() == 0; }
  void warm_up();
  void serve_inbox(Inbox inbox);
  void step();
  // Drafts the next tokens of the requests that are about to sample (engine/draft_step.cc).
  void draft();
  void guess_by_model(std::vector<Progress>& drafting);
  // Queues the pass, and notes in computing_ the requests whose next token can be sampled after it.
  void forward(const std::vector<PlannedSegment>& plan);
  // Runs the pass of these prompt tokens by itself, and reports what the logits tell of those that follow them.
  void score_prompt(Request& request, size_t count);
  void score_on_host(const Segment& segment, std::span<const int32_t> scored, size_t alternatives,
                     std::span<Logprobs> found);
  // Runs the planned tokens of requests for embeddings, of all of them in one pass, and adds up what is pooled.
  void pool_prompts(const std::vector<PlannedSegment>& plan);
  // Reports the embeddings of prompts that are computed, and ends their requests: the plan's are no more.
  void end_embeddings(const std::vector<PlannedSegment>& plan);
  // Queues the choice of a token for each request in computing_ that needs one: they are in flight then.
  void sample();
  // Waits for the tokens in flight and appends them, and what they force.
  void land();
  // Works on all of them, those with a grammar side by side, and reports what came of it.
  void progress(std::vector<Progress>& all, const std::function<void(Progress&)>& work);
  void settle(Progress& progress);
  void end(Request& request, Ending ending);
  void publish();

  const EngineOptions options_;
  std::unique_ptr<Backend> backend_;
  const esp_mask_plugin* const plugin_;
  Outbox outbox_;

  // Shared, under the mutex.
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Inbox inbox_;
  std::unordered_set<uint64_t> live_;
  EngineStats stats_;
  uint64_t arrivals_ = 0;
  bool closing_ = false;

  // The thread's own.
  Scheduler scheduler_;
  EngineStats counts_;
  std::unique_ptr<MaskPool> masks_;
  std::unique_ptr<Stepper> stepper_;
  // Null where nothing is drafted, or not by a model.
  std::unique_ptr<Drafter> drafter_;
  std::unique_ptr<DraftModel> draft_model_;
  ThreadPool mask_threads_;
  // Requests whose forward pass is queued and that wait for sampling; those whose token is being sampled, in the order
  // of the choices. Null where a request ended in between.
  std::vector<Request*> computing_, flight_;
  // Entries of the last Backend::choose(), of which a request has one for itself and for each drafted token.
  size_t choices_ = 0;
  // The last step had nothing to do: all requests wait for grammars.
  bool stalled_ = false;
  Pace pace_;
  // When the last step was done; none since the thread slept.
  Clock::time_point step_ended_{};
  // Whether that step computed no prompt: with overlap, the next one waits for its tokens.
  bool decoded_ = false;

  std::mutex join_mutex_;
  std::thread thread_;
};

}  // namespace espalier
