#include "cuda/client/library.h"

#include <cstdlib>

#if !defined(_WIN32)
#include <dlfcn.h>
#endif

namespace espalier {
namespace {

struct Opened {
  const esp_cuda_api* api = nullptr;
  std::string why;
};

#if defined(_WIN32)

Opened open_library() { return {nullptr, "the CUDA back end is built for Linux"}; }

#else

constexpr const char* kFileName = "libespalier_cuda.so";

// The folder of the file that holds this code.
std::string own_folder() {
  Dl_info info{};
  static const char anchor = 0;
  if (dladdr(&anchor, &info) == 0 || !info.dli_fname) return "";
  const std::string path = info.dli_fname;
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}

// The library stays open for the life of the process: CUDA does not like to be unloaded.
Opened open_library() {
  const char* named = std::getenv("ESPALIER_CUDA_LIBRARY");
  const std::string path = named && *named ? named : own_folder() + kFileName;
  void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library) return {nullptr, std::string("the CUDA library cannot be opened: ") + dlerror()};
  const auto open = reinterpret_cast<esp_cuda_open_fn>(dlsym(library, ESP_CUDA_OPEN));
  const esp_cuda_api* api = open ? open(ESP_CUDA_ABI_VERSION) : nullptr;
  if (!api)
    return {nullptr,
            path + " is of another version than this build (ABI " + std::to_string(ESP_CUDA_ABI_VERSION) + ")"};
  if (api->device_count() == 0) return {nullptr, "there is no CUDA device that " + path + " has code for"};
  return {api, ""};
}

#endif

}  // namespace

const esp_cuda_api* cuda_library(std::string& why) {
  static const Opened opened = open_library();
  why = opened.why;
  return opened.api;
}

}  // namespace espalier
