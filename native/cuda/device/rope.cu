// Rotary embedding of queries and keys, and the store of keys and values into KV pages.
#include "cuda/device/element.cuh"
#include "cuda/device/kv_layout.cuh"

namespace espalier::cuda {
namespace {

constexpr int kThreads = 256;
// Of fewer rows each vector has a thread of its own, which takes the least time; of more, patches keep memory busier.
constexpr int kPatchedRows = 512;
// A warp takes eight rows by four vectors of neighbouring heads, either of queries and keys or of values: a lane has one row
// and vector, of all the heads at once on their way.
constexpr int kPatchRows = 8, kPatchVectors = 4, kPatchHeads = 4, kPatchBlocks = 5;

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

template <class Element>
__device__ inline void turn_pairs(float (&values)[kVector<Element>], const float2 (&turn)[kVector<Element> / 2]) {
#pragma unroll
  for (int i = 0; i < kVector<Element>; i += 2) {
    const float2 pair = turned({values[i], values[i + 1]}, turn[i / 2].x, turn[i / 2].y);
    values[i] = pair.x;
    values[i + 1] = pair.y;
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
  turn_pairs<Element>(values, turn);
  store_vector(head < shape.heads ? at : kv.keys + tile + key_offset<Element>(token, element, shape.dim), values);
}

// The rows of a sequence are neighbours, in order: whether the batch has all eight tokens of this one's group.
__device__ inline bool has_whole_group(const Rows& rows, int row, int position) {
  const int first = row - position % 8;
  if (position < 0 || first < 0 || first + 7 >= rows.count) return false;
  const int table = rows.tables[row];
  const auto follows = [&](int other) {
    return rows.tables[other] == table && rows.positions[other] == position + other - row;
  };
  return follows(first) && follows(first + 7);
}

template <class Element>
struct Patch {
  int row, position, element;
  bool has_values;
  /// Of kPatchHeads heads those that there are.
  int first_head, heads;
  /// The lane's vector of its row's first head, and how far it is to another row.
  Element* at;
  size_t row_stride;
  /// Where the row's token lies in the pages: the tile of the first KV head, of values that of the first head here, and how
  /// far it is to the next head's.
  size_t tile, head_stride;
  int token;
};

template <class Element>
__device__ inline void bring(const Element* from, const Patch<Element>& patch, int dim, uint4 (&vectors)[kPatchHeads]) {
#pragma unroll
  for (int i = 0; i < kPatchHeads; ++i)
    if (i < patch.heads) vectors[i] = *reinterpret_cast<const uint4*>(from + (patch.first_head + i) * dim);
}

template <class Element>
__device__ inline void rotate_patch(const Patch<Element>& patch, const HeadShape& shape, const float2* turns, Element* keys) {
  constexpr int kStep = kVector<Element>;
  if (patch.position < 0) return;
  uint4 vectors[kPatchHeads];
  bring(patch.at, patch, shape.dim, vectors);
  float2 turn[kStep / 2];
#pragma unroll
  for (int i = 0; i < kStep / 2; ++i)
    turn[i] = turns[(static_cast<size_t>(patch.position) * shape.dim + patch.element) / 2 + i];
  Element* const key = keys + patch.tile + key_offset<Element>(patch.token, patch.element, shape.dim);
#pragma unroll
  for (int i = 0; i < kPatchHeads; ++i) {
    const int head = patch.first_head + i, kv_head = head - shape.heads;
    if (i >= patch.heads) break;
    float values[kStep];
    load_vector(reinterpret_cast<const Element*>(&vectors[i]), values);
    turn_pairs<Element>(values, turn);
    store_vector(kv_head < 0 ? patch.at + head * shape.dim : key + kv_head * patch.head_stride, values);
  }
}

// Eight tokens by the patch's elements: the lanes bring them by tokens, the page wants them by elements.
template <class Element>
__device__ inline void store_group(const uint4& vector, int token, int first_element, int dim, Element* tile) {
  const int lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
  const uint32_t words[4] = {vector.x, vector.y, vector.z, vector.w};
#pragma unroll
  for (int i = 0; i < 4; ++i) {
    uint32_t tokens;
    asm volatile("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(tokens) : "r"(words[i]));
    const int element = first_element + g / 2 * 8 + 2 * i + g % 2;
    *reinterpret_cast<uint32_t*>(tile + value_offset<Element>(token + 2 * t, element, dim)) = tokens;
  }
}

// The group of eight tokens that begins in the patch's rows, if all of it is in the batch.
template <class Element>
__device__ inline void store_group_of_values(const Patch<Element>& patch, unsigned leaders, int dim, Element* values) {
  const int leader = __ffs(static_cast<int>(leaders)) - 1, vector = static_cast<int>(threadIdx.x) % kPatchVectors;
  Element* const tile = values + __shfl_sync(~0u, patch.tile, leader);
  const int token = __shfl_sync(~0u, patch.token, leader);
  uint4 vectors[kPatchHeads];
  bring(patch.at + leader / kPatchVectors * patch.row_stride, patch, dim, vectors);
#pragma unroll
  for (int i = 0; i < kPatchHeads; ++i) {
    if (i >= patch.heads) break;
    store_group(vectors[i], token, patch.element - vector * kVector<Element>, dim, tile + i * patch.head_stride);
  }
}

// Tokens by themselves.
template <class Element>
__device__ inline void store_token_of_values(const Patch<Element>& patch, int dim, Element* values) {
  constexpr int kStep = kVector<Element>;
  uint4 vectors[kPatchHeads];
  bring(patch.at, patch, dim, vectors);
#pragma unroll
  for (int i = 0; i < kPatchHeads; ++i) {
    if (i >= patch.heads) break;
    Element* const tile = values + patch.tile + i * patch.head_stride;
    if constexpr (sizeof(Element) == 4) {
      *reinterpret_cast<uint4*>(tile + value_offset<Element>(patch.token, patch.element, dim)) = vectors[i];
    } else {
      const auto* const elements = reinterpret_cast<const Element*>(&vectors[i]);
#pragma unroll
      for (int e = 0; e < kStep; ++e) tile[value_offset<Element>(patch.token, patch.element + e, dim)] = elements[e];
    }
  }
}

__host__ __device__ inline int parts_of(int heads) { return (heads + kPatchHeads - 1) / kPatchHeads; }

// The patch of this warp and lane. Parts are heads of queries and keys, then of values.
template <class Element>
__device__ inline Patch<Element> patch_of(Element* qkv, const Rows& rows, const HeadShape& shape, int page_size) {
  const int rotated = shape.heads + shape.kv_heads, turning = parts_of(rotated), parts = turning + parts_of(shape.kv_heads);
  const int patches = shape.dim / (kPatchVectors * kVector<Element>), lane = threadIdx.x % 32;
  const int warp = (blockIdx.x * blockDim.x + threadIdx.x) / 32, part = warp / patches % parts;
  Patch<Element> patch;
  patch.has_values = part >= turning;
  patch.row = warp / (patches * parts) * kPatchRows + lane / kPatchVectors;
  patch.position = patch.row < rows.count ? rows.positions[patch.row] : -1;
  patch.element = (warp % patches * kPatchVectors + lane % kPatchVectors) * kVector<Element>;
  patch.first_head = patch.has_values ? rotated + (part - turning) * kPatchHeads : part * kPatchHeads;
  patch.heads = (patch.has_values ? rotated + shape.kv_heads : rotated) - patch.first_head;
  patch.row_stride = static_cast<size_t>(rotated + shape.kv_heads) * shape.dim;
  patch.at = qkv + patch.row * patch.row_stride + patch.element;
  patch.head_stride = static_cast<size_t>(page_size) * shape.dim;
  patch.token = patch.position % kTileTokens;
  patch.tile = 0;
  if (patch.position >= 0 && patch.first_head + kPatchHeads > shape.heads)
    patch.tile = tile_offset(rows.pages + rows.tables[patch.row], patch.position / kTileTokens,
                             patch.has_values ? patch.first_head - rotated : 0, shape, page_size);
  return patch;
}

template <class Element>
__global__ __launch_bounds__(kThreads, kPatchBlocks) void rope_patches_kernel(Element* qkv, Rows rows, HeadShape shape,
                                                                              const float2* turns, KvLayer<Element> kv) {
  const Patch<Element> patch = patch_of(qkv, rows, shape, kv.page_size);
  const bool is_whole = sizeof(Element) == 2 && patch.has_values && has_whole_group(rows, patch.row, patch.position);
  wait_for_predecessor();
  if (!patch.has_values) {
    rotate_patch(patch, shape, turns, kv.keys);
    return;
  }
  if constexpr (sizeof(Element) == 2) {
    const unsigned leaders = __ballot_sync(~0u, is_whole && patch.position % 8 == 0);
    if (leaders) store_group_of_values(patch, leaders, shape.dim, kv.values);
  }
  if (patch.position >= 0 && !is_whole) store_token_of_values(patch, shape.dim, kv.values);
}

}  // namespace

void fill_turns(const float* frequencies, int rotated, float factor, int half, int positions, float2* turns,
                cudaStream_t stream) {
  turns_kernel<<<132, kThreads, 0, stream>>>(frequencies, rotated, factor, half,
                                             static_cast<size_t>(half) * positions, turns);
  ESP_CUDA_CHECK(cudaGetLastError());
}

template <class Element>
void rope_and_store(Element* qkv, const Rows& rows, const HeadShape& shape, const float2* turns,
                    const KvLayer<Element>& kv, cudaStream_t stream) {
  const auto blocks_of = [](int threads) { return static_cast<unsigned>((threads + kThreads - 1) / kThreads); };
  const int rotated = shape.heads + shape.kv_heads, vectors = shape.dim / kVector<Element>;
  if (rows.count < kPatchedRows) {
    const dim3 grid(static_cast<unsigned>(rows.count), blocks_of((rotated + shape.kv_heads) * vectors));
    launch(rope_kernel<Element>, {grid, dim3(kThreads)}, stream, qkv, rows, shape, turns, kv);
    return;
  }
  const int warps = (rows.count + kPatchRows - 1) / kPatchRows * (vectors / kPatchVectors) *
                    (parts_of(rotated) + parts_of(shape.kv_heads));
  launch(rope_patches_kernel<Element>, {dim3(blocks_of(warps * 32)), dim3(kThreads)}, stream, qkv, rows, shape, turns, kv);
}

#define ESP_INSTANTIATE(E) \
  template void rope_and_store<E>(E*, const Rows&, const HeadShape&, const float2*, const KvLayer<E>&, cudaStream_t);
ESP_INSTANTIATE(float)
ESP_INSTANTIATE(bf16)
ESP_INSTANTIATE(f16)
#undef ESP_INSTANTIATE

}  // namespace espalier::cuda
