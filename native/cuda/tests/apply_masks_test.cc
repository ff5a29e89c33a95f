// Masks over logits of a caller, by way of the C ABI.
#include <cuda_fp16.h>

#include "cuda/client/library.h"
#include "support.h"

using namespace espalier::cuda;
using namespace espalier::cuda::test;

namespace {

template <class Element>
void check(esp_cuda_dtype dtype, size_t rows, size_t vocab, size_t stride, bool indexed) {
  std::string why;
  const esp_cuda_api* api = espalier::cuda_library(why);
  CHECK(api != nullptr);
  if (!api) return;
  const size_t words = (vocab + 31) / 32;
  std::vector<Element> logits(rows * stride);
  for (size_t i = 0; i < logits.size(); ++i) logits[i] = Element(static_cast<float>(i % 251));
  std::vector<int32_t> masks(rows * words), indices(rows);
  for (int32_t& word : masks) word = pick(0, 1) ? pick(0, INT32_MAX) : ~pick(0, INT32_MAX);
  for (size_t i = 0; i < rows; ++i) indices[i] = i % 3 == 2 ? -1 : static_cast<int32_t>(rows - 1 - i);
  auto device = to_device(logits);
  const auto device_masks = to_device(masks), device_indices = to_device(indices);
  CHECK(api->apply_masks(device.get(), dtype, rows, vocab, stride, device_masks.get(),
                         indexed ? device_indices.get() : nullptr, nullptr) == 0);
  const std::vector<Element> found = to_host(device);
  size_t wrong = 0;
  for (size_t row = 0; row < rows; ++row)
    for (size_t token = 0; token < stride; ++token) {
      const int32_t index = indexed ? indices[row] : static_cast<int32_t>(row);
      const bool kept =
          token >= vocab || index < 0 || (masks[static_cast<size_t>(index) * words + token / 32] >> token % 32 & 1);
      const float value = static_cast<float>(found[row * stride + token]);
      wrong += kept ? value != static_cast<float>(logits[row * stride + token]) : value != -INFINITY;
    }
  CHECK(wrong == 0);
}

}  // namespace

TEST(masks_over_logits_of_a_caller) {
  check<float>(ESP_CUDA_F32, 7, 1003, 1003, false);
  check<float>(ESP_CUDA_F32, 33, 128256, 128320, true);
  check<bf16>(ESP_CUDA_BF16, 9, 50257, 50264, true);
  check<__half>(ESP_CUDA_F16, 5, 4096, 4097, false);
  std::string why;
  const esp_cuda_api* api = espalier::cuda_library(why);
  CHECK(api && api->apply_masks(nullptr, ESP_CUDA_F32, 1, 100, 99, nullptr, nullptr, nullptr) == -1);
}
