// loadModel and logits. The work runs on libuv's threads; the handle is an External that owns the weights.
#include "node/model.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "cpu/backend.h"
#include "node/promise_worker.h"
#include "node/values.h"

namespace espalier {
namespace {

using Model = std::shared_ptr<const Decoder>;

constexpr napi_type_tag kModelTag = {0x6573706c6d6f6465, 0x8d1f0c52a9e3b746};
constexpr size_t kPageSize = 16;

RopeScaling rope_scaling_of(const Napi::Value& value) {
  RopeScaling scaling;
  if (value.IsUndefined() || value.IsNull()) return scaling;
  const Napi::Object object = object_of(value, "ropeScaling");
  const std::string kind = string_of(object, "kind");
  if (kind != "llama3" && kind != "linear")
    throw coded_error(value.Env(), "model_config", "ropeScaling.kind '" + kind + "' is not llama3 or linear");
  scaling.kind = kind == "linear" ? RopeScaling::Kind::Linear : RopeScaling::Kind::Llama3;
  scaling.factor = number_of(object, "factor");
  if (kind == "linear") return scaling;
  scaling.low_freq_factor = number_of(object, "lowFreqFactor");
  scaling.high_freq_factor = number_of(object, "highFreqFactor");
  scaling.original_max_positions = number_of(object, "originalMaxPositions");
  return scaling;
}

ModelConfig config_of(const Napi::Object& spec) {
  ModelConfig config;
  const auto count = [&](const char* key) { return static_cast<size_t>(integer_of(spec, key, 0, kMostInteger)); };
  config.vocab_size = count("vocabSize");
  config.hidden_size = count("hiddenSize");
  config.intermediate_size = count("intermediateSize");
  config.layers = count("layers");
  config.heads = count("heads");
  config.kv_heads = count("kvHeads");
  config.head_dim = count("headDim");
  config.max_positions = count("maxPositions");
  config.rope_theta = number_of(spec, "ropeTheta");
  config.rms_norm_eps = number_of(spec, "rmsNormEps");
  config.tied_embeddings = boolean_of(spec, "tiedEmbeddings");
  config.rope_scaling = rope_scaling_of(spec.Get("ropeScaling"));
  return config;
}

DType dtype_of(const Napi::Object& tensor) {
  const std::string name = string_of(tensor, "dtype");
  if (name == "F32") return DType::F32;
  if (name == "F16") return DType::F16;
  if (name == "BF16") return DType::BF16;
  throw coded_error(tensor.Env(), "model_tensor",
                    "tensor " + string_of(tensor, "name") + " has dtype " + name + "; F32, F16 and BF16 are supported");
}

Napi::Array array_of(const Napi::Object& object, const char* key) {
  const Napi::Value value = object.Get(key);
  if (!value.IsArray()) throw coded_error(object.Env(), "bad_request", std::string(key) + " must be an array");
  return value.As<Napi::Array>();
}

TensorSpec tensor_of(const Napi::Object& object) {
  TensorSpec tensor;
  tensor.name = string_of(object, "name");
  tensor.dtype = dtype_of(object);
  tensor.file = integer_of(object, "file", 0, kMostInteger);
  tensor.offset = integer_of(object, "offset", 0, kMostInteger);
  const Napi::Array shape = array_of(object, "shape");
  for (uint32_t i = 0; i < shape.Length(); ++i) {
    const Napi::Value size = shape.Get(i);
    if (!size.IsNumber() || !(size.As<Napi::Number>().DoubleValue() >= 0))
      throw coded_error(object.Env(), "model_tensor", "tensor " + tensor.name + " has a shape that is not of numbers");
    tensor.shape.push_back(static_cast<size_t>(std::min(size.As<Napi::Number>().DoubleValue(), 0x1p53)));
  }
  return tensor;
}

ModelSpec spec_of(const Napi::Value& value) {
  const Napi::Object object = object_of(value, "the model spec");
  ModelSpec spec;
  spec.config = config_of(object);
  const Napi::Value random = object.Get("random");
  if (!random.IsUndefined()) {
    const std::string place = string_of(object, "random");
    if (place != "host" && place != "device")
      throw coded_error(value.Env(), "bad_request", "random '" + place + "' is not host or device");
    spec.source = place == "host" ? WeightSource::RandomOnHost : WeightSource::RandomOnDevice;
    return spec;
  }
  const Napi::Array files = array_of(object, "files");
  for (uint32_t i = 0; i < files.Length(); ++i) {
    const Napi::Value path = files.Get(i);
    if (!path.IsString()) throw coded_error(value.Env(), "bad_request", "files must be an array of paths");
    spec.files.push_back(path.As<Napi::String>().Utf8Value());
  }
  const Napi::Array tensors = array_of(object, "tensors");
  for (uint32_t i = 0; i < tensors.Length(); ++i)
    spec.tensors.push_back(tensor_of(object_of(tensors.Get(i), "a tensor")));
  return spec;
}

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

std::vector<float> all_logits(const Model& model, const std::vector<int32_t>& tokens, size_t chunk) {
  CpuBackend backend(model, std::min<size_t>(16, std::thread::hardware_concurrency()));
  const size_t pages = (tokens.size() + kPageSize - 1) / kPageSize, vocab = model->config().vocab_size;
  backend.allocate_kv(pages, kPageSize);
  std::vector<int32_t> table(pages);
  for (size_t i = 0; i < pages; ++i) table[i] = static_cast<int32_t>(i);
  std::vector<float> logits(tokens.size() * vocab);
  for (size_t at = 0; at < tokens.size(); at += chunk) {
    const size_t count = std::min(chunk, tokens.size() - at);
    const Segment segment{tokens.data() + at, count, at, table.data(), count};
    backend.forward({&segment, 1}, logits.data() + at * vocab);
  }
  return logits;
}

Napi::Value logits(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Model model = model_of(info[0]);
  std::vector<int32_t> tokens = tokens_of(info[1], "tokens");
  const double chunk = info[2].IsNumber() ? info[2].As<Napi::Number>().DoubleValue() : 0;
  if (!(chunk >= 1)) throw coded_error(env, "bad_request", "chunk must be at least 1");
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
      env, [model, tokens = std::move(tokens), size] { return all_logits(model, tokens, size); },
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
