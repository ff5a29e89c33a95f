// A region is aligned to its size, so that a block's region and its buddy are found from its address.
#include "grammar/table_memory.h"

#include <algorithm>
#include <cstring>

namespace espalier::grammar {
namespace {

/// Of a block so many equal parts are taken or left.
constexpr size_t kParts = 8;
constexpr size_t kPageBytes = 4096;

}  // namespace

TableMemory& TableMemory::shared() {
  static TableMemory& memory = *new TableMemory;
  return memory;
}

size_t TableMemory::rounded(size_t bytes) {
  const size_t part = std::max(kLeastBytes, size_of(order_of(bytes)) / kParts);
  return (bytes + part - 1) / part * part;
}

TableMemory::Region& TableMemory::region_of(void* block) {
  return *reinterpret_cast<Region*>(reinterpret_cast<uintptr_t>(block) & ~uintptr_t{kRegionBytes - 1});
}

size_t TableMemory::offset_of(const Region& region, const void* block) {
  return static_cast<size_t>(static_cast<const char*>(block) - reinterpret_cast<const char*>(&region));
}

void* TableMemory::take(size_t bytes) {
  const int order = order_of(bytes);
  const std::lock_guard lock(mutex_);
  if (free_orders_ >> order == 0) add(new_region());
  int found = order + std::countr_zero(free_orders_ >> order);
  FreeBlock* const block = free_[found];
  Region& region = region_of(block);
  const size_t offset = offset_of(region, block);
  unlink(region, offset, found);
  if (region.used_bytes == 0) idle_regions_--;
  region.used_bytes += rounded(bytes);
  while (found > order) {
    found--;
    push(region, offset + size_of(found), found);
  }
  release_between(region, offset + rounded(bytes), offset + size_of(order));
  return block;
}

void TableMemory::give_back(void* block, size_t bytes) noexcept {
  const std::lock_guard lock(mutex_);
  Region& region = region_of(block);
  const size_t offset = offset_of(region, block);
  release_between(region, offset, offset + rounded(bytes));
  region.used_bytes -= rounded(bytes);
  if (region.used_bytes > 0) return;
  idle_regions_++;
  if (idle_regions_ * kRegionBytes > max_idle_bytes_) free_region(region);
}

void TableMemory::reserve(size_t bytes) {
  {
    const std::lock_guard lock(mutex_);
    max_idle_bytes_ = std::max(bytes, kMaxIdleBytes);
  }
  while (idle_bytes() < bytes) {
    Region& region = new_region();
    for (size_t at = std::bit_ceil(sizeof(Region)); at < kRegionBytes; at += kPageBytes)
      reinterpret_cast<volatile char*>(&region)[at] = 0;
    const std::lock_guard lock(mutex_);
    add(region);
  }
}

size_t TableMemory::bytes() const {
  const std::lock_guard lock(mutex_);
  return regions_ * kRegionBytes;
}

size_t TableMemory::idle_bytes() const {
  const std::lock_guard lock(mutex_);
  return idle_regions_ * kRegionBytes;
}

TableMemory::Region& TableMemory::new_region() {
  auto* const region = new (::operator new(kRegionBytes, std::align_val_t{kRegionBytes})) Region;
  region->used_bytes = 0;
  std::memset(region->free_order, kNotFree, sizeof(region->free_order));
  return *region;
}

void TableMemory::add(Region& region) noexcept {
  regions_++;
  idle_regions_++;
  release_between(region, std::bit_ceil(sizeof(Region)), kRegionBytes);
}

void TableMemory::free_region(Region& region) noexcept {
  for (size_t unit = 0; unit < kUnits; unit++)
    if (region.free_order[unit] != kNotFree) unlink(region, unit * kLeastBytes, region.free_order[unit]);
  regions_--;
  idle_regions_--;
  ::operator delete(&region, std::align_val_t{kRegionBytes});
}

void TableMemory::push(Region& region, size_t offset, int order) noexcept {
  auto* const block = new (reinterpret_cast<char*>(&region) + offset) FreeBlock{nullptr, free_[order]};
  if (block->next != nullptr) block->next->before = block;
  free_[order] = block;
  free_orders_ |= 1u << order;
  region.free_order[offset / kLeastBytes] = static_cast<uint8_t>(order);
}

void TableMemory::unlink(Region& region, size_t offset, int order) noexcept {
  const auto* const block = reinterpret_cast<FreeBlock*>(reinterpret_cast<char*>(&region) + offset);
  (block->before != nullptr ? block->before->next : free_[order]) = block->next;
  if (block->next != nullptr) block->next->before = block->before;
  if (free_[order] == nullptr) free_orders_ &= ~(1u << order);
  region.free_order[offset / kLeastBytes] = kNotFree;
}

/// Makes a block free, joined with its buddy as long as that one is free.
void TableMemory::release(Region& region, size_t offset, int order) noexcept {
  for (; order + 1 < kOrders; order++) {
    const size_t buddy = offset ^ size_of(order);
    if (region.free_order[buddy / kLeastBytes] != order) break;
    unlink(region, buddy, order);
    offset = std::min(offset, buddy);
  }
  push(region, offset, order);
}

/// Makes what lies between two offsets free, in the largest blocks that may lie there.
void TableMemory::release_between(Region& region, size_t from, size_t to) noexcept {
  while (from < to) {
    const size_t size = std::min({from & -from, std::bit_floor(to - from), kMostBytes});
    release(region, from, order_of(size));
    from += size;
  }
}

}  // namespace espalier::grammar
