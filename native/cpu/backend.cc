// Embed; per layer: norm, q/k/v, rotate and store, attend, project and add, norm, gated feed-forward and add; norm,
// head.
#include "cpu/backend.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>

#include "models/widen.h"

namespace espalier {
namespace {

// Positions of one attention block: enough to reuse a page of keys, few enough that the scores stay in the cache.
constexpr size_t kBlockRows = 16;
constexpr size_t kBlockScores = size_t{1} << 18;
// Rows of a loop over tokens that one thread takes at a time.
constexpr size_t kRowsPerTask = 8;

size_t score_stride(size_t length) { return (length + kRowPadding - 1) / kRowPadding * kRowPadding; }

}  // namespace

CpuBackend::CpuBackend(std::shared_ptr<const Decoder> model, size_t threads)
    : model_(std::move(model)),
      config_(model_->config()),
      kernels_(cpu_kernels()),
      pool_(threads),
      q_size_(config_.heads * config_.head_dim),
      kv_size_(config_.kv_heads * config_.head_dim),
      qkv_size_(q_size_ + 2 * kv_size_) {
  queries_.resize(pool_.threads());
  scores_.resize(pool_.threads());
}

void CpuBackend::Free::operator()(float* memory) const { std::free(memory); }

void CpuBackend::allocate_kv(size_t pages, size_t page_size) {
  pages_ = pages;
  page_size_ = page_size;
  const double bytes = 2.0 * sizeof(float) * static_cast<double>(config_.layers) * static_cast<double>(pages) *
                       static_cast<double>(page_size) * static_cast<double>(kv_size_);
  if (!(bytes < 0x1p60)) throw std::bad_alloc();
  page_stride_ = config_.kv_heads * page_size * config_.head_dim;
  kv_half_ = config_.layers * pages * page_stride_;
  // calloc: the system hands out zero pages when they are first touched, so an unused part of the cache costs nothing.
  kv_.reset(static_cast<float*>(std::calloc(2 * kv_half_, sizeof(float))));
  if (!kv_) throw std::bad_alloc();
}

size_t CpuBackend::layer_offset(size_t layer, size_t kv_head) const {
  return layer * pages_ * page_stride_ + kv_head * page_size_ * config_.head_dim;
}

void CpuBackend::choose(std::span<const Choice> choices) {
  chosen_.resize(choices.size());
  logprobs_.assign(choices.size(), std::nullopt);
  pool_.parallel_for(choices.size(), [&](size_t i, size_t) {
    const Choice& choice = choices[i];
    const std::span row(logits_.data() + choice.logit_row * config_.vocab_size, config_.vocab_size);
    try {
      {
        const AdjustedLogits adjusted(row, choice.adjustments, choice.sampling);
        chosen_[i] = sample(row, choice.mask, choice.sampling, choice.position);
      }
      if (choice.logprobs >= 0)
        logprobs_[i] = find_logprobs(row, chosen_[i], static_cast<size_t>(choice.logprobs));
    } catch (const std::bad_alloc&) {
      chosen_[i] = kNoMemory;
    }
  });
}

void CpuBackend::take(std::span<int32_t> tokens, std::span<Logprobs> logprobs) {
  std::ranges::copy_n(chosen_.begin(), std::ssize(tokens), tokens.begin());
  for (size_t i = 0; i < logprobs.size(); ++i)
    if (logprobs_[i]) logprobs[i] = *logprobs_[i];
}

void CpuBackend::forward(std::span<const Segment> segments, float* logits) {
  prepare(segments);
  if (rows_.empty()) return;
  embed();
  for (size_t i = 0; i < config_.layers; ++i) {
    const DecoderLayer& layer = model_->layers()[i];
    norm_rows(hidden_.data(), layer.input_norm, rows_.size(), normed_.data());
    project_qkv(layer);
    rotate_and_store(segments, i);
    attend(segments, i);
    project_and_add(layer.o, attended_.data());
    norm_rows(hidden_.data(), layer.post_norm, rows_.size(), normed_.data());
    feed_forward(layer);
    project_and_add(layer.down, gate_.data());
  }
  size_t wanted = 0;
  for (const Segment& segment : segments) wanted += segment.logit_rows;
  if (!logits && logits_.size() < wanted * config_.vocab_size) logits_.resize(wanted * config_.vocab_size);
  write_logits(segments, logits ? logits : logits_.data());
}

// Where nothing could be chosen the request ends, and its row may hold anything.
int32_t CpuBackend::token_of(int32_t token) const {
  return token >= 0 ? token : std::max(chosen_[static_cast<size_t>(-1 - token)], 0);
}

void CpuBackend::prepare(std::span<const Segment> segments) {
  rows_.clear();
  blocks_.clear();
  const size_t group = config_.heads / config_.kv_heads;
  size_t score_floats = 0;
  for (size_t s = 0; s < segments.size(); ++s) {
    const Segment& segment = segments[s];
    const size_t stride = score_stride(segment.start + segment.count);
    const size_t most = std::clamp<size_t>(kBlockScores / (group * stride), 1, kBlockRows);
    for (size_t first = 0; first < segment.count; first += most)
      blocks_.push_back({s, rows_.size() + first, first, std::min(most, segment.count - first)});
    for (size_t i = 0; i < segment.count; ++i) rows_.push_back({token_of(segment.tokens[i]), segment.start + i, s});
    score_floats = std::max(score_floats, most * group * (stride + 1));
  }
  const size_t rows = rows_.size(), half = config_.head_dim / 2;
  const auto grow = [](std::vector<float>& memory, size_t size) {
    if (memory.size() < size) memory.resize(size);
  };
  grow(cosines_, rows * half);
  grow(sines_, rows * half);
  grow(hidden_, rows * config_.hidden_size);
  grow(normed_, rows * config_.hidden_size);
  grow(update_, rows * config_.hidden_size);
  grow(qkv_, rows * qkv_size_);
  grow(attended_, rows * q_size_);
  grow(gate_, rows * config_.intermediate_size);
  grow(up_, rows * config_.intermediate_size);
  for (size_t t = 0; t < pool_.threads(); ++t) {
    grow(queries_[t], kBlockRows * group * config_.head_dim);
    grow(scores_[t], score_floats);
  }
}

void CpuBackend::embed() {
  const Matrix& embedding = model_->embedding();
  const std::vector<float>& frequencies = model_->rope_frequencies();
  const size_t half = frequencies.size();
  for_rows(rows_.size(), [&](size_t r) {
    widen(embedding.row(static_cast<size_t>(rows_[r].token)), embedding.dtype, config_.hidden_size,
          hidden_.data() + r * config_.hidden_size);
    for (size_t i = 0; i < half; ++i) {
      const float angle = static_cast<float>(rows_[r].position) * frequencies[i];
      cosines_[r * half + i] = std::cos(angle);
      sines_[r * half + i] = std::sin(angle);
    }
  });
}

void CpuBackend::project_qkv(const DecoderLayer& layer) {
  for_columns(qkv_size_, [&](size_t first, size_t last) {
    const auto part = [&](const Matrix& weight, size_t offset) {
      const size_t from = std::max(first, offset), to = std::min(last, offset + weight.rows);
      if (from < to)
        multiply(normed_.data(), rows_.size(), weight, from - offset, to - offset, qkv_.data() + offset, qkv_size_);
    };
    part(layer.q, 0);
    part(layer.k, q_size_);
    part(layer.v, q_size_ + kv_size_);
  });
}

void CpuBackend::rotate_and_store(std::span<const Segment> segments, size_t layer) {
  const size_t dim = config_.head_dim, half = dim / 2;
  for_rows(rows_.size(), [&](size_t r) {
    const Row& row = rows_[r];
    float* q = qkv_.data() + r * qkv_size_;
    for (size_t head = 0; head < config_.heads + config_.kv_heads; ++head)
      kernels_.rope(q + head * dim, cosines_.data() + r * half, sines_.data() + r * half, half);
    const size_t page = static_cast<size_t>(segments[row.segment].pages[row.position / page_size_]);
    const size_t slot = row.position % page_size_;
    for (size_t head = 0; head < config_.kv_heads; ++head) {
      const float* k = q + q_size_ + head * dim;
      float* page_keys = keys(layer, head) + page * page_stride_ + slot;
      for (size_t d = 0; d < dim; ++d) page_keys[d * page_size_] = k[d];
      std::memcpy(values(layer, head) + page * page_stride_ + slot * dim, k + kv_size_, dim * sizeof(float));
    }
  });
}

void CpuBackend::attend(std::span<const Segment> segments, size_t layer) {
  pool_.parallel_for(blocks_.size() * config_.kv_heads, [&](size_t index, size_t thread) {
    const RowBlock& block = blocks_[index / config_.kv_heads];
    attend_block(segments[block.segment], block, layer, index % config_.kv_heads, thread);
  });
}

// Two passes over all keys in position order: scores, then softmax and values.
void CpuBackend::attend_block(const Segment& segment, const RowBlock& block, size_t layer, size_t kv_head,
                              size_t thread) {
  const size_t dim = config_.head_dim, group = config_.heads / config_.kv_heads;
  const size_t first_length = segment.start + block.first + 1, rows = block.count * group;
  const size_t stride = score_stride(first_length + block.count - 1);
  float* queries = queries_[thread].data();
  float* scores = scores_[thread].data();
  float* scales = scores + rows * stride;
  const size_t head_offset = kv_head * group * dim;
  for (size_t r = 0; r < block.count; ++r)
    std::memcpy(queries + r * group * dim, qkv_.data() + (block.row + r) * qkv_size_ + head_offset,
                group * dim * sizeof(float));
  const AttentionArgs args{keys(layer, kv_head),
                           values(layer, kv_head),
                           segment.pages,
                           page_stride_,
                           page_size_,
                           dim,
                           rows,
                           group,
                           first_length,
                           queries,
                           scores,
                           stride};
  kernels_.attention_scores(args);
  const float scale = 1.0f / std::sqrt(static_cast<float>(dim));
  for (size_t i = 0; i < rows; ++i)
    scales[i] = 1.0f / kernels_.soft_max(scores + i * stride, first_length + i / group, scale);
  kernels_.attention_values(args, scales, attended_.data() + block.row * q_size_ + head_offset, q_size_);
}

void CpuBackend::project_and_add(const Matrix& weight, const float* input) {
  const size_t size = config_.hidden_size;
  for_columns(size, [&](size_t first, size_t last) {
    multiply(input, rows_.size(), weight, first, last, update_.data(), size);
    for (size_t r = 0; r < rows_.size(); ++r)
      kernels_.add(hidden_.data() + r * size + first, update_.data() + r * size + first, last - first);
  });
}

void CpuBackend::feed_forward(const DecoderLayer& layer) {
  const size_t size = config_.intermediate_size;
  for_columns(size, [&](size_t first, size_t last) {
    multiply(normed_.data(), rows_.size(), layer.gate, first, last, gate_.data(), size);
    multiply(normed_.data(), rows_.size(), layer.up, first, last, up_.data(), size);
    for (size_t r = 0; r < rows_.size(); ++r)
      kernels_.silu_mul(gate_.data() + r * size + first, up_.data() + r * size + first, last - first);
  });
}

void CpuBackend::write_logits(std::span<const Segment> segments, float* logits) {
  const size_t size = config_.hidden_size;
  size_t row = 0, wanted = 0;
  for (const Segment& segment : segments) {
    row += segment.count;
    for (size_t i = row - segment.logit_rows; i < row; ++i)
      std::memcpy(update_.data() + wanted++ * size, hidden_.data() + i * size, size * sizeof(float));
  }
  if (wanted == 0) return;
  norm_rows(update_.data(), model_->final_norm(), wanted, normed_.data());
  for_columns(config_.vocab_size, [&](size_t first, size_t last) {
    multiply(normed_.data(), wanted, model_->lm_head(), first, last, logits, config_.vocab_size);
  });
}

void CpuBackend::norm_rows(const float* input, const std::vector<float>& weight, size_t rows, float* output) {
  const size_t size = config_.hidden_size;
  for_rows(rows, [&](size_t r) {
    kernels_.rms_norm(input + r * size, weight.data(), static_cast<float>(config_.rms_norm_eps), size,
                      output + r * size);
  });
}

void CpuBackend::for_rows(size_t rows, const std::function<void(size_t row)>& body) {
  pool_.parallel_for((rows + kRowsPerTask - 1) / kRowsPerTask, [&](size_t task, size_t) {
    for (size_t r = task * kRowsPerTask; r < std::min(rows, (task + 1) * kRowsPerTask); ++r) body(r);
  });
}

// Several tasks per thread, so that a thread that the system holds up delays the loop little.
void CpuBackend::for_columns(size_t columns, const std::function<void(size_t first, size_t last)>& body) {
  constexpr size_t kLeast = 16, kMost = 256;
  const size_t share = columns / (pool_.threads() * 4) / kLeast * kLeast;
  const size_t width = std::clamp(share, kLeast, kMost);
  pool_.parallel_for((columns + width - 1) / width,
                     [&](size_t task, size_t) { body(task * width, std::min(columns, (task + 1) * width)); });
}

void CpuBackend::multiply(const float* x, size_t m, const Matrix& w, size_t first, size_t last, float* y,
                          size_t y_stride) {
  kernels_.linear({x, w.cols, m, w.data, w.dtype, w.cols, first, last, y, y_stride});
}

}  // namespace espalier
