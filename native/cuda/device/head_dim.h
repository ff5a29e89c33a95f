// The head sizes that the tensor-core kernels are made for, as constants.
#pragma once
#include <type_traits>

namespace espalier::cuda {

/// Calls `visit` with the size as a std::integral_constant: 32, 64 or, for any other, 128. Who has other sizes goes elsewhere
/// before (decode_attention_fits).
template <class Visit>
auto with_head_dim(int dim, Visit visit) {
  switch (dim) {
    case 32:
      return visit(std::integral_constant<int, 32>{});
    case 64:
      return visit(std::integral_constant<int, 64>{});
    default:
      return visit(std::integral_constant<int, 128>{});
  }
}

}  // namespace espalier::cuda
