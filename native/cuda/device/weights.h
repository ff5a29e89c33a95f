// A decoder's weights on the device: q, k and v fused in one matrix, gate and up in another, the experts of a layer one
// after another, in the row orders and padded sizes that the kernels want (model_shape.h).
#pragma once
#include <memory>
#include <vector>

#include "cuda/device/kernels.h"
#include "cuda/device/memory.h"
#include "cuda/device/model_shape.h"
#include "espalier_cuda.h"

namespace espalier::cuda {

template <class Element>
class Weights {
 public:
  /// Empty where the model has no such weight.
  struct Layer {
    Buffer<float> input_norm, post_norm, attention_output_norm, mlp_output_norm;
    Buffer<float> qkv_bias, q_norm, k_norm, o_bias, gate_up_bias, down_bias, router_bias;
    Buffer<float> latent_q_norm, latent_kv_norm;
    Buffer<Element> qkv, o, gate_up, down;
    Buffer<Element> q_down, q_up, kv_down, key_up, value_up;
    Buffer<Element> router, experts_gate_up, experts_down, shared_gate_up, shared_down, share;
  };

  /// The shape must outlive it.
  Weights(const ModelShape& shape, cudaStream_t stream);

  /// Copies one matrix from (mapped) host memory, whose rows are `row_bytes` apart (0: side by side), through pinned memory;
  /// waits for it.
  void load(esp_cuda_tensor tensor, size_t layer, size_t part, const void* data, size_t row_bytes, esp_cuda_dtype dtype);
  void load_vector(esp_cuda_vector vector, size_t layer, const float* data);
  void load_dummy(uint64_t seed);
  /// Frees what only loading needs.
  void finish_loading() { pipe_.reset(); }

  const Element* embedding() const { return embedding_.get(); }
  /// The rows of this rank's tokens.
  const Element* lm_head() const {
    return lm_head_.count() ? lm_head_.get() : embedding_.get() + shape_.config.shard.first_token * shape_.config.hidden_size;
  }
  const Buffer<float>& final_norm() const { return final_norm_; }
  const std::vector<Layer>& layers() const { return layers_; }

 private:
  // Where the rows and columns of a matrix go.
  struct Place {
    const Buffer<Element>* target = nullptr;
    size_t rows = 0, cols = 0;
    RowMap row_map{}, col_map{};
    int target_cols = 0;
    // Of the target, in elements.
    size_t offset = 0;
  };
  // A vector's elements go behind `offset`, times `gain`.
  struct VectorPlace {
    const Buffer<float>* target = nullptr;
    size_t size = 0, padded = 0, offset = 0;
    RowMap map{};
    size_t step = 1;
    float gain = 1;
  };
  Place place_of(esp_cuda_tensor tensor, size_t layer, size_t part);
  Place attention_place(esp_cuda_tensor tensor, const Layer& layer, size_t part);
  Place network_place(esp_cuda_tensor tensor, const Layer& layer, size_t part);
  VectorPlace vector_place(esp_cuda_vector vector, size_t layer);
  template <class T>
  void allocate(Buffer<T>& buffer, size_t count);
  void allocate_attention(Layer& layer);
  void allocate_network(Layer& layer, bool experts);

  // Two pinned pieces and their copies on the device; only while matrices are being loaded.
  struct Pipe {
    Pinned<std::byte> host[2];
    Buffer<std::byte> device[2];
    cudaEvent_t done[2] = {};
    Pipe();
    ~Pipe();
  };

  const cudaStream_t stream_;
  const ModelShape& shape_;
  Buffer<Element> embedding_, lm_head_;
  Buffer<float> final_norm_;
  std::vector<Layer> layers_;
  std::unique_ptr<Pipe> pipe_;
};

/// A norm over `size` elements of rows padded to `padded` takes its mean over all of them: its epsilon, and what its weights
/// are multiplied by.
inline float padded_norm_eps(float eps, size_t size, size_t padded) {
  return eps * static_cast<float>(size) / static_cast<float>(padded);
}

}  // namespace espalier::cuda
