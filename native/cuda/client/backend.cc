#include "cuda/client/backend.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "cuda/client/library.h"
#include "engine/errors.h"

namespace espalier {
namespace {

// Left for activations, logits, graphs and the matrix library.
constexpr size_t kReservedBytes = size_t{6} << 30;

esp_cuda_dtype dtype_of(DType dtype) {
  if (is_quantized(dtype)) throw EngineFailure("unsupported_model", "the CUDA back end has no quantised weights");
  return dtype == DType::F32 ? ESP_CUDA_F32 : dtype == DType::F16 ? ESP_CUDA_F16 : ESP_CUDA_BF16;
}

esp_cuda_dtype compute_of(const Decoder& model, CudaCompute compute) {
  if (compute == CudaCompute::Auto) return dtype_of(model.embedding().dtype);
  return compute == CudaCompute::F32 ? ESP_CUDA_F32 : compute == CudaCompute::F16 ? ESP_CUDA_F16 : ESP_CUDA_BF16;
}

/// What this back end does not compute is refused by name.
void check_supported(const ModelConfig& c) {
  const auto need = [](bool plain, const char* what) {
    if (!plain) throw EngineFailure("unsupported_model", std::string("the CUDA back end has no ") + what);
  };
  need(c.latent.kv_rank == 0, "latent attention");
  for (const LayerKind& kind : c.layer_kinds) {
    need(!kind.experts, "mixtures of experts");
    need(kind.window == 0 || kind.window >= c.max_positions, "sliding windows");
  }
  need(!c.qkv_bias && !c.output_bias && !c.mlp_bias, "biases");
  need(!c.qk_norm, "norms of queries and keys");
  need(!c.output_norms, "norms after attention and feed-forward");
  need(c.activation == Activation::Silu, "GELU");
  need(c.embedding_scale == 1, "scaled embeddings");
  need(c.attention_scale == 0, "attention scale of a model's own");
  need(c.attention_soft_cap == 0 && c.logit_soft_cap == 0, "soft caps");
  need(c.rotated() == c.head_dim && !c.rope_interleaved, "partial or interleaved rotary embedding");
  need(c.window_rope_theta == 0, "second rotary embedding");
  need(c.rope_scaling.attention_factor == 1, "attention factor in rope scaling");
}

esp_cuda_config config_of(const Decoder& model, esp_cuda_dtype compute, int device) {
  const ModelConfig& c = model.config();
  esp_cuda_config config{};
  config.device = device;
  config.compute = compute;
  config.vocab_size = c.vocab_size;
  config.hidden_size = c.hidden_size;
  config.intermediate_size = c.intermediate_size;
  config.layers = c.layers;
  config.heads = c.heads;
  config.kv_heads = c.kv_heads;
  config.head_dim = c.head_dim;
  config.max_positions = c.max_positions;
  config.rms_norm_eps = static_cast<float>(c.rms_norm_eps);
  config.rope_frequencies = model.rope_frequencies().data();
  config.tied_embeddings = c.tied_embeddings;
  return config;
}

// The engine's list goes through the C ABI as it is.
static_assert(sizeof(Adjustment) == sizeof(esp_cuda_adjustment) &&
              offsetof(Adjustment, token) == offsetof(esp_cuda_adjustment, token) &&
              offsetof(Adjustment, bias) == offsetof(esp_cuda_adjustment, bias) &&
              offsetof(Adjustment, outputs) == offsetof(esp_cuda_adjustment, outputs) &&
              offsetof(Adjustment, seen) == offsetof(esp_cuda_adjustment, seen));
static_assert(kMostAlternatives == ESP_CUDA_MOST_ALTERNATIVES);

esp_cuda_choice choice_of(const Choice& c) {
  const Sampling& s = c.sampling;
  return {.logit_row = c.logit_row,
          .mask = c.mask_row,
          .temperature = s.temperature,
          .top_k = s.top_k,
          .top_p = s.top_p,
          .min_p = s.min_p,
          .uniform = uniform(s.seed, c.position),
          .repetition_penalty = s.repetition_penalty,
          .frequency_penalty = s.frequency_penalty,
          .presence_penalty = s.presence_penalty,
          .adjustments = reinterpret_cast<const esp_cuda_adjustment*>(c.adjustments.data()),
          .adjustment_count = c.adjustments.size(),
          .wants_logprobs = c.logprobs >= 0,
          .alternatives = std::max(c.logprobs, 0)};
}

}  // namespace

CudaBackend::CudaBackend(std::shared_ptr<const Decoder> model, CudaCompute compute, int device)
    : model_(std::move(model)), device_(device) {
  check_supported(model_->config());
  std::string why;
  api_ = cuda_library(why);
  if (!api_) throw EngineFailure("no_device", why);
  if (device >= api_->device_count())
    throw EngineFailure("no_device", "there is no CUDA device " + std::to_string(device));
  compute_ = compute_of(*model_, compute);
  const esp_cuda_config config = config_of(*model_, compute_, device);
  check(api_->create(&config, &context_), "set-up");
  try {
    load_weights();
  } catch (...) {
    api_->destroy(context_);
    throw;
  }
}

CudaBackend::~CudaBackend() { api_->destroy(context_); }

void CudaBackend::check(int status, const char* what) const {
  if (status != 0) throw EngineFailure("device_error", std::string("CUDA ") + what + ": " + api_->last_error());
}

void CudaBackend::load_weights() {
  if (model_->source() == WeightSource::RandomOnDevice) {
    check(api_->load_dummy(context_, 1), "loading");
    return;
  }
  const auto load = [&](esp_cuda_tensor tensor, size_t layer, const void* data, esp_cuda_dtype dtype) {
    check(api_->load(context_, tensor, layer, data, dtype), "loading");
  };
  const auto matrix = [&](esp_cuda_tensor tensor, size_t layer, const Matrix& source) {
    load(tensor, layer, source.data, dtype_of(source.dtype));
  };
  const auto norm = [&](esp_cuda_tensor tensor, size_t layer, const std::vector<float>& source) {
    load(tensor, layer, source.data(), ESP_CUDA_F32);
  };
  matrix(ESP_CUDA_EMBEDDING, 0, model_->embedding());
  if (!model_->config().tied_embeddings) matrix(ESP_CUDA_LM_HEAD, 0, model_->lm_head());
  norm(ESP_CUDA_FINAL_NORM, 0, model_->final_norm());
  for (size_t i = 0; i < model_->layers().size(); ++i) {
    const DecoderLayer& layer = model_->layers()[i];
    norm(ESP_CUDA_INPUT_NORM, i, layer.input_norm);
    matrix(ESP_CUDA_Q, i, layer.q);
    matrix(ESP_CUDA_K, i, layer.k);
    matrix(ESP_CUDA_V, i, layer.v);
    matrix(ESP_CUDA_O, i, layer.o);
    norm(ESP_CUDA_POST_NORM, i, layer.post_norm);
    matrix(ESP_CUDA_GATE, i, layer.mlp.gate);
    matrix(ESP_CUDA_UP, i, layer.mlp.up);
    matrix(ESP_CUDA_DOWN, i, layer.mlp.down);
  }
}

void CudaBackend::allocate_kv(size_t pages, size_t page_size) {
  check(api_->allocate_kv(context_, pages, page_size), "KV cache");
}

size_t CudaBackend::pages_that_fit(size_t page_size) const {
  esp_cuda_device_info info{};
  check(api_->device_info(device_, &info), "device");
  const ModelConfig& c = model_->config();
  const size_t page = 2 * c.layers * c.kv_heads * c.head_dim * page_size * (compute_ == ESP_CUDA_F32 ? 4 : 2);
  return info.free_bytes > kReservedBytes ? (info.free_bytes - kReservedBytes) / page : 0;
}

bool CudaBackend::warm_up(size_t rows, size_t tokens) {
  int32_t more = 0;
  check(api_->warm_up(context_, rows, tokens, &more), "warming up");
  return more != 0;
}

void CudaBackend::forward(std::span<const Segment> segments, float* logits) {
  std::vector<esp_cuda_segment> all;
  all.reserve(segments.size());
  for (const Segment& s : segments) all.push_back({s.tokens, s.count, s.start, s.pages, s.logit_rows});
  check(api_->forward(context_, all.data(), all.size(), logits), "forward");
}

void CudaBackend::wait() { check(api_->wait(context_), "forward"); }

int32_t* CudaBackend::mask_memory(size_t rows, size_t) {
  int32_t* memory = nullptr;
  check(api_->allocate_masks(context_, rows, &memory), "mask rows");
  return memory;
}

void CudaBackend::send_masks(std::span<const int32_t> rows) {
  check(api_->send_masks(context_, rows.data(), rows.size()), "mask rows");
}

void CudaBackend::choose(std::span<const Choice> choices) {
  std::vector<esp_cuda_choice> all;
  all.reserve(choices.size());
  for (const Choice& c : choices) all.push_back(choice_of(c));
  check(api_->sample(context_, all.data(), all.size()), "sampling");
}

void CudaBackend::take(std::span<int32_t> tokens, std::span<Logprobs> logprobs) {
  std::vector<esp_cuda_logprobs> found(logprobs.size());
  check(api_->take(context_, tokens.data(), found.empty() ? nullptr : found.data(), tokens.size()), "sampling");
  for (size_t i = 0; i < logprobs.size(); ++i) {
    logprobs[i].chosen = found[i].chosen;
    std::ranges::copy(found[i].tokens, logprobs[i].tokens.begin());
    std::ranges::copy(found[i].values, logprobs[i].values.begin());
  }
}

}  // namespace espalier
