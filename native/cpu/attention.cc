// Queries, keys and values; rotation; scores, softmax and the weighted sum of values.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "cpu/backend.h"

namespace espalier {

void CpuBackend::project_qkv(const DecoderLayer& layer) {
  const Input x = input_of(normed_.data(), rows_.size(), config_.hidden_size);
  for_columns(qkv_size_, [&](size_t first, size_t last) {
    const auto part = [&](const Matrix& weight, const std::vector<float>& bias, size_t offset) {
      const size_t from = std::max(first, offset), to = std::min(last, offset + weight.rows);
      if (from >= to) return;
      float* output = qkv_.data() + offset;
      multiply(x, rows_.size(), weight, from - offset, to - offset, output, qkv_size_);
      add_bias(bias, rows_.size(), from - offset, to - offset, output, qkv_size_);
    };
    part(layer.q, layer.q_bias, 0);
    part(layer.k, layer.k_bias, q_size_);
    part(layer.v, layer.v_bias, q_size_ + layer.k.rows);
  });
}

// The score of query and key is q (U z) for a latent vector z, or (U^T q) z: the second needs no key but z itself.
void CpuBackend::project_latent(const LatentWeights& latent) {
  const LatentAttention& l = config_.latent;
  const float* input = normed_.data();
  if (l.q_rank) {
    project(latent.q_down, {}, input, bottleneck_.data());
    for_rows(rows_.size(), [&](size_t r) {
      float* row = bottleneck_.data() + r * l.q_rank;
      kernels_.rms_norm(row, latent.q_norm.data(), static_cast<float>(l.norm_eps), l.q_rank, row);
    });
    input = bottleneck_.data();
  }
  project(latent.q_up, {}, input, raw_queries_.data());
  project(latent.kv_down, {}, normed_.data(), latent_.data());
  const size_t query = config_.query_size();
  pool_.parallel_for(config_.heads, [&](size_t head, size_t) {
    multiply({raw_queries_.data() + head * query, config_.heads * query}, rows_.size(), latent.key_up[head], 0,
             l.kv_rank, qkv_.data() + head * config_.head_dim, qkv_size_);
  });
}

void CpuBackend::rotate(size_t row, const DecoderLayer& layer, size_t table) {
  const size_t dim = config_.head_dim, half = config_.rotated() / 2;
  const auto turn = config_.rope_interleaved ? kernels_.rope_interleaved : kernels_.rope;
  for (size_t head = 0; head < config_.heads + config_.kv_heads; ++head) {
    float* values = qkv_.data() + row * qkv_size_ + head * dim;
    if (config_.qk_norm) norm_row(values, head < config_.heads ? layer.q_norm : layer.k_norm, values);
    turn(values, cosines_[table].data() + row * half, sines_[table].data() + row * half, half);
  }
}

void CpuBackend::rotate_latent(size_t row, const LatentWeights& latent) {
  const LatentAttention& l = config_.latent;
  const size_t half = config_.rope_size / 2, query = config_.query_size();
  const auto turn = config_.rope_interleaved ? kernels_.rope_interleaved : kernels_.rope;
  const float* raw = raw_queries_.data() + row * config_.heads * query + l.nope_size;
  const float* key = latent_.data() + row * config_.head_dim;
  float* out = qkv_.data() + row * qkv_size_ + l.kv_rank;
  for (size_t head = 0; head <= config_.heads; ++head, out += config_.head_dim) {
    const float* from = head < config_.heads ? raw + head * query : key + l.kv_rank;
    std::memcpy(out, from, config_.rope_size * sizeof(float));
    turn(out, cosines_[0].data() + row * half, sines_[0].data() + row * half, half);
  }
  kernels_.rms_norm(key, latent.kv_norm.data(), static_cast<float>(l.norm_eps), l.kv_rank,
                    qkv_.data() + row * qkv_size_ + q_size_);
}

void CpuBackend::store(const Segment& segment, size_t row, size_t layer) {
  const size_t dim = config_.head_dim, position = rows_[row].position;
  const size_t page = static_cast<size_t>(segment.pages[position / page_size_]);
  const size_t slot = position % page_size_;
  const float* k = qkv_.data() + row * qkv_size_ + q_size_;
  const float* v = config_.latent.kv_rank ? k : k + config_.kv_heads * dim;
  for (size_t head = 0; head < config_.kv_heads; ++head) {
    float* page_keys = keys(layer, head) + page * key_stride_ + slot;
    for (size_t d = 0; d < dim; ++d) page_keys[d * page_size_] = k[head * dim + d];
    std::memcpy(values(layer, head) + page * value_stride_ + slot * value_dim_, v + head * value_dim_,
                value_dim_ * sizeof(float));
  }
}

void CpuBackend::rotate_and_store(std::span<const Segment> segments, size_t layer) {
  const DecoderLayer& weights = model_->layers()[layer];
  const bool window = config_.layer_kind(layer).window > 0 && !model_->window_rope_frequencies().empty();
  for_rows(rows_.size(), [&](size_t r) {
    if (config_.latent.kv_rank)
      rotate_latent(r, weights.latent);
    else
      rotate(r, weights, window ? 1 : 0);
    store(segments[rows_[r].segment], r, layer);
  });
}

void CpuBackend::attend(std::span<const Segment> segments, size_t layer) {
  pool_.parallel_for(blocks_.size() * config_.kv_heads, [&](size_t index, size_t thread) {
    const RowBlock& block = blocks_[index / config_.kv_heads];
    attend_block(segments[block.segment], block, layer, index % config_.kv_heads, thread);
  });
}

// Two passes over all keys in position order: scores, then softmax and values. With a window the sequence begins at a
// page before it, at a multiple of the lanes that softmax adds by, so that the order of additions is that of positions.
void CpuBackend::attend_block(const Segment& segment, const RowBlock& block, size_t layer, size_t kv_head,
                              size_t thread) {
  const size_t dim = config_.head_dim, group = config_.heads / config_.kv_heads;
  const size_t window = config_.layer_kind(layer).window, unit = std::lcm(page_size_, kRowPadding);
  const size_t seen = segment.start + block.first + 1;
  const size_t origin = window > 0 && seen > window ? (seen - window) / unit * unit : 0;
  const size_t first_length = seen - origin, rows = block.count * group;
  const size_t stride = attention_score_stride(first_length + block.count - 1);
  float* queries = queries_[thread].data();
  float* scores = scores_[thread].data();
  float* scales = scores + rows * stride;
  for (size_t r = 0; r < block.count; ++r)
    std::memcpy(queries + r * group * dim, qkv_.data() + (block.row + r) * qkv_size_ + kv_head * group * dim,
                group * dim * sizeof(float));
  const AttentionArgs args{keys(layer, kv_head),
                           values(layer, kv_head),
                           segment.pages + origin / page_size_,
                           key_stride_,
                           value_stride_,
                           page_size_,
                           dim,
                           value_dim_,
                           rows,
                           group,
                           first_length,
                           queries,
                           scores,
                           stride};
  kernels_.attention_scores(args);
  for (size_t i = 0; i < rows; ++i) {
    const size_t length = first_length + i / group;
    const size_t begin = window > 0 && length > window ? length - window : 0;
    scales[i] = 1.0f / weigh(scores + i * stride, begin, length);
  }
  const size_t out_stride = config_.heads * value_dim_;
  kernels_.attention_values(args, scales, attended_.data() + block.row * out_stride + kv_head * group * value_dim_,
                            out_stride);
}

// Scores of tokens in [begin, length) to weights, which are 0 before; returns their sum.
float CpuBackend::weigh(float* scores, size_t begin, size_t length) const {
  const size_t from = begin / kRowPadding * kRowPadding;
  const auto cap = static_cast<float>(config_.attention_soft_cap);
  if (cap > 0) kernels_.soft_cap(scores + from, length - from, score_scale_, cap);
  std::fill(scores + from, scores + begin, -std::numeric_limits<float>::infinity());
  const float sum = kernels_.soft_max(scores + from, length - from, cap > 0 ? 1.0f : score_scale_);
  std::fill(scores, scores + from, 0.0f);
  return sum;
}

const float* CpuBackend::attention_output(const LatentWeights& latent) {
  const LatentAttention& l = config_.latent;
  if (l.kv_rank == 0) return attended_.data();
  pool_.parallel_for(config_.heads, [&](size_t head, size_t) {
    multiply({attended_.data() + head * l.kv_rank, config_.heads * l.kv_rank}, rows_.size(), latent.value_up[head], 0,
             l.value_size, expanded_.data() + head * l.value_size, config_.heads * l.value_size);
  });
  return expanded_.data();
}

}  // namespace espalier
