// The second half of a layer: one gated network, or those that a router chooses for each token.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "cpu/backend.h"

namespace espalier {
namespace {

// Outputs of an expert's matrix that one thread computes at a time.
constexpr size_t kExpertColumns = 128;

size_t parts_of(size_t columns) { return (columns + kExpertColumns - 1) / kExpertColumns; }

}  // namespace

void CpuBackend::feed_forward(const DecoderLayer& layer) {
  if (layer.experts.experts.empty()) {
    dense(layer.mlp);
    project_and_add(layer.mlp.down, layer.mlp.down_bias, layer.mlp_output_norm, gate_.data());
    return;
  }
  choose_experts(layer.experts);
  run_experts(layer.experts);
  mix_experts(layer.experts);
  add_update({}, layer.mlp_output_norm);
}

void CpuBackend::gate_and_up(const FeedForward& mlp, const Input& input, size_t rows, size_t first, size_t last,
                             float* gate, float* up) {
  const auto activate = config_.activation == Activation::Silu ? kernels_.silu_mul : kernels_.gelu_tanh_mul;
  const size_t size = mlp.gate.rows;
  multiply(input, rows, mlp.gate, first, last, gate, size);
  multiply(input, rows, mlp.up, first, last, up, size);
  add_bias(mlp.gate_bias, rows, first, last, gate, size);
  add_bias(mlp.up_bias, rows, first, last, up, size);
  for (size_t r = 0; r < rows; ++r) activate(gate + r * size + first, up + r * size + first, last - first);
}

void CpuBackend::dense(const FeedForward& mlp) {
  const Input x = input_of(normed_.data(), rows_.size(), config_.hidden_size);
  for_columns(mlp.gate.rows, [&](size_t first, size_t last) {
    gate_and_up(mlp, x, rows_.size(), first, last, gate_.data(), up_.data());
  });
}

// Choices of experts, then the tokens' inputs in the order of the experts that they go to.
void CpuBackend::choose_experts(const ExpertWeights& weights) {
  const Experts& experts = config_.experts;
  const size_t width = router_row_size(experts), size = config_.hidden_size, each = experts.per_token;
  const Input x = input_of(normed_.data(), rows_.size(), size);
  for_columns(experts.count, [&](size_t first, size_t last) {
    multiply(x, rows_.size(), weights.router, first, last, routing_.data(), width);
  });
  const float* bias = weights.router_bias.empty() ? nullptr : weights.router_bias.data();
  for_rows(rows_.size(), [&](size_t r) {
    route(experts, routing_.data() + r * width, bias, experts_.data() + r * each);
  });
  const size_t choices = rows_.size() * each;
  std::fill(expert_first_.begin(), expert_first_.end(), 0);
  for (size_t i = 0; i < choices; ++i) ++expert_first_[experts_[i].expert];
  active_experts_.clear();
  size_t place = 0;
  for (size_t e = 0; e <= experts.count; ++e) {
    const size_t here = expert_first_[e];
    if (here > 0) active_experts_.push_back(e);
    expert_first_[e] = place;
    place += here;
  }
  for (size_t i = 0; i < choices; ++i) place_of_[i] = expert_first_[experts_[i].expert]++;
  for (size_t e = experts.count; e > 0; --e) expert_first_[e] = expert_first_[e - 1];
  expert_first_[0] = 0;
  for_rows(rows_.size(), [&](size_t r) {
    for (size_t i = r * each; i < (r + 1) * each; ++i)
      std::memcpy(gathered_.data() + place_of_[i] * size, normed_.data() + r * size, size * sizeof(float));
  });
}

void CpuBackend::run_experts(const ExpertWeights& weights) {
  const size_t inner = config_.experts.intermediate_size, size = config_.hidden_size;
  const auto for_parts = [&](size_t columns, const auto& body) {
    const size_t parts = parts_of(columns);
    pool_.parallel_for(active_experts_.size() * parts, [&](size_t task, size_t) {
      const size_t expert = active_experts_[task / parts], first = task % parts * kExpertColumns;
      const size_t from = expert_first_[expert], rows = expert_first_[expert + 1] - from;
      body(weights.experts[expert], from, rows, first, std::min(columns, first + kExpertColumns));
    });
  };
  const size_t choices = rows_.size() * config_.experts.per_token;
  const Input x = input_of(gathered_.data(), choices, size);
  for_parts(inner, [&](const FeedForward& expert, size_t from, size_t rows, size_t first, size_t last) {
    gate_and_up(expert, x.from(from), rows, first, last, expert_gate_.data() + from * inner,
                expert_up_.data() + from * inner);
  });
  const Input activated = input_of(expert_gate_.data(), choices, inner);
  for_parts(size, [&](const FeedForward& expert, size_t from, size_t rows, size_t first, size_t last) {
    multiply(activated.from(from), rows, expert.down, first, last, expert_output_.data() + from * size,
             size);
  });
}

// Each token's experts in the order of their scores, then the shared network.
void CpuBackend::mix_experts(const ExpertWeights& weights) {
  const Experts& experts = config_.experts;
  const size_t size = config_.hidden_size, each = experts.per_token;
  if (experts.shared_intermediate_size) {
    dense(weights.shared);
    project(weights.shared.down, {}, gate_.data(), shared_.data());
  }
  if (experts.shared_gate)
    multiply(input_of(normed_.data(), rows_.size(), size), rows_.size(), weights.shared_gate, 0, 1, shared_gate_.data(), 1);
  for_rows(rows_.size(), [&](size_t r) {
    float* update = update_.data() + r * size;
    std::fill_n(update, size, 0.0f);
    for (size_t i = r * each; i < (r + 1) * each; ++i)
      kernels_.add_scaled(update, expert_output_.data() + place_of_[i] * size, experts_[i].weight, size);
    if (!experts.shared_intermediate_size) return;
    const float share = experts.shared_gate ? 1 / (1 + std::exp(-shared_gate_[r])) : 1.0f;
    kernels_.add_scaled(update, shared_.data() + r * size, share, size);
  });
}

}  // namespace espalier
