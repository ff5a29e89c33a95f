// Masks over logits that another engine holds: forbidden ones become minus infinity, the others are not touched. A warp
// takes a mask word at a time, so that its writes are whole lines.
#include "cuda/device/check.h"
#include "cuda/device/kernels.h"

namespace espalier::cuda {
namespace {

constexpr int kThreads = 256, kWordsPerWarp = 16;

// `Bits`: an integer as wide as the element; `infinity`: the bits of its minus infinity.
template <class Bits>
__global__ void apply_kernel(Bits* logits, Bits infinity, int vocab, size_t stride, const int32_t* masks,
                             const int32_t* indices) {
  const int row = blockIdx.y, index = indices ? indices[row] : row;
  if (index < 0) return;
  const int words = (vocab + 31) / 32, lane = threadIdx.x % 32;
  const int first = (blockIdx.x * (kThreads / 32) + threadIdx.x / 32) * kWordsPerWarp;
  const int32_t* mask = masks + static_cast<size_t>(index) * words;
  Bits* out = logits + row * stride;
  for (int word = first; word < min(first + kWordsPerWarp, words); ++word) {
    const int token = word * 32 + lane;
    if (token < vocab && !(mask[word] >> lane & 1)) out[token] = infinity;
  }
}

}  // namespace

void apply_masks(void* logits, esp_cuda_dtype dtype, int rows, int vocab, size_t stride, const int32_t* masks,
                 const int32_t* indices, cudaStream_t stream) {
  if (rows == 0) return;
  constexpr int kTokens = kThreads * kWordsPerWarp;
  const dim3 grid(static_cast<unsigned>((vocab + kTokens - 1) / kTokens), static_cast<unsigned>(rows));
  if (dtype == ESP_CUDA_F32)
    apply_kernel<<<grid, kThreads, 0, stream>>>(static_cast<uint32_t*>(logits), uint32_t{0xff800000}, vocab, stride,
                                                masks, indices);
  else
    apply_kernel<<<grid, kThreads, 0, stream>>>(static_cast<uint16_t*>(logits),
                                                static_cast<uint16_t>(dtype == ESP_CUDA_F16 ? 0xfc00 : 0xff80), vocab,
                                                stride, masks, indices);
  ESP_CUDA_CHECK(cudaGetLastError());
}

}  // namespace espalier::cuda
