// The same with I8MM, whose dot products take the unsigned bytes of packed weights as they are.
#include "cpu/kernels.h"
#include "cpu/packed.h"
#include "models/dequantize.h"

#if defined(__aarch64__) && defined(__ARM_FEATURE_MATMUL_INT8)
#include <arm_neon.h>

namespace espalier {
namespace {

#include "cpu/kernels_impl.h"
#include "cpu/vectors_neon.h"
#include "cpu/quantized_impl.h"

constexpr Kernels kTable = table<V, Q>("neoni8mm");

}  // namespace

const Kernels* neoni8mm_kernels() { return &kTable; }

}  // namespace espalier
#else
namespace espalier {
const Kernels* neoni8mm_kernels() { return nullptr; }
}  // namespace espalier
#endif
