// The processor time of the calling thread, which Node 20 does not tell: benchmarks take out with it what other threads of
// the process, V8's own, do meanwhile on the same core, as Python's time.thread_time does for the engines beside ours.
#include <node_api.h>

#include <ctime>

namespace {

/// Nanoseconds, or -1 where there is no such clock.
napi_value thread_nanos(napi_env env, napi_callback_info) {
  double nanos = -1;
#ifdef CLOCK_THREAD_CPUTIME_ID
  timespec now;
  if (clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0)
    nanos = static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
#endif
  napi_value result = nullptr;
  napi_create_double(env, nanos, &result);
  return result;
}

}  // namespace

NAPI_MODULE_INIT() {
  napi_value function = nullptr;
  napi_create_function(env, "threadNanos", NAPI_AUTO_LENGTH, thread_nanos, nullptr, &function);
  napi_set_named_property(env, exports, "threadNanos", function);
  return exports;
}
