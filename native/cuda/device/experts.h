// A layer's mixture of experts: the router's choice, choices sorted by expert, two grouped products, and the sum. The host
// knows nothing of the choices, so that a graph holds all of it.
#pragma once
#include "cuda/device/linear.h"
#include "cuda/device/memory.h"
#include "cuda/device/model_shape.h"
#include "cuda/device/weights.h"

namespace espalier::cuda {

template <class Element>
class ExpertRunner {
 public:
  /// The shape must outlive it.
  ExpertRunner(const ModelShape& shape, cudaStream_t stream) : shape_(shape), stream_(stream) {}

  /// Memory for so many rows; voids graphs.
  void reserve(size_t rows);
  /// The router's product, for tuning: its output.
  float* products() const { return products_.get(); }

  /// What the experts of `layer`, and its shared network, make of `normed` is `added` to hidden, or is hidden. products() holds the router's
  /// products, `shared` the shared network's output (null: there is none). `positions`: null, or -1 where a row is padding.
  void run(const typename Weights<Element>::Layer& layer, const Element* normed, const int32_t* positions, int rows,
           const Element* shared, bool added, Element* hidden);

 private:
  const ModelShape& shape_;
  const cudaStream_t stream_;
  Buffer<float> products_, weights_;
  Buffer<int32_t> chosen_, order_, tile_count_;
  Buffer<ExpertTile> tiles_;
  Buffer<Element> gated_, outputs_;
};

}  // namespace espalier::cuda
