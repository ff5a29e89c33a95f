// The driver's encoder is looked up at run time: this library links the runtime alone.
#include "cuda/device/tensor_map.h"

#include <string>
#include <type_traits>

#include "cuda/device/check.h"

namespace espalier::cuda {
namespace {

using Encode = decltype(&cuTensorMapEncodeTiled);

Encode find_encoder() {
  constexpr unsigned kVersion = 12000;
  void* found = nullptr;
  cudaDriverEntryPointQueryResult result{};
  ESP_CUDA_CHECK(
      cudaGetDriverEntryPointByVersion("cuTensorMapEncodeTiled", &found, kVersion, cudaEnableDefault, &result));
  if (!found || result != cudaDriverEntryPointSuccess) throw CudaError("the driver has no cuTensorMapEncodeTiled");
  return reinterpret_cast<Encode>(found);
}

}  // namespace

template <class Element>
CUtensorMap swizzled_map(const Element* matrix, int rows, int columns, int box_rows) {
  static const Encode encode = find_encoder();
  constexpr auto kType =
      std::is_same_v<Element, bf16> ? CU_TENSOR_MAP_DATA_TYPE_BFLOAT16 : CU_TENSOR_MAP_DATA_TYPE_FLOAT16;
  const cuuint64_t sizes[] = {static_cast<cuuint64_t>(columns), static_cast<cuuint64_t>(rows)};
  const cuuint64_t strides[] = {static_cast<cuuint64_t>(columns) * sizeof(Element)};
  const cuuint32_t box[] = {64, static_cast<cuuint32_t>(box_rows)}, steps[] = {1, 1};
  CUtensorMap map{};
  const CUresult result = encode(&map, kType, 2, const_cast<Element*>(matrix), sizes, strides, box, steps,
                                 CU_TENSOR_MAP_INTERLEAVE_NONE, CU_TENSOR_MAP_SWIZZLE_128B,
                                 CU_TENSOR_MAP_L2_PROMOTION_L2_256B, CU_TENSOR_MAP_FLOAT_OOB_FILL_NONE);
  if (result != CUDA_SUCCESS) throw CudaError("cuTensorMapEncodeTiled: error " + std::to_string(result));
  return map;
}

template CUtensorMap swizzled_map<bf16>(const bf16*, int, int, int);
template CUtensorMap swizzled_map<f16>(const f16*, int, int, int);

}  // namespace espalier::cuda
