#include "node/engine.h"

#include "node/model.h"

void InitEngine(Napi::Env env, Napi::Object exports) { espalier::init_model(env, exports); }
