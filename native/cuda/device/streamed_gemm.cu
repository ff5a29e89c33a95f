// The product of gate and up with its activation, on Hopper's tensor cores. The copy engine brings weights and rows: one
// thread keeps all stages of shared memory in flight, one or two warpgroups of 64 rows multiply from them. Blocks stay
// and take tile after tile, so that the next tile's copies run while values are written; those of the first weights run
// before the kernel before has ended. With many rows two blocks of a cluster take neighbouring rows, and each brings half
// of their common weights to both.
#include <algorithm>

#include "cuda/device/element.cuh"
#include "cuda/device/tensor_map.h"
#include "cuda/device/wgmma.cuh"

namespace espalier::cuda {
namespace {

constexpr int kGroupThreads = 128, kGroupRows = 64, kStep = 64;
constexpr int kStepBytes = kStep * 2;
constexpr int kMostStageBytes = 222 << 10;

template <class Element>
struct StreamedArgs {
  int outputs, inputs, rows;
  // Of x.
  int box_rows;
  bool gelu;
  Element* out;
};

template <int kGroups, int kOutputs>
struct Stages {
  static constexpr int kRowBytes = kGroups * kGroupRows * kStepBytes, kWeightBytes = kOutputs * kStepBytes;
  static constexpr int kCount = kMostStageBytes / (kRowBytes + kWeightBytes);
  struct Stage {
    unsigned char rows[kRowBytes];
    unsigned char weights[kWeightBytes];
  };
  struct Shared {
    Stage stages[kCount];
    BulkBarrier full[kCount], empty[kCount];
  };
};

#if ESP_HAS_WARPGROUPS

// Row tiles that are taken side by side before the next outputs: what they read is then in the second-level cache.
constexpr int kBand = 16;

// The tiles of one cluster, or of a block by itself: the cluster takes tile `first`, and every `stride`-th after it.
struct Tiles {
  int bands, columns, count, steps, first, stride, rank;

  /// Row tile (of this block) and column of tile i of this cluster.
  __device__ int2 at(int i, int cluster) const {
    const int height = kBand / cluster, tile = first + i * stride;
    const int band = tile / (height * columns), within = tile % (height * columns);
    const int rows = min(height, bands - band * height);
    return {(band * height + within % rows) * cluster + rank, within / rows};
  }
};

template <int kGroups, int kOutputs, int kCluster>
__device__ inline Tiles tiles_of(int rows, int outputs, int inputs) {
  constexpr int kRows = kGroups * kGroupRows * kCluster;
  Tiles tiles;
  tiles.bands = (rows + kRows - 1) / kRows;
  tiles.columns = (outputs + kOutputs - 1) / kOutputs;
  tiles.first = static_cast<int>(blockIdx.x) / kCluster;
  tiles.rank = static_cast<int>(blockIdx.x) % kCluster;
  tiles.stride = static_cast<int>(gridDim.x) / kCluster;
  tiles.count = (tiles.bands * tiles.columns - tiles.first + tiles.stride - 1) / tiles.stride;
  tiles.steps = (inputs + kStep - 1) / kStep;
  return tiles;
}

// Where the copies of one operand are: at a step of a tile. Divisions are for new tiles alone: a stage is soon used.
struct Cursor {
  const Tiles& tiles;
  const int cluster;
  int tile = 0, step = 0;
  int2 at;

  __device__ Cursor(const Tiles& all, int cluster) : tiles(all), cluster(cluster), at(all.at(0, cluster)) {}
  __device__ void advance() {
    if (++step < tiles.steps) return;
    step = 0;
    at = tiles.at(++tile, cluster);
  }
};

// One thread. Weights of the first stages do not wait for the kernel before.
template <class Element, int kGroups, int kOutputs, int kCluster>
__device__ inline void bring(const CUtensorMap& x, const CUtensorMap& w, const StreamedArgs<Element>& a,
                             const Tiles& tiles, typename Stages<kGroups, kOutputs>::Shared& s) {
  constexpr int kStages = Stages<kGroups, kOutputs>::kCount, kShare = kOutputs / kCluster;
  const auto bytes = static_cast<uint32_t>((a.box_rows + kOutputs) * kStepBytes);
  const int all = tiles.count * tiles.steps, early = min(all, kStages);
  Cursor weights(tiles, kCluster), rows(tiles, kCluster);
  const auto bring_weights = [&](int stage) {
    const int k = weights.step * kStep, first = weights.at.y * kOutputs;
    s.full[stage].expect(bytes);
    if constexpr (kCluster == 1)
      s.full[stage].copy_box(s.stages[stage].weights, &w, k, first);
    else
      s.full[stage].copy_box_to((1 << kCluster) - 1, s.stages[stage].weights + tiles.rank * kShare * kStepBytes, &w, k,
                                first + tiles.rank * kShare);
    weights.advance();
  };
  const auto bring_rows = [&](int stage) {
    s.full[stage].copy_box(s.stages[stage].rows, &x, rows.step * kStep, rows.at.x * kGroups * kGroupRows);
    rows.advance();
  };
  for (int i = 0; i < early; ++i) bring_weights(i);
  wait_for_predecessor();
  for (int i = 0; i < early; ++i) bring_rows(i);
  for (int i = early; i < all; ++i) {
    const int stage = i % kStages;
    s.empty[stage].wait(static_cast<uint32_t>(i / kStages - 1) % 2);
    bring_weights(stage);
    bring_rows(stage);
  }
}

// A quad's gated values of a row, four columns each in the order of the sums, become four neighbours a lane.
template <class Element>
__device__ inline uint2 neighbours(const float (&values)[4]) {
  const int t = threadIdx.x % 4;
  const bool odd = t % 2 == 1, high = t >= 2;
  uint32_t pairs[2];
#pragma unroll
  for (int i = 0; i < 2; ++i) {
    const float other = __shfl_xor_sync(~0u, odd ? values[2 * i] : values[2 * i + 1], 1);
    pairs[i] = odd ? pack<Element>(other, values[2 * i + 1]) : pack<Element>(values[2 * i], other);
  }
  // Lane t of a quad has columns t / 2 * 2 and the next of blocks t % 2 and t % 2 + 2.
  const uint32_t other = __shfl_xor_sync(~0u, high ? pairs[0] : pairs[1], 2);
  return high ? make_uint2(other, pairs[1]) : make_uint2(pairs[0], other);
}

// Of sums of row `row`, and of the eighth after it.
template <class Element, bool kGelu, int kSums>
__device__ inline void write_gated(const StreamedArgs<Element>& a, const float (&d)[kSums], int row, int column) {
  const int t = threadIdx.x % 4, size = a.outputs / 2;
#pragma unroll
  for (int block = 0; block < kSums / 16; ++block)
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      float values[4];
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int at = 16 * block + 4 * i + 2 * half;
        values[i] = gated<kGelu>(d[at], d[at + 1]);
      }
      const uint2 four = neighbours<Element>(values);
      const int n = row + 8 * half, place = column / 2 + 16 * block + 4 * t;
      if (n < a.rows && place < size) *reinterpret_cast<uint2*>(a.out + static_cast<size_t>(n) * size + place) = four;
    }
}

template <class Element, int kGroups, int kOutputs, int kCluster>
__device__ inline void multiply(const StreamedArgs<Element>& a, const Tiles& tiles,
                                typename Stages<kGroups, kOutputs>::Shared& s) {
  constexpr int kStages = Stages<kGroups, kOutputs>::kCount;
  constexpr uint64_t kAlongK = 16 * 2 >> 4;
  const int group = static_cast<int>(threadIdx.x) / kGroupThreads - 1, lane = threadIdx.x % 32;
  const int own_row = group * kGroupRows + static_cast<int>(threadIdx.x) % kGroupThreads / 32 * 16 + lane / 4;
  const auto give_back = [&](int i) {
    if (lane < kCluster) s.empty[i % kStages].arrive(static_cast<uint32_t>(lane));
  };
  wait_for_predecessor();
  for (int tile = 0, i = 0; tile < tiles.count; ++tile) {
    float d[kOutputs / 2];
    for (int step = 0; step < tiles.steps; ++step, ++i) {
      auto& stage = s.stages[i % kStages];
      s.full[i % kStages].wait(static_cast<uint32_t>(i / kStages) % 2);
      const uint64_t rows = swizzled_operand(stage.rows + group * kGroupRows * kStepBytes);
      const uint64_t weights = swizzled_operand(stage.weights);
      wgmma_fence();
#pragma unroll
      for (int k = 0; k < kStep / 16; ++k)
        wgmma_from_shared<Element>(d, rows + k * kAlongK, weights + k * kAlongK, step + k > 0);
      wgmma_commit();
      wgmma_wait<1>();
      if (step > 0) give_back(i - 1);
    }
    wgmma_wait<0>();
    settle(d);
    give_back(i - 1);
    const int2 at = tiles.at(tile, kCluster);
    const int row = at.x * kGroups * kGroupRows + own_row, column = at.y * kOutputs;
    if (a.gelu)
      write_gated<Element, true>(a, d, row, column);
    else
      write_gated<Element, false>(a, d, row, column);
  }
}

#endif

template <int kCluster>
__device__ inline void sync_team() {
#if ESP_HAS_WARPGROUPS
  if constexpr (kCluster > 1) {
    asm volatile("barrier.cluster.arrive.release;\nbarrier.cluster.wait.acquire;" ::: "memory");
    return;
  }
#endif
  __syncthreads();
}

template <class Element, int kGroups, int kOutputs, int kCluster>
__global__ __launch_bounds__(kGroupThreads * (kGroups + 1), 1)
void streamed_kernel(const __grid_constant__ CUtensorMap x, const __grid_constant__ CUtensorMap w,
                     StreamedArgs<Element> a) {
#if ESP_HAS_WARPGROUPS
  using Shared = typename Stages<kGroups, kOutputs>::Shared;
  extern __shared__ __align__(1024) unsigned char memory[];
  auto& s = *reinterpret_cast<Shared*>(memory);
  if (threadIdx.x == 0) {
    for (BulkBarrier& barrier : s.full) barrier.init();
    for (BulkBarrier& barrier : s.empty) barrier.init(kCluster * kGroups * (kGroupThreads / 32));
  }
  sync_team<kCluster>();
  const Tiles tiles = tiles_of<kGroups, kOutputs, kCluster>(a.rows, a.outputs, a.inputs);
  if (threadIdx.x >= kGroupThreads)
    multiply<Element, kGroups, kOutputs, kCluster>(a, tiles, s);
  else if (threadIdx.x == 0)
    bring<Element, kGroups, kOutputs, kCluster>(x, w, a, tiles, s);
  // No block leaves while another may still write to its memory, or arrive there.
  __syncwarp();
  sync_team<kCluster>();
#endif
}

template <class Element, int kGroups, int kOutputs, int kCluster>
void run_streamed(const Element* w, const Element* x, StreamedArgs<Element> args, int multiprocessors,
                  cudaStream_t stream) {
  constexpr int kRows = kGroups * kGroupRows;
  using Shared = typename Stages<kGroups, kOutputs>::Shared;
  args.box_rows = std::min((args.rows + 7) / 8 * 8, kRows);
  const CUtensorMap rows = swizzled_map(x, args.rows, args.inputs, args.box_rows);
  const CUtensorMap weights = swizzled_map(w, args.outputs, args.inputs, kOutputs / kCluster);
  const int bands = (args.rows + kRows * kCluster - 1) / (kRows * kCluster);
  const int tiles = bands * ((args.outputs + kOutputs - 1) / kOutputs);
  const auto blocks = static_cast<unsigned>(std::min(tiles, multiprocessors / kCluster) * kCluster);
  const auto kernel = streamed_kernel<Element, kGroups, kOutputs, kCluster>;
  ESP_CUDA_CHECK(
      cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(sizeof(Shared))));
  launch(kernel, {dim3(blocks), dim3(kGroupThreads * (kGroups + 1)), sizeof(Shared), kCluster}, stream, rows, weights,
         args);
}

}  // namespace

bool streamed_fits(int outputs, int inputs, int rows, int width) {
  return features().warpgroups && outputs % 8 == 0 && inputs % 8 == 0 && (width == 224 || rows > kGroupRows);
}

template <class Element>
void streamed_gemm(const Element* w, const Element* x, int outputs, int inputs, int rows, bool gelu, int width,
                   int multiprocessors, Element* out, cudaStream_t stream) {
  const bool few = rows <= kGroupRows, pairs = rows > 2 * kGroupRows;
  const auto run = width == 256 ? (pairs ? run_streamed<Element, 2, 256, 2> : run_streamed<Element, 2, 256, 1>)
                   : few        ? run_streamed<Element, 1, 224, 1>
                   : pairs      ? run_streamed<Element, 2, 224, 2>
                                : run_streamed<Element, 2, 224, 1>;
  run(w, x, {outputs, inputs, rows, 0, gelu, out}, multiprocessors, stream);
}

#define ESP_INSTANTIATE(E) \
  template void streamed_gemm<E>(const E*, const E*, int, int, int, bool, int, int, E*, cudaStream_t);
ESP_INSTANTIATE(bf16)
ESP_INSTANTIATE(f16)
#undef ESP_INSTANTIATE

}  // namespace espalier::cuda
