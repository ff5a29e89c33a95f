// Set-up and memory of a decoder's context; the forward pass is in forward.cc, sampling in chooser.cc.
#include "cuda/device/decoder_context.h"

#include <algorithm>
#include <cmath>

namespace espalier::cuda {
namespace {

void need(bool ok, const std::string& message) {
  if (!ok) throw CudaError(message);
}

// Before the first allocation: everything after it counts on these.
const esp_cuda_config& checked(const esp_cuda_config& c) {
  need(c.heads > 0 && c.kv_heads > 0 && c.heads % c.kv_heads == 0, "heads must be a multiple of kv_heads");
  need(c.head_dim % 16 == 0 && c.head_dim <= 256,
       "the CUDA back end takes head sizes that are multiples of 16 up to 256");
  need(c.hidden_size % 8 == 0 && c.intermediate_size % 8 == 0, "hidden and intermediate size must be multiples of 8");
  need(c.vocab_size > 0 && c.vocab_size <= (size_t{1} << 22), "vocab_size is out of range");
  need(c.max_positions > 0 && c.max_positions <= (size_t{1} << 24), "max_positions is out of range");
  need(c.layers > 0 && c.rope_frequencies != nullptr, "the configuration is incomplete");
  need(c.attention_scale >= 0 && c.attention_soft_cap >= 0, "attention_scale or attention_soft_cap is negative");
  for (size_t i = 0; c.windows && i < c.layers; ++i) need(c.windows[i] >= 0, "an attention window is negative");
  ESP_CUDA_CHECK(cudaSetDevice(c.device));
  return c;
}

std::vector<AttentionRule> rules_of(const esp_cuda_config& c) {
  const float scale = c.attention_scale > 0 ? c.attention_scale : 1 / std::sqrt(static_cast<float>(c.head_dim));
  std::vector<AttentionRule> rules(c.layers, {scale, c.attention_soft_cap, 0});
  for (size_t i = 0; c.windows && i < c.layers; ++i) rules[i].window = c.windows[i];
  return rules;
}

}  // namespace

template <class Element>
DecoderContext<Element>::DecoderContext(const esp_cuda_config& config)
    : config_(checked(config)),
      shape_{static_cast<int>(config.heads), static_cast<int>(config.kv_heads), static_cast<int>(config.head_dim)},
      rules_(rules_of(config)),
      q_size_(config.heads * config.head_dim),
      kv_size_(config.kv_heads * config.head_dim),
      turns_(config.max_positions * (config.head_dim / 2)),
      weights_(config, stream_.get()),
      runner_(stream_.get()),
      sender_(stream_.get()),
      chooser_(config.vocab_size) {
  ESP_CUDA_CHECK(cudaDeviceGetAttribute(&multiprocessors_, cudaDevAttrMultiProcessorCount, config.device));
  const Buffer<float> frequencies(config.head_dim / 2);
  ESP_CUDA_CHECK(cudaMemcpy(frequencies.get(), config.rope_frequencies, config.head_dim / 2 * sizeof(float),
                            cudaMemcpyHostToDevice));
  fill_turns(frequencies.get(), shape_.dim / 2, static_cast<int>(config.max_positions), turns_.get(), stream_.get());
  ESP_CUDA_CHECK(cudaStreamSynchronize(stream_.get()));
  describe_linears();
}

template <class Element>
DecoderContext<Element>::~DecoderContext() {
  (void)cudaStreamSynchronize(stream_.get());
  drop_graphs();
}

template <class Element>
void DecoderContext<Element>::describe_linears() {
  const auto size = [](size_t value) { return static_cast<int>(value); };
  const int hidden = size(config_.hidden_size);
  linears_.qkv = {size(q_size_ + 2 * kv_size_), hidden, Epilogue::Store, {}};
  linears_.o = {hidden, size(q_size_), Epilogue::Add, {}};
  linears_.gate_up = {size(2 * config_.intermediate_size), hidden, Epilogue::SwiGlu, {}};
  linears_.down = {hidden, size(config_.intermediate_size), Epilogue::Add, {}};
  linears_.head = {size(config_.vocab_size), hidden, Epilogue::StoreFloat, {weights_.lm_head()}};
  for (const auto& layer : weights_.layers()) {
    linears_.qkv.weights.push_back(layer.qkv.get());
    linears_.o.weights.push_back(layer.o.get());
    linears_.gate_up.weights.push_back(layer.gate_up.get());
    linears_.down.weights.push_back(layer.down.get());
  }
}

template <class Element>
void DecoderContext<Element>::load(esp_cuda_tensor tensor, size_t layer, const void* data, esp_cuda_dtype dtype) {
  ESP_CUDA_CHECK(cudaSetDevice(config_.device));
  weights_.load(tensor, layer, data, dtype);
}

template <class Element>
void DecoderContext<Element>::load_dummy(uint64_t seed) {
  ESP_CUDA_CHECK(cudaSetDevice(config_.device));
  weights_.load_dummy(seed);
}

template <class Element>
void DecoderContext<Element>::allocate_kv(size_t pages, size_t page_size) {
  ESP_CUDA_CHECK(cudaSetDevice(config_.device));
  need(page_size > 0 && page_size % 16 == 0,
       "the CUDA back end takes page sizes that are multiples of 16 tokens, not " + std::to_string(page_size));
  weights_.finish_loading();
  pages_ = pages;
  page_size_ = page_size;
  plane_ = pages * page_size * kv_size_;
  kv_.allocate(2 * config_.layers * plane_);
  // Parts of a page that were never written are read with weight zero, which a NaN would survive.
  ESP_CUDA_CHECK(cudaMemsetAsync(kv_.get(), 0, kv_.count() * sizeof(Element), stream_.get()));
  drop_graphs();
}

template <class Element>
KvLayer<Element> DecoderContext<Element>::kv_layer(size_t layer) const {
  Element* keys = kv_.get() + 2 * layer * plane_;
  return {keys, keys + plane_, static_cast<int>(page_size_)};
}

template <class Element>
void DecoderContext<Element>::copy_pages(std::span<const int32_t> from, std::span<const int32_t> to) {
  ESP_CUDA_CHECK(cudaSetDevice(config_.device));
  const auto known = [&](int32_t page) { return page >= 0 && static_cast<size_t>(page) < pages_; };
  need(std::ranges::all_of(from, known) && std::ranges::all_of(to, known), "copy_pages: no such page");
  if (from.empty()) return;
  Buffer<int32_t> lists(2 * from.size());
  ESP_CUDA_CHECK(cudaMemcpy(lists.get(), from.data(), from.size_bytes(), cudaMemcpyHostToDevice));
  ESP_CUDA_CHECK(cudaMemcpy(lists.get() + from.size(), to.data(), to.size_bytes(), cudaMemcpyHostToDevice));
  cuda::copy_pages(kv_.get(), page_size_ * kv_size_ * sizeof(Element), 2 * config_.layers, plane_ * sizeof(Element),
                   lists.get(), lists.get() + from.size(), static_cast<int>(from.size()), stream_.get());
  ESP_CUDA_CHECK(cudaStreamSynchronize(stream_.get()));
}

// Activations for this many rows; grown in steps, because growing voids the graphs.
template <class Element>
void DecoderContext<Element>::reserve(size_t rows, size_t logit_rows) {
  if (rows <= rows_ && logit_rows <= logit_capacity_) return;
  ESP_CUDA_CHECK(cudaStreamSynchronize(stream_.get()));
  drop_graphs();
  const auto rounded = [](size_t count) { return (count + 255) / 256 * 256; };
  const auto fresh = [&](Buffer<Element>& buffer, size_t count, uint64_t seed) {
    buffer.allocate(count);
    // Timing on zeros would flatter the matrix products.
    fill_random(buffer.get(), count, seed, 1.0f, stream_.get());
  };
  if (rows > rows_) {
    rows_ = rounded(rows);
    fresh(hidden_, rows_ * config_.hidden_size, 1);
    fresh(normed_, rows_ * config_.hidden_size, 2);
    fresh(qkv_, rows_ * (q_size_ + 2 * kv_size_), 3);
    fresh(attended_, rows_ * q_size_, 4);
    fresh(gate_up_, rows_ * 2 * config_.intermediate_size, 5);
    fresh(gated_, rows_ * config_.intermediate_size, 6);
    size_t floats = 0;
    for (size_t count = 1; count <= rows_; ++count) {
      const int splits = plan_decode_attention(shape_, static_cast<int>(count), multiprocessors_).splits;
      if (splits > 1) floats = std::max(floats, decode_attention_floats(shape_, static_cast<int>(count), splits));
    }
    partials_.allocate(std::max<size_t>(floats, 1));
    counters_.allocate(rows_ * config_.kv_heads);
    ESP_CUDA_CHECK(cudaMemsetAsync(counters_.get(), 0, counters_.count() * sizeof(unsigned), stream_.get()));
  }
  if (logit_rows > logit_capacity_) {
    logit_capacity_ = logit_rows <= 16 ? 16 : (logit_rows + 63) / 64 * 64;
    fresh(last_, logit_capacity_ * config_.hidden_size, 7);
    logits_.allocate(logit_capacity_ * config_.vocab_size);
    // Graphs read chosen tokens here; those of the last step may still be wanted.
    Buffer<int32_t> tokens(logit_capacity_);
    if (chooser_.chosen() > 0)
      ESP_CUDA_CHECK(cudaMemcpyAsync(tokens.get(), tokens_.get(), chooser_.chosen() * sizeof(int32_t),
                                     cudaMemcpyDeviceToDevice, stream_.get()));
    ESP_CUDA_CHECK(cudaStreamSynchronize(stream_.get()));
    tokens_ = std::move(tokens);
  }
}

template <class Element>
void DecoderContext<Element>::wait() {
  ESP_CUDA_CHECK(cudaStreamSynchronize(stream_.get()));
}

template <class Element>
Chooser& DecoderContext<Element>::chooser() {
  ESP_CUDA_CHECK(cudaSetDevice(config_.device));
  return chooser_;
}

template <class Element>
void DecoderContext<Element>::sample(std::span<const esp_cuda_choice> choices) {
  if (choices.empty()) return;
  if (choices.size() > logit_capacity_) throw CudaError("sample: there are more choices than rows of logits");
  chooser().sample(choices, {logits_.get(), logit_places_}, tokens_.get(), stream_.get());
}

template <class Element>
void DecoderContext<Element>::drop_graphs() {
  for (const auto& [rows, graph] : graphs_) cudaGraphExecDestroy(graph);
  graphs_.clear();
}

std::unique_ptr<Context> make_context(const esp_cuda_config& config) {
  if (config.compute == ESP_CUDA_F32) return std::make_unique<DecoderContext<float>>(config);
  if (config.compute == ESP_CUDA_BF16) return std::make_unique<DecoderContext<bf16>>(config);
  if (config.compute == ESP_CUDA_F16) return std::make_unique<DecoderContext<f16>>(config);
  throw CudaError("the CUDA back end computes in bfloat16, float16 or float32");
}

template class DecoderContext<float>;
template class DecoderContext<bf16>;
template class DecoderContext<f16>;

}  // namespace espalier::cuda
