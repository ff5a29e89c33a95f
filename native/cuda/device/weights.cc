// Streaming: while the device converts one piece of a tensor, the host copies the next one to pinned memory.
#include "cuda/device/weights.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace espalier::cuda {
namespace {

constexpr size_t kPieceBytes = size_t{32} << 20;

size_t bytes_of(esp_cuda_dtype dtype) { return dtype == ESP_CUDA_F32 ? 4 : 2; }

void copy_rows(const std::byte* from, size_t step, size_t rows, size_t row_bytes, std::byte* to) {
  if (step == 0 || step == row_bytes) {
    std::memcpy(to, from, rows * row_bytes);
    return;
  }
  for (size_t row = 0; row < rows; ++row) std::memcpy(to + row * row_bytes, from + row * step, row_bytes);
}

size_t area(int rows, int cols) { return static_cast<size_t>(rows) * static_cast<size_t>(cols); }

}  // namespace

template <class Element>
Weights<Element>::Pipe::Pipe() {
  for (int i = 0; i < 2; ++i) {
    host[i].allocate(kPieceBytes);
    device[i].allocate(kPieceBytes);
    ESP_CUDA_CHECK(cudaEventCreateWithFlags(&done[i], cudaEventDisableTiming));
  }
}

template <class Element>
Weights<Element>::Pipe::~Pipe() {
  for (cudaEvent_t event : done) cudaEventDestroy(event);
}

// What is padded stays zero. Weights that are loaded whole are not cleared first: cudaMemset on them made decode 2 % slower at
// batch 16 ever after (H200, measured three times against the same library without).
template <class Element>
template <class T>
void Weights<Element>::allocate(Buffer<T>& buffer, size_t count) {
  if (count == 0) return;
  buffer.allocate(count);
  if (shape_.is_padded()) ESP_CUDA_CHECK(cudaMemset(buffer.get(), 0, count * sizeof(T)));
}

template <class Element>
Weights<Element>::Weights(const ModelShape& shape, cudaStream_t stream) : stream_(stream), shape_(shape) {
  const size_t hidden = static_cast<size_t>(shape.hidden);
  allocate(embedding_, area(shape.vocab, shape.hidden));
  if (!shape.config.tied_embeddings) allocate(lm_head_, area(shape.tokens, shape.hidden));
  allocate(final_norm_, hidden);
  layers_.resize(shape.config.layers);
  for (size_t i = 0; i < layers_.size(); ++i) {
    Layer& layer = layers_[i];
    allocate(layer.input_norm, hidden);
    allocate(layer.post_norm, hidden);
    if (shape.config.output_norms) {
      allocate(layer.attention_output_norm, hidden);
      allocate(layer.mlp_output_norm, hidden);
    }
    allocate_attention(layer);
    allocate_network(layer, shape.has_experts(i));
  }
}

template <class Element>
void Weights<Element>::allocate_attention(Layer& layer) {
  const ModelShape& s = shape_;
  if (s.config.output_bias) allocate(layer.o_bias, static_cast<size_t>(s.hidden));
  if (s.is_latent()) {
    const LatentSizes& l = s.latent;
    const int heads = s.heads.heads;
    allocate(layer.q_down, area(l.bottleneck, s.hidden));
    allocate(layer.latent_q_norm, static_cast<size_t>(l.bottleneck));
    allocate(layer.q_up, area(heads * l.query(), l.bottleneck ? l.bottleneck : s.hidden));
    allocate(layer.kv_down, area(l.width(), s.hidden));
    allocate(layer.latent_kv_norm, static_cast<size_t>(l.rank));
    allocate(layer.key_up, area(heads * l.rank, l.nope));
    allocate(layer.value_up, area(heads * l.value, l.rank));
    allocate(layer.o, area(s.hidden, s.output_inputs));
    return;
  }
  allocate(layer.qkv, area(s.qkv_size, s.hidden));
  allocate(layer.o, area(s.hidden, s.output_inputs));
  if (s.config.qkv_bias) allocate(layer.qkv_bias, static_cast<size_t>(s.qkv_size));
  if (!s.config.qk_norm) return;
  allocate(layer.q_norm, static_cast<size_t>(s.heads.dim));
  allocate(layer.k_norm, static_cast<size_t>(s.heads.dim));
}

template <class Element>
void Weights<Element>::allocate_network(Layer& layer, bool experts) {
  const ModelShape& s = shape_;
  if (!experts) {
    allocate(layer.gate_up, area(2 * s.inner, s.hidden));
    allocate(layer.down, area(s.hidden, s.inner));
    if (!s.config.mlp_bias) return;
    allocate(layer.gate_up_bias, static_cast<size_t>(2 * s.inner));
    allocate(layer.down_bias, static_cast<size_t>(s.hidden));
    return;
  }
  const esp_cuda_experts& e = s.config.experts;
  allocate(layer.router, e.count * static_cast<size_t>(s.hidden));
  if (e.bias) allocate(layer.router_bias, e.count);
  allocate(layer.experts_gate_up, e.count * area(2 * s.expert_inner, s.hidden));
  allocate(layer.experts_down, e.count * area(s.hidden, s.expert_inner));
  allocate(layer.shared_gate_up, area(2 * s.shared_inner, s.hidden));
  allocate(layer.shared_down, area(s.hidden, s.shared_inner));
  if (e.shared_gate) allocate(layer.share, static_cast<size_t>(s.hidden));
}

template <class Element>
typename Weights<Element>::Place Weights<Element>::place_of(esp_cuda_tensor tensor, size_t index, size_t part) {
  const esp_cuda_config& c = shape_.config;
  if (tensor == ESP_CUDA_EMBEDDING) return {&embedding_, c.vocab_size, c.hidden_size, {}, {}, shape_.hidden};
  if (tensor == ESP_CUDA_LM_HEAD) return {&lm_head_, c.shard.tokens, c.hidden_size, {}, {}, shape_.hidden};
  if (index >= layers_.size()) throw CudaError("load: there is no layer " + std::to_string(index));
  const Layer& layer = layers_[index];
  const Place place = attention_place(tensor, layer, part);
  return place.target ? place : network_place(tensor, layer, part);
}

template <class Element>
typename Weights<Element>::Place Weights<Element>::attention_place(esp_cuda_tensor tensor, const Layer& layer,
                                                                   size_t part) {
  const ModelShape& s = shape_;
  const esp_cuda_config& c = s.config;
  const esp_cuda_latent& l = c.latent;
  const size_t hidden = c.hidden_size, dim = static_cast<size_t>(s.heads.dim);
  const size_t value = s.is_latent() ? l.value_size : c.head_dim;
  const size_t padded_value = s.is_latent() ? static_cast<size_t>(s.latent.value) : dim;
  switch (tensor) {
    case ESP_CUDA_Q:
      return {&layer.qkv, c.heads * c.head_dim, hidden, s.query_rows(), {}, s.hidden};
    case ESP_CUDA_K:
      return {&layer.qkv, c.kv_heads * c.head_dim, hidden, s.query_rows(), {}, s.hidden, c.heads * dim * hidden};
    case ESP_CUDA_V:
      return {&layer.qkv, c.kv_heads * c.head_dim,         hidden, padded_heads(c.head_dim, dim), {},
              s.hidden,   (c.heads + c.kv_heads) * dim * hidden};
    case ESP_CUDA_O:
      return {&layer.o, hidden, c.heads * value, {}, padded_heads(value, padded_value), s.output_inputs};
    case ESP_CUDA_Q_DOWN:
      return {&layer.q_down, l.q_rank, hidden, {}, {}, s.hidden};
    case ESP_CUDA_Q_UP:
      return {&layer.q_up,       c.heads * (l.nope_size + c.rope_size),
              l.q_rank ? l.q_rank : hidden, s.query_rows(), {}, l.q_rank ? s.latent.bottleneck : s.hidden};
    case ESP_CUDA_KV_DOWN:
      return {&layer.kv_down, l.kv_rank + c.rope_size, hidden, s.latent_key_rows(), {}, s.hidden};
    case ESP_CUDA_KEY_UP:
      return {&layer.key_up, l.kv_rank, l.nope_size, {}, {}, s.latent.nope, part * area(s.latent.rank, s.latent.nope)};
    case ESP_CUDA_VALUE_UP:
      return {&layer.value_up,  l.value_size, l.kv_rank, {}, {}, s.latent.rank,
              part * area(s.latent.value, s.latent.rank)};
    default:
      return {};
  }
}

template <class Element>
typename Weights<Element>::Place Weights<Element>::network_place(esp_cuda_tensor tensor, const Layer& layer,
                                                                 size_t part) {
  const ModelShape& s = shape_;
  const esp_cuda_experts& e = s.config.experts;
  const size_t hidden = s.config.hidden_size;
  const RowMap even{.step = 2, .offset = 0}, odd{.step = 2, .offset = 1};
  switch (tensor) {
    case ESP_CUDA_GATE:
      return {&layer.gate_up, s.config.intermediate_size, hidden, even, {}, s.hidden};
    case ESP_CUDA_UP:
      return {&layer.gate_up, s.config.intermediate_size, hidden, odd, {}, s.hidden};
    case ESP_CUDA_DOWN:
      return {&layer.down, hidden, s.config.intermediate_size, {}, {}, s.inner};
    case ESP_CUDA_ROUTER:
      return {&layer.router, e.count, hidden, {}, {}, s.hidden};
    case ESP_CUDA_SHARED_GATE:
      return {&layer.shared_gate_up, e.shared_intermediate_size, hidden, even, {}, s.hidden};
    case ESP_CUDA_SHARED_UP:
      return {&layer.shared_gate_up, e.shared_intermediate_size, hidden, odd, {}, s.hidden};
    case ESP_CUDA_SHARED_DOWN:
      return {&layer.shared_down, hidden, e.shared_intermediate_size, {}, {}, s.shared_inner};
    case ESP_CUDA_SHARED_SHARE:
      return {&layer.share, 1, hidden, {}, {}, s.hidden};
    case ESP_CUDA_EXPERT_GATE:
    case ESP_CUDA_EXPERT_UP:
      return {&layer.experts_gate_up, e.intermediate_size, hidden, tensor == ESP_CUDA_EXPERT_GATE ? even : odd, {},
              s.hidden, part * area(2 * s.expert_inner, s.hidden)};
    case ESP_CUDA_EXPERT_DOWN:
      return {&layer.experts_down, hidden, e.intermediate_size, {}, {}, s.expert_inner,
              part * area(s.hidden, s.expert_inner)};
    default:
      return {};
  }
}

template <class Element>
typename Weights<Element>::VectorPlace Weights<Element>::vector_place(esp_cuda_vector vector, size_t index) {
  const ModelShape& s = shape_;
  const esp_cuda_config& c = s.config;
  const size_t hidden = c.hidden_size, dim = static_cast<size_t>(s.heads.dim);
  if (vector == ESP_CUDA_FINAL_NORM) return {&final_norm_, hidden, hidden};
  if (index >= layers_.size()) throw CudaError("load_vector: there is no layer " + std::to_string(index));
  const Layer& layer = layers_[index];
  const auto gain = [](size_t size, size_t padded) {
    return std::sqrt(static_cast<float>(size) / static_cast<float>(padded));
  };
  const auto latent_norm = [&](const Buffer<float>& target, size_t size) -> VectorPlace {
    return {&target, size, target.count(), 0, {}, 1, gain(size, target.count())};
  };
  switch (vector) {
    case ESP_CUDA_INPUT_NORM:
      return {&layer.input_norm, hidden, hidden};
    case ESP_CUDA_POST_NORM:
      return {&layer.post_norm, hidden, hidden};
    case ESP_CUDA_ATTENTION_OUTPUT_NORM:
      return {&layer.attention_output_norm, hidden, hidden};
    case ESP_CUDA_MLP_OUTPUT_NORM:
      return {&layer.mlp_output_norm, hidden, hidden};
    case ESP_CUDA_Q_NORM:
    case ESP_CUDA_K_NORM:
      return {vector == ESP_CUDA_Q_NORM ? &layer.q_norm : &layer.k_norm, c.head_dim, dim, 0, s.query_rows(), 1,
              gain(c.head_dim, dim)};
    case ESP_CUDA_LATENT_Q_NORM:
      return latent_norm(layer.latent_q_norm, c.latent.q_rank);
    case ESP_CUDA_LATENT_KV_NORM:
      return latent_norm(layer.latent_kv_norm, c.latent.kv_rank);
    case ESP_CUDA_Q_BIAS:
      return {&layer.qkv_bias, c.heads * c.head_dim, c.heads * dim, 0, s.query_rows()};
    case ESP_CUDA_K_BIAS:
      return {&layer.qkv_bias, c.kv_heads * c.head_dim, c.kv_heads * dim, c.heads * dim, s.query_rows()};
    case ESP_CUDA_V_BIAS:
      return {&layer.qkv_bias, c.kv_heads * c.head_dim, c.kv_heads * dim, (c.heads + c.kv_heads) * dim,
              padded_heads(c.head_dim, dim)};
    case ESP_CUDA_O_BIAS:
      return {&layer.o_bias, hidden, hidden};
    case ESP_CUDA_GATE_BIAS:
    case ESP_CUDA_UP_BIAS:
      return {&layer.gate_up_bias, c.intermediate_size, c.intermediate_size, vector == ESP_CUDA_UP_BIAS ? 1u : 0u, {},
              2};
    case ESP_CUDA_DOWN_BIAS:
      return {&layer.down_bias, hidden, hidden};
    case ESP_CUDA_ROUTER_BIAS:
      return {&layer.router_bias, c.experts.count, c.experts.count};
    default:
      return {};
  }
}

template <class Element>
void Weights<Element>::load_vector(esp_cuda_vector vector, size_t layer, const float* data) {
  const VectorPlace place = vector_place(vector, layer);
  if (!place.target || place.target->count() == 0)
    throw CudaError("load_vector: vector " + std::to_string(vector) + " is not part of this layer");
  std::vector<float> values(place.padded);
  for (size_t i = 0; i < place.size; ++i) values[place.map(i)] = data[i] * place.gain;
  float* target = place.target->get() + place.offset;
  if (place.step == 1)
    ESP_CUDA_CHECK(cudaMemcpy(target, values.data(), values.size() * sizeof(float), cudaMemcpyHostToDevice));
  else
    ESP_CUDA_CHECK(cudaMemcpy2D(target, place.step * sizeof(float), values.data(), sizeof(float), sizeof(float),
                                values.size(), cudaMemcpyHostToDevice));
}

template <class Element>
void Weights<Element>::load(esp_cuda_tensor tensor, size_t layer, size_t part, const void* data, size_t row_step,
                            esp_cuda_dtype dtype) {
  if (dtype != ESP_CUDA_F32 && dtype != ESP_CUDA_F16 && dtype != ESP_CUDA_BF16)
    throw CudaError("load: unknown element type " + std::to_string(dtype));
  const Place place = place_of(tensor, layer, part);
  if (!place.target || place.offset >= place.target->count())
    throw CudaError("load: tensor " + std::to_string(tensor) + ", part " + std::to_string(part) +
                    ", is not part of layer " + std::to_string(layer));
  if (!pipe_) pipe_ = std::make_unique<Pipe>();
  const size_t row_bytes = place.cols * bytes_of(dtype), rows_per_piece = kPieceBytes / row_bytes;
  if (rows_per_piece == 0) throw CudaError("load: a row of a weight matrix is larger than 32 MiB");
  const auto* source = static_cast<const std::byte*>(data);
  Element* target = place.target->get() + place.offset;
  for (size_t first = 0, piece = 0; first < place.rows; first += rows_per_piece, ++piece) {
    const size_t rows = std::min(rows_per_piece, place.rows - first), turn = piece % 2;
    ESP_CUDA_CHECK(cudaEventSynchronize(pipe_->done[turn]));
    copy_rows(source + first * (row_step ? row_step : row_bytes), row_step, rows, row_bytes, pipe_->host[turn].get());
    ESP_CUDA_CHECK(cudaMemcpyAsync(pipe_->device[turn].get(), pipe_->host[turn].get(), rows * row_bytes,
                                   cudaMemcpyHostToDevice, stream_));
    place_rows(pipe_->device[turn].get(), dtype, first, rows, place.cols, place.row_map, place.col_map,
               static_cast<size_t>(place.target_cols), target, stream_);
    ESP_CUDA_CHECK(cudaEventRecord(pipe_->done[turn], stream_));
  }
  ESP_CUDA_CHECK(cudaStreamSynchronize(stream_));
}

template class Weights<float>;
template class Weights<bf16>;
template class Weights<f16>;

}  // namespace espalier::cuda
