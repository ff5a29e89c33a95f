// Latent attention on scattered pages against a plain softmax in double precision, and adapt_qkv.
#include "cuda/device/latent_sizes.h"
#include "sequences.h"

using namespace espalier::cuda;
using namespace espalier::cuda::test;

namespace {

struct Latent {
  LatentSizes sizes;
  int heads;
  std::vector<int> lengths;
  float soft_cap = 0;
};

template <class Element>
void check_latent(const Latent& c, int multiprocessors) {
  const Sequences all(c.lengths, c.lengths, 16);
  const int width = c.sizes.width(), rank = c.sizes.rank;
  const size_t count = all.tokens.size();
  const auto queries = random_elements<Element>(count * c.heads * width);
  const auto latents = random_elements<Element>(count * width);
  const auto raw = random_elements<Element>(count * c.heads * c.sizes.query());
  const auto norm = random_elements<float>(static_cast<size_t>(rank));
  const auto queries_device = to_device(queries), latents_device = to_device(latents), raw_device = to_device(raw);
  const auto norm_device = to_device(norm);
  const auto none = to_device(std::vector<float2>(static_cast<size_t>(400 * c.sizes.rope / 2), float2{1, 0}));
  const auto keys = poisoned<Element>(all.page_count * 16 * static_cast<size_t>(width));
  const KvLayer<Element> kv{keys.get(), keys.get(), 16};
  rotate_latent(raw_device.get(), latents_device.get(), all.rows(), c.heads, c.sizes, norm_device.get(), 1e-6f,
                none.get(), kv, queries_device.get(), nullptr);
  const auto found_queries = to_host(queries_device);
  const AttentionRule rule{0.07f, c.soft_cap, 0};
  const auto partials = poisoned<float>(latent_attention_floats(c.sizes, multiprocessors));
  const auto out = poisoned<Element>(count * c.heads * rank);
  attention_latent(queries_device.get(), all.rows(), nullptr, static_cast<int>(count), c.heads, c.sizes, rule, kv,
                   multiprocessors, partials.get(), out.get(), nullptr);
  const auto host = to_host(out);
  const auto key_of = [&](size_t token) {
    std::vector<double> key;
    double squares = 0;
    for (int d = 0; d < width; ++d) key.push_back(static_cast<float>(latents[token * width + d]));
    for (int d = 0; d < rank; ++d) squares += key[d] * key[d];
    for (int d = 0; d < rank; ++d)
      key[d] = static_cast<float>(Element(static_cast<float>(key[d] / std::sqrt(squares / rank + 1e-6) * norm[d])));
    return key;
  };
  std::vector<float> found, expected;
  for (size_t row = 0; row < count; row += 1 + count / 11) {
    const int length = all.positions[row] + 1;
    std::vector<std::vector<double>> seen;
    for (int i = 0; i < length; ++i) seen.push_back(key_of(row - static_cast<size_t>(length - 1 - i)));
    for (int head = 0; head < c.heads; head += 1 + c.heads / 5) {
      const size_t at = (row * c.heads + head);
      std::vector<double> weights, sums(rank, 0.0);
      double total = 0;
      for (const auto& key : seen) {
        double score = 0;
        for (int d = 0; d < width; ++d) score += key[d] * static_cast<float>(found_queries[at * width + d]);
        score *= rule.scale;
        weights.push_back(std::exp(c.soft_cap > 0 ? c.soft_cap * std::tanh(score / c.soft_cap) : score));
        total += weights.back();
      }
      for (size_t i = 0; i < seen.size(); ++i)
        for (int d = 0; d < rank; ++d) sums[d] += weights[i] / total * seen[i][d];
      for (int d = 0; d < rank; ++d) {
        expected.push_back(static_cast<float>(sums[d]));
        found.push_back(static_cast<float>(host[at * rank + d]));
      }
      for (int d = 0; d < c.sizes.rope; ++d)
        CHECK(static_cast<float>(found_queries[at * width + rank + d]) ==
              static_cast<float>(raw[at * c.sizes.query() + c.sizes.nope + d]));
    }
  }
  CHECK_NEAR(found, expected, 2 * kTolerance<Element>);
}

template <class Element>
void check_adapt(const HeadShape& shape, bool biased, bool normed) {
  const int rows = 5, all = shape.heads + 2 * shape.kv_heads;
  const auto in = random_elements<Element>(static_cast<size_t>(rows * all * shape.dim));
  const auto bias = random_elements<float>(static_cast<size_t>(all * shape.dim));
  const auto q_norm = random_elements<float>(static_cast<size_t>(shape.dim));
  const auto k_norm = random_elements<float>(static_cast<size_t>(shape.dim));
  std::vector<float> expected;
  for (int row = 0; row < rows; ++row)
    for (int head = 0; head < all; ++head) {
      std::vector<double> values;
      double squares = 0;
      for (int d = 0; d < shape.dim; ++d) {
        values.push_back(static_cast<float>(in[static_cast<size_t>((row * all + head) * shape.dim + d)]) +
                         (biased ? bias[static_cast<size_t>(head * shape.dim + d)] : 0));
        squares += values.back() * values.back();
      }
      const bool turn = normed && head < shape.heads + shape.kv_heads;
      for (int d = 0; d < shape.dim; ++d) {
        const float weight = head < shape.heads ? q_norm[static_cast<size_t>(d)] : k_norm[static_cast<size_t>(d)];
        expected.push_back(static_cast<float>(
            turn ? values[static_cast<size_t>(d)] / std::sqrt(squares / shape.dim + 1e-6) * weight
                 : values[static_cast<size_t>(d)]));
      }
    }
  const auto qkv = to_device(in);
  const auto b = to_device(bias), q = to_device(q_norm), k = to_device(k_norm);
  adapt_qkv(qkv.get(), rows, shape, biased ? b.get() : nullptr, normed ? q.get() : nullptr, normed ? k.get() : nullptr,
            1e-6f, nullptr);
  CHECK_NEAR(to_host(qkv), expected, kTolerance<Element>);
}

}  // namespace

TEST(latent_attention) {
  const LatentSizes deepseek{512, 128, 64, 128, 0}, small{48, 24, 16, 16, 0};
  check_latent<float>({small, 3, {1, 40}}, 132);
  check_latent<bf16>({small, 4, {1, 70}}, 132);
  for (const int heads : {16, 20, 64, 128})
    for (const int multiprocessors : {1, 4000}) {
      check_latent<bf16>({deepseek, heads, {1, 31, 32, 33}}, multiprocessors);
      check_latent<f16>({deepseek, heads, {100, 300}}, multiprocessors);
    }
  check_latent<bf16>({deepseek, 16, {90}, 2}, 132);
}

TEST(biases_and_norms_of_heads) {
  for (const bool biased : {false, true})
    for (const bool normed : {false, true}) {
      check_adapt<float>({4, 2, 16}, biased, normed);
      check_adapt<bf16>({8, 2, 128}, biased, normed);
      check_adapt<f16>({3, 1, 256}, biased, normed);
    }
}
