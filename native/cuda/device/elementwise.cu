// The steps between matrix products: embedding, RMS norm, rotary embedding with the store into KV pages, SwiGLU.
#include <algorithm>

#include "cuda/device/element.cuh"
#include "cuda/device/kv_layout.cuh"

namespace espalier::cuda {
namespace {

constexpr int kThreads = 256;

template <class Element>
__global__ void embed_kernel(const Element* table, Rows rows, int hidden, Element* out) {
  wait_for_predecessor();
  constexpr int kStep = kVector<Element>;
  const size_t row = blockIdx.x;
  const auto* from = reinterpret_cast<const uint4*>(table + static_cast<size_t>(rows.tokens[row]) * hidden);
  auto* to = reinterpret_cast<uint4*>(out + row * hidden);
  for (int i = threadIdx.x; i < hidden / kStep; i += blockDim.x) to[i] = from[i];
}

// Sums of each warp, then of all of them, in a fixed order; every thread gets the total.
__device__ float block_sum(float value) {
  __shared__ float sums[32];
  value = warp_sum(value);
  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = value;
  __syncthreads();
  float total = 0;
  for (int i = 0; i < static_cast<int>(blockDim.x + 31) / 32; ++i) total += sums[i];
  return total;
}

// The row stays in registers between the two passes where it fits.
template <class Element>
__global__ void rms_norm_kernel(const Element* in, const int32_t* selected, const float* weight, float eps, int hidden,
                                Element* out) {
  constexpr int kStep = kVector<Element>, kHeld = 4;
  wait_for_predecessor();
  const Element* row = in + static_cast<size_t>(selected ? selected[blockIdx.x] : blockIdx.x) * hidden;
  Element* target = out + static_cast<size_t>(blockIdx.x) * hidden;
  float held[kHeld][kStep];
  float squares = 0;
  const int stride = blockDim.x * kStep;
#pragma unroll
  for (int v = 0; v < kHeld; ++v) {
    const int at = threadIdx.x * kStep + v * stride;
    if (at >= hidden) break;
    load_vector(row + at, held[v]);
#pragma unroll
    for (int i = 0; i < kStep; ++i) squares += held[v][i] * held[v][i];
  }
  for (int at = threadIdx.x * kStep + kHeld * stride; at < hidden; at += stride) {
    float more[kStep];
    load_vector(row + at, more);
    for (int i = 0; i < kStep; ++i) squares += more[i] * more[i];
  }
  const float scale = rsqrtf(block_sum(squares) / static_cast<float>(hidden) + eps);
#pragma unroll
  for (int v = 0; v < kHeld; ++v) {
    const int at = threadIdx.x * kStep + v * stride;
    if (at >= hidden) break;
#pragma unroll
    for (int i = 0; i < kStep; ++i) held[v][i] *= scale * weight[at + i];
    store_vector(target + at, held[v]);
  }
  for (int at = threadIdx.x * kStep + kHeld * stride; at < hidden; at += stride) {
    float more[kStep];
    load_vector(row + at, more);
    for (int i = 0; i < kStep; ++i) more[i] *= scale * weight[at + i];
    store_vector(target + at, more);
  }
}

template <class Element>
__global__ void rope_kernel(Element* qkv, Rows rows, HeadShape shape, const float* frequencies, KvLayer<Element> kv) {
  extern __shared__ float2 turns[];
  wait_for_predecessor();
  const int row = blockIdx.x, half = shape.dim / 2;
  const int position = rows.positions[row];
  if (position < 0) return;
  for (int i = threadIdx.x; i < half; i += blockDim.x) {
    float sine, cosine;
    sincosf(static_cast<float>(position) * frequencies[i], &sine, &cosine);
    turns[i] = {cosine, sine};
  }
  __syncthreads();
  const int32_t* table = rows.pages + rows.tables[row];
  const int token = position % kTileTokens, tile = position / kTileTokens;
  const int rotated = shape.heads + shape.kv_heads, all = rotated + shape.kv_heads;
  Element* values = qkv + static_cast<size_t>(row) * all * shape.dim;
  for (int i = threadIdx.x; i < all * half; i += blockDim.x) {
    const int head = i / half, pair = i % half;
    Element* at = values + head * shape.dim + 2 * pair;
    float x = to_float(at[0]), y = to_float(at[1]);
    if (head < rotated) {
      const float2 turn = turns[pair];
      const float turned = x * turn.x - y * turn.y;
      y = y * turn.x + x * turn.y;
      x = turned;
    }
    if (head < shape.heads) {
      at[0] = from_float<Element>(x);
      at[1] = from_float<Element>(y);
      continue;
    }
    const bool is_key = head < rotated;
    const int kv_head = head - (is_key ? shape.heads : rotated);
    Element* base = (is_key ? kv.keys : kv.values) + tile_offset(table, tile, kv_head, shape, kv.page_size);
    const int first = is_key ? key_offset<Element>(token, 2 * pair, shape.dim)
                             : value_offset<Element>(token, 2 * pair, shape.dim);
    const int second = is_key ? first + 1 : value_offset<Element>(token, 2 * pair + 1, shape.dim);
    base[first] = from_float<Element>(x);
    base[second] = from_float<Element>(y);
  }
}

template <class Element>
__global__ void swiglu_kernel(const Element* in, size_t vectors, Element* out) {
  constexpr int kStep = kVector<Element>;
  wait_for_predecessor();
  for (size_t v = blockIdx.x * size_t{blockDim.x} + threadIdx.x; v < vectors; v += size_t{gridDim.x} * blockDim.x) {
    float pairs[2][kStep], result[kStep];
    load_vector(in + v * 2 * kStep, pairs[0]);
    load_vector(in + v * 2 * kStep + kStep, pairs[1]);
#pragma unroll
    for (int i = 0; i < kStep; ++i) {
      const float gate = pairs[2 * i / kStep][2 * i % kStep], up = pairs[2 * i / kStep][2 * i % kStep + 1];
      result[i] = gate / (1 + __expf(-gate)) * up;
    }
    store_vector(out + v * kStep, result);
  }
}

}  // namespace

template <class Element>
void embed(const Element* table, const Rows& rows, int hidden, Element* out, cudaStream_t stream) {
  launch(embed_kernel<Element>, {dim3(rows.count), dim3(kThreads)}, stream, table, rows, hidden, out);
}

template <class Element>
void rms_norm(const Element* in, const int32_t* selected, const float* weight, float eps, int rows, int hidden,
              Element* out, cudaStream_t stream) {
  launch(rms_norm_kernel<Element>, {dim3(rows), dim3(kThreads)}, stream, in, selected, weight, eps, hidden, out);
}

template <class Element>
void rope_and_store(Element* qkv, const Rows& rows, const HeadShape& shape, const float* frequencies,
                    const KvLayer<Element>& kv, cudaStream_t stream) {
  const size_t shared = static_cast<size_t>(shape.dim / 2) * sizeof(float2);
  launch(rope_kernel<Element>, {dim3(rows.count), dim3(kThreads), shared}, stream, qkv, rows, shape, frequencies, kv);
}

template <class Element>
void swiglu(const Element* in, int rows, int size, Element* out, cudaStream_t stream) {
  const size_t vectors = static_cast<size_t>(rows) * size / kVector<Element>;
  const auto blocks = static_cast<unsigned>(std::min<size_t>((vectors + kThreads - 1) / kThreads, 132 * 16));
  launch(swiglu_kernel<Element>, {dim3(blocks), dim3(kThreads)}, stream, in, vectors, out);
}

#define ESP_INSTANTIATE(E)                                                                                           \
  template void embed<E>(const E*, const Rows&, int, E*, cudaStream_t);                                              \
  template void rms_norm<E>(const E*, const int32_t*, const float*, float, int, int, E*, cudaStream_t);              \
  template void rope_and_store<E>(E*, const Rows&, const HeadShape&, const float*, const KvLayer<E>&, cudaStream_t); \
  template void swiglu<E>(const E*, int, int, E*, cudaStream_t);
ESP_INSTANTIATE(float)
ESP_INSTANTIATE(bf16)
#undef ESP_INSTANTIATE

}  // namespace espalier::cuda
