#include "models/shard.h"

#include <algorithm>
#include <string>
#include <vector>

namespace espalier {
namespace {

bool has_networks(const Decoder& model) {
  return std::ranges::any_of(model.layers(), [](const DecoderLayer& layer) { return layer.experts.experts.empty(); });
}

// A size that is cut in equal parts, in words.
struct Divided {
  size_t size;
  const char* what;
};

std::vector<Divided> divided_sizes(const Decoder& model) {
  const ModelConfig& c = model.config();
  std::vector<Divided> sizes{{c.heads, "heads (heads)"}};
  if (has_networks(model)) sizes.push_back({c.intermediate_size, "rows of gate and up (intermediateSize)"});
  if (c.experts.count == 0) return sizes;
  sizes.push_back({c.experts.intermediate_size, "rows of an expert's gate and up (experts.intermediateSize)"});
  if (c.experts.shared_intermediate_size)
    sizes.push_back({c.experts.shared_intermediate_size,
                     "rows of the shared network's gate and up (experts.sharedIntermediateSize)"});
  return sizes;
}

std::string block_obstacle(const Matrix& matrix, const char* name, size_t layer, size_t ranks) {
  const size_t block = block_layout(matrix.dtype).elements;
  if (matrix.cols / ranks % block == 0) return "";
  return "cuts blocks of " + std::to_string(block) + " quantised elements in the " + std::to_string(matrix.cols) +
         " columns of " + name + " of layer " + std::to_string(layer);
}

std::string layer_obstacle(const DecoderLayer& layer, size_t index, size_t ranks) {
  std::string found = block_obstacle(layer.o, "o_proj", index, ranks);
  const auto network = [&](const FeedForward& mlp) {
    if (found.empty()) found = block_obstacle(mlp.down, "down_proj", index, ranks);
  };
  network(layer.mlp);
  network(layer.experts.shared);
  for (const FeedForward& expert : layer.experts.experts) network(expert);
  return found;
}

// Why so many ranks cannot share the model; empty where they can.
std::string obstacle(const Decoder& model, size_t ranks) {
  const ModelConfig& c = model.config();
  for (const auto& [size, what] : divided_sizes(model))
    if (size % ranks != 0) return "does not divide the " + std::to_string(size) + " " + what;
  if (c.kv_heads % ranks != 0 && ranks % c.kv_heads != 0)
    return "neither divides the " + std::to_string(c.kv_heads) + " KV heads (kvHeads) nor is a multiple of them";
  if (ranks * kTokenGroup > c.vocab_size)
    return "is too many for a vocabulary of " + std::to_string(c.vocab_size) + " tokens";
  for (size_t i = 0; i < model.layers().size(); ++i)
    if (std::string found = layer_obstacle(model.layers()[i], i, ranks); !found.empty()) return found;
  return "";
}

std::string possible_ranks(const Decoder& model) {
  std::string list;
  for (size_t ranks = 1; ranks <= kMostRanks; ++ranks)
    if (obstacle(model, ranks).empty()) list += (list.empty() ? "" : ", ") + std::to_string(ranks);
  return list;
}

// The part of `size` equal ones that is a rank's.
Matrix rows_part(const Matrix& whole, Shard shard) {
  const size_t count = whole.rows / shard.count;
  return whole.rows_from(shard.rank * count, count);
}

Matrix cols_part(const Matrix& whole, Shard shard) {
  const size_t count = whole.cols / shard.count;
  return whole.cols_from(shard.rank * count, count);
}

template <class T>
std::vector<T> part(const std::vector<T>& whole, Shard shard) {
  const auto count = static_cast<ptrdiff_t>(whole.size() / shard.count);
  const auto first = whole.begin() + static_cast<ptrdiff_t>(shard.rank) * count;
  return {first, first + count};
}

FeedForward network_of(const FeedForward& whole, Shard shard) {
  return {rows_part(whole.gate, shard),      rows_part(whole.up, shard),      cols_part(whole.down, shard),
          part(whole.gate_bias, shard), part(whole.up_bias, shard), whole.down_bias};
}

}  // namespace

TokenRange tokens_of(size_t vocab_size, Shard shard) {
  const size_t groups = (vocab_size + kTokenGroup - 1) / kTokenGroup;
  const auto start = [&](size_t rank) { return std::min(vocab_size, groups * rank / shard.count * kTokenGroup); };
  const size_t first = start(shard.rank);
  return {first, start(shard.rank + 1) - first};
}

void check_ranks(const Decoder& whole, size_t ranks) {
  const std::string found = ranks >= 1 && ranks <= kMostRanks ? obstacle(whole, ranks) : "is out of range";
  if (!found.empty())
    throw ModelError("tensor_parallel", "tp = " + std::to_string(ranks) + " " + found +
                                            "; this model can have tp = " + possible_ranks(whole));
}

ModelConfig config_of(const Decoder& whole, Shard shard) {
  ModelConfig config = whole.config();
  config.heads /= shard.count;
  config.kv_heads = std::max<size_t>(1, config.kv_heads / shard.count);
  if (has_networks(whole)) config.intermediate_size /= shard.count;
  config.experts.intermediate_size /= shard.count;
  config.experts.shared_intermediate_size /= shard.count;
  return config;
}

DecoderLayer layer_of(const DecoderLayer& whole, const ModelConfig& config, Shard shard) {
  DecoderLayer layer = whole;
  // As if there were so many ranks as KV heads, where there are more.
  const size_t shares = std::min(shard.count, config.kv_heads);
  const Shard of_keys{shard.rank * shares / shard.count, shares};
  layer.q = rows_part(whole.q, shard);
  layer.k = rows_part(whole.k, of_keys);
  layer.v = rows_part(whole.v, of_keys);
  layer.q_bias = part(whole.q_bias, shard);
  layer.k_bias = part(whole.k_bias, of_keys);
  layer.v_bias = part(whole.v_bias, of_keys);
  layer.latent.q_up = rows_part(whole.latent.q_up, shard);
  layer.latent.key_up = part(whole.latent.key_up, shard);
  layer.latent.value_up = part(whole.latent.value_up, shard);
  layer.o = cols_part(whole.o, shard);
  layer.mlp = network_of(whole.mlp, shard);
  layer.experts.shared = network_of(whole.experts.shared, shard);
  for (FeedForward& expert : layer.experts.experts) expert = network_of(expert, shard);
  return layer;
}

}  // namespace espalier
