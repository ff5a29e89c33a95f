// A decoder's weights on the device: q, k and v fused in one matrix, gate and up in another, in the row orders that the
// kernels want (pairs of a rotation, and a gate with its up, are neighbours).
#pragma once
#include <memory>
#include <vector>

#include "cuda/device/kernels.h"
#include "cuda/device/memory.h"
#include "espalier_cuda.h"

namespace espalier::cuda {

template <class Element>
class Weights {
 public:
  struct Layer {
    Buffer<float> input_norm, post_norm;
    Buffer<Element> qkv, o, gate_up, down;
  };

  Weights(const esp_cuda_config& config, cudaStream_t stream);

  /// Copies one tensor from (mapped) host memory through pinned memory; waits for it.
  void load(esp_cuda_tensor tensor, size_t layer, const void* data, esp_cuda_dtype dtype);
  void load_dummy(uint64_t seed);
  /// Frees what only loading needs.
  void finish_loading() { pipe_.reset(); }

  const Element* embedding() const { return embedding_.get(); }
  const Element* lm_head() const { return tied_ ? embedding_.get() : lm_head_.get(); }
  const Buffer<float>& final_norm() const { return final_norm_; }
  const std::vector<Layer>& layers() const { return layers_; }

 private:
  // Where the rows of a tensor go.
  struct Place {
    Element* target;
    size_t rows, cols;
    RowOrder order;
  };
  Place place_of(esp_cuda_tensor tensor, size_t layer);
  void load_norm(esp_cuda_tensor tensor, size_t layer, const void* data, esp_cuda_dtype dtype);

  // Two pinned pieces and their copies on the device; only while tensors are being loaded.
  struct Pipe {
    Pinned<std::byte> host[2];
    Buffer<std::byte> device[2];
    cudaEvent_t done[2] = {};
    Pipe();
    ~Pipe();
  };

  const cudaStream_t stream_;
  const size_t vocab_, hidden_, intermediate_, q_size_, kv_size_, head_dim_;
  const bool tied_;
  Buffer<Element> embedding_, lm_head_;
  Buffer<float> final_norm_;
  std::vector<Layer> layers_;
  std::unique_ptr<Pipe> pipe_;
};

}  // namespace espalier::cuda
