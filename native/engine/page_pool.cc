// Reference counts over KV pages.
#include "engine/page_pool.h"

namespace espalier {

PagePool::PagePool(size_t pages) : owners_(pages, 0), cached_(pages, false) {
  free_.reserve(pages);
  for (size_t page = pages; page-- > 0;) free_.push_back(static_cast<int32_t>(page));
}

int32_t PagePool::take() {
  const int32_t page = free_.back();
  free_.pop_back();
  owners_[static_cast<size_t>(page)] = 1;
  return page;
}

void PagePool::retain(int32_t page) { count(static_cast<size_t>(page), 1); }

void PagePool::release(int32_t page) {
  count(static_cast<size_t>(page), -1);
  if (owners_[static_cast<size_t>(page)] == 0) free_.push_back(page);
}

void PagePool::set_cached(int32_t page, bool cached) {
  const auto index = static_cast<size_t>(page);
  if (cached_[index] && owners_[index] == 1) --evictable_;
  cached_[index] = cached;
  if (cached_[index] && owners_[index] == 1) ++evictable_;
}

void PagePool::count(size_t page, int change) {
  if (cached_[page] && owners_[page] == 1) --evictable_;
  owners_[page] += static_cast<uint32_t>(change);
  if (cached_[page] && owners_[page] == 1) ++evictable_;
}

}  // namespace espalier
