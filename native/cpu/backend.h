// The CPU back end: the decoder's forward pass over a ragged batch, with keys and values in pages.
// A page holds, per layer and KV head, a [head_dim, page_size] block of keys and a [page_size, value_dim] block of
// values: scores of a page's tokens and elements of an output are computed side by side without sums across vector
// lanes. Latent attention has one KV head, whose key is the latent vector and the rotated part, and whose value is the
// latent vector: the matrices that would expand it are applied to queries and outputs instead.
// backend.cc has the pass, attention.cc and feed_forward.cc the two halves of a layer, linear.cc the products, head.cc the
// logits, kv_pages.cc the pages.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "cpu/huge_buffer.h"
#include "cpu/kernels.h"
#include "cpu/meeting.h"
#include "cpu/packed.h"
#include "cpu/router.h"
#include "cpu/thread_pool.h"
#include "engine/backend.h"
#include "models/decoder.h"

namespace espalier {

class CpuBackend final : public Backend {
 public:
  /// Of a rank's part of a model (models/shard.h): `meeting` is where it meets the others, which run the same calls at the
  /// same time. Rank 0 has the logits and chooses.
  CpuBackend(std::shared_ptr<const Decoder> model, size_t threads, Meeting* meeting = nullptr);

  void allocate_kv(size_t pages, size_t page_size) override;
  void allocate_host_kv(size_t pages) override;
  size_t page_bytes(size_t page_size) const override;
  void copy_pages(std::span<const PageCopy> copies) override;
  void forward(std::span<const Segment> segments, float* logits) override;
  void choose(std::span<const Choice> choices) override;
  void take(std::span<int32_t> tokens, std::span<Logprobs> logprobs) override;
  void sum_hidden(std::span<const Segment> segments, std::span<float> sums) override;

  /// The tokens that the first rank chose are this one's, too.
  void take_over(const CpuBackend& first) { chosen_ = first.chosen_; }

 private:
  struct Row {
    int32_t token;
    size_t position;
    size_t segment;
  };
  // One unit of attention: a few consecutive rows of a segment.
  struct RowBlock {
    size_t segment;
    size_t row;
    size_t first;
    size_t count;
  };
  struct Free {
    void operator()(float* memory) const;
  };
  using Memory = std::unique_ptr<float[], Free>;

  /// Rows that matrices are multiplied with; also quantised where the model has quantised matrices.
  struct Input {
    const float* rows;
    size_t stride;
    QuantizedRows quantized = {};

    /// From this row on.
    Input from(size_t row) const;
  };

  /// A row of the last pass that tokens are chosen from: its mask where that leaves few, and its place in logits_.
  struct HeadRow {
    bool wanted = false;
    const int32_t* mask = nullptr;
    size_t place = 0;
  };

  void pack_weights();
  int32_t token_of(int32_t token) const;
  void prepare(std::span<const Segment> segments);
  void prepare_feed_forward(size_t rows);
  void embed();
  void tabulate_angles(size_t row, const std::vector<float>& frequencies, size_t table);
  void project_qkv(const DecoderLayer& layer);
  void project_latent(const LatentWeights& latent);
  void rotate(size_t row, const DecoderLayer& layer, size_t table);
  void rotate_latent(size_t row, const LatentWeights& latent);
  void store(const Segment& segment, size_t row, size_t layer);
  void rotate_and_store(std::span<const Segment> segments, size_t layer);
  void attend(std::span<const Segment> segments, size_t layer);
  void attend_block(const Segment& segment, const RowBlock& block, size_t layer, size_t kv_head, size_t thread);
  float weigh(float* scores, size_t begin, size_t length) const;
  /// What attention gives to its output matrix, [rows, heads * value_size()].
  const float* attention_output(const LatentWeights& latent);
  void feed_forward(const DecoderLayer& layer);
  void gate_and_up(const FeedForward& mlp, const Input& input, size_t rows, size_t first, size_t last, float* gate,
                   float* up);
  void dense(const FeedForward& mlp);
  void choose_experts(const ExpertWeights& weights);
  void run_experts(const ExpertWeights& weights);
  void mix_experts(const ExpertWeights& weights);
  /// Norms the rows that logits are wanted of, and keeps them for the two below.
  void keep_logit_rows(std::span<const Segment> segments);
  void write_logits(float* logits);
  /// The logits that these choices look at, and perhaps others; of several ranks each computes its tokens'.
  void compute_logits(std::span<const Choice> choices);
  void plan_head(std::span<const Choice> choices);
  void for_tokens(const std::function<void(size_t first, size_t last)>& body);
  void multiply_head(const Input& x, size_t rows, size_t first, size_t last, float* logits);

  void project(const Matrix& weight, const std::vector<float>& bias, const float* input, float* output);
  void project_and_add(const Matrix& weight, const std::vector<float>& bias, const std::vector<float>& norm,
                       const float* input);
  /// Adds `update_`, which all ranks have parts of, with the bias, and normalised where `norm` is not empty, to the hidden
  /// state.
  void add_update(const std::vector<float>& bias, const std::vector<float>& norm);
  void sum_over_ranks();
  void add_bias(const std::vector<float>& bias, size_t rows, size_t first, size_t last, float* y, size_t y_stride);
  void norm_row(const float* input, const std::vector<float>& weight, float* output);
  void norm_rows(const float* input, const std::vector<float>& weight, size_t rows, float* output);
  void for_rows(size_t rows, const std::function<void(size_t row)>& body);
  void for_columns(size_t columns, const std::function<void(size_t first, size_t last)>& body);
  /// Quantises the rows where the model needs it, into memory that the next call takes.
  Input input_of(const float* rows, size_t count, size_t size);
  void multiply(const Input& x, size_t m, const Matrix& w, size_t first, size_t last, float* y, size_t y_stride);
  static Memory zeros(double floats);
  float* keys(size_t layer, size_t kv_head);
  float* values(size_t layer, size_t kv_head);

  const std::shared_ptr<const Decoder> model_;
  const ModelConfig& config_;
  const Kernels& kernels_;
  /// Null: this back end has the whole model.
  Meeting* const meeting_;
  ThreadPool pool_;
  // Elements of one head's value in the pages, and of one row of qkv_: queries, keys, values (not the latent ones).
  const size_t value_dim_, q_size_, qkv_size_;
  const float score_scale_;

  /// Quantised matrices by where they lie in their file.
  HugeBuffer packed_memory_;
  std::unordered_map<const std::byte*, uint8_t*> packed_;

  Memory kv_;
  // The host tier: page after page, in each the keys and values of layer after layer.
  Memory host_kv_;
  size_t pages_ = 0, page_size_ = 0, key_stride_ = 0, value_stride_ = 0;

  // Activations of the current batch, one row per token; grown when a larger batch comes.
  std::vector<Row> rows_;
  // Normed last hidden states of the rows that logits are wanted of.
  size_t logit_rows_ = 0;
  std::vector<float> last_hidden_;
  std::vector<HeadRow> head_rows_;
  // Tokens of the last choose(), and log-probabilities where an entry asked for them.
  std::vector<int32_t> chosen_;
  std::vector<std::optional<Logprobs>> logprobs_;
  std::vector<RowBlock> blocks_;
  // Cosines and sines: one table, and one for layers with a window where theirs differ.
  std::vector<float> cosines_[2], sines_[2];
  std::vector<float> hidden_, normed_, qkv_, attended_, gate_, up_, update_, logits_;
  // The sum of all ranks' updates.
  std::vector<float> summed_;
  // Latent attention: queries before and after the bottleneck, latent vectors, expanded outputs.
  std::vector<float> bottleneck_, raw_queries_, latent_, expanded_;
  // Experts: the router's row of each token; then, in the order of experts, inputs, inner activations and outputs; what
  // the shared network gives. Each token's choices and their places in that order; where each expert's begin; who has
  // any.
  std::vector<float> routing_, gathered_, expert_gate_, expert_up_, expert_output_, shared_, shared_gate_;
  std::vector<ExpertChoice> experts_;
  std::vector<size_t> expert_first_, place_of_, active_experts_;
  // The input of the current product, quantised.
  std::vector<int8_t> input_values_;
  std::vector<float> input_scales_;
  std::vector<int32_t> input_sums_;
  // Per thread: queries and scores of one attention block.
  std::vector<std::vector<float>> queries_, scores_;
};

}  // namespace espalier
