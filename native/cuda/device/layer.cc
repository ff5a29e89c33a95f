// One layer of the forward pass: norm, q/k/v, rotate and store, attend, project and add, norm, feed-forward and add; with
// what a family has besides (docs/models.md).
#include "cuda/device/decoder_context.h"

namespace espalier::cuda {
namespace {

// From so many rows on it pays to norm them with the sum (H100): of fewer the kernel of its own is as quick.
constexpr int kSumNormRows = 64;

}  // namespace

template <class Element>
void DecoderContext<Element>::norm(const Element* in, const int32_t* selected, const Buffer<float>& weight, int rows,
                                   Element* out) {
  rms_norm(in, selected, weight.get(), shape_.config.rms_norm_eps, rows, shape_.hidden, out, stream_.get());
}

template <class Element>
void DecoderContext<Element>::run(const Linear<Element>& linear, const Buffer<Element>& weights, const Element* x,
                                  int rows, void* out) {
  runner_.run(linear, weights.get(), x, rows, out, gate_up_.get());
}

// Norms; queries to qkv_, keys and values to the pages; or all of them to qkv_, and gives the turns by which attention
// rotates them then.
template <class Element>
const float2* DecoderContext<Element>::project(const DeviceBatch& batch, size_t index, bool is_normed) {
  const Layer& layer = weights_.layers()[index];
  const int rows = batch.rows.count;
  if (shape_.is_latent()) {
    if (!is_normed) norm(hidden_.get(), nullptr, layer.input_norm, rows, normed_.get());
    project_latent(batch, index);
    return nullptr;
  }
  const bool windowed = rules_[index].window > 0 && window_turns_.count() > 0;
  const float2* const turns = windowed ? window_turns_.get() : turns_.get();
  const Taken taken = runner_.takes(linears_.qkv, rows);
  if (!taken.norm && !is_normed) norm(hidden_.get(), nullptr, layer.input_norm, rows, normed_.get());
  if (taken.rotation) {
    runner_.run_around(linears_.qkv, layer.qkv.get(), taken.norm ? hidden_.get() : normed_.get(), rows,
                       {taken.norm ? layer.input_norm.get() : nullptr, shape_.config.rms_norm_eps, turns, batch.rows,
                        shape_.heads, kv_layer(index)},
                       qkv_.get());
    return nullptr;
  }
  run(linears_.qkv, layer.qkv, normed_.get(), rows, qkv_.get());
  if (layer.qkv_bias.count() > 0 || layer.q_norm.count() > 0)
    adapt_qkv(qkv_.get(), rows, shape_.heads, layer.qkv_bias.get(), layer.q_norm.get(), layer.k_norm.get(),
              padded_norm_eps(shape_.config.rms_norm_eps, shape_.config.head_dim,
                              static_cast<size_t>(shape_.heads.dim)),
              stream_.get());
  const bool all_decode = sizeof(Element) == 2 && !batch.decode_rows && decode_attention_fits(shape_.heads);
  if (all_decode && rows >= kRotatingRows) return turns;
  rope_and_store(qkv_.get(), batch.rows, shape_.heads, turns, kv_layer(index), stream_.get());
  return nullptr;
}

// The score of a query and a key U z is q (U z), or (U^T q) z: the pages need no key but the latent vector z itself.
template <class Element>
void DecoderContext<Element>::project_latent(const DeviceBatch& batch, size_t index) {
  const Layer& layer = weights_.layers()[index];
  const LatentSizes& l = shape_.latent;
  const esp_cuda_latent& latent = shape_.config.latent;
  const int rows = batch.rows.count, heads = shape_.heads.heads;
  const Element* input = normed_.get();
  if (l.bottleneck > 0) {
    run(linears_.q_down, layer.q_down, input, rows, bottleneck_.get());
    rms_norm(bottleneck_.get(), nullptr, layer.latent_q_norm.get(),
             padded_norm_eps(latent.norm_eps, latent.q_rank, static_cast<size_t>(l.bottleneck)), rows, l.bottleneck,
             bottleneck_.get(), stream_.get());
    input = bottleneck_.get();
  }
  run(linears_.q_up, layer.q_up, input, rows, raw_queries_.get());
  run(linears_.kv_down, layer.kv_down, normed_.get(), rows, raw_keys_.get());
  GroupedProduct<Element> product;
  product.x = raw_queries_.get();
  product.x_stride = static_cast<size_t>(heads * l.query());
  product.x_step = static_cast<size_t>(l.query());
  product.w = layer.key_up.get();
  product.w_step = static_cast<size_t>(l.rank) * static_cast<size_t>(l.nope);
  product.out = qkv_.get();
  product.out_stride = static_cast<size_t>(shape_.q_size);
  product.out_step = static_cast<size_t>(l.width());
  product.outputs = l.rank;
  product.inputs = l.nope;
  product.groups = heads;
  product.rows = rows;
  grouped_product(product, grouped_tile_rows(rows), 0, stream_.get());
  rotate_latent(raw_queries_.get(), raw_keys_.get(), batch.rows, heads, l, layer.latent_kv_norm.get(),
                padded_norm_eps(latent.norm_eps, latent.kv_rank, static_cast<size_t>(l.rank)), turns_.get(),
                kv_layer(index), qkv_.get(), stream_.get());
}

template <class Element>
void DecoderContext<Element>::attend(const DeviceBatch& batch, size_t layer, const float2* turns) {
  if (shape_.is_latent()) {
    attend_latent(batch, layer);
    return;
  }
  const KvLayer<Element> kv = kv_layer(layer);
  const Attention attention{shape_.heads, rules_[layer]};
  if constexpr (sizeof(Element) == 2) {
    const bool fits = decode_attention_fits(shape_.heads);
    if (fits && (batch.tile_count == 0 || prefill_attention_fits(shape_.heads))) {
      if (batch.decode_count > 0) {
        const DecodePlan plan = plan_decode_attention(shape_.heads, batch.decode_count, multiprocessors_);
        attention_decode(qkv_.get(), turns, batch.rows, batch.decode_rows, batch.decode_count, attention, kv, plan,
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

template <class Element>
void DecoderContext<Element>::attend_latent(const DeviceBatch& batch, size_t layer) {
  // Where there are tiles, decode rows and tiles together are all rows.
  const bool all = batch.tile_count > 0;
  attention_latent(qkv_.get(), batch.rows, all ? nullptr : batch.decode_rows,
                   all ? batch.rows.count : batch.decode_count, shape_.heads.heads, shape_.latent, rules_[layer],
                   kv_layer(layer), multiprocessors_, partials_.get(), attended_.get(), stream_.get());
}

// From attention's output on. `positions`: null, or -1 where a row is padding. Of all layers but the last the next thing is
// the norm of the layer after, unless the product takes it.
template <class Element>
bool DecoderContext<Element>::finish_layer(size_t index, int rows, const int32_t* positions, const Element* attended,
                                           Element* hidden) {
  const Layer& layer = weights_.layers()[index];
  const bool experts = shape_.has_experts(index), is_last = index + 1 == weights_.layers().size();
  const bool product_norms = !experts && runner_.takes(linears_.gate_up, rows).norm;
  const bool next_product_norms = is_last || (!shape_.is_latent() && runner_.takes(linears_.qkv, rows).norm);
  const float* const next_norm = next_product_norms ? nullptr : weights_.layers()[index + 1].input_norm.get();
  const bool is_normed = finish_attention(layer, rows, attended, product_norms ? nullptr : layer.post_norm.get(), hidden);
  if (!experts) return feed_forward(layer, rows, is_normed, next_norm, hidden);
  if (!is_normed) norm(hidden, nullptr, layer.post_norm, rows, normed_.get());
  return run_experts(layer, rows, positions, next_norm, hidden);
}

template <class Element>
bool DecoderContext<Element>::finish_attention(const Layer& layer, int rows, const Element* attended,
                                               const float* next_norm, Element* hidden) {
  if (shape_.is_latent()) {
    const LatentSizes& l = shape_.latent;
    GroupedProduct<Element> product;
    product.x = attended;
    product.x_stride = static_cast<size_t>(shape_.attended_size());
    product.x_step = static_cast<size_t>(l.rank);
    product.w = layer.value_up.get();
    product.w_step = static_cast<size_t>(l.value) * static_cast<size_t>(l.rank);
    product.out = expanded_.get();
    product.out_stride = static_cast<size_t>(shape_.output_inputs);
    product.out_step = static_cast<size_t>(l.value);
    product.outputs = l.value;
    product.inputs = l.rank;
    product.groups = shape_.heads.heads;
    product.rows = rows;
    grouped_product(product, grouped_tile_rows(rows), 0, stream_.get());
    attended = expanded_.get();
  }
  run(linears_.o, layer.o, attended, rows, updates_apart() ? update_of(Half::Attention, rows) : hidden);
  return finish_update(Half::Attention, layer.o_bias, layer.attention_output_norm, rows, next_norm, hidden);
}

// Where what is not added to the hidden state at once goes first.
template <class Element>
Element* DecoderContext<Element>::update_of(Half half, int rows) const {
  const size_t bytes = static_cast<size_t>(rows) * shape_.config.hidden_size * sizeof(Element);
  void* const direct = peer_ ? peer_->direct_part(static_cast<int>(half), bytes) : nullptr;
  if (direct) return static_cast<Element*>(direct);
  return half == Half::FeedForward && mixed_.count() > 0 ? mixed_.get() : update_.get();
}

// What products did not add by themselves: the update, of ranks the sum of all of theirs, its bias and norm; with a direct sum
// of enough rows also the norm that comes next, where there is one.
template <class Element>
bool DecoderContext<Element>::finish_update(Half half, const Buffer<float>& bias, const Buffer<float>& norm, int rows,
                                            const float* next_norm, Element* hidden) {
  if (!updates_apart() && bias.count() == 0) return false;
  const float eps = shape_.config.rms_norm_eps;
  const size_t count = static_cast<size_t>(rows) * shape_.config.hidden_size;
  if (peer_ && peer_->direct_part(static_cast<int>(half), count * sizeof(Element))) {
    const NextNorm<Element> next{rows >= kSumNormRows ? next_norm : nullptr, normed_.get()};
    add_direct_sum(peer_->direct_sum(static_cast<int>(half)), bias.get(), norm.get(), eps, rows, shape_.hidden, hidden, next,
                   stream_.get());
    return next.weight != nullptr;
  }
  Element* const update = updates_apart() ? update_of(half, rows) : nullptr;
  if (peer_) peer_->sum(update, count, stream_.get());
  add_update(update, bias.get(), norm.get(), eps, rows, shape_.hidden, !peer_, hidden, stream_.get());
  return false;
}

template <class Element>
bool DecoderContext<Element>::feed_forward(const Layer& layer, int rows, bool is_normed, const float* next_norm,
                                           Element* hidden) {
  const esp_cuda_config& c = shape_.config;
  Element* const inner = c.mlp_bias ? gate_up_.get() : gated_.get();
  if (runner_.takes(linears_.gate_up, rows).norm) {
    runner_.run_around(linears_.gate_up, layer.gate_up.get(), hidden, rows, {layer.post_norm.get(), c.rms_norm_eps}, inner);
  } else {
    if (!is_normed) norm(hidden, nullptr, layer.post_norm, rows, normed_.get());
    run(linears_.gate_up, layer.gate_up, normed_.get(), rows, inner);
  }
  if (c.mlp_bias)
    activate(gate_up_.get(), layer.gate_up_bias.get(), c.gelu != 0, rows, shape_.inner, gated_.get(), stream_.get());
  run(linears_.down, layer.down, gated_.get(), rows, updates_apart() ? update_of(Half::FeedForward, rows) : hidden);
  return finish_update(Half::FeedForward, layer.down_bias, layer.mlp_output_norm, rows, next_norm, hidden);
}

template <class Element>
bool DecoderContext<Element>::run_experts(const Layer& layer, int rows, const int32_t* positions, const float* next_norm,
                                          Element* hidden) {
  run(linears_.router, layer.router, normed_.get(), rows, experts_.products());
  const bool shared = shape_.shared_inner > 0;
  if (shared) {
    run(linears_.shared_gate_up, layer.shared_gate_up, normed_.get(), rows, gated_.get());
    run(linears_.shared_down, layer.shared_down, gated_.get(), rows, update_.get());
  }
  const Element* const also = shared ? update_.get() : nullptr;
  experts_.run(layer, normed_.get(), positions, rows, also, !peer_, peer_ ? update_of(Half::FeedForward, rows) : hidden);
  return peer_ && finish_update(Half::FeedForward, {}, {}, rows, next_norm, hidden);
}

// The last layer for rows with logits alone; its output is in last_.
template <class Element>
void DecoderContext<Element>::narrow_last_layer(const DeviceBatch& batch) {
  const size_t layer = weights_.layers().size() - 1;
  DeviceBatch narrow = batch;
  narrow.decode_rows = batch.logit_rows;
  narrow.decode_count = batch.logit_count;
  narrow.tile_count = 0;
  attend(narrow, layer, nullptr);
  const auto gather = [&](const Element* in, int size, Element* out) {
    gather_rows(in, batch.logit_rows, batch.logit_count, size, out, stream_.get());
  };
  // The projections have been read.
  gather(attended_.get(), shape_.attended_size(), qkv_.get());
  gather(hidden_.get(), shape_.hidden, last_.get());
  finish_layer(layer, batch.logit_count, nullptr, qkv_.get(), last_.get());
}

template class DecoderContext<float>;
template class DecoderContext<bf16>;
template class DecoderContext<f16>;

}  // namespace espalier::cuda
