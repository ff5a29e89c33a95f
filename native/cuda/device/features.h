// Which kernels run on a device: each GPU has those that its architecture, and the code in this library, allow.
#pragma once

namespace espalier::cuda {

struct Features {
  /// Dependent launches, clusters and bulk copies: compute capability 9.0 and above.
  bool clusters = false;
  /// Warpgroup products: Hopper alone (sm_90a).
  bool warpgroups = false;
};

/// Of the current device; or of the architecture that ESPALIER_CUDA_ARCH names (80, 89, 90, 100), whose kernels are
/// then used in place of the device's own. @throws CudaError where the device cannot run them.
const Features& features();

/// Whether this library has code for a device of this compute capability.
bool has_code_for(int major, int minor);

}  // namespace espalier::cuda
