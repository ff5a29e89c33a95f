// Chooses the kernel table once, by what the processor and the operating system support.
#include "cpu/kernels.h"

#include <cstdlib>
#include <cstring>

namespace espalier {

bool runs_here(const Kernels* kernels) {
  if (!kernels) return false;
#if defined(__x86_64__) || defined(__i386__)
  if (kernels == avx512vnni_kernels() && !__builtin_cpu_supports("avx512vnni")) return false;
  if (kernels == avx512_kernels() || kernels == avx512vnni_kernels())
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq");
  if (kernels == avx2_kernels())
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
#endif
  return true;
}

namespace {

const Kernels& choose() {
  const Kernels* const widest_first[] = {avx512vnni_kernels(), avx512_kernels(), avx2_kernels(), scalar_kernels()};
  const char* wanted = std::getenv("ESPALIER_CPU_KERNELS");
  if (wanted)
    for (const Kernels* kernels : widest_first)
      if (runs_here(kernels) && std::strcmp(kernels->name, wanted) == 0) return *kernels;
  for (const Kernels* kernels : widest_first)
    if (runs_here(kernels)) return *kernels;
  return *scalar_kernels();
}

}  // namespace

const Kernels& cpu_kernels() {
  static const Kernels& chosen = choose();
  return chosen;
}

}  // namespace espalier
