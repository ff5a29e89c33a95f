// A decoder-only transformer described by data: what the binding reads from a NativeModelSpec and the loader checks.
// Counts are numbers of elements; theta and eps as in the model's config.json.
#pragma once
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "models/dtype.h"

namespace espalier {

/// Why a model cannot be loaded. `code` is stable; the message names the tensor, file or field at fault.
class ModelError : public std::runtime_error {
 public:
  ModelError(std::string code, const std::string& message) : std::runtime_error(message), code(std::move(code)) {}
  const std::string code;
};

struct RopeScaling {
  enum class Kind : uint8_t { None, Linear, Llama3, Yarn, Factors };
  Kind kind = Kind::None;
  double factor = 1;
  double low_freq_factor = 1;
  double high_freq_factor = 4;
  double original_max_positions = 0;
  /// Yarn: how many turns within the original positions a frequency makes that is kept, and one that is divided.
  double beta_fast = 32;
  double beta_slow = 1;
  /// Yarn: the ramp between the two begins and ends at whole frequencies.
  bool truncate = true;
  /// Factors (longrope): what each frequency is divided by.
  std::vector<double> factors;
  /// Cosines and sines are multiplied by this.
  double attention_factor = 1;
};

/// What follows the attention of one layer, and how far back it sees.
struct LayerKind {
  /// The number of the newest tokens that a token sees, itself included; 0: all.
  size_t window = 0;
  /// A mixture of experts in place of one feed-forward network.
  bool experts = false;
};

/// Multi-head latent attention (DeepSeek-V2, arXiv:2405.04434): keys and values are made of one short vector a token.
/// A query's head has `nope_size` elements without position and then ModelConfig::rope_size with it.
struct LatentAttention {
  /// 0: the model has plain attention.
  size_t kv_rank = 0;
  /// 0: queries come from the hidden state without a bottleneck.
  size_t q_rank = 0;
  size_t nope_size = 0;
  size_t value_size = 0;
  double norm_eps = 1e-6;
};

/// Which experts a token goes to, and with which weights.
struct Router {
  /// What becomes of the router's products before the highest are taken.
  enum class Scores : uint8_t { Softmax, Sigmoid };
  Scores scores = Scores::Softmax;
  /// A bias for each expert counts when experts are chosen, not in their weights (DeepSeek-V3, arXiv:2412.19437).
  bool bias = false;
  /// Experts are in `groups` groups of the same size; only the `groups_kept` best groups take part. A group is worth
  /// the sum of its `group_members` highest scores.
  size_t groups = 1;
  size_t groups_kept = 1;
  size_t group_members = 1;
  /// The weights are divided by their sum, and then multiplied by `scale`.
  bool normalize = false;
  double scale = 1;
};

struct Experts {
  size_t count = 0;
  size_t per_token = 0;
  size_t intermediate_size = 0;
  /// Of the network that every token goes through as well; 0: there is none.
  size_t shared_intermediate_size = 0;
  /// Its output is multiplied by the sigmoid of a product with the token.
  bool shared_gate = false;
  Router router;
};

enum class Activation : uint8_t { Silu, GeluTanh };

/// Defaults are those of Llama.
struct ModelConfig {
  size_t vocab_size = 0;
  size_t hidden_size = 0;
  size_t intermediate_size = 0;
  size_t layers = 0;
  size_t heads = 0;
  size_t kv_heads = 0;
  size_t head_dim = 0;
  size_t max_positions = 0;
  double rope_theta = 10000;
  double rms_norm_eps = 1e-5;
  bool tied_embeddings = false;
  RopeScaling rope_scaling;

  /// One for each layer; empty: every layer sees all and has one feed-forward network.
  std::vector<LayerKind> layer_kinds;
  /// The number of a head's elements that are rotated, the first ones (of latent attention the last); 0: all.
  size_t rope_size = 0;
  /// Element 2i is rotated with 2i + 1, not i with i + rope_size / 2.
  bool rope_interleaved = false;
  /// Layers with a window rotate by plain frequencies of this base; 0: as the others.
  double window_rope_theta = 0;
  bool qkv_bias = false;
  bool output_bias = false;
  bool mlp_bias = false;
  /// Each head of queries and keys is normalised before it is rotated.
  bool qk_norm = false;
  /// What attention and feed-forward give is normalised before it is added.
  bool output_norms = false;
  /// Norms multiply by this plus their weight.
  double norm_offset = 0;
  Activation activation = Activation::Silu;
  double embedding_scale = 1;
  /// Scores are multiplied by this; 0: one over the root of the query's size.
  double attention_scale = 0;
  /// Scores s become cap * tanh(s / cap), and so do logits; 0: they stay.
  double attention_soft_cap = 0;
  double logit_soft_cap = 0;
  LatentAttention latent;
  Experts experts;

  LayerKind layer_kind(size_t layer) const { return layer_kinds.empty() ? LayerKind{} : layer_kinds[layer]; }
  size_t rotated() const { return rope_size ? rope_size : head_dim; }
  /// Elements of one query head, and of one head of what attention gives to the output matrix.
  size_t query_size() const { return latent.kv_rank ? latent.nope_size + rope_size : head_dim; }
  size_t value_size() const { return latent.kv_rank ? latent.value_size : head_dim; }
};

/// One tensor of a weight file: `offset` is in bytes from the file's start.
struct TensorSpec {
  std::string name;
  DType dtype = DType::F32;
  std::vector<size_t> shape;
  size_t file = 0;
  size_t offset = 0;
  /// The rows of each head of so many rows lie as ggml has them for interleaved rotation: row 2i is the head's row i, row
  /// 2i + 1 its row i + head_rows / 2. 0: they lie as they are.
  size_t head_rows = 0;
};

/// Where a model's weights come from. Random ones, for measurements: in the host's memory, or made by the back end on its
/// device.
enum class WeightSource : uint8_t { Files, RandomOnHost, RandomOnDevice };

struct ModelSpec {
  ModelConfig config;
  WeightSource source = WeightSource::Files;
  std::vector<std::string> files;
  std::vector<TensorSpec> tensors;
};

}  // namespace espalier
