// Attention of any element type and head size, one warp per row and head: two passes would read the keys twice, so the
// softmax is kept as a running maximum and sum (Milakov and Gimelshein, arXiv:1805.02867). For float32, for head sizes
// that the matrix kernels do not take, and as their reference.
#include "cuda/device/attention_rule.cuh"
#include "cuda/device/kv_layout.cuh"

namespace espalier::cuda {
namespace {

constexpr int kWarps = 4;
constexpr int kMostPerLane = 8;

template <class Element>
__global__ void generic_kernel(const Element* qkv, Rows rows, HeadShape shape, AttentionRule rule, KvLayer<Element> kv,
                               Element* out) {
  wait_for_predecessor();
  const int row = blockIdx.x, lane = threadIdx.x % 32;
  const int head = blockIdx.y * kWarps + threadIdx.x / 32;
  if (head >= shape.heads) return;
  const int dim = shape.dim, length = rows.positions[row] + 1;
  const int kv_head = head / (shape.heads / shape.kv_heads);
  const int32_t* table = rows.pages + rows.tables[row];
  const size_t stride = static_cast<size_t>(shape.heads + 2 * shape.kv_heads) * dim;
  float query[kMostPerLane], sums[kMostPerLane];
#pragma unroll
  for (int i = 0; i < kMostPerLane; ++i) {
    const int d = lane + 32 * i;
    query[i] = d < dim ? to_float(qkv[row * stride + head * dim + d]) : 0;
    sums[i] = 0;
  }
  float most = -INFINITY, total = 0;
  for (int token = first_key(length - 1, rule); token < length; ++token) {
    const size_t tile = tile_offset(table, token / kTileTokens, kv_head, shape, kv.page_size);
    float score = 0;
#pragma unroll
    for (int i = 0; i < kMostPerLane; ++i) {
      const int d = lane + 32 * i;
      if (d < dim) score += query[i] * to_float(kv.keys[tile + key_offset<Element>(token % kTileTokens, d, dim)]);
    }
    score = warp_sum(score);
    score = rule.soft_cap > 0 ? rule.soft_cap * tanhf(score * rule.scale / rule.soft_cap) : score * rule.scale;
    const float next = fmaxf(most, score), keep = expf(most - next), weight = expf(score - next);
    total = total * keep + weight;
    most = next;
#pragma unroll
    for (int i = 0; i < kMostPerLane; ++i) {
      const int d = lane + 32 * i;
      if (d >= dim) continue;
      const float value = to_float(kv.values[tile + value_offset<Element>(token % kTileTokens, d, dim)]);
      sums[i] = sums[i] * keep + weight * value;
    }
  }
  Element* target = out + (static_cast<size_t>(row) * shape.heads + head) * dim;
#pragma unroll
  for (int i = 0; i < kMostPerLane; ++i)
    if (lane + 32 * i < dim) target[lane + 32 * i] = from_float<Element>(length > 0 ? sums[i] / total : 0);
}

}  // namespace

template <class Element>
void attention_generic(const Element* qkv, const Rows& rows, const Attention& attention, const KvLayer<Element>& kv,
                       Element* out, cudaStream_t stream) {
  const dim3 grid(static_cast<unsigned>(rows.count),
                  static_cast<unsigned>((attention.shape.heads + kWarps - 1) / kWarps));
  launch(generic_kernel<Element>, {grid, dim3(32 * kWarps)}, stream, qkv, rows, attention.shape, attention.rule, kv,
         out);
}

template void attention_generic<float>(const float*, const Rows&, const Attention&, const KvLayer<float>&, float*,
                                       cudaStream_t);
template void attention_generic<bf16>(const bf16*, const Rows&, const Attention&, const KvLayer<bf16>&, bf16*,
                                      cudaStream_t);
template void attention_generic<f16>(const f16*, const Rows&, const Attention&, const KvLayer<f16>&, f16*,
                                     cudaStream_t);

}  // namespace espalier::cuda
