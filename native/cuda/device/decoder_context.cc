// Set-up and memory of a decoder's context; the forward pass is in forward.cc, sampling in chooser.cc.
#include "cuda/device/decoder_context.h"

#include <algorithm>
#include <cmath>

#include "cuda/device/group.h"

namespace espalier::cuda {
namespace {

// The device of all that a context allocates.
const esp_cuda_config& on_device(const esp_cuda_config& c) {
  ESP_CUDA_CHECK(cudaSetDevice(c.device));
  return c;
}

std::vector<AttentionRule> rules_of(const esp_cuda_config& c) {
  const size_t query = c.latent.kv_rank ? c.latent.nope_size + c.rope_size : c.head_dim;
  const float scale = c.attention_scale > 0 ? c.attention_scale : 1 / std::sqrt(static_cast<float>(query));
  std::vector<AttentionRule> rules(c.layers, {scale, c.attention_soft_cap, 0});
  for (size_t i = 0; c.windows && i < c.layers; ++i) rules[i].window = c.windows[i];
  return rules;
}

}  // namespace

template <class Element>
DecoderContext<Element>::DecoderContext(const esp_cuda_config& config, const Peer* peer)
    : shape_(on_device(config)),
      peer_(peer),
      rules_(rules_of(config)),
      weights_(shape_, stream_.get()),
      runner_(stream_.get()),
      experts_(shape_, stream_.get()),
      sender_(stream_.get()),
      chooser_(config.vocab_size) {
  ESP_CUDA_CHECK(cudaDeviceGetAttribute(&multiprocessors_, cudaDevAttrMultiProcessorCount, config.device));
  fill_turn_tables(config);
  describe_linears();
}

template <class Element>
void DecoderContext<Element>::fill_turn_tables(const esp_cuda_config& config) {
  const int rotated = shape_.rotated() / 2, half = shape_.turned() / 2;
  const int positions = static_cast<int>(config.max_positions);
  const auto fill = [&](const float* frequencies, float factor, Buffer<float2>& turns) {
    const Buffer<float> own(static_cast<size_t>(rotated));
    ESP_CUDA_CHECK(cudaMemcpy(own.get(), frequencies, own.count() * sizeof(float), cudaMemcpyHostToDevice));
    turns.allocate(config.max_positions * static_cast<size_t>(half));
    fill_turns(own.get(), rotated, factor, half, positions, turns.get(), stream_.get());
    ESP_CUDA_CHECK(cudaStreamSynchronize(stream_.get()));
  };
  fill(config.rope_frequencies, config.rope_factor > 0 ? config.rope_factor : 1, turns_);
  if (config.window_frequencies) fill(config.window_frequencies, 1, window_turns_);
}

template <class Element>
DecoderContext<Element>::~DecoderContext() {
  (void)cudaSetDevice(shape_.config.device);
  (void)cudaStreamSynchronize(stream_.get());
  drop_graphs();
}

template <class Element>
void DecoderContext<Element>::describe_linears() {
  const ModelShape& s = shape_;
  const esp_cuda_config& c = s.config;
  const LatentSizes& l = s.latent;
  const Epilogue gate = c.gelu ? Epilogue::GeGlu : Epilogue::SwiGlu;
  // What is normed or summed first cannot be added by the product, and biases come before an activation.
  const Epilogue add = updates_apart() ? Epilogue::Store : Epilogue::Add;
  linears_.qkv = {s.qkv_size, s.hidden, Epilogue::Store, {}};
  linears_.o = {s.hidden, s.output_inputs, add, {}};
  linears_.gate_up = {2 * s.inner, s.hidden, c.mlp_bias ? Epilogue::Store : gate, {}};
  linears_.down = {s.hidden, s.inner, add, {}};
  // With a bias or norms of heads, kernels of their own come between q, k, v and their rotation.
  const auto adapted = [](const Layer& layer) { return layer.qkv_bias.count() > 0 || layer.q_norm.count() > 0; };
  linears_.qkv.normed = linears_.qkv.rotated = std::ranges::none_of(weights_.layers(), adapted);
  linears_.gate_up.normed = true;
  linears_.head = {s.tokens, s.hidden, Epilogue::StoreFloat, {weights_.lm_head()}};
  linears_.q_down = {l.bottleneck, s.hidden, Epilogue::Store, {}};
  linears_.q_up = {s.heads.heads * l.query(), l.bottleneck ? l.bottleneck : s.hidden, Epilogue::Store, {}};
  linears_.kv_down = {l.width(), s.hidden, Epilogue::Store, {}};
  linears_.router = {static_cast<int>(c.experts.count), s.hidden, Epilogue::StoreFloat, {}};
  linears_.shared_gate_up = {2 * s.shared_inner, s.hidden, gate, {}};
  linears_.shared_down = {s.hidden, s.shared_inner, Epilogue::Store, {}};
  // Where ranks compute the same, they compute it by the same algorithm: a router's rounding decides.
  linears_.q_down.untimed = linears_.kv_down.untimed = linears_.router.untimed = peer_ != nullptr;
  const auto add_weights = [](Linear<Element>& linear, const Buffer<Element>& matrix) {
    if (matrix.count() > 0) linear.weights.push_back(matrix.get());
  };
  for (const Layer& layer : weights_.layers()) {
    add_weights(linears_.qkv, layer.qkv);
    add_weights(linears_.o, layer.o);
    add_weights(linears_.gate_up, layer.gate_up);
    add_weights(linears_.down, layer.down);
    add_weights(linears_.q_down, layer.q_down);
    add_weights(linears_.q_up, layer.q_up);
    add_weights(linears_.kv_down, layer.kv_down);
    add_weights(linears_.router, layer.router);
    add_weights(linears_.shared_gate_up, layer.shared_gate_up);
    add_weights(linears_.shared_down, layer.shared_down);
  }
}

template <class Element>
Rank& DecoderContext<Element>::rank(size_t number) {
  need(number == 0, "there is no rank " + std::to_string(number));
  return *this;
}

template <class Element>
void DecoderContext<Element>::load(esp_cuda_tensor tensor, size_t layer, size_t part, const void* data,
                                   size_t row_bytes, esp_cuda_dtype dtype) {
  ESP_CUDA_CHECK(cudaSetDevice(shape_.config.device));
  weights_.load(tensor, layer, part, data, row_bytes, dtype);
}

template <class Element>
void DecoderContext<Element>::load_vector(esp_cuda_vector vector, size_t layer, const float* data) {
  ESP_CUDA_CHECK(cudaSetDevice(shape_.config.device));
  weights_.load_vector(vector, layer, data);
}

template <class Element>
void DecoderContext<Element>::load_dummy(uint64_t seed) {
  ESP_CUDA_CHECK(cudaSetDevice(shape_.config.device));
  weights_.load_dummy(seed);
}

template <class Element>
void DecoderContext<Element>::reserve_rows(size_t rows) {
  const ModelShape& s = shape_;
  uint64_t seed = 0;
  const auto fresh = [&](Buffer<Element>& buffer, int elements) {
    if (elements == 0) return;
    buffer.allocate(rows * static_cast<size_t>(elements));
    // Timing on zeros would flatter the matrix products.
    fill_random(buffer.get(), buffer.count(), ++seed, 1.0f, stream_.get());
  };
  const int inner = std::max(s.inner, s.shared_inner);
  fresh(hidden_, s.hidden);
  fresh(normed_, s.hidden);
  fresh(qkv_, s.qkv_size);
  fresh(attended_, s.attended_size());
  fresh(gate_up_, 2 * inner);
  fresh(gated_, inner);
  fresh(update_, updates_apart() || s.shared_inner ? s.hidden : 0);
  fresh(mixed_, peer_ && s.config.experts.count > 0 ? s.hidden : 0);
  experts_.reserve(rows);
  size_t floats = 1;
  if (s.is_latent()) {
    fresh(bottleneck_, s.latent.bottleneck);
    fresh(raw_queries_, s.heads.heads * s.latent.query());
    fresh(raw_keys_, s.latent.width());
    fresh(expanded_, s.output_inputs);
    floats = latent_attention_floats(s.latent, multiprocessors_);
  } else if (decode_attention_fits(s.heads)) {
    for (int count = 1; count <= static_cast<int>(rows); ++count) {
      const int splits = plan_decode_attention(s.heads, count, multiprocessors_).splits;
      if (splits > 1) floats = std::max(floats, decode_attention_floats(s.heads, count, splits));
    }
  }
  partials_.allocate(floats);
  counters_.allocate(rows * static_cast<size_t>(s.heads.heads));
  ESP_CUDA_CHECK(cudaMemsetAsync(counters_.get(), 0, counters_.count() * sizeof(unsigned), stream_.get()));
}

// Activations for this many rows; grown in steps, because growing voids the graphs.
template <class Element>
void DecoderContext<Element>::reserve(size_t rows, size_t logit_rows) {
  if (rows <= rows_ && logit_rows <= logit_capacity_) return;
  ESP_CUDA_CHECK(cudaStreamSynchronize(stream_.get()));
  drop_graphs();
  if (rows > rows_) {
    rows_ = (rows + 255) / 256 * 256;
    reserve_rows(rows_);
  }
  if (logit_rows > logit_capacity_) {
    logit_capacity_ = logit_rows <= 16 ? 16 : (logit_rows + 63) / 64 * 64;
    last_.allocate(logit_capacity_ * shape_.config.hidden_size);
    fill_random(last_.get(), last_.count(), 7, 1.0f, stream_.get());
    const bool first = !peer_ || peer_->rank() == 0;
    if (first) logits_.allocate(logit_capacity_ * shape_.config.vocab_size);
    if (peer_)
      parts_.allocate(logit_capacity_ * (first ? shape_.config.vocab_size : static_cast<size_t>(shape_.tokens)));
    // Graphs read chosen tokens here; those of the last step may still be wanted.
    Buffer<int32_t> tokens(logit_capacity_);
    if (chosen_ > 0)
      ESP_CUDA_CHECK(cudaMemcpyAsync(tokens.get(), tokens_.get(), chosen_ * sizeof(int32_t),
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
  ESP_CUDA_CHECK(cudaSetDevice(shape_.config.device));
  return chooser_;
}

template <class Element>
void DecoderContext<Element>::sample(std::span<const esp_cuda_choice> choices) {
  if (choices.empty()) return;
  if (choices.size() > logit_capacity_) throw CudaError("sample: there are more choices than rows of logits");
  chooser().sample(choices, {logits_.get(), logit_places_}, tokens_.get(), stream_.get());
  chosen_ = choices.size();
}

template <class Element>
void DecoderContext<Element>::expect_tokens(size_t count) {
  chosen_ = count;
  tokens_come_ = true;
}

// Whatever NCCL sets up with the first message of a kind and size.
template <class Element>
void DecoderContext<Element>::meet() {
  constexpr size_t kMany = size_t{1} << 22;
  ESP_CUDA_CHECK(cudaSetDevice(shape_.config.device));
  const Buffer<Element> values(kMany);
  const Buffer<float> logits(shape_.config.vocab_size);
  const Buffer<int32_t> tokens(1);
  ESP_CUDA_CHECK(cudaMemsetAsync(values.get(), 0, kMany * sizeof(Element), stream_.get()));
  for (size_t count = 1024; count <= kMany; count *= 16) peer_->sum(values.get(), count, stream_.get());
  peer_->gather(logits.get(), 1, stream_.get());
  peer_->share(tokens.get(), 1, stream_.get());
  ESP_CUDA_CHECK(cudaStreamSynchronize(stream_.get()));
}

template <class Element>
void DecoderContext<Element>::score(std::span<const int32_t> tokens, int32_t alternatives,
                                    std::span<esp_cuda_logprobs> out) {
  chooser().score(tokens, alternatives, {logits_.get(), logit_places_}, out, stream_.get());
}

template <class Element>
void DecoderContext<Element>::drop_graphs() {
  for (const auto& [rows, graph] : graphs_) cudaGraphExecDestroy(graph);
  graphs_.clear();
}

std::unique_ptr<Rank> make_rank(const esp_cuda_config& config, const Peer* peer) {
  if (config.compute == ESP_CUDA_F32) return std::make_unique<DecoderContext<float>>(config, peer);
  if (config.compute == ESP_CUDA_BF16) return std::make_unique<DecoderContext<bf16>>(config, peer);
  if (config.compute == ESP_CUDA_F16) return std::make_unique<DecoderContext<f16>>(config, peer);
  throw CudaError("the CUDA back end computes in bfloat16, float16 or float32");
}

std::unique_ptr<Context> make_context(std::span<const esp_cuda_config> configs) {
  need(!configs.empty(), "a decoder has one rank at least");
  if (configs.size() > 1) return std::make_unique<Group>(configs);
  return make_rank(configs.front(), nullptr);
}

template class DecoderContext<float>;
template class DecoderContext<bf16>;
template class DecoderContext<f16>;

}  // namespace espalier::cuda
