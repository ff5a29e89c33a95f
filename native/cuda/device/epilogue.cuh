// What a product of our own does with its sums before it writes them.
#pragma once
#include "cuda/device/element.cuh"

namespace espalier::cuda {

/// Two neighbouring outputs r, r + 1 of row n, of a product with so many outputs.
template <class Element>
__device__ inline void write_pair(Epilogue epilogue, void* to, int outputs, int n, int r, float low, float high) {
  const size_t at = static_cast<size_t>(n) * outputs + r;
  auto* out = static_cast<Element*>(to);
  if (epilogue == Epilogue::StoreFloat) {
    *reinterpret_cast<float2*>(static_cast<float*>(to) + at) = {low, high};
  } else if (epilogue == Epilogue::SwiGlu) {
    out[at / 2] = from_float<Element>(gated<false>(low, high));
  } else if (epilogue == Epilogue::GeGlu) {
    out[at / 2] = from_float<Element>(gated<true>(low, high));
  } else {
    if (epilogue == Epilogue::Add) {
      const float2 before = unpack<Element>(*reinterpret_cast<const uint32_t*>(out + at));
      low += before.x;
      high += before.y;
    }
    *reinterpret_cast<uint32_t*>(out + at) = pack<Element>(low, high);
  }
}

}  // namespace espalier::cuda
