// Continuous batching with chunked prefill, prefix-aware admission and retraction.
#include "engine/scheduler.h"

#include <algorithm>
#include <tuple>

#include "engine/page_check.h"

namespace espalier {
namespace {

// A request that waited this many steps goes before all longer matches, in order of arrival.
constexpr size_t kPatience = 64;
// How far into the queue admission looks for long prefix matches.
constexpr size_t kAdmissionWindow = 128;
// A waiting request takes the place of a running one when its priority is higher by more than this.
constexpr int64_t kPreemptionGap = 10;

bool earlier(const RequestPtr& a, const RequestPtr& b) { return a->arrival < b->arrival; }

template <class Requests>
RequestPtr take_out(Requests& requests, const Request* request) {
  const auto found = std::ranges::find_if(requests, [&](const RequestPtr& entry) { return entry.get() == request; });
  if (found == requests.end()) return nullptr;
  RequestPtr taken = std::move(*found);
  requests.erase(found);
  return taken;
}

}  // namespace

Scheduler::Scheduler(const SchedulerOptions& options)
    : options_(options), pool_(options.pages), tree_(pool_, options.page_size, options.eviction, options.host_pages) {}

void Scheduler::enqueue(RequestPtr request) {
  waiting_.insert(std::upper_bound(waiting_.begin(), waiting_.end(), request, earlier), std::move(request));
}

// Running requests keep their pages in this order when there are too few.
bool Scheduler::runs_before(const Request& a, const Request& b) const {
  if (options_.policy == SchedulePolicy::Priority && a.asked.priority != b.asked.priority)
    return a.asked.priority > b.asked.priority;
  return a.arrival < b.arrival;
}

void Scheduler::insert_running(RequestPtr request) {
  const auto before = [&](const RequestPtr& a, const RequestPtr& b) { return runs_before(*a, *b); };
  running_.insert(std::upper_bound(running_.begin(), running_.end(), request, before), std::move(request));
}

std::vector<PlannedSegment> Scheduler::plan() {
  estimate_.stepped();
  preempt();
  secure_pages();
  std::vector<PlannedSegment> plan;
  size_t budget = options_.chunked_prefill_size;
  for (const RequestPtr& request : running_)
    if (request->runnable() == 1) plan.push_back({request.get(), 1});
  for (const RequestPtr& request : running_) {
    const size_t count = std::min(request->runnable(), budget);
    if (request->runnable() == 1 || count == 0) continue;
    plan.push_back({request.get(), count});
    budget -= count;
  }
  for (const RequestPtr& request : waiting_) ++request->waited;
  admit(plan, budget);
  add_drafts(plan);
  return plan;
}

// The most urgent of those that wait takes the place of running ones that are far less urgent.
void Scheduler::preempt() {
  if (options_.policy != SchedulePolicy::Priority || waiting_.empty()) return;
  const auto less = [](const RequestPtr& a, const RequestPtr& b) { return a->asked.priority < b->asked.priority; };
  const Request& urgent = **std::ranges::max_element(waiting_, less);
  if (urgent.awaiting) return;
  while (!running_.empty() && int64_t{urgent.asked.priority} - running_.back()->asked.priority > kPreemptionGap &&
         !has_room_for(urgent)) {
    retract_last();
    ++counts_.preemptions;
  }
}

// Not counting what it shares with others: rather one too many makes room than one too few.
bool Scheduler::has_room_for(const Request& request) const {
  return running_.size() < options_.max_running &&
         pages_for(request.tokens.size()) + expected_pages(request) + reserve() <= pool_.free() + pool_.evictable();
}

// Drafts take what prompts leave of the step, and of the pages. A draft that finds no room is cut or dropped.
void Scheduler::add_drafts(std::vector<PlannedSegment>& plan) {
  size_t budget = options_.chunked_prefill_size;
  for (const PlannedSegment& segment : plan) budget -= segment.count > 1 ? std::min(segment.count, budget) : 0;
  for (PlannedSegment& segment : plan) {
    Request& request = *segment.request;
    if (request.draft.tokens.empty()) continue;
    request.draft.cut(segment.count == request.pending() ? budget : 0);
    const size_t drafts = request.draft.tokens.size();
    if (!grow_pages(request, request.length() + drafts)) request.draft.clear();
    segment.drafts = request.draft.tokens.size();
    budget -= segment.drafts;
  }
}

// Oldest first, so that the pages of the newest are taken when there are too few.
void Scheduler::secure_pages() {
  for (size_t i = 0; i < running_.size(); ++i) {
    Request* request = running_[i].get();
    while (!grow_pages(*request, request->length())) {
      const bool itself = running_.back().get() == request;
      retract_last();
      estimate_.ran_out();
      if (itself) return;
    }
  }
}

bool Scheduler::grow_pages(Request& request, size_t tokens) {
  return tree_.grow(request.pages, pages_for(tokens));
}

void Scheduler::retract_last() {
  RequestPtr request = std::move(running_.back());
  running_.pop_back();
  release_pages(*request);
  request->waited = kPatience;
  ++counts_.retractions;
  enqueue(std::move(request));
}

void Scheduler::release_pages(Request& request) {
  if (options_.radix_cache)
    tree_.insert_all(request.asked.salt, std::span(request.tokens).first(request.settled()), request.pages);
  for (const int32_t page : request.pages) pool_.release(page);
  request.pages.clear();
  request.computed = 0;
}

void Scheduler::admit(std::vector<PlannedSegment>& plan, size_t budget) {
  while (!waiting_.empty() && admit_window(plan, budget)) continue;
}

// Whether all of the window was admitted, and there is room for more.
bool Scheduler::admit_window(std::vector<PlannedSegment>& plan, size_t& budget) {
  if (budget == 0 || running_.size() >= options_.max_running) return false;
  bool all = true;
  for (Request* request : admission_order()) {
    if (budget == 0 || running_.size() >= options_.max_running) return false;
    // One that was retracted while its token is sampled comes back once that is known.
    if (request->awaiting || (request->waited < kPatience && follows_shared_prefix(*request, plan))) {
      all = false;
      continue;
    }
    if (!admit_one(*request)) return false;
    const size_t count = std::min(request->runnable(), budget);
    if (count > 0) plan.push_back({request, count});
    budget -= count;
    insert_running(take_out(waiting_, request));
  }
  return all;
}

// The next requests to admit, at most kAdmissionWindow.
std::vector<Request*> Scheduler::admission_order() const {
  if (options_.policy == SchedulePolicy::Priority) return by_priority();
  if (options_.policy == SchedulePolicy::LongestPrefix && options_.radix_cache) return by_prefix();
  std::vector<Request*> order;
  for (size_t i = 0; i < std::min(waiting_.size(), kAdmissionWindow); ++i) order.push_back(waiting_[i].get());
  return order;
}

std::vector<Request*> Scheduler::by_prefix() const {
  using Ranked = std::tuple<bool, size_t, uint64_t, Request*>;
  std::vector<Ranked> ranked;
  for (size_t i = 0; i < std::min(waiting_.size(), kAdmissionWindow); ++i) {
    Request& request = *waiting_[i];
    const bool patient = request.waited < kPatience;
    const size_t matched = patient ? tree_.matched_tokens(request.asked.salt, request.tokens, reusable(request)) : 0;
    ranked.emplace_back(patient, SIZE_MAX - matched, request.arrival, &request);
  }
  std::ranges::sort(ranked);
  std::vector<Request*> order;
  for (const Ranked& entry : ranked) order.push_back(std::get<Request*>(entry));
  return order;
}

// A request gains one with every kPatience steps that it waits, so that none waits for ever.
std::vector<Request*> Scheduler::by_priority() const {
  using Ranked = std::tuple<int64_t, uint64_t, Request*>;
  std::vector<Ranked> ranked;
  for (const RequestPtr& request : waiting_) {
    const auto gained = static_cast<int64_t>(request->waited / kPatience);
    ranked.emplace_back(-(request->asked.priority + gained), request->arrival, request.get());
  }
  const size_t count = std::min(ranked.size(), kAdmissionWindow);
  std::ranges::partial_sort(ranked, ranked.begin() + static_cast<ptrdiff_t>(count));
  std::vector<Request*> order;
  for (size_t i = 0; i < count; ++i) order.push_back(std::get<Request*>(ranked[i]));
  return order;
}

// Whether waiting one step will find more of the prompt in the cache, because a request of this step computes it.
bool Scheduler::follows_shared_prefix(const Request& request, const std::vector<PlannedSegment>& plan) const {
  if (!options_.radix_cache) return false;
  const size_t reusable_pages = reusable(request) / options_.page_size;
  const std::string& salt = request.asked.salt;
  const size_t matched = tree_.matched_pages(salt, request.tokens, reusable_pages);
  for (const PlannedSegment& segment : plan) {
    const Request& other = *segment.request;
    if (segment.count == 1 || other.asked.salt != salt) continue;
    const size_t after = std::min((other.computed + segment.count) / options_.page_size, reusable_pages);
    if (after <= matched) continue;
    // Most requests differ in the first page that is not cached.
    const auto first = static_cast<ptrdiff_t>(matched * options_.page_size);
    const auto size = static_cast<ptrdiff_t>(options_.page_size);
    if (!std::equal(other.tokens.begin() + first, other.tokens.begin() + first + size, request.tokens.begin() + first))
      continue;
    const auto end = other.tokens.begin() + static_cast<ptrdiff_t>(after * options_.page_size);
    const auto common = std::mismatch(other.tokens.begin(), end, request.tokens.begin()).first - other.tokens.begin();
    if (static_cast<size_t>(common) / options_.page_size > matched) return true;
  }
  return false;
}

bool Scheduler::admit_one(Request& request) {
  const std::string& salt = request.asked.salt;
  if (options_.radix_cache)
    request.pages = tree_.acquire(salt, request.tokens, reusable(request) / options_.page_size);
  const size_t missing = pages_for(request.tokens.size()) - request.pages.size();
  // One that runs alone has all pages.
  const size_t expected = running_.empty() ? 0 : expected_pages(request) + reserve();
  if (missing + expected > pool_.free() + pool_.evictable() || !grow_pages(request, request.tokens.size())) {
    for (const int32_t page : request.pages) pool_.release(page);
    request.pages.clear();
    return false;
  }
  request.computed = options_.radix_cache ? tree_.fill(salt, request.tokens, reusable(request), request.pages) : 0;
  request.waited = 0;
  if (!request.admitted_before) {
    request.admitted_before = true;
    request.cached_tokens = request.computed;
    counts_.prompt_tokens += request.prompt_size();
    counts_.cached_tokens += request.cached_tokens;
  }
  return true;
}

// Pages that the output of a request is likely to need beyond those of its tokens so far.
size_t Scheduler::expected_pages(const Request& request) const {
  const size_t tokens = request.tokens.size() + estimate_.remaining(request.output_size(), request.max_output);
  return pages_for(tokens) - pages_for(request.tokens.size());
}

size_t Scheduler::reserve() const {
  size_t pages = 0;
  for (const RequestPtr& request : running_) pages += expected_pages(*request);
  return pages;
}

void Scheduler::complete(const std::vector<PlannedSegment>& plan) {
  for (const auto& [request, count, drafts] : plan) {
    request->computed += count + drafts;
    const bool prefilled = count > 1 || request->output_size() == 0;
    if (prefilled && options_.radix_cache)
      tree_.insert(request->asked.salt, request->tokens, request->pages, request->settled() / options_.page_size);
  }
}

RequestPtr Scheduler::remove(Request* request) {
  RequestPtr taken = take_out(running_, request);
  if (!taken) taken = take_out(waiting_, request);
  if (!taken) return nullptr;
  if (taken->output_size() > 0) estimate_.ended(taken->output_size(), taken->max_output);
  release_pages(*taken);
  return taken;
}

Request* Scheduler::find(uint64_t id) const {
  for (Request* request : all())
    if (request->asked.id == id) return request;
  return nullptr;
}

bool Scheduler::lacks_grammar() const {
  return std::ranges::any_of(running_, [](const RequestPtr& request) { return request->lacks_grammar(); });
}

bool Scheduler::has_own_passes() const {
  const auto has = [](const RequestPtr& request) { return request->scoring() || request->embeds(); };
  return std::ranges::any_of(running_, has) || std::ranges::any_of(waiting_, has);
}

std::vector<Request*> Scheduler::all() const {
  std::vector<Request*> requests;
  for (const RequestPtr& request : running_) requests.push_back(request.get());
  for (const RequestPtr& request : waiting_) requests.push_back(request.get());
  return requests;
}

std::string Scheduler::check() const {
  std::vector<PageUse> uses;
  for (const Request* request : all()) uses.push_back({&request->pages, request->computed, request->settled()});
  return check_pages(pool_, tree_, options_.page_size, uses);
}

}  // namespace espalier
