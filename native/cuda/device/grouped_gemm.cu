// Products of rows with one of several matrices: a mixture's experts, or a head's own matrix. A block computes a tile of
// rows by 128 outputs from shared memory, which cp.async fills two or three steps ahead; 16-byte chunks of a row are swizzled by
// the row, so that ldmatrix meets no bank twice. Rows are fragments A of mma.m16n8k16, outputs B: a thread has a gate and its
// up side by side. Which rows an expert has is read from lists on the device. float32 multiplies plainly, for tests.
#include <algorithm>

#include "cuda/device/element.cuh"

namespace espalier::cuda {
namespace {

constexpr int kThreads = 256;
constexpr int kOutputs = 128;
constexpr int kDepth = 64;
constexpr int kChunk = 8;

// What a block computes.
struct Work {
  int group = 0, first = 0, rows = 0;
};

template <class Element>
__device__ inline Work work_of(const GroupedProduct<Element>& p, int tile, int tile_rows) {
  if (p.tiles) {
    if (tile >= *p.tile_count) return {};
    const ExpertTile found = p.tiles[tile];
    return {found.expert, found.first, found.rows};
  }
  const int tiles = (p.rows + tile_rows - 1) / tile_rows, first = tile % tiles * tile_rows;
  return {tile / tiles, first, min(tile_rows, p.rows - first)};
}

template <class Element>
__device__ inline const Element* input_row(const GroupedProduct<Element>& p, const Work& work, int row) {
  const size_t place = work.first + row;
  const size_t from = p.ordered_input ? static_cast<size_t>(p.order[place] / p.per_token) : place;
  return p.x + work.group * p.x_step + from * p.x_stride;
}

template <class Element>
__device__ inline Element* output_row(const GroupedProduct<Element>& p, const Work& work, int row) {
  const size_t place = work.first + row;
  const size_t to = p.ordered_output ? static_cast<size_t>(p.order[place]) : place;
  return p.out + work.group * p.out_step + to * p.out_stride;
}

template <class Element>
__device__ inline void write_pair(const GroupedProduct<Element>& p, Element* out, int output, float low, float high) {
  if (p.epilogue == Epilogue::Store) {
    out[output] = from_float<Element>(low);
    if (output + 1 < p.outputs) out[output + 1] = from_float<Element>(high);
  } else if (output + 1 < p.outputs) {
    out[output / 2] =
        from_float<Element>(p.epilogue == Epilogue::GeGlu ? gated<true>(low, high) : gated<false>(low, high));
  }
}

// Two outputs of a row a thread.
__global__ void plain_kernel(GroupedProduct<float> p, int tile_rows) {
  wait_for_predecessor();
  const Work work = work_of(p, blockIdx.x, tile_rows);
  const int output = 2 * (blockIdx.y * kThreads + threadIdx.x);
  if (output >= p.outputs) return;
  const float* w = p.w + work.group * p.w_step + static_cast<size_t>(output) * p.inputs;
  const float* next = output + 1 < p.outputs ? w + p.inputs : w;
  for (int row = 0; row < work.rows; ++row) {
    const float* x = input_row(p, work, row);
    float low = 0, high = 0;
    for (int k = 0; k < p.inputs; ++k) {
      low += w[k] * x[k];
      high += next[k] * x[k];
    }
    write_pair(p, output_row(p, work, row), output, low, high);
  }
}

__device__ inline uint4 load_matrices(const void* row) {
  uint4 to;
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(to.x), "=r"(to.y), "=r"(to.z), "=r"(to.w)
               : "r"(static_cast<uint32_t>(__cvta_generic_to_shared(row)))
               : "memory");
  return to;
}

// 16 bytes, or zeros.
__device__ inline void copy_or_clear(void* to, const void* from, bool real) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(static_cast<uint32_t>(__cvta_generic_to_shared(to))),
               "l"(from), "r"(real ? 16 : 0)
               : "memory");
}

// As many as two blocks of a multiprocessor have room for.
template <int kRows>
constexpr int kStages = kRows > 64 ? 3 : 4;

template <class Element, int kRows>
struct Stage {
  Element x[kRows * kDepth];
  Element w[kOutputs * kDepth];
};

// Where a chunk of a row lies.
__device__ inline int chunk_at(int row, int chunk) { return row * kDepth + ((chunk ^ row) % 8) * kChunk; }

// kRows rows by 128 outputs; 8 warps, kWarpRows of them along the rows.
template <class Element, int kRows, int kWarpRows>
__global__ __launch_bounds__(kThreads, 2) void tile_kernel(GroupedProduct<Element> p) {
  constexpr int kWarpColumns = kThreads / 32 / kWarpRows;
  constexpr int kM = kRows / kWarpRows / 16, kN = kOutputs / kWarpColumns / 16;
  constexpr int kChunks = kDepth / kChunk, kAhead = kStages<kRows> - 1;
  extern __shared__ __align__(128) unsigned char memory[];
  auto* stages = reinterpret_cast<Stage<Element, kRows>*>(memory);
  wait_for_predecessor();
  const Work work = work_of(p, blockIdx.x, kRows);
  if (work.rows == 0) return;
  const int first_output = blockIdx.y * kOutputs, steps = (p.inputs + kDepth - 1) / kDepth;
  const Element* w = p.w + work.group * p.w_step;
  // A thread brings the same chunk of every 32nd row.
  const int chunk = threadIdx.x % kChunks, line = threadIdx.x / kChunks;
  constexpr int kLines = kThreads / kChunks, kOwnRows = (kRows + kLines - 1) / kLines;
  const Element* sources[kOwnRows];
#pragma unroll
  for (int i = 0; i < kOwnRows; ++i) {
    const int row = line + i * kLines;
    sources[i] = row < work.rows ? input_row(p, work, row) : nullptr;
  }
  const auto fetch = [&](int step) {
    if (step < steps) {
      Stage<Element, kRows>& stage = stages[step % kStages<kRows>];
      const int k = step * kDepth + chunk * kChunk;
      const bool inside = k < p.inputs;
#pragma unroll
      for (int i = 0; i < kOwnRows; ++i) {
        const int row = line + i * kLines;
        const bool real = inside && sources[i];
        if (kRows % kLines == 0 || row < kRows)
          copy_or_clear(stage.x + chunk_at(row, chunk), real ? sources[i] + k : p.x, real);
      }
#pragma unroll
      for (int i = 0; i < kOutputs / kLines; ++i) {
        const int row = line + i * kLines, output = first_output + row;
        const bool real = inside && output < p.outputs;
        copy_or_clear(stage.w + chunk_at(row, chunk), real ? w + static_cast<size_t>(output) * p.inputs + k : w, real);
      }
    }
    commit_copies();
  };
#pragma unroll
  for (int i = 0; i < kAhead; ++i) fetch(i);
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int row0 = warp % kWarpRows * kM * 16, column0 = warp / kWarpRows * kN * 16;
  float sums[kM][2 * kN][4] = {};
  for (int step = 0; step < steps; ++step) {
    wait_for_copies<kAhead - 1>();
    __syncthreads();
    fetch(step + kAhead);
    const Stage<Element, kRows>& stage = stages[step % kStages<kRows>];
#pragma unroll
    for (int k = 0; k < kDepth / 16; ++k) {
      uint4 a[kM], b[kN];
#pragma unroll
      for (int m = 0; m < kM; ++m)
        a[m] = load_matrices(stage.x + chunk_at(row0 + 16 * m + lane % 16, 2 * k + lane / 16));
#pragma unroll
      for (int n = 0; n < kN; ++n)
        b[n] = load_matrices(stage.w +
                             chunk_at(column0 + 16 * n + lane / 16 * 8 + lane % 8, 2 * k + lane / 8 % 2));
#pragma unroll
      for (int m = 0; m < kM; ++m)
#pragma unroll
        for (int n = 0; n < kN; ++n) {
          mma<Element>(sums[m][2 * n], a[m].x, a[m].y, a[m].z, a[m].w, b[n].x, b[n].y);
          mma<Element>(sums[m][2 * n + 1], a[m].x, a[m].y, a[m].z, a[m].w, b[n].z, b[n].w);
        }
    }
  }
#pragma unroll
  for (int m = 0; m < kM; ++m)
#pragma unroll
    for (int half = 0; half < 2; ++half) {
      const int row = row0 + 16 * m + lane / 4 + 8 * half;
      if (row >= work.rows) continue;
      Element* out = output_row(p, work, row);
#pragma unroll
      for (int n = 0; n < 2 * kN; ++n) {
        const int output = first_output + column0 + 8 * n + lane % 4 * 2;
        if (output < p.outputs) write_pair(p, out, output, sums[m][n][2 * half], sums[m][n][2 * half + 1]);
      }
    }
}

template <class Element, int kRows, int kWarpRows>
void launch_tiles(const GroupedProduct<Element>& product, int tiles, cudaStream_t stream) {
  constexpr size_t kShared = kStages<kRows> * sizeof(Stage<Element, kRows>);
  const auto kernel = tile_kernel<Element, kRows, kWarpRows>;
  ESP_CUDA_CHECK(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(kShared)));
  const dim3 grid(static_cast<unsigned>(tiles), static_cast<unsigned>((product.outputs + kOutputs - 1) / kOutputs));
  launch(kernel, {grid, dim3(kThreads), kShared}, stream, product);
}

}  // namespace

int grouped_tile_rows(int rows_per_group) { return rows_per_group <= 16 ? 16 : rows_per_group <= 96 ? 64 : 128; }

template <class Element>
void grouped_product(const GroupedProduct<Element>& product, int tile_rows, int most_tiles, cudaStream_t stream) {
  const int tiles =
      product.tiles ? most_tiles : product.groups * ((product.rows + tile_rows - 1) / tile_rows);
  if constexpr (sizeof(Element) == 4) {
    const dim3 grid(static_cast<unsigned>(tiles),
                    static_cast<unsigned>((product.outputs + 2 * kThreads - 1) / (2 * kThreads)));
    launch(plain_kernel, {grid, dim3(kThreads)}, stream, product, tile_rows);
  } else if (tile_rows == 16) {
    launch_tiles<Element, 16, 1>(product, tiles, stream);
  } else if (tile_rows == 64) {
    launch_tiles<Element, 64, 2>(product, tiles, stream);
  } else {
    launch_tiles<Element, 128, 2>(product, tiles, stream);
  }
}

#define ESP_INSTANTIATE(E) template void grouped_product<E>(const GroupedProduct<E>&, int, int, cudaStream_t);
ESP_INSTANTIATE(float)
ESP_INSTANTIATE(bf16)
ESP_INSTANTIATE(f16)
#undef ESP_INSTANTIATE

}  // namespace espalier::cuda
