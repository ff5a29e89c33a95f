// The same with the dot products of ARMv8.2, which multiply and add four signed bytes in one instruction.
#include "cpu/kernels.h"
#include "cpu/packed.h"
#include "models/dequantize.h"

#if defined(__aarch64__) && defined(__ARM_FEATURE_DOTPROD)
#include <arm_neon.h>

namespace espalier {
namespace {

#include "cpu/kernels_impl.h"
#include "cpu/vectors_neon.h"
#include "cpu/quantized_impl.h"

constexpr Kernels kTable = table<V, Q>("neondot");

}  // namespace

const Kernels* neondot_kernels() { return &kTable; }

}  // namespace espalier
#else
namespace espalier {
const Kernels* neondot_kernels() { return nullptr; }
}  // namespace espalier
#endif
