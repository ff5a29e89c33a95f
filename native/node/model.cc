// loadModel and logits. The work runs on libuv's threads; the handle is an External that owns the weights.
#include "node/model.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "cpu/group.h"
#include "node/model_spec.h"
#include "node/promise_worker.h"
#include "node/values.h"

namespace espalier {
namespace {

using Model = std::shared_ptr<const Decoder>;

constexpr napi_type_tag kModelTag = {0x6573706c6d6f6465, 0x8d1f0c52a9e3b746};
constexpr size_t kPageSize = 16;

Napi::Value load_model(const Napi::CallbackInfo& info) {
  ModelSpec spec = spec_of(info[0]);
  return PromiseWorker<Model>::start(
      info.Env(), [spec = std::move(spec)] { return Model(std::make_shared<Decoder>(spec)); },
      [](Napi::Env env, Model&& model) -> Napi::Value {
        auto handle =
            Napi::External<Model>::New(env, new Model(std::move(model)), [](Napi::Env, Model* owned) { delete owned; });
        handle.TypeTag(&kModelTag);
        return handle;
      });
}

std::vector<float> all_logits(const Model& model, const std::vector<int32_t>& tokens, size_t chunk, size_t ranks) {
  const auto backend = make_cpu_backend(model, ranks, std::min<size_t>(16, std::thread::hardware_concurrency()));
  const size_t pages = (tokens.size() + kPageSize - 1) / kPageSize, vocab = model->config().vocab_size;
  backend->allocate_kv(pages, kPageSize);
  std::vector<int32_t> table(pages);
  for (size_t i = 0; i < pages; ++i) table[i] = static_cast<int32_t>(i);
  std::vector<float> logits(tokens.size() * vocab);
  for (size_t at = 0; at < tokens.size(); at += chunk) {
    const size_t count = std::min(chunk, tokens.size() - at);
    const Segment segment{tokens.data() + at, count, at, table.data(), count};
    backend->forward({&segment, 1}, logits.data() + at * vocab);
  }
  return logits;
}

Napi::Value logits(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Model model = model_of(info[0]);
  std::vector<int32_t> tokens = tokens_of(info[1], "tokens");
  const double chunk = info[2].IsNumber() ? info[2].As<Napi::Number>().DoubleValue() : 0;
  if (!(chunk >= 1)) throw coded_error(env, "bad_request", "chunk must be at least 1");
  const uint32_t ranks = info[3].IsNumber() ? info[3].As<Napi::Number>().Uint32Value() : 1;
  const ModelConfig& config = model->config();
  if (model->source() == WeightSource::RandomOnDevice)
    throw coded_error(env, "bad_request", "the model has no weights on the host");
  if (tokens.empty() || tokens.size() > config.max_positions)
    throw coded_error(env, "bad_request",
                      "tokens must be 1 to maxPositions (" + std::to_string(config.max_positions) + ") long");
  for (const int32_t token : tokens)
    if (token < 0 || static_cast<size_t>(token) >= config.vocab_size)
      throw coded_error(env, "bad_request", "token " + std::to_string(token) + " is outside the vocabulary");
  const auto size = static_cast<size_t>(std::min(chunk, static_cast<double>(tokens.size())));
  return PromiseWorker<std::vector<float>>::start(
      env, [model, tokens = std::move(tokens), size, ranks] { return all_logits(model, tokens, size, ranks); },
      [](Napi::Env env, std::vector<float>&& values) -> Napi::Value {
        auto array = Napi::Float32Array::New(env, values.size());
        std::copy(values.begin(), values.end(), array.Data());
        return array;
      });
}

}  // namespace

std::shared_ptr<const Decoder> model_of(const Napi::Value& handle) {
  if (handle.IsExternal()) {
    const auto external = handle.As<Napi::External<Model>>();
    if (external.CheckTypeTag(&kModelTag)) return *external.Data();
  }
  throw coded_error(handle.Env(), "bad_request", "not a model handle");
}

void init_model(Napi::Env env, Napi::Object exports) {
  exports.Set("loadModel", Napi::Function::New(env, load_model, "loadModel"));
  exports.Set("logits", Napi::Function::New(env, logits, "logits"));
}

}  // namespace espalier
