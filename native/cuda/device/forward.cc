// The forward pass: embed; the layers (layer.cc); norm of the wanted rows; head, or sums of those rows. And the graphs that
// batches of few tokens run as.
#include <algorithm>
#include <utility>

#include "cuda/device/decoder_context.h"

namespace espalier::cuda {
namespace {

// Batches of up to this many rows run as graphs of decode rows; larger ones keep the device busy on their own.
constexpr size_t kMostGraphRows = 512;
// As long as no segment is longer than this, and the rows beyond each segment's first read no more keys than this
// again, of all segments together: what a grammar forced, not a prompt.
constexpr size_t kShortSegment = 32, kMostRereadKeys = size_t{1} << 16;
// Prefill batches from here on are worth timing the products' algorithms once, and share the outcome with larger ones.
constexpr size_t kTunedRows = 1024;

int padded_size(int rows) {
  if (rows <= 8) return rows <= 2 ? rows : (rows + 3) / 4 * 4;
  const int step = rows <= 64 ? 8 : rows <= 256 ? 32 : 64;
  return (rows + step - 1) / step * step;
}

// Whether the segments' tokens can be rows of decode attention, each by itself.
bool runs_by_rows(std::span<const esp_cuda_segment> segments) {
  size_t rows = 0, reread = 0;
  for (const esp_cuda_segment& segment : segments) {
    if (segment.count > kShortSegment) return false;
    rows += segment.count;
    reread += (segment.count - 1) * (segment.start + segment.count);
  }
  return rows <= kMostGraphRows && reread <= kMostRereadKeys;
}

}  // namespace

template <class Element>
void DecoderContext<Element>::check_segments(std::span<const esp_cuda_segment> segments) const {
  if (!kv_.get()) throw CudaError("forward: the KV cache is not allocated");
  for (const esp_cuda_segment& segment : segments) {
    if (segment.count == 0 || segment.logit_rows > segment.count ||
        segment.start + segment.count > shape_.config.max_positions)
      throw CudaError("forward: a segment is empty, or longer than the model's positions");
    const bool chosen = segment.count == 1 && segment.tokens[0] < 0;
    if (chosen && static_cast<size_t>(-1 - int64_t{segment.tokens[0]}) >= chosen_)
      throw CudaError("forward: no token was chosen for entry " + std::to_string(-1 - int64_t{segment.tokens[0]}));
    for (size_t i = 0; !chosen && i < segment.count; ++i)
      if (segment.tokens[i] < 0 || static_cast<size_t>(segment.tokens[i]) >= shape_.config.vocab_size)
        throw CudaError("forward: token " + std::to_string(segment.tokens[i]) + " is outside the vocabulary");
    const size_t pages = (segment.start + segment.count + page_size_ - 1) / page_size_;
    for (size_t i = 0; i < pages; ++i)
      if (segment.pages[i] < 0 || static_cast<size_t>(segment.pages[i]) >= pages_)
        throw CudaError("forward: there is no page " + std::to_string(segment.pages[i]));
  }
}

template <class Element>
void DecoderContext<Element>::forward(std::span<const esp_cuda_segment> segments, float* logits) {
  if (segments.empty()) return;
  prepare(segments, Pass::Logits);
  launch();
  if (logits) read_logits(logits);
}

template <class Element>
void DecoderContext<Element>::sum_hidden(std::span<const esp_cuda_segment> segments, float* sums) {
  if (segments.empty()) return;
  prepare(segments, Pass::HiddenStates);
  launch();
  read_sums(segments, sums);
}

template <class Element>
void DecoderContext<Element>::prepare(std::span<const esp_cuda_segment> segments, Pass pass) {
  ESP_CUDA_CHECK(cudaSetDevice(shape_.config.device));
  prepared_ = Prepared::Nothing;
  check_segments(segments);
  const bool with_logits = pass == Pass::Logits, by_rows = with_logits && runs_by_rows(segments);
  size_t rows = 0;
  logit_places_.clear();
  for (const esp_cuda_segment& segment : segments) {
    rows += segment.count;
    // By rows, every row has logits.
    for (size_t i = rows - segment.logit_rows; with_logits && i < rows; ++i)
      logit_places_.push_back(by_rows ? i : logit_places_.size());
  }
  const size_t padded = by_rows ? static_cast<size_t>(padded_size(static_cast<int>(rows))) : 0;
  // Hidden states need no room for logits: where all are pooled, these would be as many as tokens.
  reserve(std::max(rows, padded), with_logits ? std::max(logit_places_.size(), padded) : segments.size());
  batch_ = send(segments, static_cast<int>(padded));
  if (by_rows && !graphs_.contains(batch_.rows.count)) capture(batch_);
  prepared_ = by_rows ? Prepared::Graph : with_logits ? Prepared::Kernels : Prepared::Layers;
}

template <class Element>
void DecoderContext<Element>::launch() {
  ESP_CUDA_CHECK(cudaSetDevice(shape_.config.device));
  if (tokens_come_) peer_->share(tokens_.get(), chosen_, stream_.get());
  tokens_come_ = false;
  const Prepared what = std::exchange(prepared_, Prepared::Nothing);
  if (what == Prepared::Graph) ESP_CUDA_CHECK(cudaGraphLaunch(graphs_[batch_.rows.count], stream_.get()));
  if (what == Prepared::Kernels) launch_forward(batch_);
  if (what == Prepared::Layers) launch_layers(batch_);
}

template <class Element>
void DecoderContext<Element>::read_logits(float* logits) {
  ESP_CUDA_CHECK(cudaSetDevice(shape_.config.device));
  for (size_t i = 0; i < logit_places_.size(); ++i)
    ESP_CUDA_CHECK(cudaMemcpyAsync(logits + i * shape_.config.vocab_size,
                                   logits_.get() + logit_places_[i] * shape_.config.vocab_size,
                                   shape_.config.vocab_size * sizeof(float), cudaMemcpyDeviceToHost, stream_.get()));
  ESP_CUDA_CHECK(cudaStreamSynchronize(stream_.get()));
}

template <class Element>
void DecoderContext<Element>::read_sums(std::span<const esp_cuda_segment> segments, float* sums) {
  ESP_CUDA_CHECK(cudaSetDevice(shape_.config.device));
  const auto hidden = static_cast<size_t>(shape_.hidden);
  const size_t bytes = segments.size() * hidden * sizeof(float);
  if (sums_.count() < segments.size() * hidden) sums_.allocate(segments.size() * hidden);
  ESP_CUDA_CHECK(cudaMemcpyAsync(sums_.get(), sums, bytes, cudaMemcpyHostToDevice, stream_.get()));
  const Element* from = normed_.get();
  for (size_t i = 0; i < segments.size(); ++i) {
    const size_t pooled = segments[i].logit_rows;
    if (pooled == 0) continue;
    sum_rows(from, static_cast<int>(pooled), shape_.hidden, sums_.get() + i * hidden, stream_.get());
    from += pooled * hidden;
  }
  ESP_CUDA_CHECK(cudaMemcpyAsync(sums, sums_.get(), bytes, cudaMemcpyDeviceToHost, stream_.get()));
  ESP_CUDA_CHECK(cudaStreamSynchronize(stream_.get()));
}

template <class Element>
DeviceBatch DecoderContext<Element>::send(std::span<const esp_cuda_segment> segments, int padded) {
  bool moved = false;
  DeviceBatch batch = sender_.send(segments, page_size_, padded, moved);
  batch.rows.chosen = tokens_.get();
  if (moved) drop_graphs();
  if (padded == 0 && static_cast<size_t>(batch.rows.count) >= kTunedRows) tune(rows_tuned_for(batch.rows.count), 0);
  return batch;
}

// Overwrites the activations: only before a pass begins.
template <class Element>
void DecoderContext<Element>::tune(int rows, int logit_rows) {
  Element* const scratch = gate_up_.get();
  const bool bottleneck = shape_.latent.bottleneck > 0;
  runner_.tune(linears_.qkv, normed_.get(), rows, qkv_.get(), scratch);
  runner_.tune(linears_.q_down, normed_.get(), rows, bottleneck_.get(), scratch);
  runner_.tune(linears_.q_up, bottleneck ? bottleneck_.get() : normed_.get(), rows, raw_queries_.get(), scratch);
  runner_.tune(linears_.kv_down, normed_.get(), rows, raw_keys_.get(), scratch);
  runner_.tune(linears_.o, shape_.is_latent() ? expanded_.get() : attended_.get(), rows, hidden_.get(), scratch);
  runner_.tune(linears_.gate_up, normed_.get(), rows, shape_.config.mlp_bias ? scratch : gated_.get(), scratch);
  runner_.tune(linears_.down, gated_.get(), rows, hidden_.get(), scratch);
  runner_.tune(linears_.router, normed_.get(), rows, experts_.products(), nullptr);
  runner_.tune(linears_.shared_gate_up, normed_.get(), rows, gated_.get(), scratch);
  runner_.tune(linears_.shared_down, gated_.get(), rows, update_.get(), scratch);
  if (logit_rows > 0)
    runner_.tune(linears_.head, last_.get(), logit_rows, peer_ ? parts_.get() : logits_.get(), nullptr);
}

template <class Element>
void DecoderContext<Element>::capture(const DeviceBatch& batch) {
  const int rows = batch.rows.count, tuned = rows_tuned_for(rows);
  tune(tuned, tuned);
  cudaGraph_t graph = nullptr;
  ESP_CUDA_CHECK(cudaStreamBeginCapture(stream_.get(), cudaStreamCaptureModeThreadLocal));
  try {
    launch_forward(batch);
  } catch (...) {
    (void)cudaStreamEndCapture(stream_.get(), &graph);
    if (graph) cudaGraphDestroy(graph);
    throw;
  }
  ESP_CUDA_CHECK(cudaStreamEndCapture(stream_.get(), &graph));
  cudaGraphExec_t executable = nullptr;
  const cudaError_t status = cudaGraphInstantiate(&executable, graph, 0);
  cudaGraphDestroy(graph);
  ESP_CUDA_CHECK(status);
  graphs_[rows] = executable;
}

template <class Element>
bool DecoderContext<Element>::warm_up(size_t rows, size_t tokens) {
  const bool more = prepare_warm_up(rows, tokens);
  launch();
  return more;
}

// One size of graph, or of prefill, a call; a graph of padding rows alone touches no page.
template <class Element>
bool DecoderContext<Element>::prepare_warm_up(size_t rows, size_t tokens) {
  prepared_ = Prepared::Nothing;
  if (!kv_.get()) throw CudaError("warm_up: the KV cache is not allocated");
  ESP_CUDA_CHECK(cudaSetDevice(shape_.config.device));
  const int most = padded_size(static_cast<int>(std::clamp<size_t>(rows, 1, kMostGraphRows)));
  reserve(std::max(tokens, static_cast<size_t>(most)), static_cast<size_t>(most));
  for (int size = 1; size <= most; size = padded_size(size + 1)) {
    if (graphs_.contains(size)) continue;
    batch_ = send({}, size);
    capture(batch_);
    prepared_ = Prepared::Graph;
    return true;
  }
  const size_t next = warm_prefill_ == 0 ? kTunedRows : 2 * warm_prefill_;
  if (next > tokens) return false;
  tune(static_cast<int>(next), 0);
  warm_prefill_ = next;
  return true;
}

template <class Element>
void DecoderContext<Element>::launch_forward(const DeviceBatch& batch) {
  launch_layers(batch);
  if (batch.logit_count > 0) launch_head(batch.logit_count);
}

template <class Element>
void DecoderContext<Element>::launch_head(int rows) {
  runner_.run(linears_.head, weights_.lm_head(), normed_.get(), rows, peer_ ? parts_.get() : logits_.get(), nullptr);
  if (peer_) gather_logits(rows);
  if (shape_.config.logit_soft_cap > 0 && logits_.get())
    cap_logits(logits_.get(), static_cast<size_t>(rows) * shape_.config.vocab_size, shape_.config.logit_soft_cap, !peer_,
               stream_.get());
}

// The parts of all ranks, each [rows, its tokens], become rows of all tokens on the first.
template <class Element>
void DecoderContext<Element>::gather_logits(int rows) {
  const auto count = static_cast<size_t>(rows);
  peer_->gather(parts_.get(), count, stream_.get());
  if (peer_->rank() > 0) return;
  for (const TokenPart& part : peer_->parts()) {
    const size_t width = part.count * sizeof(float);
    ESP_CUDA_CHECK(cudaMemcpy2DAsync(logits_.get() + part.first, shape_.config.vocab_size * sizeof(float),
                                     parts_.get() + count * part.first, width, width, count, cudaMemcpyDeviceToDevice,
                                     stream_.get()));
  }
}

// Leaves the normed rows that are wanted in normed_. Of a prompt's rows few have logits: the others need no more of the
// last layer than their keys and values.
template <class Element>
void DecoderContext<Element>::launch_layers(const DeviceBatch& batch) {
  const int rows = batch.rows.count;
  const size_t layers = weights_.layers().size();
  const bool fit = static_cast<size_t>(batch.logit_count) <= logit_capacity_;
  const bool narrows = batch.logit_rows && fit && 2 * batch.logit_count <= rows;
  const float scale = shape_.config.embedding_scale > 0 ? shape_.config.embedding_scale : 1;
  embed(weights_.embedding(), batch.rows, shape_.hidden, scale, hidden_.get(), stream_.get());
  bool is_normed = false;
  for (size_t i = 0; i < layers; ++i) {
    const float2* const turns = project(batch, i, is_normed);
    if (narrows && i + 1 == layers) break;
    attend(batch, i, turns);
    is_normed = finish_layer(i, rows, batch.rows.positions, attended_.get(), hidden_.get());
  }
  if (batch.logit_count == 0) return;
  if (narrows) narrow_last_layer(batch);
  norm(narrows ? last_.get() : hidden_.get(), narrows ? nullptr : batch.logit_rows, weights_.final_norm(),
       batch.logit_count, normed_.get());
}

template class DecoderContext<float>;
template class DecoderContext<bf16>;
template class DecoderContext<f16>;

}  // namespace espalier::cuda
