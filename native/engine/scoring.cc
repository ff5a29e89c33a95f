// Log-probabilities of a prompt's tokens: each is told by the logits of the token before it, so that all tokens but the
// last are computed here, a few at a time; by the back end where it can, else with their logits in the host's memory.
#include <atomic>
#include <cstdint>
#include <new>
#include <span>
#include <vector>

#include "engine/engine.h"

namespace espalier {

void Engine::score_prompt(Request& request, size_t count) {
  const Clock::time_point start = Clock::now();
  const size_t first = request.computed, end = first + count;
  // A pass that begins with tokens of an earlier one, after a retraction, scores none of them again.
  const size_t rows = end - std::min(end, request.next_score - 1);
  const Segment segment{request.tokens.data() + first, count, first, request.pages.data(), rows};
  const std::span<const int32_t> scored(request.tokens.data() + (end - rows) + 1, rows);
  const auto alternatives = static_cast<size_t>(request.asked.prompt_logprobs);
  std::vector<Logprobs> found(rows);
  if (!backend_->score(segment, scored, alternatives, found)) score_on_host(segment, scored, alternatives, found);
  for (const Logprobs& logprobs : found) outbox_.add_prompt_logprobs(request.asked.id, logprobs, alternatives);
  request.next_score += rows;
  counts_.forward_micros += std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

void Engine::score_on_host(const Segment& segment, std::span<const int32_t> scored, size_t alternatives,
                           std::span<Logprobs> found) {
  std::vector<float> logits(found.size() * options_.vocab_size);
  backend_->forward({&segment, 1}, found.empty() ? nullptr : logits.data());
  std::atomic<bool> failed = false;
  mask_threads_.parallel_for(found.size(), [&](size_t row, size_t) {
    try {
      const std::span all(logits.data() + row * options_.vocab_size, options_.vocab_size);
      found[row] = find_logprobs(all, scored[row], alternatives);
    } catch (const std::bad_alloc&) {
      failed = true;
    }
  });
  if (failed) throw std::bad_alloc();
}

}  // namespace espalier
