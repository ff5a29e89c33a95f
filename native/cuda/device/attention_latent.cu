// Attention on latent vectors: every head of a row has the same keys, and a key's first elements are its value, so a block
// takes one row and as many heads as tensor cores like (16 or 64, rows of mma.m16n8k16), and walks the keys in steps of 32
// tokens, each copied to shared memory once, for scores and for values. The keys of a row may be split over blocks; a
// second kernel adds the parts up. Made for DeepSeek's sizes; others, and float32, take one warp a head.
#include <algorithm>

#include "cuda/device/attention_rule.cuh"
#include "cuda/device/kv_layout.cuh"
#include "cuda/device/latent_sizes.h"

namespace espalier::cuda {
namespace {

constexpr int kRank = 512, kWidth = 576;
constexpr int kThreads = 256, kWarps = kThreads / 32;
constexpr int kStepTokens = 32;
constexpr int kChunk = 8;
constexpr int kMostSplits = 16;
constexpr int kFewHeads = 16, kManyHeads = 64;

template <class Element>
struct LatentArgs {
  const Element* queries;
  Rows rows;
  const int32_t* selected;
  int heads;
  LatentSizes sizes;
  AttentionRule rule;
  float exponent;
  KvLayer<Element> kv;
  int splits;
  float* partials;
  Element* out;
};

template <class Element>
__global__ void plain_kernel(LatentArgs<Element> a) {
  constexpr int kMostPerLane = kMostLatentWidth / 32;
  wait_for_predecessor();
  const int entry = blockIdx.x, row = a.selected ? a.selected[entry] : entry, lane = threadIdx.x % 32;
  const int head = blockIdx.y * (blockDim.x / 32) + threadIdx.x / 32, width = a.sizes.width();
  if (head >= a.heads) return;
  const int length = a.rows.positions[row] + 1;
  const int32_t* table = a.rows.pages + a.rows.tables[row];
  const Element* q = a.queries + (static_cast<size_t>(row) * a.heads + head) * width;
  float query[kMostPerLane], sums[kMostPerLane], key[kMostPerLane];
#pragma unroll
  for (int i = 0; i < kMostPerLane; ++i) {
    query[i] = lane + 32 * i < width ? to_float(q[lane + 32 * i]) : 0;
    sums[i] = 0;
  }
  float most = -INFINITY, total = 0;
  for (int token = 0; token < length; ++token) {
    const Element* from = a.kv.keys + token % kTileTokens * width +
                          tile_offset(table, token / kTileTokens, 0, {a.heads, 1, width}, a.kv.page_size);
    float score = 0;
#pragma unroll
    for (int i = 0; i < kMostPerLane; ++i) {
      key[i] = lane + 32 * i < width ? to_float(from[lane + 32 * i]) : 0;
      score += query[i] * key[i];
    }
    score = capped(warp_sum(score), a.rule) * (a.rule.soft_cap > 0 ? 1 : a.rule.scale);
    const float next = fmaxf(most, score), keep = expf(most - next), weight = expf(score - next);
    total = total * keep + weight;
    most = next;
#pragma unroll
    for (int i = 0; i < kMostPerLane; ++i) sums[i] = sums[i] * keep + weight * key[i];
  }
  Element* out = a.out + (static_cast<size_t>(row) * a.heads + head) * a.sizes.rank;
#pragma unroll
  for (int i = 0; i < kMostPerLane; ++i)
    if (lane + 32 * i < a.sizes.rank) out[lane + 32 * i] = from_float<Element>(length > 0 ? sums[i] / total : 0);
}

// Parts of the products' depth that warps share where heads are few.
template <int kHeads>
constexpr int kParts = kWarps / (kHeads / 16 * 2);

template <class Element, int kHeads>
struct Shared {
  Element query[kHeads * kWidth];
  Element keys[2][kStepTokens * kWidth];
  // Rows 16 bytes past a multiple of 64 keep ldmatrix from meeting a bank twice.
  Element weights[kHeads][kStepTokens + kChunk];
  float scores[kParts<kHeads>][kHeads][kStepTokens + 1];
  float factors[kHeads];
};

// Chunks of a row are swizzled by the row.
__device__ inline int chunk_at(int row, int chunk) {
  return row * kWidth + ((chunk & ~7) | ((chunk ^ row) & 7)) * kChunk;
}

template <bool kTransposed>
__device__ inline uint4 load_matrices(const void* row) {
  uint4 to;
  const auto address = static_cast<uint32_t>(__cvta_generic_to_shared(row));
  if constexpr (kTransposed)
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(to.x), "=r"(to.y), "=r"(to.z), "=r"(to.w)
                 : "r"(address)
                 : "memory");
  else
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
                 : "=r"(to.x), "=r"(to.y), "=r"(to.z), "=r"(to.w)
                 : "r"(address)
                 : "memory");
  return to;
}

// One row's keys of a step; zeros past the end, because a weight of zero does not silence a NaN.
template <class Element, int kHeads>
__device__ inline void fetch_keys(const LatentArgs<Element>& a, const int32_t* table, int step, int last, int length,
                                  Shared<Element, kHeads>& s) {
  if (step < last) {
    Element* keys = s.keys[step % 2];
    for (int i = threadIdx.x; i < kStepTokens * (kWidth / kChunk); i += kThreads) {
      const int slot = i / (kWidth / kChunk), chunk = i % (kWidth / kChunk), token = step * kStepTokens + slot;
      Element* to = keys + chunk_at(slot, chunk);
      if (token < length)
        copy_async(to, a.kv.keys + tile_offset(table, token / kTileTokens, 0, {a.heads, 1, kWidth}, a.kv.page_size) +
                           token % kTileTokens * kWidth + chunk * kChunk);
      else
        *reinterpret_cast<uint4*>(to) = make_uint4(0, 0, 0, 0);
    }
  }
  commit_copies();
}

// Scores of 16 heads with 16 tokens a warp, or a part of them.
template <class Element, int kHeads>
__device__ inline void score_step(const Element* keys, Shared<Element, kHeads>& s) {
  constexpr int kSteps = kWidth / 16 / kParts<kHeads>;
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int part = warp % kParts<kHeads>, unit = warp / kParts<kHeads>, head = unit / 2 * 16, token = unit % 2 * 16;
  float sums[2][4] = {};
#pragma unroll
  for (int k = 0; k < kSteps; ++k) {
    const int chunk = 2 * (part * kSteps + k);
    const uint4 q = load_matrices<false>(s.query + chunk_at(head + lane % 16, chunk + lane / 16));
    const uint4 b = load_matrices<false>(keys + chunk_at(token + lane / 16 * 8 + lane % 8, chunk + lane / 8 % 2));
    mma<Element>(sums[0], q.x, q.y, q.z, q.w, b.x, b.y);
    mma<Element>(sums[1], q.x, q.y, q.z, q.w, b.z, b.w);
  }
#pragma unroll
  for (int n = 0; n < 2; ++n)
#pragma unroll
    for (int i = 0; i < 4; ++i)
      s.scores[part][head + lane / 4 + i / 2 * 8][token + 8 * n + lane % 4 * 2 + i % 2] = sums[n][i];
}

// Several threads a head. State: the head's running maximum and sum, the same in each of its threads.
template <class Element, int kHeads>
__device__ inline void weigh_step(const LatentArgs<Element>& a, int first, int length, float& most, float& total,
                                  Shared<Element, kHeads>& s) {
  constexpr int kPer = kThreads / kHeads, kOwn = kStepTokens / kPer;
  const int head = threadIdx.x / kPer, token = threadIdx.x % kPer * kOwn;
  float scores[kOwn], next = most;
#pragma unroll
  for (int i = 0; i < kOwn; ++i) {
    float score = 0;
#pragma unroll
    for (int part = 0; part < kParts<kHeads>; ++part) score += s.scores[part][head][token + i];
    scores[i] = first + token + i < length ? capped(score, a.rule) : -INFINITY;
    next = fmaxf(next, scores[i]);
  }
#pragma unroll
  for (int step = kPer / 2; step > 0; step /= 2) next = fmaxf(next, __shfl_xor_sync(~0u, next, step));
  const float keep = exp2f((most - next) * a.exponent);
  float sum = 0;
#pragma unroll
  for (int i = 0; i < kOwn; ++i) {
    const float weight = exp2f((scores[i] - next) * a.exponent);
    sum += weight;
    s.weights[head][token + i] = from_float<Element>(weight);
  }
#pragma unroll
  for (int step = kPer / 2; step > 0; step /= 2) sum += __shfl_xor_sync(~0u, sum, step);
  total = total * keep + sum;
  most = next;
  if (token == 0) s.factors[head] = keep;
}

// A warp takes 64 of the values' elements.
template <class Element, int kHeads>
__device__ inline void add_values(const Element* keys, float (&out)[kHeads / 16][8][4], Shared<Element, kHeads>& s) {
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
#pragma unroll
  for (int m = 0; m < kHeads / 16; ++m) {
    const float low = s.factors[16 * m + lane / 4], high = s.factors[16 * m + lane / 4 + 8];
#pragma unroll
    for (int n = 0; n < 8; ++n) {
      out[m][n][0] *= low;
      out[m][n][1] *= low;
      out[m][n][2] *= high;
      out[m][n][3] *= high;
    }
  }
#pragma unroll
  for (int k = 0; k < kStepTokens / 16; ++k) {
    uint4 w[kHeads / 16];
#pragma unroll
    for (int m = 0; m < kHeads / 16; ++m)
      w[m] = load_matrices<false>(&s.weights[16 * m + lane % 16][16 * k + lane / 16 * kChunk]);
#pragma unroll
    for (int n = 0; n < 4; ++n) {
      const uint4 v =
          load_matrices<true>(keys + chunk_at(16 * k + lane / 8 % 2 * 8 + lane % 8, warp * 8 + 2 * n + lane / 16));
#pragma unroll
      for (int m = 0; m < kHeads / 16; ++m) {
        mma<Element>(out[m][2 * n], w[m].x, w[m].y, w[m].z, w[m].w, v.x, v.y);
        mma<Element>(out[m][2 * n + 1], w[m].x, w[m].y, w[m].z, w[m].w, v.z, v.w);
      }
    }
  }
}

// Partial results: outs [entries, splits, heads, kRank], then maxima and sums [entries, splits, heads].
template <class Element>
__device__ inline float2* stats_of(const LatentArgs<Element>& a, int entries) {
  return reinterpret_cast<float2*>(a.partials + static_cast<size_t>(entries) * a.splits * a.heads * kRank);
}

template <class Element, int kHeads>
__global__ __launch_bounds__(kThreads) void latent_kernel(LatentArgs<Element> a) {
  extern __shared__ __align__(128) unsigned char memory[];
  auto& s = *reinterpret_cast<Shared<Element, kHeads>*>(memory);
  const int split = blockIdx.x, first_head = blockIdx.y * kHeads, entry = blockIdx.z;
  const int row = a.selected ? a.selected[entry] : entry, length = a.rows.positions[row] + 1;
  const int steps = (length + kStepTokens - 1) / kStepTokens;
  const int first = static_cast<int>(static_cast<int64_t>(steps) * split / a.splits);
  const int last = static_cast<int>(static_cast<int64_t>(steps) * (split + 1) / a.splits);
  const int32_t* table = a.rows.pages + a.rows.tables[row];
  wait_for_predecessor();
  const Element* queries = a.queries + (static_cast<size_t>(row) * a.heads + first_head) * kWidth;
  for (int i = threadIdx.x; i < kHeads * (kWidth / kChunk); i += kThreads) {
    const int head = i / (kWidth / kChunk), chunk = i % (kWidth / kChunk);
    uint4 part = make_uint4(0, 0, 0, 0);
    if (first_head + head < a.heads)
      part = *reinterpret_cast<const uint4*>(queries + static_cast<size_t>(head) * kWidth + chunk * kChunk);
    *reinterpret_cast<uint4*>(s.query + chunk_at(head, chunk)) = part;
  }
  fetch_keys(a, table, first, last, length, s);
  float most = -INFINITY, total = 0, out[kHeads / 16][8][4] = {};
  for (int step = first; step < last; ++step) {
    wait_for_copies<0>();
    __syncthreads();
    fetch_keys(a, table, step + 1, last, length, s);
    const Element* keys = s.keys[step % 2];
    score_step<Element, kHeads>(keys, s);
    __syncthreads();
    weigh_step<Element, kHeads>(a, step * kStepTokens, length, most, total, s);
    __syncthreads();
    add_values<Element, kHeads>(keys, out, s);
  }
  __syncthreads();
  constexpr int kPer = kThreads / kHeads;
  const int own = threadIdx.x / kPer;
  if (threadIdx.x % kPer == 0) {
    s.factors[own] = a.splits > 1 ? 1 : length > 0 ? 1 / total : 0;
    if (a.splits > 1 && first_head + own < a.heads)
      stats_of(a, gridDim.z)[(static_cast<size_t>(entry) * a.splits + split) * a.heads + first_head + own] = {most,
                                                                                                              total};
  }
  __syncthreads();
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
#pragma unroll
  for (int m = 0; m < kHeads / 16; ++m)
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int head = 16 * m + lane / 4 + 8 * half, column = warp * 64 + lane % 4 * 2;
      if (first_head + head >= a.heads) continue;
      const float factor = s.factors[head];
#pragma unroll
      for (int n = 0; n < 8; ++n) {
        const float x = out[m][n][2 * half] * factor, y = out[m][n][2 * half + 1] * factor;
        if (a.splits > 1) {
          const size_t part = (static_cast<size_t>(entry) * a.splits + split) * a.heads + first_head + head;
          *reinterpret_cast<float2*>(a.partials + part * kRank + column + 8 * n) = {x, y};
        } else {
          const size_t at = (static_cast<size_t>(row) * a.heads + first_head + head) * kRank + column + 8 * n;
          *reinterpret_cast<uint32_t*>(a.out + at) = pack<Element>(x, y);
        }
      }
    }
}

// Parts of one row and head, in order of the splits.
template <class Element>
__global__ void combine_kernel(LatentArgs<Element> a) {
  wait_for_predecessor();
  const int entry = blockIdx.x, head = blockIdx.y, row = a.selected ? a.selected[entry] : entry;
  const size_t first = static_cast<size_t>(entry) * a.splits * a.heads + head;
  const float2* stats = stats_of(a, gridDim.x) + first;
  float most = -INFINITY, total = 0;
  for (int p = 0; p < a.splits; ++p) most = fmaxf(most, stats[static_cast<size_t>(p) * a.heads].x);
  const auto weight_of = [&](int p) {
    const float own = stats[static_cast<size_t>(p) * a.heads].x;
    return own > -INFINITY ? exp2f((own - most) * a.exponent) : 0;
  };
  for (int p = 0; p < a.splits; ++p) total += stats[static_cast<size_t>(p) * a.heads].y * weight_of(p);
  for (int d = threadIdx.x; d < kRank; d += blockDim.x) {
    float sum = 0;
    for (int p = 0; p < a.splits; ++p) {
      const float weight = weight_of(p);
      if (weight > 0) sum += weight * a.partials[(first + static_cast<size_t>(p) * a.heads) * kRank + d];
    }
    a.out[(static_cast<size_t>(row) * a.heads + head) * kRank + d] = from_float<Element>(total > 0 ? sum / total : 0);
  }
}

bool is_made_for(const LatentSizes& sizes) { return sizes.rank == kRank && sizes.width() == kWidth; }

template <class Element, int kHeads>
void launch_latent(LatentArgs<Element> args, int count, int multiprocessors, cudaStream_t stream) {
  constexpr size_t kShared = sizeof(Shared<Element, kHeads>);
  const int groups = (args.heads + kHeads - 1) / kHeads;
  args.splits = std::clamp(multiprocessors / (count * groups), 1, kMostSplits);
  const auto kernel = latent_kernel<Element, kHeads>;
  ESP_CUDA_CHECK(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(kShared)));
  const dim3 grid(static_cast<unsigned>(args.splits), static_cast<unsigned>(groups), static_cast<unsigned>(count));
  launch(kernel, {grid, dim3(kThreads), kShared}, stream, args);
  if (args.splits > 1)
    launch(combine_kernel<Element>, {dim3(static_cast<unsigned>(count), static_cast<unsigned>(args.heads)), dim3(128)},
           stream, args);
}

int most_shared_memory() {
  int device = 0, bytes = 0;
  ESP_CUDA_CHECK(cudaGetDevice(&device));
  ESP_CUDA_CHECK(cudaDeviceGetAttribute(&bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, device));
  return bytes;
}

}  // namespace

size_t latent_attention_floats(const LatentSizes& sizes, int multiprocessors) {
  return is_made_for(sizes) ? static_cast<size_t>(multiprocessors) * kManyHeads * (kRank + 2) : 1;
}

template <class Element>
void attention_latent(const Element* queries, const Rows& rows, const int32_t* selected, int count, int heads,
                      const LatentSizes& sizes, const AttentionRule& rule, const KvLayer<Element>& kv,
                      int multiprocessors, float* partials, Element* out, cudaStream_t stream) {
  const LatentArgs<Element> args{queries, rows, selected, heads, sizes, rule, exponent_scale(rule), kv, 1, partials,
                                 out};
  if constexpr (sizeof(Element) == 2) {
    if (is_made_for(sizes)) {
      const bool many = heads > kFewHeads &&
                        sizeof(Shared<Element, kManyHeads>) <= static_cast<size_t>(most_shared_memory());
      if (many)
        launch_latent<Element, kManyHeads>(args, count, multiprocessors, stream);
      else
        launch_latent<Element, kFewHeads>(args, count, multiprocessors, stream);
      return;
    }
  }
  constexpr int kPlainWarps = 4;
  const dim3 grid(static_cast<unsigned>(count), static_cast<unsigned>((heads + kPlainWarps - 1) / kPlainWarps));
  launch(plain_kernel<Element>, {grid, dim3(32 * kPlainWarps)}, stream, args);
}

#define ESP_INSTANTIATE(E)                                                                                           \
  template void attention_latent<E>(const E*, const Rows&, const int32_t*, int, int, const LatentSizes&,             \
                                    const AttentionRule&, const KvLayer<E>&, int, float*, E*, cudaStream_t);
ESP_INSTANTIATE(float)
ESP_INSTANTIATE(bf16)
ESP_INSTANTIATE(f16)
#undef ESP_INSTANTIATE

}  // namespace espalier::cuda
