// Warpgroup matrix products of Hopper (PTX: wgmma.mma_async, sm_90a): D (64 x N, float) += A (64 x 16) B (16 x N) of
// bf16 or f16 operands in core matrices, without swizzle or in that of 128 bytes. Sums of a warp's 16 rows lie as those
// of mma.m16n8k16, eight columns after another.
#pragma once
#include <cuda_fp16.h>

#include <cstdint>
#include <type_traits>

// Where code is compiled for sm_90a: features().warpgroups. What needs it is empty elsewhere.
#if !defined(__CUDA_ARCH__) || defined(__CUDA_ARCH_FEAT_SM90_ALL)
#define ESP_HAS_WARPGROUPS 1
#else
#define ESP_HAS_WARPGROUPS 0
#endif

namespace espalier::cuda {

/// A shared-memory operand: `along_k` and `along_rows` are the bytes from one core matrix to the next.
__device__ inline uint64_t operand(const void* start, uint32_t along_k, uint32_t along_rows) {
  const auto address = static_cast<uint32_t>(__cvta_generic_to_shared(start));
  return (static_cast<uint64_t>(address & 0x3ffff) >> 4) | static_cast<uint64_t>(along_k >> 4) << 16 |
         static_cast<uint64_t>(along_rows >> 4) << 32;
}

/// The operand so many bytes, a multiple of 16, behind another: its address is in the low bits and does not overflow.
__device__ inline uint64_t operand_after(uint64_t start, uint32_t bytes) { return start + (bytes >> 4); }

/// The same where rows of 128 bytes lie one after another as the copy engine swizzles them, eight rows an atom.
__device__ inline uint64_t swizzled_operand(const void* start) {
  constexpr uint64_t kAtomBytes = 1024, kSwizzle128 = 1;
  const auto address = static_cast<uint32_t>(__cvta_generic_to_shared(start));
  return static_cast<uint64_t>((address & 0x3ffff) >> 4) | uint64_t{1} << 16 | kAtomBytes >> 4 << 32 |
         kSwizzle128 << 62;
}

/// Before the first product, and after registers that products use were written.
__device__ inline void wgmma_fence() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
__device__ inline void wgmma_commit() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
template <int kPending>
__device__ inline void wgmma_wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(kPending) : "memory");
}
/// Keeps the compiler from reading sums before the wait above it.
template <int kCount>
__device__ inline void settle(float (&d)[kCount]) {
#pragma unroll
  for (int i = 0; i < kCount; ++i) asm volatile("" : "+f"(d[i])::"memory");
}
/// Makes this thread's writes to shared memory visible to the tensor cores and the copy engine.
__device__ inline void fence_for_async() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }

#define ESP_D4(i) "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3])
#define ESP_D16(i) ESP_D4(i), ESP_D4(i + 4), ESP_D4(i + 8), ESP_D4(i + 12)

#define ESP_N16 "%0,%1,%2,%3,%4,%5,%6,%7,%8,%9,%10,%11,%12,%13,%14,%15"
#define ESP_N32 ESP_N16 ",%16,%17,%18,%19,%20,%21,%22,%23,%24,%25,%26,%27,%28,%29,%30,%31"
#define ESP_N64                                                                                                   \
  ESP_N32                                                                                                         \
  ",%32,%33,%34,%35,%36,%37,%38,%39,%40,%41,%42,%43,%44,%45,%46,%47,%48,%49,%50,%51,%52,%53,%54,%55,%56,%57,%58," \
  "%59,%60,%61,%62,%63"
#define ESP_N48 ESP_N32 ",%32,%33,%34,%35,%36,%37,%38,%39,%40,%41,%42,%43,%44,%45,%46,%47"
#define ESP_N128                                                                                                      \
  ESP_N64                                                                                                             \
  ",%64,%65,%66,%67,%68,%69,%70,%71,%72,%73,%74,%75,%76,%77,%78,%79,%80,%81,%82,%83,%84,%85,%86,%87,%88,%89,%90,%91," \
  "%92,%93,%94,%95,%96,%97,%98,%99,%100,%101,%102,%103,%104,%105,%106,%107,%108,%109,%110,%111,%112,%113,%114,%115,"  \
  "%116,%117,%118,%119,%120,%121,%122,%123,%124,%125,%126,%127"
#define ESP_N112                                                                                                    \
  ESP_N64                                                                                                           \
  ",%64,%65,%66,%67,%68,%69,%70,%71,%72,%73,%74,%75,%76,%77,%78,%79,%80,%81,%82,%83,%84,%85,%86,%87,%88,%89,%90,%91," \
  "%92,%93,%94,%95,%96,%97,%98,%99,%100,%101,%102,%103,%104,%105,%106,%107,%108,%109,%110,%111"
// The same instruction with one element type or the other.
#define ESP_EACH_TYPE(INSTRUCTION)               \
  if constexpr (std::is_same_v<Element, __half>) \
    INSTRUCTION("f16");                          \
  else                                           \
    INSTRUCTION("bf16")

// LIST: D's registers; A, B, P: the numbers of the operands after them; then the registers themselves.
#define ESP_FROM_SHARED(T, N, LIST, A, B, P, ...)                                                    \
  asm volatile("{\n.reg .pred p;\nsetp.ne.b32 p, %" P ", 0;\nwgmma.mma_async.sync.aligned.m64n" N    \
               "k16.f32." T "." T " {" LIST "}, %" A ", %" B ", p, 1, 1, 0, 0;\n}"                   \
               : __VA_ARGS__                                                                         \
               : "l"(a), "l"(b), "r"(static_cast<int>(add)))

/// N = twice the sums: 64, 224 or 256; both operands in shared memory; `add` false starts from zero.
template <class Element>
__device__ inline void wgmma_from_shared(float (&d)[32], uint64_t a, uint64_t b, bool add) {
#define ESP_INSTRUCTION(T) ESP_FROM_SHARED(T, "64", ESP_N32, "32", "33", "34", ESP_D16(0), ESP_D16(16))
  ESP_EACH_TYPE(ESP_INSTRUCTION);
#undef ESP_INSTRUCTION
}
template <class Element>
__device__ inline void wgmma_from_shared(float (&d)[112], uint64_t a, uint64_t b, bool add) {
#define ESP_INSTRUCTION(T)                                                                                       \
  ESP_FROM_SHARED(T, "224", ESP_N112, "112", "113", "114", ESP_D16(0), ESP_D16(16), ESP_D16(32), ESP_D16(48), \
                  ESP_D16(64), ESP_D16(80), ESP_D16(96))
  ESP_EACH_TYPE(ESP_INSTRUCTION);
#undef ESP_INSTRUCTION
}
template <class Element>
__device__ inline void wgmma_from_shared(float (&d)[128], uint64_t a, uint64_t b, bool add) {
#define ESP_INSTRUCTION(T)                                                                                       \
  ESP_FROM_SHARED(T, "256", ESP_N128, "128", "129", "130", ESP_D16(0), ESP_D16(16), ESP_D16(32), ESP_D16(48), \
                  ESP_D16(64), ESP_D16(80), ESP_D16(96), ESP_D16(112))
  ESP_EACH_TYPE(ESP_INSTRUCTION);
#undef ESP_INSTRUCTION
}
#undef ESP_FROM_SHARED

/// N = 32, 64, 96, 128 or 256, A in registers as for mma.m16n8k16.
template <class Element>
__device__ inline void wgmma_from_registers(float (&d)[16], const uint32_t (&a)[4], uint64_t b) {
#define ESP_INSTRUCTION(T)                                                        \
  asm volatile("wgmma.mma_async.sync.aligned.m64n32k16.f32." T "." T " {" ESP_N16 \
               "}, {%16,%17,%18,%19}, %20, 1, 1, 1, 0;"                           \
               : ESP_D16(0)                                                       \
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b))
  ESP_EACH_TYPE(ESP_INSTRUCTION);
#undef ESP_INSTRUCTION
}
template <class Element>
__device__ inline void wgmma_from_registers(float (&d)[32], const uint32_t (&a)[4], uint64_t b) {
#define ESP_INSTRUCTION(T)                                                        \
  asm volatile("wgmma.mma_async.sync.aligned.m64n64k16.f32." T "." T " {" ESP_N32 \
               "}, {%32,%33,%34,%35}, %36, 1, 1, 1, 0;"                           \
               : ESP_D16(0), ESP_D16(16)                                          \
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b))
  ESP_EACH_TYPE(ESP_INSTRUCTION);
#undef ESP_INSTRUCTION
}
template <class Element>
__device__ inline void wgmma_from_registers(float (&d)[64], const uint32_t (&a)[4], uint64_t b) {
#define ESP_INSTRUCTION(T)                                                         \
  asm volatile("wgmma.mma_async.sync.aligned.m64n128k16.f32." T "." T " {" ESP_N64 \
               "}, {%64,%65,%66,%67}, %68, 1, 1, 1, 0;"                            \
               : ESP_D16(0), ESP_D16(16), ESP_D16(32), ESP_D16(48)                 \
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b))
  ESP_EACH_TYPE(ESP_INSTRUCTION);
#undef ESP_INSTRUCTION
}

template <class Element>
__device__ inline void wgmma_from_registers(float (&d)[48], const uint32_t (&a)[4], uint64_t b) {
#define ESP_INSTRUCTION(T)                                                        \
  asm volatile("wgmma.mma_async.sync.aligned.m64n96k16.f32." T "." T " {" ESP_N48 \
               "}, {%48,%49,%50,%51}, %52, 1, 1, 1, 0;"                           \
               : ESP_D16(0), ESP_D16(16), ESP_D16(32)                             \
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b))
  ESP_EACH_TYPE(ESP_INSTRUCTION);
#undef ESP_INSTRUCTION
}
template <class Element>
__device__ inline void wgmma_from_registers(float (&d)[128], const uint32_t (&a)[4], uint64_t b) {
#define ESP_INSTRUCTION(T)                                                                                         \
  asm volatile("wgmma.mma_async.sync.aligned.m64n256k16.f32." T "." T " {" ESP_N128                                \
               "}, {%128,%129,%130,%131}, %132, 1, 1, 1, 0;"                                                       \
               : ESP_D16(0), ESP_D16(16), ESP_D16(32), ESP_D16(48), ESP_D16(64), ESP_D16(80), ESP_D16(96), ESP_D16(112) \
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b))
  ESP_EACH_TYPE(ESP_INSTRUCTION);
#undef ESP_INSTRUCTION
}

#undef ESP_EACH_TYPE
#undef ESP_N128
#undef ESP_N112
#undef ESP_N64
#undef ESP_N48
#undef ESP_N32
#undef ESP_N16
#undef ESP_D16
#undef ESP_D4

}  // namespace espalier::cuda
