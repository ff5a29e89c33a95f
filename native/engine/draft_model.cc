// Each call is one pass over what every request lacks, mostly the token that was guessed last.
#include "engine/draft_model.h"

#include <algorithm>
#include <utility>

#include "engine/page_check.h"

namespace espalier {

DraftModel::DraftModel(std::unique_ptr<Backend> backend, size_t pages, size_t page_size, size_t chunk, bool caches)
    : backend_(std::move(backend)),
      page_size_(page_size),
      chunk_(chunk),
      caches_(caches),
      pool_(pages),
      tree_(pool_, page_size, Eviction::LeastRecent) {
  backend_->allocate_kv(pages, page_size);
}

std::vector<DraftModel::Part> DraftModel::plan(std::span<Request* const> requests) {
  std::vector<Part> parts;
  size_t budget = chunk_;
  for (size_t i = 0; i < requests.size(); ++i) {
    Request& request = *requests[i];
    const size_t known = request.tokens.size(), length = known + request.draft.tokens.size();
    if (!secure_pages(request, length)) continue;
    const size_t lacks = length - request.draft_computed;
    const size_t count = lacks == 1 ? 1 : std::min(lacks, budget);
    if (count == 0) continue;
    if (lacks > 1) budget -= count;
    Part part{i, {}, count == lacks};
    for (size_t at = request.draft_computed; at < request.draft_computed + count; ++at)
      part.tokens.push_back(at < known ? request.tokens[at] : request.draft.tokens[at - known]);
    parts.push_back(std::move(part));
  }
  return parts;
}

void DraftModel::guess(std::span<Request* const> requests, std::span<int32_t> tokens, MaskPool& masks) {
  std::ranges::fill(tokens, kNoToken);
  const std::vector<Part> parts = plan(requests);
  if (parts.empty()) return;
  std::vector<Segment> segments;
  std::vector<Choice> choices;
  for (const Part& part : parts) {
    Request& request = *requests[part.request];
    segments.push_back({part.tokens.data(), part.tokens.size(), request.draft_computed, request.draft_pages.data(),
                        part.whole ? size_t{1} : size_t{0}});
    if (!part.whole) continue;
    Choice choice = choice_behind(request, request.draft.tokens.size(), masks);
    choice.logit_row = choices.size();
    choice.logprobs = -1;
    choices.push_back(choice);
  }
  backend_->forward(segments, nullptr);
  for (const Part& part : parts) {
    requests[part.request]->draft_computed += part.tokens.size();
    if (part.tokens.size() > 1) remember(*requests[part.request]);
  }
  if (choices.empty()) return;
  const std::vector<int32_t> fresh = masks.take_fresh();
  if (!fresh.empty()) backend_->send_masks(fresh);
  backend_->choose(choices);
  std::vector<int32_t> chosen(choices.size(), kNoToken);
  backend_->take(chosen, {});
  size_t next = 0;
  for (const Part& part : parts)
    if (part.whole) tokens[part.request] = chosen[next++];
}

void DraftModel::keep(Request& request, size_t count) { request.draft_computed = std::min(request.draft_computed, count); }

void DraftModel::forget(Request& request) {
  keep(request, request.tokens.size());
  remember(request);
  for (const int32_t page : request.draft_pages) pool_.release(page);
  request.draft_pages.clear();
  request.draft_computed = 0;
}

// A request's first pages come from the cache. Its last token is always computed, for its logits.
bool DraftModel::secure_pages(Request& request, size_t tokens) {
  if (request.draft_pages.empty() && caches_) {
    request.draft_pages = tree_.acquire(request.asked.salt, request.tokens, (request.tokens.size() - 1) / page_size_);
    request.draft_computed = request.draft_pages.size() * page_size_;
  }
  return tree_.grow(request.draft_pages, (tokens + page_size_ - 1) / page_size_);
}

// Drafted tokens may be wrong: only pages of the request's own are cached.
void DraftModel::remember(Request& request) {
  const size_t settled = std::min(request.draft_computed, request.tokens.size());
  if (caches_) tree_.insert(request.asked.salt, request.tokens, request.draft_pages, settled / page_size_);
}

std::string DraftModel::check(std::span<Request* const> requests) const {
  std::vector<PageUse> uses;
  for (const Request* request : requests) {
    const size_t settled = std::min(request->draft_computed, request->tokens.size());
    uses.push_back({&request->draft_pages, request->draft_computed, settled});
  }
  const std::string wrong = check_pages(pool_, tree_, page_size_, uses);
  return wrong.empty() ? "" : "draft model: " + wrong;
}

}  // namespace espalier
