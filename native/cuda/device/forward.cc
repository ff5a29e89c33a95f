// The forward pass: embed; per layer norm, q/k/v, rotate and store, attend, project and add, norm, gated feed-forward
// and add; norm of the wanted rows, head.
#include <algorithm>

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
        segment.start + segment.count > config_.max_positions)
      throw CudaError("forward: a segment is empty, or longer than the model's positions");
    const bool chosen = segment.count == 1 && segment.tokens[0] < 0;
    if (chosen && static_cast<size_t>(-1 - int64_t{segment.tokens[0]}) >= chooser_.chosen())
      throw CudaError("forward: no token was chosen for entry " + std::to_string(-1 - int64_t{segment.tokens[0]}));
    for (size_t i = 0; !chosen && i < segment.count; ++i)
      if (segment.tokens[i] < 0 || static_cast<size_t>(segment.tokens[i]) >= config_.vocab_size)
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
  ESP_CUDA_CHECK(cudaSetDevice(config_.device));
  check_segments(segments);
  const bool by_rows = runs_by_rows(segments);
  size_t rows = 0;
  logit_places_.clear();
  for (const esp_cuda_segment& segment : segments) {
    rows += segment.count;
    // By rows, every row has logits.
    for (size_t i = rows - segment.logit_rows; i < rows; ++i)
      logit_places_.push_back(by_rows ? i : logit_places_.size());
  }
  const int padded = by_rows ? padded_size(static_cast<int>(rows)) : 0;
  reserve(std::max<size_t>(rows, static_cast<size_t>(padded)),
          std::max<size_t>(logit_places_.size(), static_cast<size_t>(padded)));
  bool moved = false;
  DeviceBatch batch = sender_.send(segments, page_size_, padded, moved);
  batch.rows.chosen = tokens_.get();
  if (moved) drop_graphs();
  if (by_rows) {
    launch_graph(batch);
  } else {
    if (rows >= kTunedRows) tune(rows_tuned_for(static_cast<int>(rows)), 0);
    launch_forward(batch);
  }
  if (!logits) return;
  for (size_t i = 0; i < logit_places_.size(); ++i)
    ESP_CUDA_CHECK(cudaMemcpyAsync(logits + i * config_.vocab_size,
                                   logits_.get() + logit_places_[i] * config_.vocab_size,
                                   config_.vocab_size * sizeof(float), cudaMemcpyDeviceToHost, stream_.get()));
  ESP_CUDA_CHECK(cudaStreamSynchronize(stream_.get()));
}

// Overwrites the activations: only before a pass begins.
template <class Element>
void DecoderContext<Element>::tune(int rows, int logit_rows) {
  runner_.tune(linears_.qkv, normed_.get(), rows, qkv_.get(), gate_up_.get());
  runner_.tune(linears_.o, attended_.get(), rows, hidden_.get(), gate_up_.get());
  runner_.tune(linears_.gate_up, normed_.get(), rows, gated_.get(), gate_up_.get());
  runner_.tune(linears_.down, gated_.get(), rows, hidden_.get(), gate_up_.get());
  if (logit_rows > 0) runner_.tune(linears_.head, last_.get(), logit_rows, logits_.get(), nullptr);
}

template <class Element>
void DecoderContext<Element>::launch_graph(const DeviceBatch& batch) {
  if (!graphs_.contains(batch.rows.count)) capture(batch);
  ESP_CUDA_CHECK(cudaGraphLaunch(graphs_[batch.rows.count], stream_.get()));
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

// One size of graph, or of prefill, a call; a graph of padding rows alone touches no page.
template <class Element>
bool DecoderContext<Element>::warm_up(size_t rows, size_t tokens) {
  if (!kv_.get()) throw CudaError("warm_up: the KV cache is not allocated");
  ESP_CUDA_CHECK(cudaSetDevice(config_.device));
  const int most = padded_size(static_cast<int>(std::clamp<size_t>(rows, 1, kMostGraphRows)));
  reserve(std::max(tokens, static_cast<size_t>(most)), static_cast<size_t>(most));
  for (int size = 1; size <= most; size = padded_size(size + 1)) {
    if (graphs_.contains(size)) continue;
    bool moved = false;
    DeviceBatch batch = sender_.send({}, page_size_, size, moved);
    batch.rows.chosen = tokens_.get();
    if (moved) drop_graphs();
    launch_graph(batch);
    return true;
  }
  const size_t next = warm_prefill_ == 0 ? kTunedRows : 2 * warm_prefill_;
  if (next > tokens) return false;
  tune(static_cast<int>(next), 0);
  warm_prefill_ = next;
  return true;
}

template <class Element>
void DecoderContext<Element>::norm(const Element* in, const int32_t* selected, const Buffer<float>& weight, int rows,
                                   Element* out) {
  rms_norm(in, selected, weight.get(), config_.rms_norm_eps, rows, static_cast<int>(config_.hidden_size), out,
           stream_.get());
}

// Of a prompt's rows few have logits. The others need no more of the last layer than their keys and values.
template <class Element>
void DecoderContext<Element>::launch_forward(const DeviceBatch& batch) {
  const int rows = batch.rows.count;
  const size_t layers = weights_.layers().size();
  const bool narrows = batch.logit_rows && 2 * batch.logit_count <= rows;
  embed(weights_.embedding(), batch.rows, static_cast<int>(config_.hidden_size), hidden_.get(), stream_.get());
  for (size_t i = 0; i < layers; ++i) {
    norm(hidden_.get(), nullptr, weights_.layers()[i].input_norm, rows, normed_.get());
    runner_.run(linears_.qkv, linears_.qkv.weights[i], normed_.get(), rows, qkv_.get(), nullptr);
    rope_and_store(qkv_.get(), batch.rows, shape_, turns_.get(), kv_layer(i), stream_.get());
    if (narrows && i + 1 == layers) break;
    attend(batch, i);
    finish_layer(i, rows, attended_.get(), hidden_.get());
  }
  if (batch.logit_count == 0) return;
  Element* normed = last_.get();
  if (narrows) {
    narrow_last_layer(batch);
    norm(last_.get(), nullptr, weights_.final_norm(), batch.logit_count, normed = normed_.get());
  } else {
    norm(hidden_.get(), batch.logit_rows, weights_.final_norm(), batch.logit_count, normed);
  }
  runner_.run(linears_.head, weights_.lm_head(), normed, batch.logit_count, logits_.get(), nullptr);
}

// From attention's output on: projected and added to `hidden`, then the feed-forward part.
template <class Element>
void DecoderContext<Element>::finish_layer(size_t layer, int rows, const Element* attended, Element* hidden) {
  const auto multiply = [&](const Linear<Element>& linear, const Element* x, Element* out) {
    runner_.run(linear, linear.weights[layer], x, rows, out, gate_up_.get());
  };
  multiply(linears_.o, attended, hidden);
  norm(hidden, nullptr, weights_.layers()[layer].post_norm, rows, normed_.get());
  multiply(linears_.gate_up, normed_.get(), gated_.get());
  multiply(linears_.down, gated_.get(), hidden);
}

// The last layer for rows with logits alone; its output is in last_.
template <class Element>
void DecoderContext<Element>::narrow_last_layer(const DeviceBatch& batch) {
  const size_t layer = weights_.layers().size() - 1;
  DeviceBatch narrow = batch;
  narrow.decode_rows = batch.logit_rows;
  narrow.decode_count = batch.logit_count;
  narrow.tile_count = 0;
  attend(narrow, layer);
  const auto gather = [&](const Element* in, size_t size, Element* out) {
    gather_rows(in, batch.logit_rows, batch.logit_count, static_cast<int>(size), out, stream_.get());
  };
  // The projections have been read.
  gather(attended_.get(), q_size_, qkv_.get());
  gather(hidden_.get(), config_.hidden_size, last_.get());
  finish_layer(layer, batch.logit_count, qkv_.get(), last_.get());
}

template <class Element>
void DecoderContext<Element>::attend(const DeviceBatch& batch, size_t layer) {
  const KvLayer<Element> kv = kv_layer(layer);
  const Attention attention{shape_, rules_[layer]};
  if constexpr (sizeof(Element) == 2) {
    if (decode_attention_fits(shape_)) {
      if (batch.decode_count > 0) {
        const DecodePlan plan = plan_decode_attention(shape_, batch.decode_count, multiprocessors_);
        attention_decode(qkv_.get(), batch.rows, batch.decode_rows, batch.decode_count, attention, kv, plan,
                         partials_.get(), counters_.get(), attended_.get(), stream_.get());
      }
      if (batch.tile_count > 0)
        attention_prefill(qkv_.get(), batch.rows, batch.tiles, batch.tile_count, attention, kv, attended_.get(),
                          stream_.get());
      return;
    }
  }
  attention_generic(qkv_.get(), batch.rows, attention, kv, attended_.get(), stream_.get());
}

template class DecoderContext<float>;
template class DecoderContext<bf16>;
template class DecoderContext<f16>;

}  // namespace espalier::cuda
