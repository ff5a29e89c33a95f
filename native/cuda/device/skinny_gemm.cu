// Matrix products with few rows: the weights are streamed once, straight from memory into the A fragments of
// mma.m16n8k16, and the rows are its eight columns. The order of k within a step of 32 is permuted alike on both sides,
// so that a lane's fragments are 16 contiguous bytes. The rows come to shared memory by bulk copies: an ordinary load
// would queue behind all weights in flight. The warps of a block and the blocks of a cluster share k; their sums meet
// in shared memory, in a fixed order. Weights do not depend on earlier kernels: the first loads are issued before the
// wait for the predecessor.
#include <cooperative_groups.h>

#include <algorithm>

#include "cuda/device/element.cuh"
#include "cuda/device/skinny_around.cuh"

namespace espalier::cuda {
namespace {

// The blocks that share k: those of a cluster; or, where there are none, a block by itself.
template <bool kClusters>
struct Team {
  int blocks = 1, rank = 0;
#if ESP_HAS_CLUSTERS
  __device__ Team() {
    if constexpr (kClusters) {
      blocks = static_cast<int>(cooperative_groups::this_cluster().num_blocks());
      rank = static_cast<int>(cooperative_groups::this_cluster().block_rank());
    }
  }
#endif
  __device__ void sync() const {
#if ESP_HAS_CLUSTERS
    if constexpr (kClusters) {
      cooperative_groups::this_cluster().sync();
      return;
    }
#endif
    __syncthreads();
  }
  /// The same shared memory of another block.
  __device__ const float* memory_of(float* own, int block) const {
#if ESP_HAS_CLUSTERS
    if constexpr (kClusters) return cooperative_groups::this_cluster().map_shared_rank(own, block);
#endif
    return own;
  }
};

constexpr int kWarps = 8;
constexpr int kThreads = 32 * kWarps;
constexpr size_t kElementBytes = 2;
constexpr int kStep = 32;
// Consecutive steps of one warp make whole 128-byte lines.
constexpr int kUnit = 2 * kStep;

template <class Element>
struct SkinnyArgs {
  const Element* w;
  const Element* x;
  int outputs, inputs, rows;
  Epilogue epilogue;
  void* out;
};

__device__ inline uint4 load_weights(const void* from) {
  uint4 to;
  asm volatile("ld.global.nc.L1::no_allocate.L2::256B.v4.u32 {%0,%1,%2,%3}, [%4];"
               : "=r"(to.x), "=r"(to.y), "=r"(to.z), "=r"(to.w)
               : "l"(from));
  return to;
}

// Elements from one row to the next in shared memory: 64 bytes past a multiple of 128, so that two rows' fragments fill
// all banks.
__host__ __device__ inline int row_pitch(int units) { return units * kUnit + 32; }

// Two neighbouring outputs r, r + 1 of row n.
template <class Element>
__device__ inline void write_pair(const SkinnyArgs<Element>& a, int n, int r, float low, float high) {
  const size_t at = static_cast<size_t>(n) * a.outputs + r;
  auto* out = static_cast<Element*>(a.out);
  if (a.epilogue == Epilogue::StoreFloat) {
    *reinterpret_cast<float2*>(static_cast<float*>(a.out) + at) = {low, high};
  } else if (a.epilogue == Epilogue::SwiGlu) {
    out[at / 2] = from_float<Element>(gated<false>(low, high));
  } else if (a.epilogue == Epilogue::GeGlu) {
    out[at / 2] = from_float<Element>(gated<true>(low, high));
  } else {
    if (a.epilogue == Epilogue::Add) {
      const float2 before = unpack<Element>(*reinterpret_cast<const uint32_t*>(out + at));
      low += before.x;
      high += before.y;
    }
    *reinterpret_cast<uint32_t*>(out + at) = pack<Element>(low, high);
  }
}

// Adds the warps' sums, then the blocks'; each block of the cluster writes its share of the outputs.
template <class Element, bool kClusters, int kMTiles, int kNTiles, class Write>
__device__ inline void add_up(const SkinnyArgs<Element>& a, const Team<kClusters>& team,
                              const float (&acc)[kMTiles][kNTiles][4], float* sums, const Write& write) {
  constexpr int kRows = 16 * kMTiles, kColumns = 8 * kNTiles;
  const int blocks = team.blocks, rank = team.rank;
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;
  __syncthreads();
  // Where the rows were: sums[warp][column][row]; the first slice then takes the block's total.
#pragma unroll
  for (int m = 0; m < kMTiles; ++m)
#pragma unroll
    for (int n = 0; n < kNTiles; ++n)
#pragma unroll
      for (int i = 0; i < 4; ++i)
        sums[(warp * kColumns + 8 * n + 2 * t + i % 2) * kRows + 16 * m + g + i / 2 * 8] = acc[m][n][i];
  __syncthreads();
  for (int i = threadIdx.x; i < kColumns * kRows; i += kThreads) {
    float total = 0;
#pragma unroll
    for (int w = 0; w < kWarps; ++w) total += sums[w * kColumns * kRows + i];
    sums[i] = total;
  }
  team.sync();
  const int share = kRows / blocks, pairs = share / 2;
  for (int i = threadIdx.x; i < a.rows * pairs; i += kThreads) {
    const int n = i / pairs, row = rank * share + i % pairs * 2;
    float low = 0, high = 0;
    for (int b = 0; b < blocks; ++b) {
      const float2 part = *reinterpret_cast<const float2*>(team.memory_of(sums, b) + n * kRows + row);
      low += part.x;
      high += part.y;
    }
    write(n, row, low, high);
  }
  team.sync();
}

// Rows' elements from unit `begin` to `end`, to shared memory, once the kernel before has written them.
template <bool kBulk, class Element>
__device__ inline void load_rows(const SkinnyArgs<Element>& a, Element* rows, int begin, int end, int pitch) {
  const Element* from = a.x + begin * kUnit;
  if constexpr (kBulk) {
#if ESP_HAS_CLUSTERS
    __shared__ BulkBarrier arrived;
    if (threadIdx.x == 0) arrived.init();
    __syncthreads();
    wait_for_predecessor();
    if (threadIdx.x == 0) {
      const uint32_t bytes = static_cast<uint32_t>(end - begin) * kUnit * kElementBytes;
      arrived.expect(bytes * static_cast<uint32_t>(a.rows));
      for (int n = 0; n < a.rows; ++n) arrived.copy(rows + n * pitch, from + static_cast<size_t>(n) * a.inputs, bytes);
    }
    arrived.wait(0);
#endif
  } else {
    wait_for_predecessor();
    const int vectors = (end - begin) * kUnit / kVector<Element>;
    for (int i = threadIdx.x; i < a.rows * vectors; i += kThreads)
      copy_async(rows + i / vectors * pitch + i % vectors * kVector<Element>,
                 from + static_cast<size_t>(i / vectors) * a.inputs + i % vectors * kVector<Element>);
    commit_copies();
    wait_for_copies<0>();
    __syncthreads();
  }
}

template <class Element, bool kClusters, int kMTiles, int kNTiles, bool kAround = false>
__global__ __launch_bounds__(kThreads) void skinny_kernel(SkinnyArgs<Element> a,
                                                          std::conditional_t<kAround, Around<Element>, Nothing> around) {
  // Steps whose weights are in flight: 64 registers of them.
  constexpr int kDepth = 8 / kMTiles, kRows = 16 * kMTiles;
  extern __shared__ __align__(128) unsigned char memory[];
  auto* const sums = reinterpret_cast<float*>(memory);
  auto* const rows = reinterpret_cast<Element*>(memory);
  const Team<kClusters> team;
  const int blocks = team.blocks, rank = team.rank;
  const int first_output = static_cast<int>(blockIdx.x) / blocks * kRows;
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32, g = lane / 4, t = lane % 4;

  const int units = a.inputs / kUnit;
  const int begin = units * rank / blocks, end = units * (rank + 1) / blocks;
  const int steps = begin + warp < end ? ((end - begin - warp - 1) / kWarps + 1) * 2 : 0;
  const auto k_of = [&](int step) { return (begin + warp + step / 2 * kWarps) * kUnit + step % 2 * kStep + 8 * t; };
  const Element* lane_weights = a.w + static_cast<size_t>(first_output + g) * a.inputs;

  PairPlace<Element> place;
  if constexpr (kAround)
    place.find(around, a.rows, a.outputs, first_output + rank * (kRows / blocks), kRows / blocks, static_cast<Element*>(a.out));
  uint4 weights[kDepth][kMTiles][2];
  const auto load = [&](uint4(&to)[kMTiles][2], int step) {
    const Element* from = lane_weights + k_of(step);
#pragma unroll
    for (int m = 0; m < kMTiles; ++m)
#pragma unroll
      for (int half = 0; half < 2; ++half)
        to[m][half] = load_weights(from + static_cast<size_t>(16 * m + 8 * half) * a.inputs);
  };
#pragma unroll
  for (int d = 0; d < kDepth; ++d)
    if (d < steps) load(weights[d], d);
  const int pitch = row_pitch(end - begin);
  bool normed = false;
  if constexpr (kAround && kNTiles == 1) {
    normed = around.norm != nullptr;
    if (normed) load_normed_rows<kClusters>(around, a.x, a.rows, a.inputs, pitch, rows);
  }
  if (!normed) load_rows<kClusters>(a, rows, begin, end, pitch);

  float acc[kMTiles][kNTiles][4] = {};
  for (int base = 0; base < steps; base += kDepth) {
#pragma unroll
    for (int d = 0; d < kDepth; ++d) {
      const int step = base + d;
      if (step >= steps) break;
      const int k = k_of(step) - begin * kUnit;
#pragma unroll
      for (int n = 0; n < kNTiles; ++n) {
        uint4 x = make_uint4(0, 0, 0, 0);
        if (8 * n + g < a.rows) x = *reinterpret_cast<const uint4*>(rows + (8 * n + g) * pitch + k);
#pragma unroll
        for (int m = 0; m < kMTiles; ++m) {
          const uint4 top = weights[d][m][0], bottom = weights[d][m][1];
          mma<Element>(acc[m][n], top.x, bottom.x, top.y, bottom.y, x.x, x.y);
          mma<Element>(acc[m][n], top.z, bottom.z, top.w, bottom.w, x.z, x.w);
        }
      }
      if (step + kDepth < steps) load(weights[d], step + kDepth);
    }
  }

  add_up<Element, kClusters, kMTiles, kNTiles>(a, team, acc, sums, [&](int n, int row, float low, float high) {
    if constexpr (kAround) {
      if (around.turns) {
        place.write(low, high);
        return;
      }
    }
    write_pair(a, n, first_output + row, low, high);
  });
}

int n_tiles_of(int rows) { return rows <= 8 ? 1 : rows <= 16 ? 2 : 4; }

template <class Element, bool kClusters, bool kAround, int kMTiles>
auto kernel_for(int n_tiles) {
  return n_tiles == 1   ? skinny_kernel<Element, kClusters, kMTiles, 1, kAround>
         : n_tiles == 2 ? skinny_kernel<Element, kClusters, kMTiles, 2, kAround>
                        : skinny_kernel<Element, kClusters, kMTiles, 4, kAround>;
}

template <class Element, bool kClusters, bool kAround = false>
auto kernel_for(const SkinnyShape& shape, int rows) {
  const int n_tiles = n_tiles_of(rows);
  return shape.m_tiles == 1   ? kernel_for<Element, kClusters, kAround, 1>(n_tiles)
         : shape.m_tiles == 2 ? kernel_for<Element, kClusters, kAround, 2>(n_tiles)
                              : kernel_for<Element, kClusters, kAround, 4>(n_tiles);
}


size_t skinny_shared_bytes(int inputs, int rows, const SkinnyShape& shape) {
  const int units = (inputs / kUnit + shape.cluster - 1) / shape.cluster;
  const size_t sums = size_t{kWarps} * 8 * n_tiles_of(rows) * 16 * shape.m_tiles * sizeof(float);
  return std::max(sums, static_cast<size_t>(rows) * row_pitch(units) * kElementBytes);
}

// Two blocks share a multiprocessor; without clusters, GPUs give a block less.
size_t most_shared() { return (features().clusters ? size_t{110} : size_t{80}) << 10; }

}  // namespace

bool skinny_fits(int outputs, int inputs, int rows, const SkinnyShape& shape) {
  if (shape.cluster > 1 && !features().clusters) return false;
  return rows <= kSkinnyRows && outputs % (16 * shape.m_tiles) == 0 && inputs % kUnit == 0 &&
         inputs / kUnit >= shape.cluster && skinny_shared_bytes(inputs, rows, shape) <= most_shared();
}

template <class Element>
void skinny_gemm(const Element* w, const Element* x, int outputs, int inputs, int rows, Epilogue epilogue,
                 const SkinnyShape& shape, void* out, cudaStream_t stream) {
  const auto kernel =
      features().clusters ? kernel_for<Element, true>(shape, rows) : kernel_for<Element, false>(shape, rows);
  const size_t shared = skinny_shared_bytes(inputs, rows, shape);
  ESP_CUDA_CHECK(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared)));
  const auto blocks = static_cast<unsigned>(outputs / (16 * shape.m_tiles) * shape.cluster);
  launch(kernel, {dim3(blocks), dim3(kThreads), shared, shape.cluster}, stream,
         SkinnyArgs<Element>{w, x, outputs, inputs, rows, epilogue, out}, Nothing{});
}

bool skinny_fits_norm(int inputs, int rows, const SkinnyShape& shape) {
  return features().clusters && shape.cluster == 1 && rows <= kNormedRows &&
         normed_shared_bytes(inputs, rows, row_pitch(inputs / kUnit)) <= most_shared();
}

// A thread writes one pair of outputs at most.
bool skinny_fits_rotation(int rows, const SkinnyShape& shape) {
  return features().clusters && rows * (16 * shape.m_tiles / shape.cluster / 2) <= kThreads;
}

template <class Element>
void skinny_gemm_around(const Element* w, const Element* x, int outputs, int inputs, int rows, Epilogue epilogue,
                        const SkinnyShape& shape, const Around<Element>& around, void* out, cudaStream_t stream) {
  const auto kernel = kernel_for<Element, true, true>(shape, rows);
  const size_t normed = around.norm ? normed_shared_bytes(inputs, rows, row_pitch(inputs / kUnit)) : 0;
  const size_t shared = std::max(skinny_shared_bytes(inputs, rows, shape), normed);
  ESP_CUDA_CHECK(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(shared)));
  const auto blocks = static_cast<unsigned>(outputs / (16 * shape.m_tiles) * shape.cluster);
  launch(kernel, {dim3(blocks), dim3(kThreads), shared, shape.cluster}, stream,
         SkinnyArgs<Element>{w, x, outputs, inputs, rows, epilogue, out}, around);
}

#define ESP_INSTANTIATE(E) \
  template void skinny_gemm<E>(const E*, const E*, int, int, int, Epilogue, const SkinnyShape&, void*, cudaStream_t); \
  template void skinny_gemm_around<E>(const E*, const E*, int, int, int, Epilogue, const SkinnyShape&,                \
                                      const Around<E>&, void*, cudaStream_t);
ESP_INSTANTIATE(bf16)
ESP_INSTANTIATE(f16)
#undef ESP_INSTANTIATE

}  // namespace espalier::cuda
