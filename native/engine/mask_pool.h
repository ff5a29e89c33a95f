// Mask rows by number: filled on the host, kept while they are of use, and sent to a device once however often they are
// sampled with. Equal rows are one row; the least recently used ones make room. A back end keeps copies under the same
// numbers.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

namespace espalier {

/// A row of the pool as it was when it was kept; void once its place was given to another.
struct MaskRef {
  int32_t row = -1;
  uint64_t version = 0;
};

/// What is known of a grammar's state: its mask, unless that was not kept or its place was given to another; how many
/// tokens it allows, and which one, where that is the only one.
struct KnownMask {
  MaskRef mask;
  int64_t allowed = 0;
  int32_t only = -1;
};

/// take(), keep(), give_back(), find() and remember() may be called from several threads at once, the others by the engine's thread between
/// such calls.
class MaskPool {
 public:
  /// `memory` holds rows * words words and belongs to the caller; null: the pool has its own.
  MaskPool(int32_t* memory, size_t rows, size_t words);

  size_t words() const { return words_; }
  int32_t* data(int32_t row) { return memory_ + static_cast<size_t>(row) * words_; }

  /// Begins a step: rows kept or touched from now on stay until the next one.
  void begin_step() { ++step_; }
  /// A row to fill, or -1 when all are of use in this step.
  int32_t take();
  /// Keeps a row that was taken and filled. Where an equal one is there, that one is meant and this one given back.
  MaskRef keep(int32_t row);
  /// Gives back a row that was taken.
  void give_back(int32_t row);
  /// What was remembered of a state, now of use in this step; nothing is known of state 0.
  std::optional<KnownMask> find(uint64_t state);
  void remember(uint64_t state, const KnownMask& known);
  bool holds(const MaskRef& mask) const;
  /// Marks a row that is held as used in this step.
  void touch(const MaskRef& mask);
  /// The rows that were kept since the last call.
  std::vector<int32_t> take_fresh();

 private:
  struct Row {
    uint64_t hash = 0, version = 0, used = 0;
    // Neighbours in the order of use, or -1.
    int32_t older = -1, newer = -1;
    bool kept = false;
  };

  Row& at(int32_t row) { return rows_[static_cast<size_t>(row)]; }
  uint64_t hash_of(const int32_t* row) const;
  void unlink(int32_t row);
  void append(int32_t row);
  void forget(int32_t row);
  // The kept row of this hash, now of use, or -1.
  int32_t find_equal(uint64_t hash);
  void use(int32_t row);

  const size_t words_;
  std::unique_ptr<int32_t[]> own_;
  int32_t* memory_;
  std::mutex mutex_;
  std::vector<Row> rows_;
  std::unordered_map<uint64_t, int32_t> by_hash_;
  std::unordered_map<uint64_t, KnownMask> by_state_;
  // Ends of the order of use; rows that were taken and not yet kept are outside it.
  int32_t oldest_ = -1, newest_ = -1;
  uint64_t step_ = 1, versions_ = 0;
  std::vector<int32_t> fresh_;
};

}  // namespace espalier
