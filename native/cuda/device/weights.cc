// Streaming: while the device converts one piece of a tensor, the host copies the next one to pinned memory.
#include "cuda/device/weights.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace espalier::cuda {
namespace {

constexpr size_t kPieceBytes = size_t{32} << 20;

size_t bytes_of(esp_cuda_dtype dtype) { return dtype == ESP_CUDA_F32 ? 4 : 2; }

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

template <class Element>
Weights<Element>::Weights(const esp_cuda_config& config, cudaStream_t stream)
    : stream_(stream),
      vocab_(config.vocab_size),
      hidden_(config.hidden_size),
      intermediate_(config.intermediate_size),
      q_size_(config.heads * config.head_dim),
      kv_size_(config.kv_heads * config.head_dim),
      head_dim_(config.head_dim),
      tied_(config.tied_embeddings != 0) {
  embedding_.allocate(vocab_ * hidden_);
  if (!tied_) lm_head_.allocate(vocab_ * hidden_);
  final_norm_.allocate(hidden_);
  layers_.resize(config.layers);
  for (Layer& layer : layers_) {
    layer.input_norm.allocate(hidden_);
    layer.post_norm.allocate(hidden_);
    layer.qkv.allocate((q_size_ + 2 * kv_size_) * hidden_);
    layer.o.allocate(hidden_ * q_size_);
    layer.gate_up.allocate(2 * intermediate_ * hidden_);
    layer.down.allocate(hidden_ * intermediate_);
  }
}

template <class Element>
typename Weights<Element>::Place Weights<Element>::place_of(esp_cuda_tensor tensor, size_t index) {
  if (tensor == ESP_CUDA_EMBEDDING) return {embedding_.get(), vocab_, hidden_, RowOrder::Plain};
  if (tensor == ESP_CUDA_LM_HEAD && !tied_) return {lm_head_.get(), vocab_, hidden_, RowOrder::Plain};
  if (index >= layers_.size()) throw CudaError("load: there is no layer " + std::to_string(index));
  Layer& layer = layers_[index];
  switch (tensor) {
    case ESP_CUDA_Q:
      return {layer.qkv.get(), q_size_, hidden_, RowOrder::RopePairs};
    case ESP_CUDA_K:
      return {layer.qkv.get() + q_size_ * hidden_, kv_size_, hidden_, RowOrder::RopePairs};
    case ESP_CUDA_V:
      return {layer.qkv.get() + (q_size_ + kv_size_) * hidden_, kv_size_, hidden_, RowOrder::Plain};
    case ESP_CUDA_O:
      return {layer.o.get(), hidden_, q_size_, RowOrder::Plain};
    case ESP_CUDA_GATE:
      return {layer.gate_up.get(), intermediate_, hidden_, RowOrder::Even};
    case ESP_CUDA_UP:
      return {layer.gate_up.get(), intermediate_, hidden_, RowOrder::Odd};
    case ESP_CUDA_DOWN:
      return {layer.down.get(), hidden_, intermediate_, RowOrder::Plain};
    default:
      throw CudaError("load: tensor " + std::to_string(tensor) + " is not part of this model");
  }
}

template <class Element>
void Weights<Element>::load_norm(esp_cuda_tensor tensor, size_t layer, const void* data, esp_cuda_dtype dtype) {
  if (dtype != ESP_CUDA_F32) throw CudaError("load: norm weights must be float32");
  if (tensor != ESP_CUDA_FINAL_NORM && layer >= layers_.size())
    throw CudaError("load: there is no layer " + std::to_string(layer));
  float* target = tensor == ESP_CUDA_FINAL_NORM   ? final_norm_.get()
                  : tensor == ESP_CUDA_INPUT_NORM ? layers_[layer].input_norm.get()
                                                  : layers_[layer].post_norm.get();
  ESP_CUDA_CHECK(cudaMemcpy(target, data, hidden_ * sizeof(float), cudaMemcpyHostToDevice));
}

template <class Element>
void Weights<Element>::load(esp_cuda_tensor tensor, size_t layer, const void* data, esp_cuda_dtype dtype) {
  if (dtype != ESP_CUDA_F32 && dtype != ESP_CUDA_F16 && dtype != ESP_CUDA_BF16)
    throw CudaError("load: unknown element type " + std::to_string(dtype));
  if (tensor == ESP_CUDA_FINAL_NORM || tensor == ESP_CUDA_INPUT_NORM || tensor == ESP_CUDA_POST_NORM) {
    load_norm(tensor, layer, data, dtype);
    return;
  }
  const Place place = place_of(tensor, layer);
  if (!pipe_) pipe_ = std::make_unique<Pipe>();
  const size_t row_bytes = place.cols * bytes_of(dtype), rows_per_piece = kPieceBytes / row_bytes;
  if (rows_per_piece == 0) throw CudaError("load: a row of a weight matrix is larger than 32 MiB");
  const auto* source = static_cast<const std::byte*>(data);
  for (size_t first = 0, piece = 0; first < place.rows; first += rows_per_piece, ++piece) {
    const size_t rows = std::min(rows_per_piece, place.rows - first), turn = piece % 2;
    ESP_CUDA_CHECK(cudaEventSynchronize(pipe_->done[turn]));
    std::memcpy(pipe_->host[turn].get(), source + first * row_bytes, rows * row_bytes);
    ESP_CUDA_CHECK(cudaMemcpyAsync(pipe_->device[turn].get(), pipe_->host[turn].get(), rows * row_bytes,
                                   cudaMemcpyHostToDevice, stream_));
    place_rows(pipe_->device[turn].get(), dtype, first, rows, place.cols, place.order, head_dim_, place.target,
               stream_);
    ESP_CUDA_CHECK(cudaEventRecord(pipe_->done[turn], stream_));
  }
  ESP_CUDA_CHECK(cudaStreamSynchronize(stream_));
}

// Uniform weights of variance 1 / inputs: each product keeps the size of its input.
template <class Element>
void Weights<Element>::load_dummy(uint64_t seed) {
  const auto fill = [&](const Buffer<Element>& matrix, size_t inputs) {
    fill_random(matrix.get(), matrix.count(), ++seed, std::sqrt(3.0f / static_cast<float>(inputs)), stream_);
  };
  const std::vector<float> ones(hidden_, 1.0f);
  const auto norm = [&](const Buffer<float>& weight) {
    ESP_CUDA_CHECK(cudaMemcpy(weight.get(), ones.data(), hidden_ * sizeof(float), cudaMemcpyHostToDevice));
  };
  fill(embedding_, hidden_);
  if (!tied_) fill(lm_head_, hidden_);
  norm(final_norm_);
  for (const Layer& layer : layers_) {
    norm(layer.input_norm);
    norm(layer.post_norm);
    fill(layer.qkv, hidden_);
    fill(layer.o, q_size_);
    fill(layer.gate_up, hidden_);
    fill(layer.down, intermediate_);
  }
  ESP_CUDA_CHECK(cudaStreamSynchronize(stream_));
}

template class Weights<float>;
template class Weights<bf16>;
template class Weights<f16>;

}  // namespace espalier::cuda
