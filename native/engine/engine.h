// The engine: one thread that repeats plan, forward, mask, sample, report. Other threads talk to it through an inbox
// and an outbox; none of them is ever waited for between two tokens.
#pragma once
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_set>
#include <vector>

#include "engine/backend.h"
#include "engine/outbox.h"
#include "engine/scheduler.h"

namespace espalier {

struct EngineOptions {
  SchedulerOptions scheduler;
  size_t max_queued = 1024;
  size_t vocab_size = 0;
  size_t max_positions = 0;
};

struct EngineStats {
  uint64_t running = 0, queued = 0;
  uint64_t pages_total = 0, pages_free = 0, pages_cached = 0;
  uint64_t prompt_tokens = 0, cached_tokens = 0, output_tokens = 0;
  uint64_t forward_steps = 0, retractions = 0;
  double forward_micros = 0, mask_micros = 0;
};

class Engine {
 public:
  /// Allocates the KV cache and starts the thread. `plugin` may be null: requests with grammars are then refused.
  /// `events_ready` is called on the engine's thread; take_events() is meant to follow on another.
  Engine(const EngineOptions& options, std::unique_ptr<Backend> backend, const esp_mask_plugin* plugin,
         std::function<void()> events_ready);
  ~Engine();

  /// @throws EngineFailure `bad_request`, `queue_full` or `engine_closed`; nothing is queued then.
  void submit(Submission submission);
  void abort(uint64_t id);
  EngineStats stats() const;
  std::vector<Event> take_events() { return outbox_.take(); }

  /// Both wait for the step that runs. @throws EngineFailure `engine_closed`.
  size_t flush_cache();
  /// What contradicts what in the engine's bookkeeping, or "". For tests.
  std::string check();

  /// Ends all requests with reason abort, joins the thread and frees the KV cache. May be called again, and from any
  /// thread but the engine's.
  void close();

 private:
  struct Inbox {
    std::vector<RequestPtr> requests;
    std::vector<uint64_t> aborts;
    std::vector<std::function<void()>> errands;
    bool empty() const { return requests.empty() && aborts.empty() && errands.empty(); }
  };

  void check_submission(const Submission& submission) const;
  template <class Result>
  Result ask(std::function<Result()> question);

  // The thread.
  void run();
  void serve_inbox(Inbox inbox);
  void step();
  // Returns the requests whose next token can now be sampled; each has its row of the logits.
  std::vector<Request*> forward(const std::vector<PlannedSegment>& plan);
  // Both return those of the requests that can go on.
  std::vector<Request*> open_matchers(std::vector<Request*> requests);
  std::vector<Request*> fill_masks(const std::vector<Request*>& requests);
  std::vector<int32_t> sample_tokens(const std::vector<Request*>& requests);
  // Whether the request goes on after this token.
  bool append(Request& request, int32_t token);
  void append_forced(std::vector<Request*> requests);
  void finish(Request& request, FinishReason reason, int32_t stop_token = -1);
  void fail(Request& request, const std::string& code, const std::string& message);
  void report(Request& request, Finish finish);
  std::string plugin_message() const;
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
  std::vector<int32_t> mask_rows_;

  std::mutex join_mutex_;
  std::thread thread_;
};

}  // namespace espalier
