// The KV pages of a decoder: the cache on the device, the host tier in pinned memory, and copies between their pages, which
// are queued in the order of the passes.
#include <string>

#include "cuda/device/decoder_context.h"

namespace espalier::cuda {

// Keys and values of a layer have one each; values of latent attention are part of the keys.
template <class Element>
size_t DecoderContext<Element>::planes() const {
  return shape_.config.layers * static_cast<size_t>(shape_.planes_per_layer());
}

template <class Element>
size_t DecoderContext<Element>::page_bytes(size_t page_size) const {
  return planes() * page_size * shape_.key_elements * sizeof(Element);
}

template <class Element>
void DecoderContext<Element>::allocate_kv(size_t pages, size_t page_size) {
  ESP_CUDA_CHECK(cudaSetDevice(shape_.config.device));
  need(page_size > 0 && page_size % 16 == 0,
       "the CUDA back end takes page sizes that are multiples of 16 tokens, not " + std::to_string(page_size));
  weights_.finish_loading();
  pages_ = pages;
  page_size_ = page_size;
  plane_ = pages * page_size * shape_.key_elements;
  kv_.allocate(pages * page_bytes(page_size) / sizeof(Element));
  // Parts of a page that were never written are read with weight zero, which a NaN would survive.
  ESP_CUDA_CHECK(cudaMemsetAsync(kv_.get(), 0, kv_.count() * sizeof(Element), stream_.get()));
  drop_graphs();
}

template <class Element>
void DecoderContext<Element>::allocate_host_kv(size_t pages) {
  ESP_CUDA_CHECK(cudaSetDevice(shape_.config.device));
  host_kv_.allocate(pages * page_bytes(page_size_) / sizeof(Element));
  host_pages_ = pages;
}

template <class Element>
KvLayer<Element> DecoderContext<Element>::kv_layer(size_t layer) const {
  const bool apart = shape_.planes_per_layer() == 2;
  Element* keys = kv_.get() + (apart ? 2 : 1) * layer * plane_;
  return {keys, apart ? keys + plane_ : keys, static_cast<int>(page_size_)};
}

template <class Element>
void DecoderContext<Element>::copy_pages(std::span<const esp_cuda_page_copy> copies) {
  ESP_CUDA_CHECK(cudaSetDevice(shape_.config.device));
  // A page is a row in each plane of the device, planes apart, and the rows of a page of the host lie side by side.
  const size_t page = page_size_ * shape_.key_elements, row = page * sizeof(Element), plane = plane_ * sizeof(Element);
  for (const auto& [way, from, to] : copies) {
    const bool from_host = way == ESP_CUDA_TO_DEVICE, to_host = way == ESP_CUDA_TO_HOST;
    const auto known = [&](int32_t number, bool on_host) {
      return number >= 0 && static_cast<size_t>(number) < (on_host ? host_pages_ : pages_);
    };
    need(known(from, from_host) && known(to, to_host), "copy_pages: no such page");
    const auto place = [&](int32_t number, bool on_host) {
      const auto n = static_cast<size_t>(number);
      return on_host ? host_kv_.get() + n * planes() * page : kv_.get() + n * page;
    };
    ESP_CUDA_CHECK(cudaMemcpy2DAsync(place(to, to_host), to_host ? row : plane, place(from, from_host),
                                     from_host ? row : plane, row, planes(), cudaMemcpyDefault, stream_.get()));
  }
}

template class DecoderContext<float>;
template class DecoderContext<bf16>;
template class DecoderContext<f16>;

}  // namespace espalier::cuda
