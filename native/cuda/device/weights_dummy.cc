// Random weights for measurements: uniform, of variance 1 / inputs, so that each product keeps the size of its input; norms
// are ones, biases zeros. A rank fills its part with the values that the whole matrix has there.
#include <cmath>

#include "cuda/device/weights.h"

namespace espalier::cuda {
namespace {

// Rows of a rank's matrix, and where they begin in the whole one.
struct RowsPart {
  int rows;
  size_t first;
};

template <class Element>
class DummyFiller {
 public:
  DummyFiller(const ModelShape& shape, uint64_t seed, cudaStream_t stream)
      : seed_(seed), stream_(stream), rank_(static_cast<size_t>(shape.config.shard.rank)),
        ranks_(static_cast<size_t>(shape.config.shard.count)) {}

  /// A matrix that every rank has all of.
  void whole(const Buffer<Element>& matrix, int inputs) {
    if (matrix.count() > 0) fill_random(matrix.get(), matrix.count(), ++seed_, scale(inputs), stream_);
  }
  /// Some of its rows, one part after another.
  void rows(const Buffer<Element>& matrix, int inputs, std::initializer_list<RowsPart> parts) {
    if (matrix.count() == 0) return;
    ++seed_;
    Element* to = matrix.get();
    for (const auto& [count, first] : parts) {
      const auto rows = static_cast<size_t>(count), cols = static_cast<size_t>(inputs);
      fill_random_part(to, rows, cols, cols, first, 0, seed_, scale(inputs), stream_);
      to += rows * cols;
    }
  }
  /// Equal shares of the rows of `groups` matrices, one after another.
  void row_shares(const Buffer<Element>& matrix, int inputs, size_t groups = 1) {
    if (matrix.count() == 0) return;
    ++seed_;
    const size_t cols = static_cast<size_t>(inputs), share = matrix.count() / cols / groups;
    for (size_t i = 0; i < groups; ++i)
      fill_random_part(matrix.get() + i * share * cols, share, cols, cols, (i * ranks_ + rank_) * share, 0, seed_,
                       scale(inputs), stream_);
  }
  /// An equal share of the columns, `inputs` of them.
  void column_share(const Buffer<Element>& matrix, int inputs) {
    if (matrix.count() == 0) return;
    const auto cols = static_cast<size_t>(inputs);
    fill_random_part(matrix.get(), matrix.count() / cols, cols, cols * ranks_, 0, rank_ * cols, ++seed_,
                     scale(inputs * static_cast<int>(ranks_)), stream_);
  }

 private:
  static float scale(int inputs) { return std::sqrt(3.0f / static_cast<float>(inputs)); }

  uint64_t seed_;
  const cudaStream_t stream_;
  const size_t rank_, ranks_;
};

}  // namespace

template <class Element>
void Weights<Element>::load_dummy(uint64_t seed) {
  const ModelShape& s = shape_;
  const esp_cuda_shard& shard = s.config.shard;
  DummyFiller<Element> filler(s, seed, stream_);
  const auto norm = [&](const Buffer<float>& weight) {
    const std::vector<float> ones(weight.count(), 1.0f);
    ESP_CUDA_CHECK(cudaMemcpy(weight.get(), ones.data(), ones.size() * sizeof(float), cudaMemcpyHostToDevice));
  };
  const auto clear = [&](const Buffer<float>& bias) {
    if (bias.count() > 0) ESP_CUDA_CHECK(cudaMemset(bias.get(), 0, bias.count() * sizeof(float)));
  };
  filler.whole(embedding_, s.hidden);
  filler.rows(lm_head_, s.hidden, {{s.tokens, shard.first_token}});
  norm(final_norm_);
  // Queries of all ranks, then all keys, then all values.
  const auto rank = static_cast<size_t>(shard.rank), ranks = static_cast<size_t>(shard.count);
  const size_t dim = static_cast<size_t>(s.heads.dim), queries = static_cast<size_t>(s.q_size);
  const size_t first_head = rank * shard.kv_heads / ranks * dim, all_keys = shard.kv_heads * dim;
  const int keys = s.heads.kv_heads * s.heads.dim;
  for (const Layer& l : layers_) {
    for (const Buffer<float>* weight : {&l.input_norm, &l.post_norm, &l.attention_output_norm, &l.mlp_output_norm,
                                        &l.q_norm, &l.k_norm, &l.latent_q_norm, &l.latent_kv_norm})
      norm(*weight);
    for (const Buffer<float>* bias : {&l.qkv_bias, &l.o_bias, &l.gate_up_bias, &l.down_bias, &l.router_bias}) clear(*bias);
    filler.rows(l.qkv, s.hidden,
                {{s.q_size, rank * queries},
                 {keys, ranks * queries + first_head},
                 {keys, ranks * queries + all_keys + first_head}});
    filler.row_shares(l.gate_up, s.hidden);
    for (const Buffer<Element>* matrix : {&l.q_down, &l.kv_down, &l.router}) filler.whole(*matrix, s.hidden);
    filler.row_shares(l.experts_gate_up, s.hidden, s.config.experts.count);
    filler.row_shares(l.shared_gate_up, s.hidden);
    filler.whole(l.share, s.hidden);
    filler.row_shares(l.q_up, s.latent.bottleneck ? s.latent.bottleneck : s.hidden);
    filler.row_shares(l.key_up, s.latent.nope);
    filler.row_shares(l.value_up, s.latent.rank);
    filler.column_share(l.o, s.output_inputs);
    filler.column_share(l.down, s.inner);
    filler.column_share(l.experts_down, s.expert_inner);
    filler.column_share(l.shared_down, s.shared_inner);
  }
  ESP_CUDA_CHECK(cudaStreamSynchronize(stream_));
}

template void Weights<float>::load_dummy(uint64_t);
template void Weights<bf16>::load_dummy(uint64_t);
template void Weights<f16>::load_dummy(uint64_t);

}  // namespace espalier::cuda
