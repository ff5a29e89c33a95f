// How a decoder is split among ranks that compute it together (tensor parallelism, arXiv:1909.08053): which part of each
// weight a rank has. Both back ends take their parts from here.
//
//   q, k, v          by heads: query heads with their KV head; with fewer KV heads than ranks, several ranks have the same one
//   latent attention by heads; what makes latent vectors, and these, on every rank
//   gate, up         by outputs; also of each expert and of a shared network
//   output, down     by inputs: what a rank computes is a part of a sum, to which the bias is added once
//   head             by tokens
//   all others       on every rank: embedding, norms, router
#pragma once
#include <memory>

#include "models/decoder.h"

namespace espalier {

constexpr size_t kMostRanks = 64;
/// Tokens are given to ranks in groups of so many: whole strips of packed matrices, words of masks, vectors of logits.
constexpr size_t kTokenGroup = 16;

struct TokenRange {
  size_t first = 0, count = 0;
};

/// The tokens whose logits a rank computes.
TokenRange tokens_of(size_t vocab_size, Shard shard);

/// @throws ModelError `tensor_parallel` where `ranks` does not divide what it would split: says what, where, and which
/// numbers would do.
void check_ranks(const Decoder& whole, size_t ranks);

/// The sizes that a rank computes with; vocabulary and hidden state are whole.
ModelConfig config_of(const Decoder& whole, Shard shard);

/// `config`: the whole decoder's.
DecoderLayer layer_of(const DecoderLayer& whole, const ModelConfig& config, Shard shard);

}  // namespace espalier
