// The CPU back end: the decoder's forward pass over a ragged batch, with keys and values in pages.
// A page holds, per layer and KV head, a [head_dim, page_size] block of keys and a [page_size, head_dim] block of
// values: scores of a page's tokens and elements of an output are computed side by side without sums across vector
// lanes.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "cpu/kernels.h"
#include "cpu/thread_pool.h"
#include "engine/backend.h"
#include "models/decoder.h"

namespace espalier {

class CpuBackend final : public Backend {
 public:
  CpuBackend(std::shared_ptr<const Decoder> model, size_t threads);

  void allocate_kv(size_t pages, size_t page_size) override;
  void forward(std::span<const Segment> segments, float* logits) override;
  void choose(std::span<const Choice> choices) override;
  void take(std::span<int32_t> tokens, std::span<Logprobs> logprobs) override;

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

  int32_t token_of(int32_t token) const;
  void prepare(std::span<const Segment> segments);
  void embed();
  void project_qkv(const DecoderLayer& layer);
  void rotate_and_store(std::span<const Segment> segments, size_t layer);
  void attend(std::span<const Segment> segments, size_t layer);
  void attend_block(const Segment& segment, const RowBlock& block, size_t layer, size_t kv_head, size_t thread);
  void project_and_add(const Matrix& weight, const float* input);
  void feed_forward(const DecoderLayer& layer);
  void write_logits(std::span<const Segment> segments, float* logits);

  void norm_rows(const float* input, const std::vector<float>& weight, size_t rows, float* output);
  void for_rows(size_t rows, const std::function<void(size_t row)>& body);
  void for_columns(size_t columns, const std::function<void(size_t first, size_t last)>& body);
  void multiply(const float* x, size_t m, const Matrix& w, size_t first, size_t last, float* y, size_t y_stride);
  float* keys(size_t layer, size_t kv_head) { return kv_.get() + layer_offset(layer, kv_head); }
  float* values(size_t layer, size_t kv_head) { return kv_.get() + kv_half_ + layer_offset(layer, kv_head); }
  size_t layer_offset(size_t layer, size_t kv_head) const;

  const std::shared_ptr<const Decoder> model_;
  const ModelConfig& config_;
  const Kernels& kernels_;
  ThreadPool pool_;
  const size_t q_size_, kv_size_, qkv_size_;

  Memory kv_;
  size_t kv_half_ = 0, pages_ = 0, page_size_ = 0, page_stride_ = 0;

  // Activations of the current batch, one row per token; grown when a larger batch comes.
  std::vector<Row> rows_;
  // Tokens of the last choose(), and log-probabilities where an entry asked for them.
  std::vector<int32_t> chosen_;
  std::vector<std::optional<Logprobs>> logprobs_;
  std::vector<RowBlock> blocks_;
  std::vector<float> cosines_, sines_, hidden_, normed_, qkv_, attended_, gate_, up_, update_, logits_;
  // Per thread: queries and scores of one attention block.
  std::vector<std::vector<float>> queries_, scores_;
};

}  // namespace espalier
