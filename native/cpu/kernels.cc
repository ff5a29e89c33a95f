// Chooses the kernel table once, by what the processor and the operating system support.
#include "cpu/kernels.h"

#include <cstdlib>
#include <cstring>

#if defined(__aarch64__) && __has_include(<sys/auxv.h>)
#include <sys/auxv.h>
#endif

namespace espalier {
namespace {

#if defined(__x86_64__) || defined(__i386__)
bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
}
bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512dq");
}
bool has_avx512vnni() { return has_avx512() && __builtin_cpu_supports("avx512vnni"); }
#else
bool has_avx2() { return false; }
bool has_avx512() { return false; }
bool has_avx512vnni() { return false; }
#endif

// Where the system does not say, what the compiler was told holds for the whole program.
#if defined(HWCAP_ASIMDDP)
bool has_dot() { return getauxval(AT_HWCAP) & HWCAP_ASIMDDP; }
#elif defined(__ARM_FEATURE_DOTPROD)
bool has_dot() { return true; }
#else
bool has_dot() { return false; }
#endif
#if defined(HWCAP2_I8MM)
bool has_i8mm() { return has_dot() && getauxval(AT_HWCAP2) & HWCAP2_I8MM; }
#elif defined(__ARM_FEATURE_MATMUL_INT8)
bool has_i8mm() { return true; }
#else
bool has_i8mm() { return false; }
#endif
bool always() { return true; }

struct Candidate {
  const Kernels* (*table)();
  bool (*runs_here)();
};

constexpr Candidate kWidestFirst[] = {{avx512vnni_kernels, has_avx512vnni}, {avx512_kernels, has_avx512},
                                      {avx2_kernels, has_avx2},             {neoni8mm_kernels, has_i8mm},
                                      {neondot_kernels, has_dot},           {neon_kernels, always},
                                      {scalar_kernels, always}};

const Kernels& choose() {
  const std::vector<const Kernels*> usable = usable_kernels();
  if (const char* wanted = std::getenv("ESPALIER_CPU_KERNELS"))
    for (const Kernels* kernels : usable)
      if (std::strcmp(kernels->name, wanted) == 0) return *kernels;
  return *usable.front();
}

}  // namespace

std::vector<const Kernels*> usable_kernels() {
  std::vector<const Kernels*> usable;
  for (const Candidate& candidate : kWidestFirst)
    if (candidate.table() && candidate.runs_here()) usable.push_back(candidate.table());
  return usable;
}

const Kernels& cpu_kernels() {
  static const Kernels& chosen = choose();
  return chosen;
}

}  // namespace espalier
