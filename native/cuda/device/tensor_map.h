// Tensor maps, by which the copy engine of Hopper and later brings boxes of a matrix to shared memory.
#pragma once
#include <cuda.h>

#include "cuda/device/kernels.h"

namespace espalier::cuda {

/// Of a matrix [rows, columns] by rows: boxes of `box_rows` (up to 256) by 64 elements, swizzled by 128 bytes. What lies
/// outside the matrix is zero. `columns` is a multiple of 8, `matrix` aligned to 16 bytes. @throws CudaError
template <class Element>
CUtensorMap swizzled_map(const Element* matrix, int rows, int columns, int box_rows);

}  // namespace espalier::cuda
