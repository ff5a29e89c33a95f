#include "cuda/device/nccl.h"

#include <dlfcn.h>

#include <cstdlib>
#include <string>

namespace espalier::cuda {
namespace {

struct Opened {
  Nccl functions{};
  std::string missing;
};

template <class Function>
void find(void* library, const char* name, Function& function, std::string& missing) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (!function && missing.empty()) missing = std::string("it has no ") + name;
}

// It stays open for the life of the process, as CUDA does.
Opened open_nccl() {
  const char* named = std::getenv("ESPALIER_NCCL_LIBRARY");
  const char* path = named && *named ? named : "libnccl.so.2";
  Opened opened;
  void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    opened.missing = dlerror();
  } else {
    Nccl& f = opened.functions;
    std::string& missing = opened.missing;
    find(library, "ncclCommInitAll", f.comm_init_all, missing);
    find(library, "ncclCommDestroy", f.comm_destroy, missing);
    find(library, "ncclCommAbort", f.comm_abort, missing);
    find(library, "ncclAllReduce", f.all_reduce, missing);
    find(library, "ncclBroadcast", f.broadcast, missing);
    find(library, "ncclSend", f.send, missing);
    find(library, "ncclRecv", f.receive, missing);
    find(library, "ncclGroupStart", f.group_start, missing);
    find(library, "ncclGroupEnd", f.group_end, missing);
    find(library, "ncclGetErrorString", f.error_string, missing);
  }
  if (!opened.missing.empty())
    opened.missing = std::string("several GPUs share a model through NCCL, and ") + path +
                     " cannot be used: " + opened.missing +
                     ". Install NCCL 2 (NVIDIA's package libnccl2, or the nvidia-nccl wheel of PyPI), or name the file in "
                     "ESPALIER_NCCL_LIBRARY";
  return opened;
}

}  // namespace

const Nccl& nccl() {
  static const Opened opened = open_nccl();
  if (!opened.missing.empty()) throw CudaError(opened.missing);
  return opened.functions;
}

void check_nccl(int status, const char* call) {
  if (status != 0) throw CudaError(std::string(call) + " failed: " + nccl().error_string(status));
}

}  // namespace espalier::cuda
