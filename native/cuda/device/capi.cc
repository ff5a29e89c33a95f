// The C ABI: every call in a guard that turns an exception into -1 and a message of this thread.
#include <memory>
#include <string>

#include "cuda/device/bandwidth.h"
#include "cuda/device/check.h"
#include "cuda/device/context.h"
#include "cuda/device/features.h"
#include "cuda/device/kernels.h"

struct esp_cuda_context {
  std::unique_ptr<espalier::cuda::Context> context;
};

namespace espalier::cuda {
namespace {

thread_local std::string message;

template <class Body>
int guarded(const Body& body) {
  try {
    body();
    return 0;
  } catch (const std::exception& error) {
    message = error.what();
  } catch (...) {
    message = "unknown failure";
  }
  return -1;
}

const char* last_error() { return message.c_str(); }

int32_t device_count() {
  int count = 0, usable = 0;
  if (cudaGetDeviceCount(&count) != cudaSuccess) {
    (void)cudaGetLastError();
    return 0;
  }
  for (int device = 0; device < count; ++device) {
    int major = 0, minor = 0;
    if (cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device) == cudaSuccess &&
        cudaDeviceGetAttribute(&minor, cudaDevAttrComputeCapabilityMinor, device) == cudaSuccess &&
        has_code_for(major, minor))
      usable = device + 1;
  }
  return usable;
}

int device_info(int32_t device, esp_cuda_device_info* out) {
  return guarded([&] {
    cudaDeviceProp properties{};
    ESP_CUDA_CHECK(cudaGetDeviceProperties(&properties, device));
    *out = {};
    std::string(properties.name).copy(out->name, sizeof(out->name) - 1);
    out->multiprocessors = properties.multiProcessorCount;
    out->capability = properties.major * 10 + properties.minor;
    ESP_CUDA_CHECK(cudaSetDevice(device));
    ESP_CUDA_CHECK(cudaMemGetInfo(&out->free_bytes, &out->memory_bytes));
  });
}

int copy_bandwidth(int32_t device, double* bytes_per_second) {
  return guarded([&] {
    ESP_CUDA_CHECK(cudaSetDevice(device));
    *bytes_per_second = measure_copies();
  });
}

int can_share() {
  return guarded([] { (void)nccl(); });
}

int create(const esp_cuda_config* configs, size_t ranks, esp_cuda_context** out) {
  return guarded([&] { *out = new esp_cuda_context{make_context({configs, ranks})}; });
}

void destroy(esp_cuda_context* context) { delete context; }

int load(esp_cuda_context* context, size_t rank, esp_cuda_tensor tensor, size_t layer, size_t part, const void* data,
         size_t row_bytes, esp_cuda_dtype dtype) {
  return guarded([&] { context->context->rank(rank).load(tensor, layer, part, data, row_bytes, dtype); });
}

int load_vector(esp_cuda_context* context, size_t rank, esp_cuda_vector vector, size_t layer, const float* data) {
  return guarded([&] { context->context->rank(rank).load_vector(vector, layer, data); });
}

int load_dummy(esp_cuda_context* context, uint64_t seed) {
  return guarded([&] { context->context->load_dummy(seed); });
}

int page_bytes(esp_cuda_context* context, size_t page_size, size_t* out) {
  return guarded([&] { *out = context->context->page_bytes(page_size); });
}

int allocate_kv(esp_cuda_context* context, size_t pages, size_t page_size) {
  return guarded([&] { context->context->allocate_kv(pages, page_size); });
}

int warm_up(esp_cuda_context* context, size_t rows, size_t tokens, int32_t* more) {
  return guarded([&] { *more = context->context->warm_up(rows, tokens) ? 1 : 0; });
}

int allocate_host_kv(esp_cuda_context* context, size_t pages) {
  return guarded([&] { context->context->allocate_host_kv(pages); });
}

int copy_pages(esp_cuda_context* context, const esp_cuda_page_copy* copies, size_t count) {
  return guarded([&] { context->context->copy_pages({copies, count}); });
}

int forward(esp_cuda_context* context, const esp_cuda_segment* segments, size_t count, float* logits) {
  return guarded([&] { context->context->forward({segments, count}, logits); });
}

int wait(esp_cuda_context* context) {
  return guarded([&] { context->context->wait(); });
}

int allocate_masks(esp_cuda_context* context, size_t rows, int32_t** host) {
  return guarded([&] { *host = context->context->chooser().allocate_masks(rows); });
}

int send_masks(esp_cuda_context* context, const int32_t* rows, size_t count) {
  return guarded([&] { context->context->chooser().send_masks({rows, count}); });
}

int sample(esp_cuda_context* context, const esp_cuda_choice* choices, size_t count) {
  return guarded([&] { context->context->sample({choices, count}); });
}

int take(esp_cuda_context* context, int32_t* tokens, esp_cuda_logprobs* logprobs, size_t count) {
  return guarded([&] { context->context->chooser().take({tokens, count}, {logprobs, logprobs ? count : 0}); });
}

int apply_masks(void* logits, esp_cuda_dtype dtype, size_t rows, size_t vocab_size, size_t stride, const int32_t* masks,
                const int32_t* indices, void* stream) {
  return guarded([&] {
    if (dtype != ESP_CUDA_F32 && dtype != ESP_CUDA_F16 && dtype != ESP_CUDA_BF16)
      throw CudaError("apply_masks: logits of this type are not known");
    // The grid's second dimension.
    if (rows > 65535 || vocab_size == 0 || vocab_size > (size_t{1} << 22) || stride < vocab_size)
      throw CudaError("apply_masks: rows, vocab_size or stride is out of range");
    cuda::apply_masks(logits, dtype, static_cast<int>(rows), static_cast<int>(vocab_size), stride, masks, indices,
                      static_cast<cudaStream_t>(stream));
  });
}

int share_masks(esp_cuda_context* context, esp_cuda_context* owner) {
  return guarded([&] { context->context->chooser().share_masks(owner->context->chooser()); });
}

int score(esp_cuda_context* context, const int32_t* tokens, size_t count, int32_t alternatives, esp_cuda_logprobs* out) {
  return guarded([&] { context->context->score({tokens, count}, alternatives, {out, count}); });
}

int sum_hidden(esp_cuda_context* context, const esp_cuda_segment* segments, size_t count, float* sums) {
  return guarded([&] { context->context->sum_hidden({segments, count}, sums); });
}

constexpr esp_cuda_api kApi{ESP_CUDA_ABI_VERSION,
                            last_error,
                            device_count,
                            device_info,
                            copy_bandwidth,
                            can_share,
                            create,
                            destroy,
                            load,
                            load_vector,
                            load_dummy,
                            page_bytes,
                            allocate_kv,
                            warm_up,
                            allocate_host_kv,
                            copy_pages,
                            forward,
                            wait,
                            allocate_masks,
                            send_masks,
                            sample,
                            take,
                            apply_masks,
                            share_masks,
                            score,
                            sum_hidden};

}  // namespace
}  // namespace espalier::cuda

extern "C" __attribute__((visibility("default"))) const esp_cuda_api* esp_cuda_open(uint32_t abi_version) {
  return abi_version == ESP_CUDA_ABI_VERSION ? &espalier::cuda::kApi : nullptr;
}
