// What an engine spells forced text with and drafts by, read from its options.
#pragma once
#include <napi.h>

#include <memory>

#include "engine/speculation.h"

namespace espalier {

/// A NativeForcedText; null where it is undefined. Both throw Napi::Error `bad_request`, naming what is not as asked.
std::shared_ptr<const ForcedText> forced_text_of(const Napi::Value& value);

/// A NativeSpeculation, less its draft model; off where it is undefined.
/// `least_tokens`: the least of kvTokens.
SpeculationOptions speculation_of(const Napi::Value& value, size_t page_size, uint64_t least_tokens);

}  // namespace espalier
