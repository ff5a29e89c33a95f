// The sizes of a decoder as the device stores it: multiples of what vectors and tensor cores take. What is added is
// zero, in weights and so in activations.
#pragma once
#include <vector>

#include "cuda/device/kernels.h"
#include "cuda/device/latent_sizes.h"
#include "cuda/device/row_map.h"
#include "espalier_cuda.h"

namespace espalier::cuda {

struct ModelShape {
  /// @throws CudaError where the device cannot have such a model.
  explicit ModelShape(const esp_cuda_config& config);

  bool is_latent() const { return latent.rank > 0; }
  bool has_experts(size_t layer) const { return expert_layers[layer]; }
  /// Elements that attention gives of a row, before the value matrices of latent attention.
  int attended_size() const { return is_latent() ? heads.heads * latent.rank : q_size; }
  int rotated() const { return static_cast<int>(config.rope_size ? config.rope_size : config.head_dim); }
  /// Elements of a head in the tables of rotations.
  int turned() const { return is_latent() ? latent.rope : heads.dim; }
  /// Where the rows of the projections of queries and keys go, and those of latent vectors with the key's rotated part.
  RowMap query_rows() const;
  RowMap latent_key_rows() const;

  /// What it points to is gone after set-up, and null here.
  esp_cuda_config config;
  std::vector<bool> expert_layers;
  /// Of plain attention: padded.
  HeadShape heads;
  LatentSizes latent;
  int hidden = 0, vocab = 0;
  /// The rows of the head: those of this rank's tokens.
  int tokens = 0;
  /// Padded; of one network, one expert, and the shared network.
  int inner = 0, expert_inner = 0, shared_inner = 0;
  /// Elements of q, k and v of a row, and of what attention gives the output matrix.
  int q_size = 0, qkv_size = 0, output_inputs = 0;
  /// Elements that one token's keys take in a layer; its values take as many, or are part of the keys.
  size_t key_elements = 0;
  /// Whether any size is not the checkpoint's: then weights have elements that nobody loads.
  bool is_padded() const;
  int planes_per_layer() const { return is_latent() ? 1 : 2; }
};

}  // namespace espalier::cuda
