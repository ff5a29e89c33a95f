// Where an element of keys or values lies in its page. A page is cut into tiles of 16 tokens; within a tile, bf16
// elements stand in the order in which the fragments of mma.m16n8k16 take them, so that a warp reads 512 contiguous
// bytes with one 16-byte load per lane, from global or from shared memory. Float pages are plain [token, head_dim].
#pragma once
#include "cuda/device/kernels.h"

namespace espalier::cuda {

constexpr int kTileTokens = 16;

/// Keys: 8 tokens x 8 elements form a contiguous block (a core matrix), blocks in order of elements, then of tokens.
template <class Element>
__device__ inline int key_offset(int token, int element, int dim) {
  if constexpr (sizeof(Element) == 4) return token * dim + element;
  return ((token / 8) * (dim / 8) + element / 8) * 64 + (token % 8) * 8 + element % 8;
}

/// Values: for 16 head elements, lane (g, t) of a warp finds tokens 2t, 2t+1, 2t+8, 2t+9 of elements g and g + 8.
template <class Element>
__device__ inline int value_offset(int token, int element, int dim) {
  if constexpr (sizeof(Element) == 4) return token * dim + element;
  const int lane = (element % 8) * 4 + (token % 8) / 2;
  return ((element / 16) * 32 + lane) * 8 + (element / 8 % 2) * 4 + (token / 8) * 2 + token % 2;
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
