// Latent attention (arXiv:2405.04434) before its scores: the rotated parts of queries and of the key that all heads share,
// and the norm of the latent vector, which is key and value at once.
#include "cuda/device/element.cuh"
#include "cuda/device/kv_layout.cuh"
#include "cuda/device/latent_sizes.h"

namespace espalier::cuda {
namespace {

constexpr int kThreads = 256;

template <class Element>
__device__ inline void turn(const Element* from, float2 by, Element* to) {
  const float x = to_float(from[0]), y = to_float(from[1]);
  to[0] = from_float<Element>(x * by.x - y * by.y);
  to[1] = from_float<Element>(y * by.x + x * by.y);
}

template <class Element>
__global__ void rotate_kernel(const Element* raw, const Element* latent, Rows rows, int heads, LatentSizes sizes,
                              const float* norm, float eps, const float2* turns, KvLayer<Element> kv,
                              Element* queries) {
  const size_t row = blockIdx.x;
  const int position = rows.positions[row], half = sizes.rope / 2, width = sizes.width();
  wait_for_predecessor();
  if (position < 0) return;
  const float2* own_turns = turns + static_cast<size_t>(position) * half;
  for (int i = threadIdx.x; i < heads * half; i += kThreads) {
    const size_t head = row * heads + i / half;
    const int pair = i % half;
    turn(raw + head * sizes.query() + sizes.nope + 2 * pair, own_turns[pair],
         queries + head * width + sizes.rank + 2 * pair);
  }
  const Element* from = latent + row * width;
  const size_t tile =
      tile_offset(rows.pages + rows.tables[row], position / kTileTokens, 0, {heads, 1, width}, kv.page_size);
  Element* key = kv.keys + tile + position % kTileTokens * width;
  for (int pair = threadIdx.x; pair < half; pair += kThreads)
    turn(from + sizes.rank + 2 * pair, own_turns[pair], key + sizes.rank + 2 * pair);
  float squares = 0;
  for (int i = threadIdx.x; i < sizes.rank; i += kThreads) squares += to_float(from[i]) * to_float(from[i]);
  const float scale = rsqrtf(block_sum(squares) / static_cast<float>(sizes.rank) + eps);
  for (int i = threadIdx.x; i < sizes.rank; i += kThreads)
    key[i] = from_float<Element>(to_float(from[i]) * scale * norm[i]);
}

}  // namespace

template <class Element>
void rotate_latent(const Element* raw, const Element* latent, const Rows& rows, int heads, const LatentSizes& sizes,
                   const float* norm, float eps, const float2* turns, const KvLayer<Element>& kv, Element* queries,
                   cudaStream_t stream) {
  launch(rotate_kernel<Element>, {dim3(static_cast<unsigned>(rows.count)), dim3(kThreads)}, stream, raw, latent, rows,
         heads, sizes, norm, eps, turns, kv, queries);
}

#define ESP_INSTANTIATE(E)                                                                                         \
  template void rotate_latent<E>(const E*, const E*, const Rows&, int, const LatentSizes&, const float*, float,   \
                                 const float2*, const KvLayer<E>&, E*, cudaStream_t);
ESP_INSTANTIATE(float)
ESP_INSTANTIATE(bf16)
ESP_INSTANTIATE(f16)
#undef ESP_INSTANTIATE

}  // namespace espalier::cuda
