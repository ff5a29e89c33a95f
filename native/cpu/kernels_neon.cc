// Kernels for NEON, which every 64-bit ARM processor has: eight lanes.
#include "cpu/kernels.h"
#include "cpu/packed.h"
#include "models/dequantize.h"

#if defined(__aarch64__)
#include <arm_neon.h>

namespace espalier {
namespace {

#include "cpu/kernels_impl.h"
#include "cpu/vectors_neon.h"
#include "cpu/quantized_impl.h"

constexpr Kernels kTable = table<V, Q>("neon");

}  // namespace

const Kernels* neon_kernels() { return &kTable; }

}  // namespace espalier
#else
namespace espalier {
const Kernels* neon_kernels() { return nullptr; }
}  // namespace espalier
#endif
