// Embed; per layer: norm, attention and add, norm, feed-forward and add; norm.
#include "cpu/backend.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <new>

#include "models/dequantize.h"

namespace espalier {
namespace {

// Positions of one attention block: enough to reuse a page of keys, few enough that the scores stay in the cache.
constexpr size_t kBlockRows = 16;
constexpr size_t kBlockScores = size_t{1} << 18;
// Rows of a loop over tokens that one thread takes at a time.
constexpr size_t kRowsPerTask = 8;

float score_scale_of(const ModelConfig& c) {
  if (c.attention_scale > 0) return static_cast<float>(c.attention_scale);
  return 1.0f / std::sqrt(static_cast<float>(c.query_size()));
}

void grow(std::vector<float>& memory, size_t size) {
  if (memory.size() < size) memory.resize(size);
}

}  // namespace

CpuBackend::CpuBackend(std::shared_ptr<const Decoder> model, size_t threads, Meeting* meeting)
    : model_(std::move(model)),
      config_(model_->config()),
      kernels_(cpu_kernels()),
      meeting_(meeting),
      pool_(threads),
      value_dim_(config_.latent.kv_rank ? config_.latent.kv_rank : config_.head_dim),
      q_size_(config_.heads * config_.head_dim),
      qkv_size_(q_size_ + config_.kv_heads * (config_.head_dim + (config_.latent.kv_rank ? 0 : value_dim_))),
      score_scale_(score_scale_of(config_)) {
  queries_.resize(pool_.threads());
  scores_.resize(pool_.threads());
  pack_weights();
}

void CpuBackend::choose(std::span<const Choice> choices) {
  chosen_.resize(choices.size());
  logprobs_.assign(choices.size(), std::nullopt);
  compute_logits(choices);
  if (model_->shard().rank > 0) return;
  pool_.parallel_for(choices.size(), [&](size_t i, size_t) {
    const Choice& choice = choices[i];
    const std::span row(logits_.data() + head_rows_[choice.logit_row].place * config_.vocab_size, config_.vocab_size);
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
    for_rows(rows_.size(), [&](size_t r) {
      norm_row(hidden_.data() + r * config_.hidden_size, layer.input_norm, normed_.data() + r * config_.hidden_size);
    });
    if (config_.latent.kv_rank)
      project_latent(layer.latent);
    else
      project_qkv(layer);
    rotate_and_store(segments, i);
    attend(segments, i);
    project_and_add(layer.o, layer.o_bias, layer.attention_output_norm, attention_output(layer.latent));
    for_rows(rows_.size(), [&](size_t r) {
      norm_row(hidden_.data() + r * config_.hidden_size, layer.post_norm, normed_.data() + r * config_.hidden_size);
    });
    feed_forward(layer);
  }
  keep_logit_rows(segments);
  if (logits) write_logits(logits);
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
    const size_t stride = attention_score_stride(segment.start + segment.count);
    const size_t most = std::clamp<size_t>(kBlockScores / (group * stride), 1, kBlockRows);
    for (size_t first = 0; first < segment.count; first += most)
      blocks_.push_back({s, rows_.size() + first, first, std::min(most, segment.count - first)});
    for (size_t i = 0; i < segment.count; ++i) rows_.push_back({token_of(segment.tokens[i]), segment.start + i, s});
    score_floats = std::max(score_floats, most * group * (stride + 1));
  }
  const size_t rows = rows_.size(), half = config_.rotated() / 2;
  const LatentAttention& latent = config_.latent;
  for (size_t table = 0; table < (model_->window_rope_frequencies().empty() ? 1 : 2); ++table) {
    grow(cosines_[table], rows * half);
    grow(sines_[table], rows * half);
  }
  grow(hidden_, rows * config_.hidden_size);
  grow(normed_, rows * config_.hidden_size);
  grow(update_, rows * config_.hidden_size);
  if (meeting_) grow(summed_, rows * config_.hidden_size);
  grow(qkv_, rows * qkv_size_);
  grow(attended_, rows * config_.heads * value_dim_);
  if (latent.kv_rank) {
    grow(bottleneck_, rows * latent.q_rank);
    grow(raw_queries_, rows * config_.heads * config_.query_size());
    grow(latent_, rows * config_.head_dim);
    grow(expanded_, rows * config_.heads * latent.value_size);
  }
  prepare_feed_forward(rows);
  for (size_t t = 0; t < pool_.threads(); ++t) {
    grow(queries_[t], kBlockRows * group * config_.head_dim);
    grow(scores_[t], score_floats);
  }
}

void CpuBackend::prepare_feed_forward(size_t rows) {
  const Experts& experts = config_.experts;
  const size_t inner = std::max(config_.intermediate_size, experts.shared_intermediate_size);
  grow(gate_, rows * inner);
  grow(up_, rows * inner);
  if (experts.count == 0) return;
  const size_t choices = rows * experts.per_token;
  grow(routing_, rows * router_row_size(experts));
  grow(gathered_, choices * config_.hidden_size);
  grow(expert_gate_, choices * experts.intermediate_size);
  grow(expert_up_, choices * experts.intermediate_size);
  grow(expert_output_, choices * config_.hidden_size);
  if (experts.shared_intermediate_size) grow(shared_, rows * config_.hidden_size);
  if (experts.shared_gate) grow(shared_gate_, rows);
  experts_.resize(std::max(experts_.size(), choices));
  place_of_.resize(std::max(place_of_.size(), choices));
  expert_first_.resize(experts.count + 1);
  active_experts_.reserve(experts.count);
}

void CpuBackend::embed() {
  const Matrix& embedding = model_->embedding();
  const size_t size = config_.hidden_size;
  const auto scale = static_cast<float>(config_.embedding_scale);
  for_rows(rows_.size(), [&](size_t r) {
    float* hidden = hidden_.data() + r * size;
    to_floats(embedding.row(static_cast<size_t>(rows_[r].token)), embedding.dtype, size, hidden);
    if (scale != 1)
      for (size_t i = 0; i < size; ++i) hidden[i] *= scale;
    tabulate_angles(r, model_->rope_frequencies(), 0);
    if (!model_->window_rope_frequencies().empty()) tabulate_angles(r, model_->window_rope_frequencies(), 1);
  });
}

void CpuBackend::tabulate_angles(size_t row, const std::vector<float>& frequencies, size_t table) {
  const size_t half = frequencies.size();
  const float factor = table == 0 ? static_cast<float>(config_.rope_scaling.attention_factor) : 1.0f;
  for (size_t i = 0; i < half; ++i) {
    const float angle = static_cast<float>(rows_[row].position) * frequencies[i];
    cosines_[table][row * half + i] = std::cos(angle) * factor;
    sines_[table][row * half + i] = std::sin(angle) * factor;
  }
}

void CpuBackend::project(const Matrix& weight, const std::vector<float>& bias, const float* input, float* output) {
  const Input x = input_of(input, rows_.size(), weight.cols);
  for_columns(weight.rows, [&](size_t first, size_t last) {
    multiply(x, rows_.size(), weight, first, last, output, weight.rows);
    add_bias(bias, rows_.size(), first, last, output, weight.rows);
  });
}

void CpuBackend::project_and_add(const Matrix& weight, const std::vector<float>& bias, const std::vector<float>& norm,
                                 const float* input) {
  if (!norm.empty() || meeting_) {
    project(weight, {}, input, update_.data());
    add_update(bias, norm);
    return;
  }
  const size_t size = config_.hidden_size;
  const Input x = input_of(input, rows_.size(), weight.cols);
  for_columns(size, [&](size_t first, size_t last) {
    multiply(x, rows_.size(), weight, first, last, update_.data(), size);
    add_bias(bias, rows_.size(), first, last, update_.data(), size);
    for (size_t r = 0; r < rows_.size(); ++r)
      kernels_.add(hidden_.data() + r * size + first, update_.data() + r * size + first, last - first);
  });
}

void CpuBackend::add_update(const std::vector<float>& bias, const std::vector<float>& norm) {
  const size_t size = config_.hidden_size;
  if (meeting_) sum_over_ranks();
  for_rows(rows_.size(), [&](size_t r) {
    float* update = update_.data() + r * size;
    add_bias(bias, 1, 0, size, update, size);
    if (!norm.empty()) norm_row(update, norm, update);
    kernels_.add(hidden_.data() + r * size, update, size);
  });
}

// Added in the order of ranks, so that all have the same bits.
void CpuBackend::sum_over_ranks() {
  const size_t size = config_.hidden_size;
  const std::vector<float*>& updates = meeting_->show(model_->shard().rank, update_.data());
  for_rows(rows_.size(), [&](size_t r) {
    float* sum = summed_.data() + r * size;
    std::memcpy(sum, updates[0] + r * size, size * sizeof(float));
    for (size_t rank = 1; rank < updates.size(); ++rank) kernels_.add(sum, updates[rank] + r * size, size);
  });
  meeting_->wait();
  update_.swap(summed_);
}

void CpuBackend::add_bias(const std::vector<float>& bias, size_t rows, size_t first, size_t last, float* y,
                          size_t y_stride) {
  if (bias.empty()) return;
  for (size_t r = 0; r < rows; ++r) kernels_.add(y + r * y_stride + first, bias.data() + first, last - first);
}

void CpuBackend::norm_row(const float* input, const std::vector<float>& weight, float* output) {
  kernels_.rms_norm(input, weight.data(), static_cast<float>(config_.rms_norm_eps), weight.size(), output);
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

}  // namespace espalier
