// Elements of weights and activations, 16-byte vectors of them, and the launch that overlaps a kernel's start with its
// predecessor's end (programmatic dependent launch, CUDA C++ Programming Guide).
#pragma once
#include <type_traits>

#include "cuda/device/check.h"
#include "cuda/device/features.h"
#include "cuda/device/kernels.h"

// Where code is compiled for compute capability 9.0 and above: features().clusters. What needs it is empty elsewhere.
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 900
#define ESP_HAS_CLUSTERS 1
#else
#define ESP_HAS_CLUSTERS 0
#endif

namespace espalier::cuda {

__device__ inline float to_float(float value) { return value; }
__device__ inline float to_float(bf16 value) { return __bfloat162float(value); }
__device__ inline float to_float(f16 value) { return __half2float(value); }
template <class Element>
__device__ inline Element from_float(float value) {
  if constexpr (std::is_same_v<Element, float>)
    return value;
  else if constexpr (std::is_same_v<Element, bf16>)
    return __float2bfloat16_rn(value);
  else
    return __float2half_rn(value);
}

template <class Element>
constexpr int kVector = 16 / sizeof(Element);

/// 16 bytes of elements as floats.
template <class Element>
__device__ inline void load_vector(const Element* from, float (&to)[kVector<Element>]) {
  const uint4 raw = *reinterpret_cast<const uint4*>(from);
  const Element* parts = reinterpret_cast<const Element*>(&raw);
#pragma unroll
  for (int i = 0; i < kVector<Element>; ++i) to[i] = to_float(parts[i]);
}

template <class Element>
__device__ inline void store_vector(Element* to, const float (&from)[kVector<Element>]) {
  uint4 raw;
  Element* parts = reinterpret_cast<Element*>(&raw);
#pragma unroll
  for (int i = 0; i < kVector<Element>; ++i) parts[i] = from_float<Element>(from[i]);
  *reinterpret_cast<uint4*>(to) = raw;
}

/// Two floats rounded to elements of two bytes, the first in the low half; and back.
template <class Element>
__device__ inline uint32_t pack(float low, float high) {
  if constexpr (std::is_same_v<Element, bf16>) {
    const __nv_bfloat162 pair = __floats2bfloat162_rn(low, high);
    return reinterpret_cast<const uint32_t&>(pair);
  } else {
    const __half2 pair = __floats2half2_rn(low, high);
    return reinterpret_cast<const uint32_t&>(pair);
  }
}
template <class Element>
__device__ inline float2 unpack(uint32_t pair) {
  if constexpr (std::is_same_v<Element, bf16>)
    return __bfloat1622float2(reinterpret_cast<const __nv_bfloat162&>(pair));
  else
    return __half22float2(reinterpret_cast<const __half2&>(pair));
}

/// A pair of elements turned by a cosine and sine: the same bits wherever it is inlined.
__device__ inline float2 turned(float2 pair, float cosine, float sine) {
  return {__fmaf_rn(pair.x, cosine, -__fmul_rn(pair.y, sine)), __fmaf_rn(pair.y, cosine, __fmul_rn(pair.x, sine))};
}

__device__ inline float warp_sum(float value) {
#pragma unroll
  for (int step = 16; step > 0; step /= 2) value += __shfl_xor_sync(~0u, value, step);
  return value;
}
__device__ inline float warp_max(float value) {
#pragma unroll
  for (int step = 16; step > 0; step /= 2) value = fmaxf(value, __shfl_xor_sync(~0u, value, step));
  return value;
}

/// Sums of each warp, then of all of them, in a fixed order; every thread of the block gets the total.
__device__ inline float block_sum(float value) {
  __shared__ float sums[32];
  value = warp_sum(value);
  if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = value;
  __syncthreads();
  float total = 0;
  for (int i = 0; i < static_cast<int>(blockDim.x + 31) / 32; ++i) total += sums[i];
  return total;
}

/// act(gate) * up: SiLU, or GELU by tanh (arXiv:1606.08415), which is gate * sigmoid(2 * its tanh's argument).
template <bool kGelu>
__device__ inline float gated(float gate, float up) {
  const float argument = kGelu ? 1.59576912f * (gate + 0.044715f * gate * gate * gate) : gate;
  return __fdividef(gate, 1 + __expf(-argument)) * up;
}

/// D (16x8) += A (16x16) B (16x8), elements of two bytes in, float sums. Fragments as the PTX manual lays out
/// mma.m16n8k16.
template <class Element>
__device__ inline void mma(float (&d)[4], uint32_t a0, uint32_t a1, uint32_t a2, uint32_t a3, uint32_t b0,
                           uint32_t b1) {
  if constexpr (std::is_same_v<Element, bf16>)
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
  else
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
}

/// Lets the next kernel of the stream start its prologue, then waits until all earlier kernels' writes are visible.
/// Every kernel of this library calls it before it reads or writes what another kernel touches. What a prologue may
/// read before: weights, the step's batch (a copy, which no kernel overtakes), and pages that an earlier step filled.
__device__ inline void wait_for_predecessor() {
#if ESP_HAS_CLUSTERS
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

/// Four matrices of 8 x 8 elements of two bytes that lie one after another in shared memory; a lane gets its word of each.
__device__ inline uint4 load_matrices(const void* first) {
  uint4 to;
  const auto address = static_cast<uint32_t>(__cvta_generic_to_shared(first)) + threadIdx.x % 32 * 16;
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];"
               : "=r"(to.x), "=r"(to.y), "=r"(to.z), "=r"(to.w)
               : "r"(address)
               : "memory");
  return to;
}

/// Orders this thread's writes to shared memory before bulk copies to the same place.
__device__ inline void fence_for_copies() {
#if ESP_HAS_CLUSTERS
  asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
#endif
}

/// Copies of 16 bytes to shared memory in groups, each waited for by the threads that asked for it.
__device__ inline void copy_async(void* to, const void* from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(static_cast<uint32_t>(__cvta_generic_to_shared(to))),
               "l"(from)
               : "memory");
}
__device__ inline void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }
template <int kPending>
__device__ inline void wait_for_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
}

#if ESP_HAS_CLUSTERS

/// A barrier in shared memory on which bulk copies complete (PTX: mbarrier, cp.async.bulk).
class BulkBarrier {
 public:
  /// By one thread; others may use it after a barrier of the block, or of the cluster. So many arrivals end a phase.
  __device__ void init(uint32_t arrivals = 1) {
    asm volatile("mbarrier.init.shared.b64 [%0], %1;" ::"r"(address()), "r"(arrivals) : "memory");
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
  }
  /// By one thread, before its copies of one phase: how many bytes they bring.
  __device__ void expect(uint32_t bytes) {
    asm volatile("mbarrier.arrive.expect_tx.shared.b64 _, [%0], %1;" ::"r"(address()), "r"(bytes) : "memory");
  }
  /// Copies `bytes` (a multiple of 16) from global to shared memory, both aligned to 16 bytes.
  __device__ void copy(void* to, const void* from, uint32_t bytes) {
    asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1], %2, [%3];" ::"r"(
                     static_cast<uint32_t>(__cvta_generic_to_shared(to))),
                 "l"(from), "r"(bytes), "r"(address())
                 : "memory");
  }
  /// Arrives at this barrier of another block of the cluster, or of this one. Orders no stores for another block: that
  /// waits for all of memory, which takes longer than a stage.
  __device__ void arrive(uint32_t block) {
    asm volatile(
        "{\n.reg .b32 there;\nmapa.shared::cluster.u32 there, %0, %1;\n"
        "mbarrier.arrive.shared::cluster.b64 _, [there];\n}" ::"r"(address()),
        "r"(block)
        : "memory");
  }
  /// Copies a box of a tensor map whose first element is at (column, row) to shared memory, aligned to 128 bytes.
  __device__ void copy_box(void* to, const void* map, int column, int row) {
    asm volatile(
        "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3}], [%4];" ::"r"(
            static_cast<uint32_t>(__cvta_generic_to_shared(to))),
        "l"(map), "r"(column), "r"(row), "r"(address())
        : "memory");
  }
  /// The same, to the same place and barrier in each block of the cluster whose bit is set.
  __device__ void copy_box_to(uint16_t blocks, void* to, const void* map, int column, int row) {
    asm volatile(
        "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [%0], [%1, {%2, "
        "%3}], [%4], %5;" ::"r"(static_cast<uint32_t>(__cvta_generic_to_shared(to))),
        "l"(map), "r"(column), "r"(row), "r"(address()), "h"(blocks)
        : "memory");
  }
  /// Until the phase with this parity has ended: all arrivals and bytes are there.
  __device__ void wait(uint32_t parity) {
    asm volatile(
        "{\n.reg .pred done;\nAGAIN: mbarrier.try_wait.parity.shared.b64 done, [%0], %1;\n@done bra DONE;\nbra AGAIN;\n"
        "DONE:\n}" ::"r"(address()),
        "r"(parity)
        : "memory");
  }

 private:
  __device__ uint32_t address() const { return static_cast<uint32_t>(__cvta_generic_to_shared(&word_)); }
  uint64_t word_;
};

#else

class BulkBarrier {};

#endif

struct Launch {
  dim3 grid, block;
  size_t shared = 0;
  int cluster = 1;
  /// Behind something that is no kernel of ours it starts when that has ended.
  bool dependent = true;
};

template <class... Params, class... Args>
void launch(void (*kernel)(Params...), const Launch& shape, cudaStream_t stream, Args... args) {
  cudaLaunchConfig_t config{};
  config.gridDim = shape.grid;
  config.blockDim = shape.block;
  config.dynamicSmemBytes = shape.shared;
  config.stream = stream;
  cudaLaunchAttribute attributes[2]{};
  attributes[0].id = cudaLaunchAttributeProgrammaticStreamSerialization;
  attributes[0].val.programmaticStreamSerializationAllowed = shape.dependent ? 1 : 0;
  attributes[1].id = cudaLaunchAttributeClusterDimension;
  attributes[1].val.clusterDim.x = static_cast<unsigned>(shape.cluster);
  attributes[1].val.clusterDim.y = 1;
  attributes[1].val.clusterDim.z = 1;
  config.attrs = attributes;
  if (features().clusters)
    config.numAttrs = shape.cluster > 1 ? 2 : 1;
  else if (shape.cluster > 1)
    throw CudaError("a kernel of clusters on a device without them");
  ESP_CUDA_CHECK(cudaLaunchKernelEx(&config, kernel, static_cast<Params>(args)...));
}

}  // namespace espalier::cuda
