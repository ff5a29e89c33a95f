// The steps between matrix products: embedding, RMS norm, activation.
#include <algorithm>

#include "cuda/device/element.cuh"

namespace espalier::cuda {
namespace {

constexpr int kThreads = 256;
// Blocks of so many threads and some registers that a large GPU runs at once.
constexpr int kFullBlocks = 4 * 132;

template <class Element>
__global__ void embed_kernel(const Element* table, Rows rows, int hidden, float scale, Element* out) {
  wait_for_predecessor();
  constexpr int kStep = kVector<Element>;
  const size_t row = blockIdx.x;
  int token = rows.tokens[row];
  // Where nothing could be chosen the request ends, and its row may hold anything.
  if (token < 0) token = max(rows.chosen[-1 - token], 0);
  const Element* from = table + static_cast<size_t>(token) * hidden;
  for (int i = threadIdx.x * kStep; i < hidden; i += blockDim.x * kStep) {
    float values[kStep];
    load_vector(from + i, values);
#pragma unroll
    for (int v = 0; v < kStep; ++v) values[v] *= scale;
    store_vector(out + row * hidden + i, values);
  }
}

template <class Element>
__global__ void gather_kernel(const Element* in, const int32_t* selected, int size, Element* out) {
  wait_for_predecessor();
  const auto* from = reinterpret_cast<const uint4*>(in + static_cast<size_t>(selected[blockIdx.x]) * size);
  auto* to = reinterpret_cast<uint4*>(out + static_cast<size_t>(blockIdx.x) * size);
  for (int i = threadIdx.x; i < size / kVector<Element>; i += blockDim.x) to[i] = from[i];
}

// A row stays in registers between the two passes, as far as `kHeld` vectors a thread go; the next one comes meanwhile.
template <class Element, int kHeld>
__global__ void rms_norm_kernel(const Element* in, const int32_t* selected, const float* weight, float eps, int rows,
                                int hidden, Element* out) {
  constexpr int kStep = kVector<Element>;
  const int stride = blockDim.x * kStep, first = threadIdx.x * kStep;
  float weights[kHeld][kStep];
#pragma unroll
  for (int v = 0; v < kHeld; ++v) {
    const int at = first + v * stride;
    if (at >= hidden) break;
#pragma unroll
    for (int i = 0; i < kStep; i += 4) load_vector(weight + at + i, reinterpret_cast<float (&)[4]>(weights[v][i]));
  }
  wait_for_predecessor();
  const auto row_at = [&](int index) { return in + static_cast<size_t>(selected ? selected[index] : index) * hidden; };
  uint4 coming[kHeld];
  const auto fetch = [&](const Element* row) {
#pragma unroll
    for (int v = 0; v < kHeld; ++v)
      if (first + v * stride < hidden) coming[v] = *reinterpret_cast<const uint4*>(row + first + v * stride);
  };
  fetch(row_at(blockIdx.x));
  for (int index = blockIdx.x; index < rows; index += gridDim.x) {
    const Element* row = row_at(index);
    Element* target = out + static_cast<size_t>(index) * hidden;
    float held[kHeld][kStep];
    float squares = 0;
#pragma unroll
    for (int v = 0; v < kHeld; ++v) {
      if (first + v * stride >= hidden) break;
      load_vector(reinterpret_cast<const Element*>(&coming[v]), held[v]);
#pragma unroll
      for (int i = 0; i < kStep; ++i) squares += held[v][i] * held[v][i];
    }
    const bool more = index + static_cast<int>(gridDim.x) < rows;
    if (more) fetch(row_at(index + gridDim.x));
    for (int at = first + kHeld * stride; at < hidden; at += stride) {
      float rest[kStep];
      load_vector(row + at, rest);
      for (int i = 0; i < kStep; ++i) squares += rest[i] * rest[i];
    }
    const float scale = rsqrtf(block_sum(squares) / static_cast<float>(hidden) + eps);
#pragma unroll
    for (int v = 0; v < kHeld; ++v) {
      const int at = first + v * stride;
      if (at >= hidden) break;
#pragma unroll
      for (int i = 0; i < kStep; ++i) held[v][i] *= scale * weights[v][i];
      store_vector(target + at, held[v]);
    }
    for (int at = first + kHeld * stride; at < hidden; at += stride) {
      float rest[kStep];
      load_vector(row + at, rest);
      for (int i = 0; i < kStep; ++i) rest[i] *= scale * weight[at + i];
      store_vector(target + at, rest);
    }
    // The sums of warps are read.
    if (more) __syncthreads();
  }
}

template <class Element, bool kGelu, bool kBiased>
__global__ void activate_kernel(const Element* in, const float* bias, size_t vectors, int size, Element* out) {
  constexpr int kStep = kVector<Element>;
  wait_for_predecessor();
  for (size_t v = blockIdx.x * size_t{blockDim.x} + threadIdx.x; v < vectors; v += size_t{gridDim.x} * blockDim.x) {
    float pairs[2][kStep], result[kStep];
    load_vector(in + v * 2 * kStep, pairs[0]);
    load_vector(in + v * 2 * kStep + kStep, pairs[1]);
    const float* added = kBiased ? bias + v * 2 * kStep % (2 * size) : nullptr;
#pragma unroll
    for (int i = 0; i < kStep; ++i) {
      float gate = pairs[2 * i / kStep][2 * i % kStep], up = pairs[2 * i / kStep][2 * i % kStep + 1];
      if constexpr (kBiased) {
        gate += added[2 * i];
        up += added[2 * i + 1];
      }
      result[i] = gated<kGelu>(gate, up);
    }
    store_vector(out + v * kStep, result);
  }
}

}  // namespace

template <class Element>
void embed(const Element* table, const Rows& rows, int hidden, float scale, Element* out, cudaStream_t stream) {
  launch(embed_kernel<Element>, {dim3(rows.count), dim3(kThreads)}, stream, table, rows, hidden, scale, out);
}

template <class Element>
void gather_rows(const Element* in, const int32_t* selected, int rows, int size, Element* out, cudaStream_t stream) {
  launch(gather_kernel<Element>, {dim3(static_cast<unsigned>(rows)), dim3(kThreads)}, stream, in, selected, size, out);
}

template <class Element>
void rms_norm(const Element* in, const int32_t* selected, const float* weight, float eps, int rows, int hidden,
              Element* out, cudaStream_t stream) {
  constexpr int kRow = kThreads * kVector<Element>;
  const auto kernel = hidden <= kRow       ? rms_norm_kernel<Element, 1>
                      : hidden <= 2 * kRow ? rms_norm_kernel<Element, 2>
                                           : rms_norm_kernel<Element, 4>;
  launch(kernel, {dim3(static_cast<unsigned>(std::min(rows, kFullBlocks))), dim3(kThreads)}, stream, in, selected, weight,
         eps, rows, hidden, out);
}

template <class Element>
void activate(const Element* in, const float* bias, bool gelu, int rows, int size, Element* out, cudaStream_t stream) {
  const size_t vectors = static_cast<size_t>(rows) * size / kVector<Element>;
  const auto blocks = static_cast<unsigned>(std::min<size_t>((vectors + kThreads - 1) / kThreads, 132 * 16));
  const auto plain = gelu ? activate_kernel<Element, true, false> : activate_kernel<Element, false, false>;
  const auto biased = gelu ? activate_kernel<Element, true, true> : activate_kernel<Element, false, true>;
  launch(bias ? biased : plain, {dim3(blocks), dim3(kThreads)}, stream, in, bias, vectors, size, out);
}

#define ESP_INSTANTIATE(E)                                                                                            \
  template void embed<E>(const E*, const Rows&, int, float, E*, cudaStream_t);                                        \
  template void gather_rows<E>(const E*, const int32_t*, int, int, E*, cudaStream_t);                                 \
  template void rms_norm<E>(const E*, const int32_t*, const float*, float, int, int, E*, cudaStream_t);               \
  template void activate<E>(const E*, const float*, bool, int, int, E*, cudaStream_t);
ESP_INSTANTIATE(float)
ESP_INSTANTIATE(bf16)
ESP_INSTANTIATE(f16)
#undef ESP_INSTANTIATE

}  // namespace espalier::cuda
