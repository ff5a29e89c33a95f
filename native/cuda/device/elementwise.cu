// The steps between matrix products: embedding, RMS norm, rotary embedding with the store into KV pages, activation.
#include <algorithm>

#include "cuda/device/element.cuh"
#include "cuda/device/kv_layout.cuh"

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

__global__ void turns_kernel(const float* frequencies, int rotated, float factor, int half, size_t count,
                             float2* turns) {
  for (size_t i = blockIdx.x * size_t{blockDim.x} + threadIdx.x; i < count; i += size_t{gridDim.x} * blockDim.x) {
    const int pair = static_cast<int>(i % half);
    float sine = 0, cosine = 1;
    if (pair < rotated) {
      sincosf(static_cast<float>(i / half) * frequencies[pair], &sine, &cosine);
      sine *= factor;
      cosine *= factor;
    }
    turns[i] = {cosine, sine};
  }
}

// How many of the eight tokens of a row's group the rows from this one on are: 0 where the row before has counted it.
__device__ inline int rows_of_group(const Rows& rows, int row) {
  const int position = rows.positions[row], table = rows.tables[row];
  const auto follows = [&](int other, int distance) {
    return rows.tables[other] == table && rows.positions[other] == position + distance;
  };
  if (position % 8 > 0 && row > 0 && follows(row - 1, -1)) return 0;
  int count = 1;
  while (count < 8 - position % 8 && row + count < rows.count && follows(row + count, count)) ++count;
  return count;
}

// Values of eight tokens by eight elements: the rows bring them by tokens, the page wants them by elements.
template <class Element>
__device__ inline void store_values(const Element* from, size_t row_stride, int count, int token, int element, int dim,
                                    Element* tile) {
  constexpr int kStep = kVector<Element>;
  if constexpr (sizeof(Element) == 4) {
    for (int row = 0; row < count; ++row)
      *reinterpret_cast<uint4*>(tile + value_offset<Element>(token + row, element, dim)) =
          *reinterpret_cast<const uint4*>(from + row * row_stride);
  } else {
    if (count < 8) {
      for (int row = 0; row < count; ++row) {
        alignas(16) Element values[kStep];
        reinterpret_cast<uint4&>(values) = *reinterpret_cast<const uint4*>(from + row * row_stride);
#pragma unroll
        for (int i = 0; i < kStep; ++i) tile[value_offset<Element>(token + row, element + i, dim)] = values[i];
      }
      return;
    }
    alignas(16) Element block[8][kStep];
#pragma unroll
    for (int row = 0; row < 8; ++row)
      reinterpret_cast<uint4&>(block[row]) = *reinterpret_cast<const uint4*>(from + row * row_stride);
#pragma unroll
    for (int i = 0; i < kStep; ++i) {
      alignas(16) Element line[8];
#pragma unroll
      for (int row = 0; row < 8; ++row) line[row] = block[row][i];
      *reinterpret_cast<uint4*>(tile + value_offset<Element>(token, element + i, dim)) = reinterpret_cast<uint4&>(line);
    }
  }
}

// A thread takes 16 bytes of one head; of values, those of up to eight rows of the same sequence.
template <class Element>
__global__ void rope_kernel(Element* qkv, Rows rows, HeadShape shape, const float2* turns, KvLayer<Element> kv) {
  constexpr int kStep = kVector<Element>;
  const int row = blockIdx.x, position = rows.positions[row], vector = blockIdx.y * blockDim.x + threadIdx.x;
  const int rotated = shape.heads + shape.kv_heads, all = rotated + shape.kv_heads;
  const int head = vector * kStep / shape.dim, element = vector * kStep % shape.dim;
  const bool real = position >= 0 && head < all;
  float2 turn[kStep / 2];
  size_t tile = 0;
  int count = 0;
  if (real && head < rotated) {
#pragma unroll
    for (int i = 0; i < kStep / 2; ++i) turn[i] = turns[(static_cast<size_t>(position) * shape.dim + element) / 2 + i];
  }
  if (real && head >= shape.heads) {
    const int kv_head = (head - shape.heads) % shape.kv_heads;
    tile = tile_offset(rows.pages + rows.tables[row], position / kTileTokens, kv_head, shape, kv.page_size);
    if (head >= rotated) count = rows_of_group(rows, row);
  }
  wait_for_predecessor();
  if (!real) return;
  const size_t row_stride = static_cast<size_t>(all) * shape.dim;
  Element* at = qkv + row * row_stride + vector * kStep;
  const int token = position % kTileTokens;
  if (head >= rotated) {
    store_values(at, row_stride, count, token, element, shape.dim, kv.values + tile);
    return;
  }
  float values[kStep];
  load_vector(at, values);
#pragma unroll
  for (int i = 0; i < kStep; i += 2) {
    const float2 pair = turned({values[i], values[i + 1]}, turn[i / 2].x, turn[i / 2].y);
    values[i] = pair.x;
    values[i + 1] = pair.y;
  }
  store_vector(head < shape.heads ? at : kv.keys + tile + key_offset<Element>(token, element, shape.dim), values);
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

void fill_turns(const float* frequencies, int rotated, float factor, int half, int positions, float2* turns,
                cudaStream_t stream) {
  turns_kernel<<<132, kThreads, 0, stream>>>(frequencies, rotated, factor, half,
                                             static_cast<size_t>(half) * positions, turns);
  ESP_CUDA_CHECK(cudaGetLastError());
}

template <class Element>
void rope_and_store(Element* qkv, const Rows& rows, const HeadShape& shape, const float2* turns,
                    const KvLayer<Element>& kv, cudaStream_t stream) {
  const int vectors = (shape.heads + 2 * shape.kv_heads) * shape.dim / kVector<Element>;
  const dim3 grid(static_cast<unsigned>(rows.count), static_cast<unsigned>((vectors + kThreads - 1) / kThreads));
  launch(rope_kernel<Element>, {grid, dim3(kThreads)}, stream, qkv, rows, shape, turns, kv);
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
  template void rope_and_store<E>(E*, const Rows&, const HeadShape&, const float2*, const KvLayer<E>&, cudaStream_t); \
  template void activate<E>(const E*, const float*, bool, int, int, E*, cudaStream_t);
ESP_INSTANTIATE(float)
ESP_INSTANTIATE(bf16)
ESP_INSTANTIATE(f16)
#undef ESP_INSTANTIATE

}  // namespace espalier::cuda
