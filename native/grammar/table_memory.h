// Memory for what grammars and lexemes remember. Such tables grow while a mask is waited for, and memory that the system has
// never given before costs more than what is written to it: a fault takes 2 to 3 µs for each 4 KiB. So it is taken from
// regions that are kept, and can be made ready ahead.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace espalier::grammar {

/// Blocks of 512 bytes to 1 MiB by the buddy system (Knowlton 1965, *A fast storage allocator*), for the whole process and
/// any thread. Of a block only as many eighths are taken as are asked for.
class TableMemory {
 public:
  static constexpr size_t kLeastBytes = 512, kMostBytes = 1u << 20, kRegionBytes = 2u << 20;
  /// Regions in which nothing is in use are given back to the system beyond this, or what was last reserved if that is more.
  static constexpr size_t kMaxIdleBytes = 32u << 20;

  /// Never destroyed: tables may be given back while the process ends.
  static TableMemory& shared();

  /// At least `bytes`, which are from kLeastBytes to kMostBytes, aligned like any object. @throws std::bad_alloc
  void* take(size_t bytes);
  /// `bytes`: as they were taken.
  void give_back(void* block, size_t bytes) noexcept;
  /// Makes at least `bytes` ready in regions in which nothing is in use. @throws std::bad_alloc
  void reserve(size_t bytes);
  /// What regions take, in use or not.
  size_t bytes() const;
  /// What regions take in which nothing is in use.
  size_t idle_bytes() const;

 private:
  static constexpr int kOrders = std::bit_width(kMostBytes / kLeastBytes);
  static constexpr size_t kUnits = kRegionBytes / kLeastBytes;
  static constexpr uint8_t kNotFree = 0xff;

  struct FreeBlock {
    FreeBlock *before, *next;
  };
  /// Lies at its region's beginning.
  struct Region {
    size_t used_bytes;
    uint8_t free_order[kUnits];  ///< by a block's first unit: the order of one that is free, or kNotFree
  };

  static int order_of(size_t bytes) { return std::bit_width((bytes - 1) / kLeastBytes); }
  static size_t size_of(int order) { return kLeastBytes << order; }
  static size_t rounded(size_t bytes);
  static Region& region_of(void* block);
  static size_t offset_of(const Region& region, const void* block);
  static Region& new_region();
  void add(Region& region) noexcept;
  void free_region(Region& region) noexcept;
  void push(Region& region, size_t offset, int order) noexcept;
  void unlink(Region& region, size_t offset, int order) noexcept;
  void release(Region& region, size_t offset, int order) noexcept;
  void release_between(Region& region, size_t from, size_t to) noexcept;

  mutable std::mutex mutex_;
  FreeBlock* free_[kOrders] = {};
  uint32_t free_orders_ = 0;  ///< a bit for each order that has free blocks
  size_t regions_ = 0, idle_regions_ = 0;
  size_t max_idle_bytes_ = kMaxIdleBytes;
};

/// What vectors take their memory with. Blocks that are smaller or larger come from where all others do, and so do all where
/// a sanitizer is to see each.
template <typename T>
struct TableAllocator {
  using value_type = T;

  TableAllocator() = default;
  template <typename U>
  TableAllocator(const TableAllocator<U>&) {}

  T* allocate(size_t count) {
    const size_t bytes = count * sizeof(T);
    return static_cast<T*>(is_pooled(bytes) ? TableMemory::shared().take(bytes) : std::allocator<T>().allocate(count));
  }
  void deallocate(T* items, size_t count) noexcept {
    const size_t bytes = count * sizeof(T);
    if (is_pooled(bytes)) {
      TableMemory::shared().give_back(items, bytes);
    } else {
      std::allocator<T>().deallocate(items, count);
    }
  }
  /// The same, with zeros. What is larger than the pool's blocks comes as the system gives it, untouched.
  T* allocate_zeroed(size_t count) {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    const size_t bytes = count * sizeof(T);
    if (is_pooled(bytes)) return static_cast<T*>(std::memset(TableMemory::shared().take(bytes), 0, bytes));
    void* const items = std::calloc(count, sizeof(T));
    if (items == nullptr) throw std::bad_alloc();
    return static_cast<T*>(items);
  }
  void deallocate_zeroed(T* items, size_t count) noexcept {
    if (is_pooled(count * sizeof(T))) return TableMemory::shared().give_back(items, count * sizeof(T));
    std::free(items);
  }
  bool operator==(const TableAllocator&) const { return true; }

 private:
  static constexpr bool is_pooled([[maybe_unused]] size_t bytes) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return false;
#else
    return bytes >= TableMemory::kLeastBytes && bytes <= TableMemory::kMostBytes;
#endif
  }
};

/// An array of zeros, which is as small as it is: where it is large, the system gives a page when it is first written to.
template <typename T>
class ZeroedArray {
 public:
  ZeroedArray() = default;
  explicit ZeroedArray(size_t size) : items_(TableAllocator<T>().allocate_zeroed(size)), size_(size) {}
  ZeroedArray(ZeroedArray&& other) noexcept
      : items_(std::exchange(other.items_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  ZeroedArray& operator=(ZeroedArray&& other) noexcept {
    std::swap(items_, other.items_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~ZeroedArray() {
    if (size_ > 0) TableAllocator<T>().deallocate_zeroed(items_, size_);
  }

  size_t size() const { return size_; }
  T& operator[](size_t at) { return items_[at]; }
  const T& operator[](size_t at) const { return items_[at]; }
  const T* begin() const { return items_; }
  const T* end() const { return items_ + size_; }

 private:
  T* items_ = nullptr;
  size_t size_ = 0;
};

template <typename T>
using Vector = std::vector<T, TableAllocator<T>>;

}  // namespace espalier::grammar
