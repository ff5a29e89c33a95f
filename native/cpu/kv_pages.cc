// The KV pages of the CPU back end: the cache, the host tier, which is a memory like it, and copies between their pages.
#include <cstdlib>
#include <cstring>
#include <new>

#include "cpu/backend.h"

namespace espalier {

void CpuBackend::Free::operator()(float* memory) const { std::free(memory); }

// calloc: the system hands out zero pages when they are first touched, so an unused part of the cache costs nothing.
CpuBackend::Memory CpuBackend::zeros(double floats) {
  if (!(floats < 0x1p53)) throw std::bad_alloc();
  Memory memory(static_cast<float*>(std::calloc(static_cast<size_t>(floats), sizeof(float))));
  if (!memory) throw std::bad_alloc();
  return memory;
}

void CpuBackend::allocate_kv(size_t pages, size_t page_size) {
  pages_ = pages;
  page_size_ = page_size;
  key_stride_ = config_.kv_heads * page_size * config_.head_dim;
  value_stride_ = config_.kv_heads * page_size * value_dim_;
  kv_ = zeros(static_cast<double>(pages) * static_cast<double>(page_bytes(page_size) / sizeof(float)));
}

void CpuBackend::allocate_host_kv(size_t pages) {
  host_kv_ = zeros(static_cast<double>(pages) * static_cast<double>(page_bytes(page_size_) / sizeof(float)));
}

size_t CpuBackend::page_bytes(size_t page_size) const {
  return config_.layers * config_.kv_heads * page_size * (config_.head_dim + value_dim_) * sizeof(float);
}

float* CpuBackend::keys(size_t layer, size_t kv_head) {
  return kv_.get() + layer * pages_ * key_stride_ + kv_head * page_size_ * config_.head_dim;
}

float* CpuBackend::values(size_t layer, size_t kv_head) {
  return kv_.get() + config_.layers * pages_ * key_stride_ + layer * pages_ * value_stride_ +
         kv_head * page_size_ * value_dim_;
}

void CpuBackend::copy_pages(std::span<const PageCopy> copies) {
  const auto keys_of = [&](bool on_host, size_t page, size_t layer) {
    return on_host ? host_kv_.get() + (page * config_.layers + layer) * (key_stride_ + value_stride_)
                   : keys(layer, 0) + page * key_stride_;
  };
  const auto values_of = [&](bool on_host, size_t page, size_t layer) {
    return on_host ? keys_of(on_host, page, layer) + key_stride_ : values(layer, 0) + page * value_stride_;
  };
  for (const auto& [way, from, to] : copies) {
    const bool from_host = way == PageWay::ToDevice, to_host = way == PageWay::ToHost;
    const auto source = static_cast<size_t>(from), target = static_cast<size_t>(to);
    for (size_t layer = 0; layer < config_.layers; ++layer) {
      std::memcpy(keys_of(to_host, target, layer), keys_of(from_host, source, layer), key_stride_ * sizeof(float));
      std::memcpy(values_of(to_host, target, layer), values_of(from_host, source, layer), value_stride_ * sizeof(float));
    }
  }
}

}  // namespace espalier
