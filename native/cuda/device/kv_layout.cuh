// Where an element of keys or values lies in its page. A page is cut into tiles of 16 tokens. Within a tile bf16
// elements form core matrices of 8 rows of 16 bytes, as the tensor cores take them from shared memory: of keys, 8
// tokens by 8 elements; of values, 8 elements by 8 tokens. A tile goes to shared memory verbatim, and a warp reads
// whole lines of it straight into the fragments of mma.m16n8k16. Float pages are plain [token, head_dim].
#pragma once
#include "cuda/device/kernels.h"

namespace espalier::cuda {

constexpr int kTileTokens = 16;

/// Keys: core matrices in order of elements, then of tokens.
template <class Element>
__device__ inline int key_offset(int token, int element, int dim) {
  if constexpr (sizeof(Element) == 4) return token * dim + element;
  return ((token / 8) * (dim / 8) + element / 8) * 64 + (token % 8) * 8 + element % 8;
}

/// Values: core matrices in order of tokens, then of elements.
template <class Element>
__device__ inline int value_offset(int token, int element, int dim) {
  if constexpr (sizeof(Element) == 4) return token * dim + element;
  return (element / 8 * 2 + token / 8) * 64 + (element % 8) * 8 + token % 8;
}

/// The first element of a sequence's tile number `tile` for one KV head.
__device__ inline size_t tile_offset(const int32_t* table, int tile, int kv_head, const HeadShape& shape,
                                     int page_size) {
  const int per_page = page_size / kTileTokens;
  const size_t page = static_cast<size_t>(table[tile / per_page]);
  const size_t index = (page * shape.kv_heads + kv_head) * per_page + tile % per_page;
  return index * kTileTokens * shape.dim;
}

}  // namespace espalier::cuda
