// createEngine: an object whose methods stand on one native engine. Events reach JavaScript through one thread-safe
// function; the engine is stopped by close(), or when its environment ends.
#include "node/engine.h"

#include <algorithm>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cpu/group.h"
#include "cuda/client/backend.h"
#include "engine/engine.h"
#include "engine/errors.h"
#include "espalier.h"
#include "node/events.h"
#include "models/shard.h"
#include "node/matcher.h"
#include "node/model.h"
#include "node/promise_worker.h"
#include "node/speculation.h"
#include "node/submission.h"
#include "node/values.h"

namespace espalier {
namespace {

// One engine as its environment holds it, used on the environment's JavaScript thread alone; the engine's own thread
// only rings the bell. Lives at least until the engine is closed or the environment ends, whatever JavaScript forgets.
class EngineHolder : public std::enable_shared_from_this<EngineHolder> {
 public:
  struct Backends {
    std::unique_ptr<Backend> model, draft;
  };
  static std::shared_ptr<EngineHolder> create(Napi::Env env, Backends backends, const EngineOptions& options,
                                              Napi::Function on_events);

  Engine& engine() { return *engine_; }
  void submit(Napi::Env env, Submission submission);
  /// Delivers the last events and lets go of everything that the environment keeps for this engine.
  void shut(Napi::Env env);

 private:
  static void environment_ends(void* data);
  void deliver_events(Napi::Env env, Napi::Function on_events);

  std::unique_ptr<Engine> engine_;
  Napi::ThreadSafeFunction bell_;
  Napi::FunctionReference on_events_;
  std::shared_ptr<EngineHolder> self_;
  // Requests whose last event is still to come: for their sake alone the event loop is kept alive.
  size_t live_ = 0;
};

Napi::Object stats_object(Napi::Env env, const EngineStats& stats) {
  Napi::Object object = Napi::Object::New(env);
  const auto number = [&](const char* key, double value) { object.Set(key, Napi::Number::New(env, value)); };
  number("running", static_cast<double>(stats.running));
  number("queued", static_cast<double>(stats.queued));
  number("pagesTotal", static_cast<double>(stats.pages_total));
  number("pagesFree", static_cast<double>(stats.pages_free));
  number("pagesCached", static_cast<double>(stats.pages_cached));
  number("pagesEvicted", static_cast<double>(stats.cache.evicted));
  number("hostPagesTotal", static_cast<double>(stats.host_pages_total));
  number("hostPagesUsed", static_cast<double>(stats.host_pages_used));
  number("hostPagesStored", static_cast<double>(stats.cache.stored));
  number("hostPagesLoaded", static_cast<double>(stats.cache.loaded));
  number("hostPagesEvicted", static_cast<double>(stats.cache.host_evicted));
  number("headTokens", static_cast<double>(stats.cache.head_tokens));
  number("pageBytes", static_cast<double>(stats.page_bytes));
  number("cacheNodes", static_cast<double>(stats.cache_nodes));
  number("promptTokens", static_cast<double>(stats.scheduled.prompt_tokens));
  number("cachedTokens", static_cast<double>(stats.scheduled.cached_tokens));
  number("outputTokens", static_cast<double>(stats.output_tokens));
  number("forwardSteps", static_cast<double>(stats.forward_steps));
  number("overlappedSteps", static_cast<double>(stats.overlapped_steps));
  number("forwardMicros", stats.forward_micros);
  number("waitMicros", stats.wait_micros);
  number("maskMicros", stats.mask_micros);
  number("retractions", static_cast<double>(stats.scheduled.retractions));
  number("preemptions", static_cast<double>(stats.scheduled.preemptions));
  number("expectedShare", stats.expected_share);
  number("draftTokens", static_cast<double>(stats.draft_tokens));
  number("acceptedTokens", static_cast<double>(stats.accepted_tokens));
  number("draftMicros", stats.draft_micros);
  object.Set("cold", Napi::Boolean::New(env, stats.cold));
  return object;
}

SchedulePolicy policy_of(const Napi::Object& options) {
  const std::string name = string_of(options, "schedulePolicy");
  if (name == "lpm") return SchedulePolicy::LongestPrefix;
  if (name == "fcfs") return SchedulePolicy::FirstCome;
  if (name == "priority") return SchedulePolicy::Priority;
  throw coded_error(options.Env(), "bad_request", "schedulePolicy '" + name + "' is not lpm, fcfs or priority");
}

Eviction eviction_of(const Napi::Object& options) {
  const std::string name = string_of(options, "radixEviction");
  if (name == "lru") return Eviction::LeastRecent;
  if (name == "lfu") return Eviction::LeastFrequent;
  throw coded_error(options.Env(), "bad_request", "radixEviction '" + name + "' is not lru or lfu");
}

constexpr uint64_t kMost = uint64_t{1} << 30;

EngineOptions options_of(const Napi::Object& object, const ModelConfig& config) {
  EngineOptions options;
  options.scheduler.page_size = integer_of(object, "pageSize", 1, 4096);
  // On CUDA 0 stands for what fits.
  const uint64_t least_tokens = string_of(object, "device") == "cuda" ? 0 : 1;
  const uint64_t tokens = integer_of(object, "kvTokens", least_tokens, kMost);
  options.scheduler.pages = (tokens + options.scheduler.page_size - 1) / options.scheduler.page_size;
  const uint64_t host_tokens = integer_of(object, "hostKvTokens", 0, kMost);
  options.scheduler.host_pages = (host_tokens + options.scheduler.page_size - 1) / options.scheduler.page_size;
  options.scheduler.max_running = integer_of(object, "maxRunning", 1, 65536);
  options.scheduler.chunked_prefill_size = integer_of(object, "chunkedPrefillSize", 1, kMost);
  options.scheduler.radix_cache = boolean_of(object, "radixCache");
  options.scheduler.policy = policy_of(object);
  options.scheduler.eviction = eviction_of(object);
  options.max_queued = integer_of(object, "maxQueued", 0, kMost);
  options.overlap = boolean_of(object, "overlap");
  options.jump_forward = boolean_of(object, "jumpForward");
  options.forced_text = forced_text_of(object.Get("forcedText"));
  options.mask_threads = integer_of(object, "threads", 1, 4096);
  options.mask_rows = integer_of(object, "maskRows", 1, kMost);
  options.speculation = speculation_of(object.Get("speculation"), options.scheduler.page_size, least_tokens);
  options.vocab_size = config.vocab_size;
  options.hidden_size = config.hidden_size;
  options.max_positions = config.max_positions;
  return options;
}

// Runs `body` and turns the engine's failures into JavaScript errors.
template <class Body>
auto guarded(Napi::Env env, Body body) {
  try {
    return body();
  } catch (const EngineFailure& failure) {
    throw coded_error(env, failure.code, failure.what());
  } catch (const ModelError& error) {
    throw coded_error(env, error.code, error.what());
  } catch (const std::bad_alloc&) {
    throw coded_error(env, "no_memory", "out of memory (the KV cache is sized by kvTokens and hostKvTokens)");
  } catch (const std::system_error& error) {
    throw coded_error(env, "engine_error", error.what());
  }
}

// How many ranks share the model.
size_t ranks_of(const Napi::Object& object) {
  return object.Get("tp").IsUndefined() ? 1 : integer_of(object, "tp", 1, kMostRanks);
}

// The smaller model that drafts, or null.
std::shared_ptr<const Decoder> draft_model_of(const Napi::Object& object, const EngineOptions& options) {
  if (options.speculation.source != DraftSource::Model) return nullptr;
  std::shared_ptr<const Decoder> model = model_of(object.Get("speculation").As<Napi::Object>().Get("draftModel"));
  if (model->config().vocab_size != options.vocab_size)
    throw EngineFailure("bad_request", "the draft model has a vocabulary of " +
                                           std::to_string(model->config().vocab_size) + " tokens, the model one of " +
                                           std::to_string(options.vocab_size));
  if (model->config().max_positions < options.max_positions)
    throw EngineFailure("bad_request", "the draft model has " + std::to_string(model->config().max_positions) +
                                           " positions, the model " + std::to_string(options.max_positions));
  return model;
}

// Where kvTokens is 0, the model's pages become as many as fit beside the weights in a share of the memory, and a draft model's as many as those.
void fill_pages(const CudaBackend& model, const CudaBackend* draft, double share, EngineOptions& options) {
  constexpr size_t kMostPages = (size_t{1} << 31) - 1;
  const size_t page_size = options.scheduler.page_size;
  size_t& pages = options.scheduler.pages;
  size_t& draft_pages = options.speculation.draft_pages;
  if (pages == 0) {
    size_t free = model.bytes_for_pages(draft ? 2 : 1, share), page = model.page_bytes(page_size);
    if (draft && draft_pages == 0) page += draft->page_bytes(page_size);
    if (draft) free -= std::min(free, draft_pages * draft->page_bytes(page_size));
    pages = std::min(free / page, kMostPages);
    if (pages == 0) throw EngineFailure("no_memory", "the device has no memory left for a KV cache");
  }
  if (draft_pages == 0) draft_pages = pages;
}

EngineHolder::Backends cuda_backends(const Napi::Object& object, std::shared_ptr<const Decoder> model,
                                     EngineOptions& options) {
  const std::string dtype = string_of(object, "dtype");
  const CudaCompute compute = dtype == "bfloat16"  ? CudaCompute::BF16
                              : dtype == "float16" ? CudaCompute::F16
                              : dtype == "float32" ? CudaCompute::F32
                                                   : CudaCompute::Auto;
  std::shared_ptr<const Decoder> draft_model = draft_model_of(object, options);
  auto backend = std::make_unique<CudaBackend>(std::move(model), compute, ranks_of(object));
  auto draft = draft_model ? std::make_unique<CudaBackend>(std::move(draft_model), compute) : nullptr;
  const Napi::Value share = object.Get("memoryShare");
  fill_pages(*backend, draft.get(), share.IsNumber() ? share.As<Napi::Number>().DoubleValue() : 1, options);
  return {std::move(backend), std::move(draft)};
}

EngineHolder::Backends cpu_backends(const Napi::Object& object, std::shared_ptr<const Decoder> model,
                                    const EngineOptions& options) {
  if (model->source() == WeightSource::RandomOnDevice)
    throw coded_error(object.Env(), "bad_request", "the model has no weights on the host");
  const size_t threads = integer_of(object, "threads", 1, 4096);
  std::shared_ptr<const Decoder> draft_model = draft_model_of(object, options);
  auto draft = draft_model ? std::make_unique<CpuBackend>(std::move(draft_model), threads) : nullptr;
  return {make_cpu_backend(std::move(model), ranks_of(object), threads), std::move(draft)};
}

EngineHolder::Backends backends_of(const Napi::Object& object, std::shared_ptr<const Decoder> model,
                                   EngineOptions& options) {
  const std::string device = string_of(object, "device");
  if (device == "cuda") return cuda_backends(object, std::move(model), options);
  if (device == "cpu") return cpu_backends(object, std::move(model), options);
  throw coded_error(object.Env(), "bad_request", "device '" + device + "' is not cpu or cuda");
}

std::shared_ptr<EngineHolder> EngineHolder::create(Napi::Env env, Backends backends, const EngineOptions& options,
                                                   Napi::Function on_events) {
  auto holder = std::make_shared<EngineHolder>();
  holder->bell_ = Napi::ThreadSafeFunction::New(env, on_events, "espalier events", 0, 1);
  holder->bell_.Unref(env);
  const auto ring = [weak = std::weak_ptr(holder), raw = holder.get()] {
    raw->bell_.NonBlockingCall([weak](Napi::Env env, Napi::Function on_events) {
      const std::shared_ptr<EngineHolder> holder = weak.lock();
      if (holder && static_cast<napi_env>(env)) holder->deliver_events(env, on_events);
    });
  };
  try {
    holder->engine_ = std::make_unique<Engine>(options, std::move(backends.model), esp_mask_plugin_builtin(), ring,
                                               std::move(backends.draft));
  } catch (...) {
    holder->bell_.Release();
    throw;
  }
  holder->on_events_ = Napi::Persistent(on_events);
  holder->self_ = holder;
  // Added after the thread-safe function was made, so that it runs before that one is torn down.
  napi_add_env_cleanup_hook(env, environment_ends, holder.get());
  return holder;
}

void EngineHolder::submit(Napi::Env env, Submission submission) {
  engine_->submit(std::move(submission));
  if (live_++ == 0) bell_.Ref(env);
}

void EngineHolder::deliver_events(Napi::Env env, Napi::Function on_events) {
  const std::vector<Event> events = engine_->take_events();
  if (events.empty()) return;
  const auto finished = std::ranges::count_if(events, [](const Event& event) { return event.finish.has_value(); });
  live_ -= static_cast<size_t>(finished);
  if (finished > 0 && live_ == 0 && self_) bell_.Unref(env);
  on_events.Call({event_array(env, events)});
}

void EngineHolder::shut(Napi::Env env) {
  if (!self_) return;
  const std::shared_ptr<EngineHolder> alive = std::move(self_);
  const Napi::Function on_events = on_events_.Value();
  napi_remove_env_cleanup_hook(env, environment_ends, this);
  bell_.Release();
  on_events_.Reset();
  deliver_events(env, on_events);
}

// The environment (a worker, or the process) goes away under an open engine: no event can be delivered any more.
void EngineHolder::environment_ends(void* data) {
  const std::shared_ptr<EngineHolder> alive = std::move(static_cast<EngineHolder*>(data)->self_);
  alive->engine_->close();
  alive->bell_.Abort();
  alive->on_events_.Reset();
}

using Holder = std::shared_ptr<EngineHolder>;

Napi::Object engine_object(Napi::Env env, const Holder& holder) {
  Napi::Object object = Napi::Object::New(env);
  const auto method = [&](const char* name, auto body) { object.Set(name, Napi::Function::New(env, body, name)); };
  method("submit", [holder](const Napi::CallbackInfo& info) {
    guarded(info.Env(), [&] { holder->submit(info.Env(), submission_of(info[0])); });
  });
  method("abort", [holder](const Napi::CallbackInfo& info) {
    const double id = info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : -1;
    if (id >= 0 && id <= static_cast<double>(kMostInteger)) holder->engine().abort(static_cast<uint64_t>(id));
  });
  method("giveGrammar", [holder](const Napi::CallbackInfo& info) {
    const double id = info[0].IsNumber() ? info[0].As<Napi::Number>().DoubleValue() : -1;
    if (id >= 0 && id <= static_cast<double>(kMostInteger))
      holder->engine().give_grammar(static_cast<uint64_t>(id), grammar_of(info[1]));
  });
  method("stats", [holder](const Napi::CallbackInfo& info) -> Napi::Value {
    return stats_object(info.Env(), holder->engine().stats());
  });
  method("flushCache", [holder](const Napi::CallbackInfo& info) -> Napi::Value {
    return PromiseWorker<size_t>::start(
        info.Env(), [holder] { return holder->engine().flush_cache(); },
        [](Napi::Env env, size_t&& pages) -> Napi::Value {
          return Napi::Number::New(env, static_cast<double>(pages));
        });
  });
  method("cachedPrefixes", [holder](const Napi::CallbackInfo& info) -> Napi::Value {
    const Napi::Object options = object_of(info[0], "the options");
    const uint64_t most = integer_of(options, "most", 0, kMostInteger);
    return PromiseWorker<std::vector<CachedPrefix>>::start(
        info.Env(), [holder, most] { return holder->engine().cached_prefixes(most); },
        [](Napi::Env env, std::vector<CachedPrefix>&& prefixes) -> Napi::Value { return prefix_array(env, prefixes); });
  });
  method("check", [holder](const Napi::CallbackInfo& info) -> Napi::Value {
    return PromiseWorker<std::string>::start(
        info.Env(), [holder] { return holder->engine().check(); },
        [](Napi::Env env, std::string&& wrong) -> Napi::Value { return Napi::String::New(env, wrong); });
  });
  method("close", [holder](const Napi::CallbackInfo& info) -> Napi::Value {
    return PromiseWorker<bool>::start(
        info.Env(), [holder] { return holder->engine().close(), true; },
        [holder](Napi::Env env, bool&&) -> Napi::Value {
          holder->shut(env);
          return env.Undefined();
        });
  });
  return object;
}

Napi::Value create_engine(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  std::shared_ptr<const Decoder> model = model_of(info[0]);
  const Napi::Object object = object_of(info[1], "the engine options");
  EngineOptions options = options_of(object, model->config());
  if (!info[2].IsFunction()) throw coded_error(env, "bad_request", "onEvents must be a function");
  const Napi::Function on_events = info[2].As<Napi::Function>();
  return guarded(env, [&] {
    EngineHolder::Backends backends = backends_of(object, std::move(model), options);
    return engine_object(env, EngineHolder::create(env, std::move(backends), options, on_events));
  });
}

}  // namespace
}  // namespace espalier

void InitEngine(Napi::Env env, Napi::Object exports) {
  espalier::init_model(env, exports);
  exports.Set("createEngine", Napi::Function::New(env, espalier::create_engine, "createEngine"));
}
