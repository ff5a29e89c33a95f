// One decoder, or a rank's part of one, on one device: weights, KV pages, activations, and the forward pass as a list of kernel
// launches. Batches of few tokens run row by row as CUDA graphs at padded sizes, captured when a size is first seen.
#pragma once
#include <map>

#include "cuda/device/batch.h"
#include "cuda/device/chooser.h"
#include "cuda/device/context.h"
#include "cuda/device/experts.h"
#include "cuda/device/linear.h"
#include "cuda/device/stream.h"
#include "cuda/device/weights.h"

namespace espalier::cuda {

template <class Element>
class DecoderContext final : public Rank {
 public:
  /// `peer`: null, or what tells this rank's parts to others.
  DecoderContext(const esp_cuda_config& config, const Peer* peer);
  ~DecoderContext() override;

  Rank& rank(size_t number) override;
  void load(esp_cuda_tensor tensor, size_t layer, size_t part, const void* data, size_t row_bytes,
            esp_cuda_dtype dtype) override;
  void load_vector(esp_cuda_vector vector, size_t layer, const float* data) override;
  void load_dummy(uint64_t seed) override;
  size_t page_bytes(size_t page_size) const override;
  void allocate_kv(size_t pages, size_t page_size) override;
  bool warm_up(size_t rows, size_t tokens) override;
  void allocate_host_kv(size_t pages) override;
  void copy_pages(std::span<const esp_cuda_page_copy> copies) override;
  void forward(std::span<const esp_cuda_segment> segments, float* logits) override;
  void wait() override;
  Chooser& chooser() override;
  void sample(std::span<const esp_cuda_choice> choices) override;
  void score(std::span<const int32_t> tokens, int32_t alternatives, std::span<esp_cuda_logprobs> out) override;
  void sum_hidden(std::span<const esp_cuda_segment> segments, float* sums) override;
  void prepare(std::span<const esp_cuda_segment> segments, Pass pass) override;
  bool prepare_warm_up(size_t rows, size_t tokens) override;
  void launch() override;
  void read_logits(float* logits) override;
  void read_sums(std::span<const esp_cuda_segment> segments, float* sums) override;
  void expect_tokens(size_t count) override;
  void meet() override;

 private:
  using Layer = typename Weights<Element>::Layer;
  // Those that the model lacks have no weights.
  struct Linears {
    Linear<Element> qkv, o, gate_up, down, head;
    Linear<Element> q_down, q_up, kv_down;
    Linear<Element> router, shared_gate_up, shared_down;
  };

  void fill_turn_tables(const esp_cuda_config& config);
  void describe_linears();
  void check_segments(std::span<const esp_cuda_segment> segments) const;
  void reserve(size_t rows, size_t logit_rows);
  void reserve_rows(size_t rows);
  void drop_graphs();
  void tune(int rows, int logit_rows);
  DeviceBatch send(std::span<const esp_cuda_segment> segments, int padded);
  void launch_forward(const DeviceBatch& batch);
  void launch_head(int rows);
  void gather_logits(int rows);
  void launch_layers(const DeviceBatch& batch);
  const float2* project(const DeviceBatch& batch, size_t layer, bool is_normed);
  void project_latent(const DeviceBatch& batch, size_t layer);
  void attend(const DeviceBatch& batch, size_t layer, const float2* turns);
  void attend_latent(const DeviceBatch& batch, size_t layer);
  // These return whether normed_ holds what comes next, normed.
  bool finish_layer(size_t layer, int rows, const int32_t* positions, const Element* attended, Element* hidden);
  bool finish_attention(const Layer& layer, int rows, const Element* attended, const float* next_norm, Element* hidden);
  bool updates_apart() const { return peer_ || shape_.config.output_norms; }
  // The two updates of a layer.
  enum class Half : uint8_t { Attention, FeedForward };
  Element* update_of(Half half, int rows) const;
  bool finish_update(Half half, const Buffer<float>& bias, const Buffer<float>& norm, int rows, const float* next_norm,
                     Element* hidden);
  bool feed_forward(const Layer& layer, int rows, bool is_normed, const float* next_norm, Element* hidden);
  bool run_experts(const Layer& layer, int rows, const int32_t* positions, const float* next_norm, Element* hidden);
  void run(const Linear<Element>& linear, const Buffer<Element>& weights, const Element* x, int rows, void* out);
  void narrow_last_layer(const DeviceBatch& batch);
  void norm(const Element* in, const int32_t* selected, const Buffer<float>& weight, int rows, Element* out);
  void capture(const DeviceBatch& batch);
  size_t planes() const;
  KvLayer<Element> kv_layer(size_t layer) const;

  // What launch() runs: a graph, the same kernels one by one, or those before the head.
  enum class Prepared : uint8_t { Nothing, Graph, Kernels, Layers };

  const ModelShape shape_;
  const Peer* const peer_;
  // Per layer.
  const std::vector<AttentionRule> rules_;
  int multiprocessors_ = 0;
  Stream stream_;
  // Cosine and sine of each position's rotation, [max_positions, shape_.turned() / 2]; of layers with a window, where they
  // differ, the second.
  Buffer<float2> turns_, window_turns_;
  Weights<Element> weights_;
  LinearRunner<Element> runner_;
  // Sizes of prefills that were warmed up.
  size_t warm_prefill_ = 0;
  Linears linears_;
  ExpertRunner<Element> experts_;
  BatchSender sender_;
  std::map<int, cudaGraphExec_t> graphs_;
  DeviceBatch batch_;
  Prepared prepared_ = Prepared::Nothing;

  // A plane has the keys or the values of all pages in one layer.
  size_t pages_ = 0, page_size_ = 0, plane_ = 0;
  Buffer<Element> kv_;
  // The host tier: page after page, in each plane after plane.
  size_t host_pages_ = 0;
  Pinned<Element> host_kv_;

  // Activations, one row per token.
  size_t rows_ = 0, logit_capacity_ = 0;
  // Where in logits_ the wanted rows of the last pass are, in segment order.
  std::vector<size_t> logit_places_;
  Buffer<Element> hidden_, normed_, qkv_, attended_, gate_up_, gated_, last_;
  // What is normed, or summed over ranks, before it is added, or what a shared network gives; and what experts give.
  Buffer<Element> update_, mixed_;
  // Of latent attention: what comes of the bottleneck's matrices, queries and keys before their rotation, and values.
  Buffer<Element> bottleneck_, raw_queries_, raw_keys_, expanded_;
  Buffer<float> logits_, partials_, sums_;
  // Of ranks: the logits of their tokens, and on the first rank behind them the others'.
  Buffer<float> parts_;
  Buffer<unsigned> counters_;

  Chooser chooser_;
  // Chosen tokens stay on the device for the next forward pass to read; of ranks the first has them before the others.
  Buffer<int32_t> tokens_;
  size_t chosen_ = 0;
  bool tokens_come_ = false;
};

}  // namespace espalier::cuda
