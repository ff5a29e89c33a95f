// Figures of masks and caches for JavaScript.
#pragma once

#include <napi.h>

#include "espalier.h"

namespace espalier::node {

/// As NativeMaskStats in src/native/types.ts.
Napi::Object mask_stats_of(Napi::Env env, const esp_tokenizer* tokenizer);
/// As NativeGrammarMemory in src/native/types.ts.
Napi::Object grammar_memory_of(Napi::Env env, esp_grammar* grammar);

}  // namespace espalier::node
