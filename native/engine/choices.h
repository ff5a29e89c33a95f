// What a request's next tokens are sampled with.
#pragma once
#include "engine/backend.h"
#include "engine/request.h"

namespace espalier {

/// The choice of the token behind the first `drafted` tokens of the request's draft; 0: behind its own. The mask there is
/// filled. Its row of logits is the request's, counted on by `drafted`. Adjustments live as long as request and draft.
Choice choice_behind(Request& request, size_t drafted, MaskPool& masks);

}  // namespace espalier
