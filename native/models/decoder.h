// The weights of one decoder, found by their names and checked against the configuration. Matrices stay in their file's
// element type; norm weights and biases are widened to float. Immutable, shared by all back ends. Instead of files, the
// weights may be random; and a decoder may be a rank's part of another (models/shard.h).
#pragma once
#include <memory>
#include <vector>

#include "files/mapped_file.h"
#include "models/config.h"
#include "models/weights.h"

namespace espalier {

/// down(act(gate(x)) * up(x)). Biases are empty where the model has none.
struct FeedForward {
  Matrix gate, up, down;
  std::vector<float> gate_bias, up_bias, down_bias;
};

/// What latent attention has in place of q, k and v, each of whose matrices is cut where it is used.
struct LatentWeights {
  /// [q_rank, hidden], its norm, [heads * query_size, q_rank]; without a bottleneck only `q_up`, of the hidden state.
  Matrix q_down, q_up;
  std::vector<float> q_norm;
  /// [kv_rank + rope_size, hidden]: the latent vector and the part of the key that is rotated.
  Matrix kv_down;
  std::vector<float> kv_norm;
  /// One for each head: [kv_rank, nope_size], the transposed matrix from latent vector to key.
  std::vector<Matrix> key_up;
  /// One for each head: [value_size, kv_rank].
  std::vector<Matrix> value_up;
};

struct ExpertWeights {
  Matrix router;
  std::vector<float> router_bias;
  std::vector<FeedForward> experts;
  FeedForward shared;
  Matrix shared_gate;
};

struct DecoderLayer {
  std::vector<float> input_norm;
  Matrix q, k, v, o;
  std::vector<float> q_bias, k_bias, v_bias, o_bias;
  std::vector<float> q_norm, k_norm;
  LatentWeights latent;
  /// Before the feed-forward network.
  std::vector<float> post_norm;
  /// ModelConfig::output_norms: of what attention and feed-forward give.
  std::vector<float> attention_output_norm, mlp_output_norm;
  FeedForward mlp;
  ExpertWeights experts;
};

/// One of `count` ranks that compute a model together.
struct Shard {
  size_t rank = 0, count = 1;
};

class Decoder {
 public:
  /// Maps the files and binds the tensors.
  /// @throws ModelError `model_config`, `model_file` or `model_tensor`, naming what is wrong.
  explicit Decoder(const ModelSpec& spec);

  /// A rank's part of a decoder, whose weights are used where they lie.
  /// @throws ModelError `tensor_parallel` where it cannot be cut so.
  Decoder(std::shared_ptr<const Decoder> whole, Shard shard);

  /// Of a part: the sizes of what it has.
  const ModelConfig& config() const { return config_; }
  Shard shard() const { return shard_; }
  /// What this is a part of, or itself.
  const Decoder& whole() const { return whole_ ? *whole_ : *this; }
  /// RandomOnDevice: matrices have shapes and no data, and the back end makes its own.
  WeightSource source() const { return source_; }
  const Matrix& embedding() const { return embedding_; }
  /// Of a part: the rows of the tokens from first_token() on.
  const Matrix& lm_head() const { return lm_head_; }
  size_t first_token() const { return first_token_; }
  const std::vector<float>& final_norm() const { return final_norm_; }
  const std::vector<DecoderLayer>& layers() const { return layers_; }
  /// Rotary frequencies of a head, rotated() / 2 of them, radians per position.
  const std::vector<float>& rope_frequencies() const { return rope_frequencies_; }
  /// Those of layers with a window, where they differ; else empty.
  const std::vector<float>& window_rope_frequencies() const { return window_rope_frequencies_; }

 private:
  void bind(Weights& weights);

  const std::shared_ptr<const Decoder> whole_;
  const Shard shard_;
  const ModelConfig config_;
  const WeightSource source_;
  size_t first_token_ = 0;
  std::vector<std::unique_ptr<MappedFile>> files_;
  WeightMemory memory_;
  Matrix embedding_, lm_head_;
  std::vector<float> final_norm_;
  std::vector<DecoderLayer> layers_;
  std::vector<float> rope_frequencies_, window_rope_frequencies_;
};

}  // namespace espalier
