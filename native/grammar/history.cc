#include "grammar/history.h"

namespace espalier::grammar {
namespace {

/// Where the jump of a chunk behind `parent` goes: as far again as the last two jumps went, where these were alike.
template <typename Chunk>
Chunk* jump_behind(Chunk* parent) {
  if (parent == nullptr || parent->jump == nullptr || parent->jump->jump == nullptr) return parent;
  Chunk* const near = parent->jump;
  Chunk* const far = near->jump;
  return parent->depth - near->depth == near->depth - far->depth ? far : parent;
}

}  // namespace

History::Chunk::Chunk(Chunk* before, size_t first)
    : depth(before == nullptr ? 0 : before->depth + 1), start(first), parent(before), jump(jump_behind(before)) {}

History::History(SetId first) : last_(new Chunk(nullptr, 0)), size_(1) { last_->sets[0] = first; }

History::History(const History& other) noexcept : last_(other.last_), size_(other.size_) {
  last_->holders.fetch_add(1, std::memory_order_relaxed);
}

void History::push(SetId set) {
  const size_t used = size_ - last_->start;
  // The hold on a shared or full chunk goes over to the new one. Who alone holds a chunk sees all that others did to it.
  if (used == kChunkSets || last_->holders.load(std::memory_order_acquire) > 1) last_ = new Chunk(last_, size_);
  last_->sets[size_ - last_->start] = set;
  size_++;
}

void History::pop(size_t count) {
  size_ -= count;
  const size_t wanted = size_ - 1;
  Chunk* chunk = last_;
  while (chunk->start > wanted) chunk = chunk->jump->start > wanted ? chunk->jump : chunk->parent;
  if (chunk == last_) return;
  chunk->holders.fetch_add(1, std::memory_order_relaxed);
  release(std::exchange(last_, chunk));
}

void History::release(Chunk* chunk) noexcept {
  while (chunk != nullptr && chunk->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    Chunk* const parent = chunk->parent;
    delete chunk;
    chunk = parent;
  }
}

}  // namespace espalier::grammar
