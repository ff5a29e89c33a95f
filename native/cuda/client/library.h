// libespalier_cuda.so as this process opens it: once, on demand, with dlopen. Where it is missing, of another version,
// or finds no driver and no GPU, everything else works as before.
#pragma once
#include <string>

#include "espalier_cuda.h"

namespace espalier {

/// The library's functions, or null; `why` then says in one sentence what is missing. ESPALIER_CUDA_LIBRARY names the
/// file; without it, it is the one beside this addon or program.
const esp_cuda_api* cuda_library(std::string& why);

}  // namespace espalier
