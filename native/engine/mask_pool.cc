// Rows lie in a list in the order of their use. A hash finds the row that may be equal, a comparison decides.
#include "engine/mask_pool.h"

#include <cstring>

namespace espalier {
namespace {

// States remembered per row of the pool; beyond that all are forgotten.
constexpr size_t kStatesPerRow = 16;

// The finaliser of splitmix64 (Steele, Lea, Flood, OOPSLA 2014).
uint64_t mix(uint64_t z) {
  z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
  z = (z ^ z >> 27) * 0x94d049bb133111eb;
  return z ^ z >> 31;
}

}  // namespace

MaskPool::MaskPool(int32_t* memory, size_t rows, size_t words)
    : words_(words),
      own_(memory ? nullptr : std::make_unique_for_overwrite<int32_t[]>(rows * words)),
      memory_(memory ? memory : own_.get()),
      rows_(rows) {
  for (size_t row = 0; row < rows; ++row) append(static_cast<int32_t>(row));
}

// Four sums side by side, so that the multiplications overlap.
uint64_t MaskPool::hash_of(const int32_t* row) const {
  constexpr uint64_t kFactor = 0x9e3779b97f4a7c15;
  uint64_t sums[4] = {1, 2, 3, 4};
  size_t word = 0;
  for (; word + 8 <= words_; word += 8) {
    uint64_t block[4];
    std::memcpy(block, row + word, sizeof(block));
    for (int i = 0; i < 4; ++i) sums[i] = (sums[i] ^ block[i]) * kFactor ^ sums[i] >> 29;
  }
  for (; word < words_; ++word) sums[0] = (sums[0] ^ static_cast<uint32_t>(row[word])) * kFactor ^ sums[0] >> 29;
  uint64_t hash = 0;
  for (const uint64_t sum : sums) hash = mix(hash + sum);
  return hash;
}

void MaskPool::unlink(int32_t row) {
  const auto [older, newer] = std::pair(at(row).older, at(row).newer);
  (older < 0 ? oldest_ : at(older).newer) = newer;
  (newer < 0 ? newest_ : at(newer).older) = older;
}

void MaskPool::append(int32_t row) {
  at(row).older = newest_;
  at(row).newer = -1;
  (newest_ < 0 ? oldest_ : at(newest_).newer) = row;
  newest_ = row;
}

void MaskPool::forget(int32_t row) {
  if (!at(row).kept) return;
  at(row).kept = false;
  const auto found = by_hash_.find(at(row).hash);
  if (found != by_hash_.end() && found->second == row) by_hash_.erase(found);
}

int32_t MaskPool::take() {
  const std::lock_guard lock(mutex_);
  const int32_t row = oldest_;
  if (row < 0 || (at(row).kept && at(row).used == step_)) return -1;
  unlink(row);
  forget(row);
  return row;
}

int32_t MaskPool::find_equal(uint64_t hash) {
  const std::lock_guard lock(mutex_);
  const auto found = by_hash_.find(hash);
  if (found == by_hash_.end()) return -1;
  use(found->second);
  return found->second;
}

void MaskPool::use(int32_t row) {
  at(row).used = step_;
  unlink(row);
  append(row);
}

std::optional<KnownMask> MaskPool::find(uint64_t state) {
  if (state == 0) return std::nullopt;
  const std::lock_guard lock(mutex_);
  const auto found = by_state_.find(state);
  if (found == by_state_.end()) return std::nullopt;
  KnownMask known = found->second;
  if (holds(known.mask))
    use(known.mask.row);
  else
    known.mask = {};
  return known;
}

void MaskPool::remember(uint64_t state, const KnownMask& known) {
  if (state == 0) return;
  const std::lock_guard lock(mutex_);
  if (by_state_.size() >= kStatesPerRow * rows_.size()) by_state_.clear();
  by_state_[state] = known;
}

MaskRef MaskPool::keep(int32_t row) {
  const uint64_t hash = hash_of(data(row));
  const int32_t known = find_equal(hash);
  if (known >= 0 && std::memcmp(data(known), data(row), words_ * sizeof(int32_t)) == 0) {
    give_back(row);
    return {known, at(known).version};
  }
  const std::lock_guard lock(mutex_);
  Row& kept = at(row);
  kept.hash = hash;
  kept.version = ++versions_;
  kept.used = step_;
  kept.kept = true;
  append(row);
  by_hash_[hash] = row;
  fresh_.push_back(row);
  return {row, kept.version};
}

// To the old end: it is the next to be taken, and warm in the processor's cache.
void MaskPool::give_back(int32_t row) {
  const std::lock_guard lock(mutex_);
  at(row).newer = oldest_;
  at(row).older = -1;
  (oldest_ < 0 ? newest_ : at(oldest_).older) = row;
  oldest_ = row;
}

bool MaskPool::holds(const MaskRef& mask) const {
  return mask.row >= 0 && rows_[static_cast<size_t>(mask.row)].kept &&
         rows_[static_cast<size_t>(mask.row)].version == mask.version;
}

void MaskPool::touch(const MaskRef& mask) { use(mask.row); }

std::vector<int32_t> MaskPool::take_fresh() {
  std::vector<int32_t> fresh;
  fresh.swap(fresh_);
  return fresh;
}

}  // namespace espalier
