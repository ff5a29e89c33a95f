// Sampling: mask rows and parameters go to the device while the forward pass still runs, then one kernel chooses. The only
// wait of a step is take().
#include <algorithm>

#include "cuda/device/decoder_context.h"

namespace espalier::cuda {

template <class Element>
void DecoderContext<Element>::wait() {
  ESP_CUDA_CHECK(cudaStreamSynchronize(stream_.get()));
}

template <class Element>
int32_t* DecoderContext<Element>::allocate_masks(size_t rows) {
  ESP_CUDA_CHECK(cudaSetDevice(config_.device));
  if (mask_rows_ > 0) throw CudaError("allocate_masks: there are mask rows already");
  const size_t words = (config_.vocab_size + 31) / 32;
  masks_host_.allocate(rows * words);
  masks_.allocate(rows * words);
  mask_rows_ = rows;
  return masks_host_.get();
}

// Rows that follow each other go as one copy.
template <class Element>
void DecoderContext<Element>::send_masks(std::span<const int32_t> rows) {
  ESP_CUDA_CHECK(cudaSetDevice(config_.device));
  const size_t words = (config_.vocab_size + 31) / 32;
  std::vector<int32_t> sorted(rows.begin(), rows.end());
  std::ranges::sort(sorted);
  for (size_t first = 0, next; first < sorted.size(); first = next) {
    for (next = first + 1; next < sorted.size() && sorted[next] <= sorted[next - 1] + 1;) ++next;
    if (sorted[first] < 0 || static_cast<size_t>(sorted[next - 1]) >= mask_rows_)
      throw CudaError("send_masks: there is no such mask row");
    const size_t offset = static_cast<size_t>(sorted[first]) * words;
    const size_t count = static_cast<size_t>(sorted[next - 1] - sorted[first] + 1) * words;
    ESP_CUDA_CHECK(cudaMemcpyAsync(masks_.get() + offset, masks_host_.get() + offset, count * sizeof(int32_t),
                                   cudaMemcpyHostToDevice, upload_.get()));
  }
}

template <class Element>
void DecoderContext<Element>::sample(std::span<const esp_cuda_choice> choices) {
  if (choices.empty()) return;
  ESP_CUDA_CHECK(cudaSetDevice(config_.device));
  // The last call's copies may still run if its tokens were not taken.
  ESP_CUDA_CHECK(cudaEventSynchronize(chosen_.get()));
  const size_t words = (config_.vocab_size + 31) / 32;
  const auto grow = [](auto& buffer, size_t count) {
    if (buffer.count() < count) buffer.allocate(std::max<size_t>(count, 2 * buffer.count()));
  };
  if (choices.size() > logit_capacity_) throw CudaError("sample: there are more choices than rows of logits");
  grow(choices_host_, choices.size());
  grow(choices_, choices.size());
  grow(tokens_host_, choices.size());
  for (size_t i = 0; i < choices.size(); ++i) {
    const esp_cuda_choice& choice = choices[i];
    if (choice.logit_row >= logit_places_.size()) throw CudaError("sample: there is no such row of logits");
    if (choice.mask >= 0 && static_cast<size_t>(choice.mask) >= mask_rows_)
      throw CudaError("sample: there is no mask row " + std::to_string(choice.mask));
    SampleRow& row = choices_host_.get()[i];
    row.logits = logits_.get() + logit_places_[choice.logit_row] * config_.vocab_size;
    row.mask = choice.mask < 0 ? nullptr : masks_.get() + static_cast<size_t>(choice.mask) * words;
    row.temperature = static_cast<float>(choice.temperature);
    row.top_p = static_cast<float>(choice.top_p);
    row.min_p = static_cast<float>(choice.min_p);
    row.top_k = static_cast<uint32_t>(std::min<uint64_t>(choice.top_k, UINT32_MAX));
    row.uniform = choice.uniform;
  }
  const cudaStream_t stream = stream_.get(), upload = upload_.get();
  ESP_CUDA_CHECK(cudaMemcpyAsync(choices_.get(), choices_host_.get(), choices.size() * sizeof(SampleRow),
                                 cudaMemcpyHostToDevice, upload));
  ESP_CUDA_CHECK(cudaEventRecord(uploaded_.get(), upload));
  ESP_CUDA_CHECK(cudaStreamWaitEvent(stream, uploaded_.get(), 0));
  sample_rows(choices_.get(), static_cast<int>(choices.size()), static_cast<int>(config_.vocab_size), tokens_.get(),
              stream);
  ESP_CUDA_CHECK(cudaMemcpyAsync(tokens_host_.get(), tokens_.get(), choices.size() * sizeof(int32_t),
                                 cudaMemcpyDeviceToHost, stream));
  ESP_CUDA_CHECK(cudaEventRecord(chosen_.get(), stream));
  sampled_ = choices.size();
}

template <class Element>
void DecoderContext<Element>::take(std::span<int32_t> tokens) {
  if (tokens.size() > sampled_) throw CudaError("take: fewer tokens were chosen");
  ESP_CUDA_CHECK(cudaEventSynchronize(chosen_.get()));
  std::copy_n(tokens_host_.get(), tokens.size(), tokens.data());
}

template class DecoderContext<float>;
template class DecoderContext<bf16>;

}  // namespace espalier::cuda
