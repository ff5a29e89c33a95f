// Kernels for AVX-512 (F, BW, VL, DQ): sixteen lanes.
#include "cpu/kernels.h"
#include "cpu/packed.h"
#include "models/dequantize.h"

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512DQ__)
#include <immintrin.h>

#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes its own header's undefined registers for ours.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

namespace espalier {
namespace {

#include "cpu/kernels_impl.h"
#include "cpu/vectors_avx512.h"
#include "cpu/quantized_impl.h"

constexpr Kernels kTable = table<V, Q>("avx512");

}  // namespace

const Kernels* avx512_kernels() { return &kTable; }

}  // namespace espalier
#else
namespace espalier {
const Kernels* avx512_kernels() { return nullptr; }
}  // namespace espalier
#endif
