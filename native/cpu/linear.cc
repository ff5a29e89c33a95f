// Products of rows with matrices: floats as they lie in their files, quantised ones packed when the model is loaded.
#include "cpu/backend.h"

namespace espalier {
namespace {

template <class Visit>
void for_matrices(const FeedForward& mlp, const Visit& visit) {
  for (const Matrix* matrix : {&mlp.gate, &mlp.up, &mlp.down}) visit(*matrix);
}

// All matrices that rows are multiplied with.
template <class Visit>
void for_matrices(const Decoder& model, const Visit& visit) {
  visit(model.lm_head());
  for (const DecoderLayer& layer : model.layers()) {
    for (const Matrix* matrix : {&layer.q, &layer.k, &layer.v, &layer.o, &layer.latent.q_down, &layer.latent.q_up,
                                 &layer.latent.kv_down, &layer.experts.router, &layer.experts.shared_gate})
      visit(*matrix);
    for_matrices(layer.mlp, visit);
    for_matrices(layer.experts.shared, visit);
    for (const FeedForward& expert : layer.experts.experts) for_matrices(expert, visit);
  }
}

}  // namespace

void CpuBackend::pack_weights() {
  constexpr size_t kAlignment = 64;
  std::vector<const Matrix*> matrices;
  size_t bytes = 0;
  std::unordered_map<const std::byte*, size_t> places;
  for_matrices(*model_, [&](const Matrix& matrix) {
    if (!is_quantized(matrix.dtype) || !matrix.data || !places.emplace(matrix.data, bytes).second) return;
    bytes += (packed_bytes(matrix) + kAlignment - 1) / kAlignment * kAlignment;
    matrices.push_back(&matrix);
  });
  if (bytes > 0) packed_memory_ = HugeBuffer(bytes);
  for (const auto& [data, place] : places) packed_.emplace(data, packed_memory_.data() + place);
  for (const Matrix* matrix : matrices) {
    uint8_t* packed = packed_.at(matrix->data);
    pool_.parallel_for(strips_of(matrix->rows), [&](size_t strip, size_t) { pack_strip(*matrix, strip, packed); });
  }
}

CpuBackend::Input CpuBackend::Input::from(size_t row) const {
  Input moved{rows + row * stride, stride};
  if (quantized.values)
    moved.quantized = {quantized.values + row * stride, quantized.scales + row * (stride / kBlockElements),
                       quantized.half_sums + row * (stride / kBlockElements * 2)};
  return moved;
}

CpuBackend::Input CpuBackend::input_of(const float* rows, size_t count, size_t size) {
  Input input{rows, size};
  if (packed_.empty() || size % kBlockElements != 0) return input;
  const size_t blocks = size / kBlockElements;
  if (input_values_.size() < count * size) {
    input_values_.resize(count * size);
    input_scales_.resize(count * blocks);
    input_sums_.resize(count * blocks * 2);
  }
  for_rows(count, [&](size_t r) {
    kernels_.quantize_row(rows + r * size, size, input_values_.data() + r * size, input_scales_.data() + r * blocks,
                          input_sums_.data() + r * blocks * 2);
  });
  input.quantized = {input_values_.data(), input_scales_.data(), input_sums_.data()};
  return input;
}

void CpuBackend::multiply(const Input& x, size_t m, const Matrix& w, size_t first, size_t last, float* y,
                          size_t y_stride) {
  if (is_quantized(w.dtype))
    kernels_.linear_quantized(
        {x.quantized, m, packed_.at(w.data), w.dtype, w.cols, first, last, y, y_stride});
  else
    kernels_.linear({x.rows, x.stride, m, w.data, w.dtype, w.cols, first, last, y, y_stride,
                     w.row_step() / dtype_bytes(w.dtype)});
}

}  // namespace espalier
