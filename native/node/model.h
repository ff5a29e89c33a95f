// Models as JavaScript holds them: loading one from a NativeModelSpec, its handle, and the logits of a whole prompt.
#pragma once
#include <napi.h>

#include <memory>

#include "models/decoder.h"

namespace espalier {

/// The model of a handle. @throws Napi::Error `bad_request` when the value is no model handle.
std::shared_ptr<const Decoder> model_of(const Napi::Value& handle);

/// Adds loadModel and logits to the addon's exports.
void init_model(Napi::Env env, Napi::Object exports);

}  // namespace espalier
