// The engine's part of the addon: loadModel, logits and createEngine.
#pragma once
#include <napi.h>

void InitEngine(Napi::Env env, Napi::Object exports);
