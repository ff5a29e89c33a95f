// A drafted token's row has its mask and adjustments with it.
#include "engine/choices.h"

namespace espalier {

Choice choice_behind(Request& request, size_t drafted, MaskPool& masks) {
  const Submission& asked = request.asked;
  Choice choice{.logit_row = request.logit_row + drafted,
                .sampling = asked.sampling,
                .position = request.tokens.size() + drafted,
                .logprobs = asked.logprobs};
  if (request.matcher) {
    choice.mask_row = drafted == 0 ? request.mask.row : request.draft.rows[drafted - 1].mask.row;
    choice.mask = masks.data(choice.mask_row);
  }
  if (drafted == 0)
    choice.adjustments = request.adjustments.next(choice.mask, request.allowed);
  else
    choice.adjustments = request.draft.rows[drafted - 1].adjustments;
  return choice;
}

}  // namespace espalier
