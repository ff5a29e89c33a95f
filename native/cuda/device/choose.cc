// Sampling: parameters and masks to the device while the forward pass still runs, one kernel, tokens back. The only
// wait of a step is here; it also makes the buffers free for the next one.
#include <algorithm>
#include <cstring>

#include "cuda/device/decoder_context.h"

namespace espalier::cuda {

template <class Element>
void DecoderContext<Element>::sample(std::span<const esp_cuda_choice> choices, int32_t* tokens) {
  if (choices.empty()) return;
  ESP_CUDA_CHECK(cudaSetDevice(config_.device));
  const size_t words = (config_.vocab_size + 31) / 32;
  const auto masked = static_cast<size_t>(std::ranges::count_if(choices, [](const auto& c) { return c.mask; }));
  const auto grow = [](auto& buffer, size_t count) {
    if (buffer.count() < count) buffer.allocate(std::max<size_t>(count, 2 * buffer.count()));
  };
  grow(choices_host_, choices.size());
  grow(choices_, choices.size());
  grow(tokens_host_, choices.size());
  grow(tokens_, choices.size());
  grow(masks_host_, masked * words);
  grow(masks_, masked * words);
  size_t mask = 0;
  for (size_t i = 0; i < choices.size(); ++i) {
    const esp_cuda_choice& choice = choices[i];
    if (choice.logit_row >= logit_rows_) throw CudaError("sample: there is no such row of logits");
    SampleRow& row = choices_host_.get()[i];
    row.logits = logits_.get() + choice.logit_row * config_.vocab_size;
    row.mask = nullptr;
    if (choice.mask) {
      std::memcpy(masks_host_.get() + mask * words, choice.mask, words * sizeof(int32_t));
      row.mask = masks_.get() + mask++ * words;
    }
    row.temperature = static_cast<float>(choice.temperature);
    row.top_p = static_cast<float>(choice.top_p);
    row.min_p = static_cast<float>(choice.min_p);
    row.top_k = static_cast<uint32_t>(std::min<uint64_t>(choice.top_k, UINT32_MAX));
    row.uniform = choice.uniform;
  }
  const cudaStream_t stream = stream_.get(), upload = upload_.get();
  if (masked > 0)
    ESP_CUDA_CHECK(cudaMemcpyAsync(masks_.get(), masks_host_.get(), masked * words * sizeof(int32_t),
                                   cudaMemcpyHostToDevice, upload));
  ESP_CUDA_CHECK(cudaMemcpyAsync(choices_.get(), choices_host_.get(), choices.size() * sizeof(SampleRow),
                                 cudaMemcpyHostToDevice, upload));
  ESP_CUDA_CHECK(cudaEventRecord(uploaded_.get(), upload));
  ESP_CUDA_CHECK(cudaStreamWaitEvent(stream, uploaded_.get(), 0));
  sample_rows(choices_.get(), static_cast<int>(choices.size()), static_cast<int>(config_.vocab_size), tokens_.get(),
              stream);
  ESP_CUDA_CHECK(cudaMemcpyAsync(tokens_host_.get(), tokens_.get(), choices.size() * sizeof(int32_t),
                                 cudaMemcpyDeviceToHost, stream));
  ESP_CUDA_CHECK(cudaStreamSynchronize(stream));
  std::copy_n(tokens_host_.get(), choices.size(), tokens);
}

template class DecoderContext<float>;
template class DecoderContext<bf16>;

}  // namespace espalier::cuda
