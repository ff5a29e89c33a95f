#include "grammar/row_cache.h"

#include <cstring>

namespace espalier::grammar {

int64_t FinishedMask::write(int32_t* out, size_t words) const {
  const size_t bytes = words * sizeof(int32_t);
  if (!row.empty()) {
    std::memcpy(out, row.data(), bytes);
    return count;
  }
  if (base != nullptr) {
    std::memcpy(out, base->row.data(), bytes);
  } else {
    std::memset(out, 0, bytes);
  }
  for (const int32_t token : tokens)
    out[token >> 5] = static_cast<int32_t>(static_cast<uint32_t>(out[token >> 5]) | 1u << (token & 31));
  return count;
}

namespace {

FinishedMask numbered(FinishedMask mask) {
  static std::atomic<uint64_t> last{0};
  mask.id = last.fetch_add(1, std::memory_order_relaxed) + 1;
  return mask;
}

}  // namespace

RowCache::Kept::Kept(RowCache& owner, SetId of, FinishedMask finished)
    : cache(owner), set(of), mask(numbered(std::move(finished))) {
  grow(sizeof(Kept));
  grow_by(mask.tokens);
  grow_by(mask.row);
}

void RowCache::keep(SetId set, FinishedMask mask) {
  if (set >= kept_.size()) kept_.resize(set + 1);
  auto kept = std::make_unique<Kept>(*this, set, std::move(mask));
  if (const InnerRow* const base = kept->mask.base.get(); base != nullptr && masks_of_base_[base]++ == 0)
    add_base_bytes(static_cast<int64_t>(base->bytes()));
  recency_.raise(*kept);
  kept_[set] = std::move(kept);
  while (bytes() > max_bytes_ && recency_.drop_oldest());
}

void RowCache::drop(SetId set) {
  const std::unique_ptr<Kept> last = std::move(kept_[set]);
  const InnerRow* const base = last->mask.base.get();
  if (base == nullptr || --masks_of_base_[base] > 0) return;
  masks_of_base_.erase(base);
  add_base_bytes(-static_cast<int64_t>(base->bytes()));
}

void RowCache::add_base_bytes(int64_t bytes) {
  base_bytes_.store(base_bytes_.load(std::memory_order_relaxed) + static_cast<size_t>(bytes),
                    std::memory_order_relaxed);
}

}  // namespace espalier::grammar
