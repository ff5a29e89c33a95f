#include "cuda/client/backend.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "cuda/client/describe.h"
#include "cuda/client/library.h"
#include "engine/errors.h"
#include "ranks/rank_threads.h"

namespace espalier {
namespace {

// Left for activations, logits, graphs and the matrix library.
constexpr size_t kReservedBytes = size_t{6} << 30;

esp_cuda_dtype compute_of(const Decoder& model, CudaCompute compute) {
  if (compute == CudaCompute::Auto) return cuda_dtype(model.embedding().dtype);
  return compute == CudaCompute::F32 ? ESP_CUDA_F32 : compute == CudaCompute::F16 ? ESP_CUDA_F16 : ESP_CUDA_BF16;
}

// The engine's lists go through the C ABI as they are.
static_assert(sizeof(Adjustment) == sizeof(esp_cuda_adjustment) &&
              offsetof(Adjustment, token) == offsetof(esp_cuda_adjustment, token) &&
              offsetof(Adjustment, bias) == offsetof(esp_cuda_adjustment, bias) &&
              offsetof(Adjustment, outputs) == offsetof(esp_cuda_adjustment, outputs) &&
              offsetof(Adjustment, seen) == offsetof(esp_cuda_adjustment, seen));
static_assert(sizeof(PageCopy) == sizeof(esp_cuda_page_copy));
static_assert(offsetof(PageCopy, way) == offsetof(esp_cuda_page_copy, way) && sizeof(PageWay) == sizeof(int32_t));
static_assert(offsetof(PageCopy, from) == offsetof(esp_cuda_page_copy, from));
static_assert(static_cast<int>(PageWay::OnDevice) == ESP_CUDA_ON_DEVICE);
static_assert(static_cast<int>(PageWay::ToHost) == ESP_CUDA_TO_HOST);
static_assert(static_cast<int>(PageWay::ToDevice) == ESP_CUDA_TO_DEVICE);
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

std::vector<esp_cuda_segment> segments_of(std::span<const Segment> segments) {
  std::vector<esp_cuda_segment> all;
  all.reserve(segments.size());
  for (const Segment& s : segments) all.push_back({s.tokens, s.count, s.start, s.pages, s.logit_rows});
  return all;
}

Logprobs logprobs_of(const esp_cuda_logprobs& found) {
  Logprobs logprobs{.chosen = found.chosen};
  std::ranges::copy(found.tokens, logprobs.tokens.begin());
  std::ranges::copy(found.values, logprobs.values.begin());
  return logprobs;
}

}  // namespace

CudaBackend::CudaBackend(std::shared_ptr<const Decoder> model, CudaCompute compute, size_t ranks) : ranks_(ranks) {
  compute_ = compute_of(*model, compute);
  std::vector<std::shared_ptr<const Decoder>> parts;
  for (size_t rank = 0; rank < ranks; ++rank)
    parts.push_back(ranks == 1 ? model : std::make_shared<const Decoder>(model, Shard{rank, ranks}));
  create(parts);
  try {
    load_weights(parts);
  } catch (...) {
    api_->destroy(context_);
    throw;
  }
}

void CudaBackend::create(const std::vector<std::shared_ptr<const Decoder>>& parts) {
  std::vector<std::unique_ptr<CudaConfig>> configs;
  for (const auto& part : parts)
    configs.push_back(std::make_unique<CudaConfig>(*part, compute_, static_cast<int>(configs.size())));
  std::string why;
  api_ = cuda_library(why);
  if (!api_) throw EngineFailure("no_device", why);
  if (const auto devices = static_cast<size_t>(api_->device_count()); devices < ranks_)
    throw EngineFailure("no_device", "tp = " + std::to_string(ranks_) + " needs as many CUDA devices; there are " +
                                         std::to_string(devices));
  if (ranks_ > 1 && api_->can_share() != 0) throw EngineFailure("no_device", api_->last_error());
  std::vector<esp_cuda_config> all;
  for (const auto& config : configs) all.push_back(config->get());
  check(api_->create(all.data(), all.size(), &context_), "set-up");
}

CudaBackend::~CudaBackend() { api_->destroy(context_); }

void CudaBackend::check(int status, const char* what) const {
  if (status != 0) throw EngineFailure("device_error", std::string("CUDA ") + what + ": " + api_->last_error());
}

void CudaBackend::load_weights(const std::vector<std::shared_ptr<const Decoder>>& parts) {
  if (parts.front()->source() == WeightSource::RandomOnDevice) {
    check(api_->load_dummy(context_, 1), "loading");
    return;
  }
  RankThreads(ranks_).run([&](size_t rank) { load_part(*parts[rank], rank); });
}

void CudaBackend::load_part(const Decoder& part, size_t rank) {
  for_each_weight(
      part,
      [&](esp_cuda_tensor tensor, size_t layer, size_t index, const Matrix& matrix) {
        const esp_cuda_dtype dtype = cuda_dtype(matrix.dtype);
        check(api_->load(context_, rank, tensor, layer, index, matrix.data, matrix.step, dtype), "loading");
      },
      [&](esp_cuda_vector vector, size_t layer, const std::vector<float>& values) {
        check(api_->load_vector(context_, rank, vector, layer, values.data()), "loading");
      });
}

void CudaBackend::allocate_kv(size_t pages, size_t page_size) {
  check(api_->allocate_kv(context_, pages, page_size), "KV cache");
}

void CudaBackend::allocate_host_kv(size_t pages) {
  check(api_->allocate_host_kv(context_, pages), "host KV pages");
}

size_t CudaBackend::page_bytes(size_t page_size) const {
  size_t bytes = 0;
  check(api_->page_bytes(context_, page_size, &bytes), "KV cache");
  return ranks_ * bytes;
}

void CudaBackend::copy_pages(std::span<const PageCopy> copies) {
  check(api_->copy_pages(context_, reinterpret_cast<const esp_cuda_page_copy*>(copies.data()), copies.size()),
        "page copy");
}

// Every device has pages of the same numbers, so the one with the least room decides.
size_t CudaBackend::bytes_for_pages(size_t backends, double share) const {
  size_t least = SIZE_MAX;
  for (size_t device = 0; device < ranks_; ++device) {
    esp_cuda_device_info info{};
    check(api_->device_info(static_cast<int32_t>(device), &info), "device");
    const double kept = (1 - share) * static_cast<double>(info.memory_bytes);
    const size_t reserved = std::max(backends * kReservedBytes, static_cast<size_t>(kept));
    least = std::min(least, info.free_bytes > reserved ? info.free_bytes - reserved : 0);
  }
  return ranks_ * least;
}

bool CudaBackend::warm_up(size_t rows, size_t tokens) {
  int32_t more = 0;
  check(api_->warm_up(context_, rows, tokens, &more), "warming up");
  return more != 0;
}

void CudaBackend::forward(std::span<const Segment> segments, float* logits) {
  const std::vector<esp_cuda_segment> all = segments_of(segments);
  check(api_->forward(context_, all.data(), all.size(), logits), "forward");
}

void CudaBackend::wait() { check(api_->wait(context_), "forward"); }

int32_t* CudaBackend::mask_memory(size_t rows, size_t) {
  int32_t* memory = nullptr;
  check(api_->allocate_masks(context_, rows, &memory), "mask rows");
  return memory;
}

void CudaBackend::share_masks(Backend& owner) {
  check(api_->share_masks(context_, dynamic_cast<CudaBackend&>(owner).context_), "mask rows");
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
  std::ranges::transform(found, logprobs.begin(), logprobs_of);
}

bool CudaBackend::score(const Segment& segment, std::span<const int32_t> tokens, size_t alternatives,
                        std::span<Logprobs> found) {
  forward({&segment, 1}, nullptr);
  std::vector<esp_cuda_logprobs> scores(tokens.size());
  check(api_->score(context_, tokens.data(), tokens.size(), static_cast<int32_t>(alternatives), scores.data()),
        "log-probabilities");
  std::ranges::transform(scores, found.begin(), logprobs_of);
  return true;
}

void CudaBackend::sum_hidden(std::span<const Segment> segments, std::span<float> sums) {
  const std::vector<esp_cuda_segment> all = segments_of(segments);
  check(api_->sum_hidden(context_, all.data(), all.size(), sums.data()), "hidden states");
}

}  // namespace espalier
