// The sets that an output came to, token by token: a list that forks of a matcher share. It lies in chunks that are linked
// backwards and counted, so that a copy costs the same however long the list is.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "grammar/byte_machine.h"

namespace espalier::grammar {

/// Copy, push and back take constant time; pop takes a time that grows with the logarithm of what is popped, by the jump
/// pointers of Myers, "An applicative random-access stack" (Information Processing Letters 17, 1983), and what nobody
/// else holds is freed. One history is used by one thread at a time; histories that share chunks by different threads.
class History {
 public:
  explicit History(SetId first);
  History(const History& other) noexcept;
  History(History&& other) noexcept : last_(std::exchange(other.last_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  History& operator=(History other) noexcept {
    std::swap(last_, other.last_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~History() { release(last_); }

  size_t size() const { return size_; }
  SetId back() const { return last_->sets[size_ - 1 - last_->start]; }
  /// @throws std::bad_alloc; the history is then unchanged
  void push(SetId set);
  /// Takes the last `count` away, fewer than there are.
  void pop(size_t count);

 private:
  static constexpr size_t kChunkSets = 24;

  /// Written only while one history or one chunk holds it.
  struct Chunk {
    Chunk(Chunk* before, size_t first);
    std::atomic<uint32_t> holders{1};
    const uint32_t depth;  ///< chunks before this one
    const size_t start;    ///< sets before this chunk's
    Chunk* const parent;   ///< held
    Chunk* const jump;     ///< one of those before, which the parents keep alive; null for the first
    SetId sets[kChunkSets];
  };

  static void release(Chunk* chunk) noexcept;

  Chunk* last_;
  size_t size_;
};

}  // namespace espalier::grammar
