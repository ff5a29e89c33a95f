// The engine's thread, before it plans a step: what is drafted of each request's next tokens. Drafts live for one step.
#include <algorithm>
#include <chrono>
#include <vector>

#include "engine/engine.h"

namespace espalier {
namespace {

// Requests that ended while they were drafted for are no more.
bool has_ended(const Progress& one) { return one.ending.has_value(); }

}  // namespace

void Engine::draft() {
  const Clock::time_point start = Clock::now();
  std::vector<Progress> drafting;
  for (Request* request : scheduler_.all()) {
    request->draft.clear();
    DraftModel::keep(*request, request->tokens.size());
    if (draft_model_ && request->pages.empty()) draft_model_->forget(*request);
    if (request->asked.speculate && drafter_->may_draft(*request)) drafting.push_back({request});
  }
  if (drafting.empty()) return;
  // A model's guesses are sampled, the first one with the mask of the next token.
  if (draft_model_) progress(drafting, [&](Progress& one) { stepper_->prepare(one); });
  std::erase_if(drafting, has_ended);
  progress(drafting, [&](Progress& one) { drafter_->begin(*one.request); });
  std::erase_if(drafting, has_ended);
  if (draft_model_) guess_by_model(drafting);
  progress(drafting, [&](Progress& one) {
    if (!drafter_->finish(*one.request))
      one.ending = {FinishReason::Error, -1, "grammar_error", "the grammar engine cannot take tokens back"};
  });
  counts_.draft_micros += std::chrono::duration<double, std::micro>(Clock::now() - start).count();
}

// Token by token, each time one pass for all that want one more.
void Engine::guess_by_model(std::vector<Progress>& drafting) {
  while (true) {
    std::vector<Request*> asking;
    for (const Progress& one : drafting)
      if (drafter_->wants_guess(*one.request)) asking.push_back(one.request);
    if (asking.empty()) return;
    std::vector<int32_t> guesses(asking.size());
    draft_model_->guess(asking, guesses, *masks_);
    std::vector<Progress> guessed;
    for (size_t i = 0; i < asking.size(); ++i) guessed.push_back({asking[i], {&guesses[i], 1}});
    progress(guessed, [&](Progress& one) { drafter_->add_guess(*one.request, one.sampled[0]); });
    for (const Progress& ended : guessed)
      if (has_ended(ended))
        std::erase_if(drafting, [&](const Progress& one) { return one.request == ended.request; });
  }
}

}  // namespace espalier
