// The head sizes that the tensor-core kernels are made for, as constants.
#pragma once
#include <type_traits>

namespace espalier::cuda {

/// Calls `visit` with the size as a std::integral_constant: one of kHeadDims, the last one for any other. Who has other sizes
/// goes elsewhere before (decode_attention_fits).
template <class Visit>
auto with_head_dim(int dim, Visit visit) {
  switch (dim) {
    case 32:
      return visit(std::integral_constant<int, 32>{});
    case 64:
      return visit(std::integral_constant<int, 64>{});
    case 96:
      return visit(std::integral_constant<int, 96>{});
    case 128:
      return visit(std::integral_constant<int, 128>{});
    default:
      return visit(std::integral_constant<int, 256>{});
  }
}

}  // namespace espalier::cuda
