#include "grammar/lru.h"

namespace espalier::grammar {

LruEntry::~LruEntry() {
  if (list_ != nullptr) list_->unlink(*this);
}

void LruEntry::grow(size_t bytes) {
  bytes_ += bytes;
  if (list_ != nullptr) list_->add(bytes);
}

void LruList::raise(LruEntry& entry) {
  entry.used_ = now_;
  if (newest_ == &entry) return;
  if (entry.list_ != nullptr) unlink(entry);
  entry.list_ = this;
  entry.older_ = newest_;
  entry.newer_ = nullptr;
  (newest_ == nullptr ? oldest_ : newest_->newer_) = &entry;
  newest_ = &entry;
  add(entry.bytes_);
}

void LruList::unlink(LruEntry& entry) {
  (entry.older_ == nullptr ? oldest_ : entry.older_->newer_) = entry.newer_;
  (entry.newer_ == nullptr ? newest_ : entry.newer_->older_) = entry.older_;
  entry.list_ = nullptr;
  bytes_.store(bytes() - entry.bytes_, std::memory_order_relaxed);
}

bool LruList::drop_oldest() {
  if (oldest_ == nullptr) return false;
  LruEntry& entry = *oldest_;
  unlink(entry);
  evictions_.store(evictions() + 1, std::memory_order_relaxed);
  entry.evict();
  return true;
}

}  // namespace espalier::grammar
