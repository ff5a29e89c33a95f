// Which requests run in the next step, and on which KV pages. Owns the queue, the running batch, the pages and the
// prefix cache; knows nothing of logits, grammars or events.
#pragma once
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "engine/page_pool.h"
#include "engine/radix_tree.h"
#include "engine/request.h"
#include "engine/usage_estimate.h"

namespace espalier {

/// Which waiting request goes first: the one with the longest cached prefix, the oldest, or the one of the highest
/// priority.
enum class SchedulePolicy : uint8_t { LongestPrefix, FirstCome, Priority };

struct SchedulerOptions {
  size_t pages = 0;
  size_t page_size = 16;
  size_t max_running = 64;
  size_t chunked_prefill_size = 512;
  bool radix_cache = true;
  SchedulePolicy policy = SchedulePolicy::LongestPrefix;
  Eviction eviction = Eviction::LeastRecent;
  /// Of the host tier, where pages that make room are kept; 0: there is none.
  size_t host_pages = 0;
};

struct SchedulerCounts {
  uint64_t prompt_tokens = 0, cached_tokens = 0;
  /// Requests that gave up their pages: all, and of these for a more urgent one.
  uint64_t retractions = 0, preemptions = 0;
};

/// A request's part of a step: its next `count` tokens, and behind them as many of its draft.
struct PlannedSegment {
  Request* request;
  size_t count;
  size_t drafts = 0;
};

class Scheduler {
 public:
  explicit Scheduler(const SchedulerOptions& options);

  void enqueue(RequestPtr request);

  /// Chooses the next step: one token of every request that decodes, then prompt tokens up to the chunk size, of
  /// running requests first, then of newly admitted ones. A token that is still being sampled counts as one. Every
  /// planned token has its page. Requests may be retracted. Empty only when nothing can run before such tokens are known, or a grammar came.
  std::vector<PlannedSegment> plan();

  /// Notes that a plan's tokens are computed or will be before all that is planned later, and caches prompt pages that
  /// became whole.
  void complete(const std::vector<PlannedSegment>& plan);

  /// Takes a request out of the engine; what it computed stays in the prefix cache.
  RequestPtr remove(Request* request);

  /// Null when no such request is here.
  Request* find(uint64_t id) const;
  std::vector<Request*> all() const;
  /// Whether a running request waits for its grammar.
  bool lacks_grammar() const;
  /// Whether a request is here whose prompt needs passes of its own: for its log-probabilities, or for an embedding.
  bool has_own_passes() const;
  size_t running() const { return running_.size(); }
  size_t waiting() const { return waiting_.size(); }

  /// Copies of pages, to be queued in this order before the plan that was made last.
  std::vector<PageCopy> take_copies() { return tree_.take_copies(); }

  /// Drops cached prefixes that no request uses. Returns the pages freed, of both tiers.
  size_t flush_cache() { return tree_.clear(); }

  const PagePool& pool() const { return pool_; }
  const RadixTree& tree() const { return tree_; }
  const SchedulerCounts& counts() const { return counts_; }
  /// The share of maxTokens that requests are taken to use.
  double expected_share() const { return estimate_.share(); }

  /// What contradicts what in the bookkeeping of pages, or "".
  std::string check() const;

 private:
  size_t pages_for(size_t tokens) const { return (tokens + options_.page_size - 1) / options_.page_size; }
  // What a request may reuse of a prefix: its last token is always computed, for its logits, and so are those whose
  // logits tell a prompt's log-probabilities, or whose hidden states are pooled.
  static size_t reusable(const Request& request) {
    if (request.asked.pooling == Pooling::Mean) return 0;
    return (request.scoring() ? request.next_score : request.tokens.size()) - 1;
  }
  bool runs_before(const Request& a, const Request& b) const;
  void insert_running(RequestPtr request);
  void preempt();
  bool has_room_for(const Request& request) const;
  void secure_pages();
  bool grow_pages(Request& request, size_t tokens);
  void retract_last();
  void release_pages(Request& request);
  void admit(std::vector<PlannedSegment>& plan, size_t budget);
  void add_drafts(std::vector<PlannedSegment>& plan);
  bool admit_window(std::vector<PlannedSegment>& plan, size_t& budget);
  std::vector<Request*> admission_order() const;
  std::vector<Request*> by_prefix() const;
  std::vector<Request*> by_priority() const;
  bool follows_shared_prefix(const Request& request, const std::vector<PlannedSegment>& plan) const;
  bool admit_one(Request& request);
  size_t expected_pages(const Request& request) const;
  size_t reserve() const;

  const SchedulerOptions options_;
  PagePool pool_;
  RadixTree tree_;
  // In order of arrival; the running ones by priority first, where that counts.
  std::deque<RequestPtr> waiting_;
  std::vector<RequestPtr> running_;
  UsageEstimate estimate_;
  SchedulerCounts counts_;
};

}  // namespace espalier
