// What the engine tells JavaScript, as objects of it.
#pragma once
#include <napi.h>

#include <vector>

#include "engine/outbox.h"
#include "engine/radix_tree.h"

namespace espalier {

/// Events as NativeEvent of src/native/types.ts.
Napi::Array event_array(Napi::Env env, const std::vector<Event>& events);
/// Nodes of the prefix cache as NativeCachedPrefix.
Napi::Array prefix_array(Napi::Env env, const std::vector<CachedPrefix>& prefixes);

}  // namespace espalier
