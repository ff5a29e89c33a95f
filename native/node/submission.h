// A NativeRequest of src/native/types.ts as the engine takes it.
#pragma once
#include <napi.h>

#include "engine/request.h"

namespace espalier {

/// @throws Napi::Error `bad_request` naming the field.
Submission submission_of(const Napi::Value& value);
/// Of a grammar's handle; undefined and null are none.
GrammarRef grammar_of(const Napi::Value& value);

}  // namespace espalier
