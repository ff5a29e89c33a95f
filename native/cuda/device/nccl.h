// NCCL's C API (docs.nvidia.com/deeplearning/nccl, API), as far as it is used. The library is opened with dlopen when a decoder
// is first shared by several devices; nothing else needs it.
#pragma once
#include <cuda_runtime.h>

#include <cstddef>

#include "cuda/device/check.h"

namespace espalier::cuda {

using NcclComm = void*;

/// ncclDataType_t and ncclRedOp_t.
enum NcclType : int { kNcclInt32 = 2, kNcclFloat16 = 6, kNcclFloat32 = 7, kNcclBfloat16 = 9 };
constexpr int kNcclSum = 0;

struct Nccl {
  int (*comm_init_all)(NcclComm* comms, int count, const int* devices);
  int (*comm_destroy)(NcclComm comm);
  int (*comm_abort)(NcclComm comm);
  int (*all_reduce)(const void* from, void* to, size_t count, int type, int operation, NcclComm comm,
                    cudaStream_t stream);
  int (*broadcast)(const void* from, void* to, size_t count, int type, int root, NcclComm comm, cudaStream_t stream);
  int (*send)(const void* from, size_t count, int type, int peer, NcclComm comm, cudaStream_t stream);
  int (*receive)(void* to, size_t count, int type, int peer, NcclComm comm, cudaStream_t stream);
  int (*group_start)();
  int (*group_end)();
  const char* (*error_string)(int status);
};

/// ESPALIER_NCCL_LIBRARY names the file; else it is `libnccl.so.2`, where the system looks for libraries.
/// @throws CudaError that says what is missing
const Nccl& nccl();

void check_nccl(int status, const char* call);

}  // namespace espalier::cuda

#define ESP_NCCL_CHECK(call) ::espalier::cuda::check_nccl((call), #call)
