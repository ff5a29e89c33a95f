// Decode attention of many rows, on devices with bulk copies. As many blocks as run at once stay; each warp by itself takes
// one row and KV head after another. It keeps stages of shared memory filled with the tiles that come next, of the next row,
// too, and multiplies from there: more bytes are on their way than registers hold, and little of the time at a row's
// beginning and end shows.
#include "cuda/device/attention_decode.cuh"
#include "cuda/device/head_dim.h"

namespace espalier::cuda {
namespace {

constexpr int kStages = 2, kMostSharedBytes = 222 << 10, kMostWarps = 12;

template <class Element, int kDim>
struct Stage {
  Element keys[kTileTokens * kDim], values[kTileTokens * kDim];
};

template <int kDim>
constexpr int kSharedBytes = kStayingWarps * kStages * 4 * kTileTokens * kDim;
constexpr int kBlocks = kMostWarps / kStayingWarps;
// Wide heads would leave few warps.
template <int kDim>
constexpr bool kFits = kBlocks * kSharedBytes<kDim> <= kMostSharedBytes;

#if ESP_HAS_CLUSTERS

// Row g of the fragment of 16 elements from 16k on, for each k; `turns`: of elements 2t and 2t + 1.
template <class Element, int kDim, bool kRotates>
__device__ inline void load_query_pairs(const Element* from, const float2 (&turns)[kDim / 8], uint32_t (&query)[kDim / 8]) {
#pragma unroll
  for (int i = 0; i < kDim / 8; ++i) {
    query[i] = from ? *reinterpret_cast<const uint32_t*>(from + 8 * i) : 0;
    if constexpr (kRotates) query[i] = rotate_pair<Element>(query[i], turns[i].x, turns[i].y);
  }
}

template <class Element, int kDim>
__device__ inline void score_stage(const uint32_t (&query)[kDim / 8], const Element* keys, float (&scores)[2][4]) {
#pragma unroll
  for (int n = 0; n < 2; ++n) {
#pragma unroll
    for (int i = 0; i < 4; ++i) scores[n][i] = 0;
#pragma unroll
    for (int j = 0; j < kDim / 32; ++j) {
      const uint4 k = load_matrices(keys + n * 8 * kDim + j * 256);
      mma<Element>(scores[n], query[4 * j], 0, query[4 * j + 1], 0, k.x, k.y);
      mma<Element>(scores[n], query[4 * j + 2], 0, query[4 * j + 3], 0, k.z, k.w);
    }
  }
}

// What of a sequence a row sees.
struct Seen {
  int first_tile, count;
};
__device__ inline Seen seen_of(int length, const AttentionRule& rule) {
  const int first = first_key(length - 1, rule) / kTileTokens;
  return {first, max(0, (length + kTileTokens - 1) / kTileTokens - first)};
}

// The tiles of a warp's parts, one after another, on their way to its stages. A part is a row's tiles of one KV head.
template <class Element, int kDim>
struct TileStream {
  const DecodeArgs<Element>& a;
  const int parts, stride;
  int index, tile = 0;
  Seen seen{};
  const int32_t* table = nullptr;
  // Of the part after this one.
  int next_position = 0, next_table = 0;
  // Of this part's next 32 tiles, one a lane.
  int32_t pages = 0;

  __device__ TileStream(const DecodeArgs<Element>& args, int parts, int stride, int first)
      : a(args), parts(parts), stride(stride), index(first - stride) {
    look_ahead();
    advance();
  }
  __device__ void look_ahead() {
    const int next = index + stride;
    if (next >= parts) return;
    const int entry = next / (a.shape.kv_heads * a.chunks), row = a.selected ? a.selected[entry] : entry;
    next_position = a.rows.positions[row];
    next_table = a.rows.tables[row];
  }
  // To the first tile of the next part that has any.
  __device__ void advance() {
    do {
      index += stride;
      seen = seen_of(next_position + 1, a.rule);
      table = a.rows.pages + next_table;
      look_ahead();
    } while (index < parts && seen.count == 0);
    tile = 0;
  }
  __device__ void bring(Stage<Element, kDim>& stage, BulkBarrier& full) {
    if (index >= parts) return;
    const int lane = threadIdx.x % 32, at_tile = seen.first_tile + tile, per_page = a.kv.page_size / kTileTokens;
    if (tile % 32 == 0) pages = tile + lane < seen.count ? table[(at_tile + lane) / per_page] : 0;
    const auto page = static_cast<size_t>(__shfl_sync(~0u, pages, tile % 32));
    if (lane == 0) {
      constexpr uint32_t kBytes = kTileTokens * kDim * sizeof(Element);
      const int kv_head = index / a.chunks % a.shape.kv_heads;
      const size_t at = ((page * a.shape.kv_heads + kv_head) * per_page + at_tile % per_page) * kTileTokens * kDim;
      full.expect(2 * kBytes);
      full.copy(stage.keys, a.kv.keys + at, kBytes);
      full.copy(stage.values, a.kv.values + at, kBytes);
    }
    if (++tile == seen.count) advance();
  }
};

template <class Element, int kDim>
__device__ inline void write_row(WarpState<kDim>& state, int group, bool empty, Element* out) {
  const int lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
  state.total += __shfl_xor_sync(~0u, state.total, 1);
  state.total += __shfl_xor_sync(~0u, state.total, 2);
  if (g >= group) return;
#pragma unroll
  for (int n = 0; n < kDim / 8; ++n)
    *reinterpret_cast<uint32_t*>(out + g * kDim + 8 * n + 2 * t) =
        empty ? 0 : pack<Element>(state.out[n][0] / state.total, state.out[n][1] / state.total);
}

#endif

template <class Element, int kDim, bool kRotates>
__global__ __launch_bounds__(32 * kStayingWarps, kBlocks) void staying_decode_kernel(DecodeArgs<Element> a) {
#if ESP_HAS_CLUSTERS
  const int group = a.group, warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
  const int parts = a.shape.kv_heads * a.chunks * a.count, stride = static_cast<int>(gridDim.x) * kStayingWarps;
  const int begin = warp * static_cast<int>(gridDim.x) + static_cast<int>(blockIdx.x);
  extern __shared__ __align__(128) unsigned char memory[];
  __shared__ BulkBarrier barriers[kStayingWarps][kStages];
  auto* const stages = reinterpret_cast<Stage<Element, kDim>*>(memory) + warp * kStages;
  BulkBarrier* const full = barriers[warp];
  if (lane == 0)
    for (int i = 0; i < kStages; ++i) full[i].init();
  __syncwarp();
  TileStream<Element, kDim> tiles(a, parts, stride, begin);
  // Where the batch's own tokens are not in the pages, these hold what earlier steps wrote.
  if constexpr (kRotates)
    for (int i = 0; i < kStages; ++i) tiles.bring(stages[i], full[i]);
  wait_for_predecessor();
  if constexpr (!kRotates)
    for (int i = 0; i < kStages; ++i) tiles.bring(stages[i], full[i]);
  const size_t row_size = static_cast<size_t>(a.shape.heads + 2 * a.shape.kv_heads) * kDim;
  int stage = 0;
  uint32_t phase = 0;
  for (int index = begin; index < parts; index += stride) {
    const int chunks = a.shape.kv_heads * a.chunks, entry = index / chunks, chunk = index % chunks;
    const int row = a.selected ? a.selected[entry] : entry, length = a.rows.positions[row] + 1, start = a.rows.starts[row];
    const Seen seen = seen_of(length, a.rule);
    const Element* const from = a.qkv + row * row_size;
    uint32_t query[kDim / 8];
    {
      float2 turns[kDim / 8];
      if constexpr (kRotates) {
        const float2* turn = a.turns + static_cast<size_t>(max(length - 1, 0)) * kDim / 2 + t;
#pragma unroll
        for (int i = 0; i < kDim / 8; ++i) turns[i] = turn[4 * i];
      }
      const Element* q = from + static_cast<size_t>(chunk * group + g) * kDim + 2 * t;
      load_query_pairs<Element, kDim, kRotates>(g < group ? q : nullptr, turns, query);
    }
    WarpState<kDim> state;
    for (int tile = seen.first_tile; tile < seen.first_tile + seen.count; ++tile) {
      Stage<Element, kDim>& s = stages[stage];
      full[stage].wait(phase);
      if constexpr (kRotates)
        if ((tile + 1) * kTileTokens > start) {
          const int kv_head = chunk / a.chunks;
          const int32_t* table = a.rows.pages + a.rows.tables[row];
          const size_t page = tile_offset(table, tile, kv_head, a.shape, a.kv.page_size);
          const Element* key = from + static_cast<size_t>(a.shape.heads + kv_head) * kDim;
          const OwnTokens<Element, kDim> own{key, key + static_cast<size_t>(a.shape.kv_heads) * kDim, row_size, a.turns, start,
                                             length - 1, chunk % a.chunks == 0};
          own.put(s.keys, s.values, tile, a.kv.keys + page, a.kv.values + page);
          fence_for_copies();
          __syncwarp();
        }
      float scores[2][4];
      score_stage<Element, kDim>(query, s.keys, scores);
      cap_scores(scores, a.rule);
      uint2 values[kDim / 8];
#pragma unroll
      for (int j = 0; j < kDim / 16; ++j) {
        const uint4 v = load_matrices(s.values + j * 256);
        values[2 * j] = {v.x, v.y};
        values[2 * j + 1] = {v.z, v.w};
      }
      __syncwarp();
      tiles.bring(s, full[stage]);
      if (length - tile * kTileTokens < kTileTokens)
        clear_past_end<kDim, Columns::OfMatrices>(values, length - tile * kTileTokens);
      add_tile<Element, kDim, Columns::OfMatrices>(state, scores, values, tile * kTileTokens, first_key(length - 1, a.rule),
                                                   length, a.exponent);
      if (++stage == kStages) {
        stage = 0;
        phase ^= 1;
      }
    }
    write_row<Element, kDim>(state, group, length <= 0,
                             a.out + (static_cast<size_t>(row) * a.shape.heads + chunk * group) * kDim);
  }
#endif
}

}  // namespace

int staying_decode_blocks(int dim, int multiprocessors) {
  return with_head_dim(dim, [&](auto known) { return kFits<decltype(known)::value> ? kBlocks * multiprocessors : 0; });
}

template <class Element>
void attention_decode_staying(const DecodeArgs<Element>& args, int blocks, cudaStream_t stream) {
  with_head_dim(args.shape.dim, [&](auto known) {
    constexpr int kDim = decltype(known)::value, kBytes = kSharedBytes<kDim>;
    if constexpr (kFits<kDim>) {
      const auto kernel =
          args.turns ? staying_decode_kernel<Element, kDim, true> : staying_decode_kernel<Element, kDim, false>;
      ESP_CUDA_CHECK(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes));
      ESP_CUDA_CHECK(cudaFuncSetAttribute(kernel, cudaFuncAttributePreferredSharedMemoryCarveout,
                                          cudaSharedmemCarveoutMaxShared));
      launch(kernel, {dim3(static_cast<unsigned>(blocks)), dim3(32 * kStayingWarps), kBytes}, stream, args);
    }
  });
}

#define ESP_INSTANTIATE(E) template void attention_decode_staying<E>(const DecodeArgs<E>&, int, cudaStream_t);
ESP_INSTANTIATE(bf16)
ESP_INSTANTIATE(f16)
#undef ESP_INSTANTIATE

}  // namespace espalier::cuda
