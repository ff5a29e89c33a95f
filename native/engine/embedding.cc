// Embeddings: the mean of the final hidden states of a prompt's tokens, or the last one. Their tokens run in a pass of their
// own in each step, those of all requests for embeddings together; no logits are computed. Sums begin with the prompt's
// first token and go on in the order of its tokens, so that they do not depend on its chunks.
#include <algorithm>
#include <utility>
#include <vector>

#include "engine/engine.h"

namespace espalier {
namespace {

// The planned tokens; those that are pooled have logit rows.
Segment segment_of(const PlannedSegment& planned) {
  const Request& request = *planned.request;
  const bool last = planned.count == request.pending();
  const size_t rows = request.asked.pooling == Pooling::Mean ? planned.count : last;
  return {request.tokens.data() + request.computed, planned.count, request.computed, request.pages.data(), rows};
}

}  // namespace

void Engine::pool_prompts(const std::vector<PlannedSegment>& plan) {
  const size_t size = options_.hidden_size;
  std::vector<Segment> segments;
  std::vector<Request*> requests;
  std::vector<float> sums;
  for (const PlannedSegment& planned : plan) {
    Request& request = *planned.request;
    if (!request.embeds()) continue;
    // One that was retracted begins again.
    if (request.pooled.empty() || request.computed == 0) request.pooled.assign(size, 0.0f);
    segments.push_back(segment_of(planned));
    requests.push_back(&request);
    sums.insert(sums.end(), request.pooled.begin(), request.pooled.end());
  }
  if (segments.empty()) return;
  backend_->sum_hidden(segments, sums);
  auto from = sums.begin();
  for (Request* request : requests) {
    std::copy_n(from, size, request->pooled.begin());
    from += static_cast<ptrdiff_t>(size);
  }
}

void Engine::end_embeddings(const std::vector<PlannedSegment>& plan) {
  for (const PlannedSegment& planned : plan) {
    Request& request = *planned.request;
    if (!request.embeds() || request.pending() > 0) continue;
    if (request.asked.pooling == Pooling::Mean)
      for (float& value : request.pooled) value /= static_cast<float>(request.prompt_size());
    outbox_.add_embedding(request.asked.id, std::move(request.pooled));
    end(request, {FinishReason::Stop});
  }
}

}  // namespace espalier
