// The KV pages: which are free, and how many owners each of the others has. An owner is a request or the radix tree.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace espalier {

class PagePool {
 public:
  explicit PagePool(size_t pages);

  size_t total() const { return owners_.size(); }
  size_t free() const { return free_.size(); }
  /// Pages that the radix tree alone owns: they can be had by eviction.
  size_t evictable() const { return evictable_; }
  uint32_t owners(int32_t page) const { return owners_[static_cast<size_t>(page)]; }

  /// A free page, now with one owner. The caller has seen that free() > 0.
  int32_t take();
  void retain(int32_t page);
  /// Drops one owner; without owners the page is free again.
  void release(int32_t page);
  /// Says that one of the page's owners is the radix tree, or no longer is.
  void set_cached(int32_t page, bool cached);

 private:
  void count(size_t page, int change);

  std::vector<int32_t> free_;
  std::vector<uint32_t> owners_;
  std::vector<bool> cached_;
  size_t evictable_ = 0;
};

}  // namespace espalier
