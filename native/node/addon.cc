// The addon's entry: one set of exports per environment (main thread or worker); no state is shared between them here.
#include <napi.h>

#include "cpu/kernels.h"
#include "espalier.h"
#include "node/engine.h"
#include "node/matcher.h"

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("abiVersion", Napi::Number::New(env, ESP_ABI_VERSION));
  exports.Set("cpuKernels", Napi::String::New(env, espalier::cpu_kernels().name));
  espalier::node::InitMatcher(env, exports);
  InitEngine(env, exports);
  return exports;
}

NODE_API_MODULE(espalier, Init)
