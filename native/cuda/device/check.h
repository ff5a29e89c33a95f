// Every CUDA and cuBLASLt status becomes a CudaError that names the call; capi.cc turns it into a message.
#pragma once
#include <cublasLt.h>
#include <cuda_runtime.h>

#include <stdexcept>
#include <string>

namespace espalier::cuda {

class CudaError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void need(bool ok, const std::string& message) {
  if (!ok) throw CudaError(message);
}

inline void check(cudaError_t status, const char* call, const char* file, int line) {
  if (status == cudaSuccess) return;
  (void)cudaGetLastError();
  throw CudaError(std::string(call) + " failed: " + cudaGetErrorString(status) + " (" + file + ":" +
                  std::to_string(line) + ")");
}

inline void check(cublasStatus_t status, const char* call, const char* file, int line) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw CudaError(std::string(call) + " failed: cuBLAS status " + std::to_string(status) + " (" + file + ":" +
                  std::to_string(line) + ")");
}

}  // namespace espalier::cuda

#define ESP_CUDA_CHECK(call) ::espalier::cuda::check((call), #call, __FILE__, __LINE__)
