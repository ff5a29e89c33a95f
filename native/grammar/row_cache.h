// The finished masks of one grammar by configuration set, bounded in bytes, least recently used first out.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <unordered_map>

#include "grammar/byte_machine.h"
#include "grammar/lexeme_mask.h"
#include "grammar/lru.h"
#include "grammar/table_memory.h"

namespace espalier::grammar {

/// A finished mask: a lexeme's row and a few more tokens, a list of tokens, or a row.
struct FinishedMask {
  std::shared_ptr<const InnerRow> base;
  Vector<int32_t> tokens;
  Vector<int32_t> row;
  int64_t count = 0;
  uint64_t id = 0;  ///< of this mask and no other of the process, once it is kept

  /// Writes the row of `words` words and returns how many tokens it allows.
  int64_t write(int32_t* row, size_t words) const;
};

/// Used under its grammar's lock, but for its figures.
class RowCache {
 public:
  static constexpr size_t kMaxBytes = 16u << 20;

  explicit RowCache(size_t max_bytes) : max_bytes_(max_bytes) { kept_.reserve(kReadySets); }
  ~RowCache() { recency_.trim(0); }

  size_t bytes() const { return recency_.bytes() + base_bytes_.load(std::memory_order_relaxed); }
  uint64_t evictions() const { return recency_.evictions(); }
  size_t max_bytes() const { return max_bytes_; }
  /// How many masks were found.
  uint64_t hits() const { return hits_.load(std::memory_order_relaxed); }
  /// The set's mask, now the last that is dropped, or null.
  const FinishedMask* find(SetId set) {
    if (set >= kept_.size() || !kept_[set]) return nullptr;
    hits_.store(hits() + 1, std::memory_order_relaxed);
    recency_.raise(*kept_[set]);
    return &kept_[set]->mask;
  }
  /// The set's mask, or null; its age stays as it is.
  const FinishedMask* peek(SetId set) const {
    return set < kept_.size() && kept_[set] ? &kept_[set]->mask : nullptr;
  }
  /// Keeps a set's mask, and drops others until all take at most the bound. A base counts once, however many masks begin
  /// with it, and whoever else holds it.
  void keep(SetId set, FinishedMask mask);

 private:
  static constexpr size_t kReadySets = 512;
  struct Kept final : LruEntry {
    Kept(RowCache& owner, SetId set, FinishedMask finished);
    void evict() override { cache.drop(set); }
    RowCache& cache;
    const SetId set;
    const FinishedMask mask;
  };

  void drop(SetId set);
  void add_base_bytes(int64_t bytes);

  const size_t max_bytes_;
  LruList recency_;
  Vector<std::unique_ptr<Kept>> kept_;  ///< by set
  std::unordered_map<const InnerRow*, uint32_t> masks_of_base_;
  std::atomic<size_t> base_bytes_{0};
  std::atomic<uint64_t> hits_{0};  ///< written under the lock: no addition has to be atomic
};

}  // namespace espalier::grammar
