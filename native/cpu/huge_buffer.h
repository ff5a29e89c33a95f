// Memory that is read through on every step, in pages as large as the system gives: with small ones, translating addresses
// costs a good part of the time that weights take to read.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

#if __has_include(<sys/mman.h>)
#include <sys/mman.h>
#endif

namespace espalier {

class HugeBuffer {
 public:
  HugeBuffer() = default;
  /// Memory that is not filled. @throws std::bad_alloc
  explicit HugeBuffer(size_t bytes) {
    const size_t rounded = (bytes + kPage - 1) / kPage * kPage;
    data_.reset(static_cast<uint8_t*>(std::aligned_alloc(kPage, rounded)));
    if (!data_) throw std::bad_alloc();
#if defined(MADV_HUGEPAGE)
    madvise(data_.get(), rounded, MADV_HUGEPAGE);
#endif
  }

  uint8_t* data() const { return data_.get(); }

 private:
  static constexpr size_t kPage = size_t{1} << 21;
  struct Free {
    void operator()(uint8_t* data) const { std::free(data); }
  };
  std::unique_ptr<uint8_t[], Free> data_;
};

}  // namespace espalier
