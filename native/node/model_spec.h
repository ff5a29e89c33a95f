// A NativeModelSpec of src/native/types.ts to a ModelSpec.
#pragma once
#include <napi.h>

#include "models/config.h"

namespace espalier {

/// Throws Napi::Error with a `code`, naming what is not as asked; whether the numbers make a decoder is not judged here.
ModelSpec spec_of(const Napi::Value& value);

}  // namespace espalier
