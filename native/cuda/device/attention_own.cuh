// A decode batch's own tokens, whose keys and values lie in the projections as the product left them: decode attention rotates
// them in its fragments, stores its row's own in the pages, and so does without a kernel before it.
#pragma once
#include "cuda/device/element.cuh"
#include "cuda/device/kv_layout.cuh"

namespace espalier::cuda {

/// Column 2t + i of score fragment n stands for token 4t + 2n + i of the tile: the four tokens of a lane are neighbours,
/// so that its values are too.
__device__ inline int token_of_key_row(int n, int g) { return g / 2 * 4 + 2 * n + g % 2; }

/// Turns of eight neighbouring elements.
struct Turns {
  float4 of[2];
  __device__ void load(const float2* from) {
    of[0] = reinterpret_cast<const float4*>(from)[0];
    of[1] = reinterpret_cast<const float4*>(from)[1];
  }
};

template <class Element>
__device__ inline uint32_t rotate_pair(uint32_t pair, float cosine, float sine) {
  const float2 both = turned(unpack<Element>(pair), cosine, sine);
  return pack<Element>(both.x, both.y);
}
template <class Element>
__device__ inline uint4 rotate(uint4 v, const Turns& turns) {
  return {rotate_pair<Element>(v.x, turns.of[0].x, turns.of[0].y), rotate_pair<Element>(v.y, turns.of[0].z, turns.of[0].w),
          rotate_pair<Element>(v.z, turns.of[1].x, turns.of[1].y), rotate_pair<Element>(v.w, turns.of[1].z, turns.of[1].w)};
}

/// The tokens from `start` to `position` of a row's sequence, for one KV head. Tokens of a sequence are neighbouring rows.
template <class Element, int kDim>
struct OwnTokens {
  /// Of the token at `position`, in the projections; from there to the row before.
  const Element* key;
  const Element* value;
  size_t stride;
  const float2* turns;
  int start, position;
  /// Whether this block stores the row's own.
  bool stores;

  __device__ bool in_tile(int tile) const { return (tile + 1) * kTileTokens > start; }

  /// Puts own keys in place of what was read from the page, whose tile is at `page`.
  __device__ void put_keys(uint4 (&keys)[kDim / 16], int tile, Element* page) const {
    const int lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
#pragma unroll
    for (int n = 0; n < 2; ++n) {
      const int place = token_of_key_row(n, g), token = tile * kTileTokens + place;
      if (token < start || token > position) continue;
      const Element* from = key - static_cast<size_t>(position - token) * stride + 8 * t;
      const float2* turn = turns + (static_cast<size_t>(token) * kDim + 8 * t) / 2;
#pragma unroll
      for (int j = 0; j < kDim / 32; ++j) {
        Turns around;
        around.load(turn + 16 * j);
        keys[n * (kDim / 32) + j] = rotate<Element>(*reinterpret_cast<const uint4*>(from + 32 * j), around);
      }
      if (!stores || token != position) continue;
#pragma unroll
      for (int j = 0; j < kDim / 32; ++j)
        *reinterpret_cast<uint4*>(page + key_offset<Element>(place, 32 * j + 8 * t, kDim)) = keys[n * (kDim / 32) + j];
    }
  }

  /// Puts own keys and values in a tile in shared memory, whose tile of the page is at `page_keys` and `page_values`. All lanes.
  __device__ void put(Element* keys, Element* values, int tile, Element* page_keys, Element* page_values) const {
    const int lane = threadIdx.x % 32, first = max(start, tile * kTileTokens);
    for (int token = first; token <= min(position, tile * kTileTokens + kTileTokens - 1); ++token) {
      const int place = token - tile * kTileTokens;
      const bool kept = stores && token == position;
      const size_t before = static_cast<size_t>(position - token) * stride;
      for (int i = 8 * lane; i < kDim; i += 8 * 32) {
        Turns around;
        around.load(turns + (static_cast<size_t>(token) * kDim + i) / 2);
        const uint4 rotated = rotate<Element>(*reinterpret_cast<const uint4*>(key - before + i), around);
        const int at = key_offset<Element>(place, i, kDim);
        *reinterpret_cast<uint4*>(keys + at) = rotated;
        if (kept) *reinterpret_cast<uint4*>(page_keys + at) = rotated;
      }
      for (int i = lane; i < kDim; i += 32) {
        const Element own = *(value - before + i);
        const int at = value_offset<Element>(place, i, kDim);
        values[at] = own;
        if (kept) page_values[at] = own;
      }
    }
  }

  /// As put_keys, of values.
  __device__ void put_values(uint2 (&values)[kDim / 8], int tile, Element* page) const {
    const int lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
#pragma unroll
    for (int i = 0; i < 4; ++i) {
      const int place = 4 * t + i, token = tile * kTileTokens + place;
      if (token < start || token > position) continue;
      const auto* from =
          reinterpret_cast<const uint16_t*>(value - static_cast<size_t>(position - token) * stride + g);
      uint16_t own[kDim / 8];
#pragma unroll
      for (int n = 0; n < kDim / 8; ++n) own[n] = from[8 * n];
#pragma unroll
      for (int n = 0; n < kDim / 8; ++n) {
        uint32_t& pair = i < 2 ? values[n].x : values[n].y;
        pair = i % 2 == 0 ? (pair & 0xffff0000u) | own[n] : (pair & 0xffffu) | uint32_t{own[n]} << 16;
      }
      if (!stores || token != position) continue;
#pragma unroll
      for (int n = 0; n < kDim / 8; ++n)
        reinterpret_cast<uint16_t*>(page)[value_offset<Element>(place, 8 * n + g, kDim)] = own[n];
    }
  }
};

}  // namespace espalier::cuda
