#include "cuda/device/experts.h"

namespace espalier::cuda {

template <class Element>
void ExpertRunner<Element>::reserve(size_t rows) {
  const esp_cuda_experts& e = shape_.config.experts;
  if (e.count == 0) return;
  const size_t choices = rows * e.per_token;
  products_.allocate(rows * e.count);
  weights_.allocate(choices);
  chosen_.allocate(choices);
  order_.allocate(choices);
  tile_count_.allocate(1);
  // Smaller tiles are more, but never more than choices.
  tiles_.allocate(choices + e.count);
  gated_.allocate(choices * static_cast<size_t>(shape_.expert_inner));
  outputs_.allocate(choices * static_cast<size_t>(shape_.hidden));
}

template <class Element>
void ExpertRunner<Element>::run(const typename Weights<Element>::Layer& layer, const Element* normed,
                                const int32_t* positions, int rows, const Element* shared, bool added,
                                Element* hidden) {
  const esp_cuda_experts& e = shape_.config.experts;
  const int each = static_cast<int>(e.per_token), count = static_cast<int>(e.count), choices = rows * each;
  const size_t size = static_cast<size_t>(shape_.hidden), inner = static_cast<size_t>(shape_.expert_inner);
  route(products_.get(), layer.router_bias.get(), positions, e, rows, chosen_.get(), weights_.get(), stream_);
  const int tile_rows = grouped_tile_rows(choices / count);
  const int most_tiles = most_expert_tiles(choices, count, tile_rows);
  sort_by_expert(chosen_.get(), choices, tile_rows, order_.get(), tiles_.get(), tile_count_.get(), stream_);
  GroupedProduct<Element> product;
  product.tiles = tiles_.get();
  product.tile_count = tile_count_.get();
  product.order = order_.get();
  product.per_token = each;
  product.x = normed;
  product.x_stride = size;
  product.ordered_input = true;
  product.w = layer.experts_gate_up.get();
  product.w_step = 2 * inner * size;
  product.out = gated_.get();
  product.out_stride = inner;
  product.outputs = 2 * shape_.expert_inner;
  product.inputs = shape_.hidden;
  product.epilogue = shape_.config.gelu ? Epilogue::GeGlu : Epilogue::SwiGlu;
  grouped_product(product, tile_rows, most_tiles, stream_);
  product.x = gated_.get();
  product.x_stride = inner;
  product.ordered_input = false;
  product.w = layer.experts_down.get();
  product.w_step = size * inner;
  product.out = outputs_.get();
  product.out_stride = size;
  product.ordered_output = true;
  product.outputs = shape_.hidden;
  product.inputs = shape_.expert_inner;
  product.epilogue = Epilogue::Store;
  grouped_product(product, tile_rows, most_tiles, stream_);
  mix_experts(outputs_.get(), chosen_.get(), weights_.get(), each, shared, layer.share.get(), normed, rows,
              shape_.hidden, added, hidden, stream_);
}

template class ExpertRunner<float>;
template class ExpertRunner<bf16>;
template class ExpertRunner<f16>;

}  // namespace espalier::cuda
