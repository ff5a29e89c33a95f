// The lexemes of all grammars of one vocabulary, by content, and what they do to the vocabulary, bounded in bytes.
#pragma once

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "grammar/counted_lexeme.h"
#include "grammar/intern.h"
#include "grammar/lexeme.h"
#include "grammar/lru.h"

namespace espalier::grammar {

/// Divisions of the vocabulary, parts of tries and the automata of lexemes, least recently used first out. Any thread may
/// use it, one at a time, by a LexemeUse: what is found in a use stays until its end, when what is beyond the bound goes.
/// What a grammar still holds then (the automata of lexemes it has read, rows that its own rows begin with) lives on with
/// that grammar. Lexemes are given up in a use, too.
class LexemeTable {
 public:
  /// The bound by default: so much, or more where the vocabulary is large, since rows and tries grow with it.
  static constexpr size_t kLeastMaxBytes = 256u << 20, kMaxBytesPerToken = 2048;

  explicit LexemeTable(const Vocabulary& vocabulary)
      : vocabulary_(vocabulary),
        max_bytes_(std::max(kLeastMaxBytes, static_cast<size_t>(vocabulary.size()) * kMaxBytesPerToken)) {}
  ~LexemeTable() { recency_.trim(0); }

  const Vocabulary& vocabulary() const { return vocabulary_; }
  /// Bytes held, roughly. Without a lock.
  size_t bytes() const { return recency_.bytes(); }
  size_t max_bytes() const { return max_bytes_; }
  /// How many divisions, parts and automata made room for others.
  uint64_t evictions() const { return recency_.evictions(); }
  /// Takes effect at the end of the next use.
  void set_max_bytes(size_t bytes) { max_bytes_ = bytes; }

  std::shared_ptr<Lexeme> intern(LexemeContent content);
  std::shared_ptr<CountedLexeme> intern(CountedContent content);
  /// A place in a lexeme; `counted` is null for a plain one.
  struct Reader {
    CountedLexeme* counted;
    Lexeme* lexeme;
    int32_t state, place;
    int32_t told_left;  ///< of a counted one: CountedLexeme::told_left()
    bool ends_here;  ///< the lexeme may end where it stands, and does: that is an exit, too; only of a plain one
  };
  class Part;
  /// What a lexeme does below a node of a trie. Valid to the end of the use.
  Part& part(const TrieView& trie, int32_t node, const Reader& reader);
  /// What noting a place takes, roughly, which counts for its lexeme.
  static constexpr size_t kRestBytes = 64;
  /// A place behind which `rest` may follow, as it may behind `own`: the first one that was asked for and is still there.
  Lexeme::Place place_of(const LexemeContent& rest, Lexeme::Place own);
  /// The lexeme, now of use, or null where it is no more.
  Lexeme* find(const LexemeId& id);
  /// Notes that a mask is of use, and whatever it needs.
  void touch(LexemeMask& mask) {
    if (recency_.touch(mask)) raise_needs(mask);
  }
  void touch(MaskOwner& owner);
  /// Makes what a mask needs newer than the mask: it goes later.
  void raise_needs(LexemeMask& mask);
  /// How often the vocabulary was divided. In a use.
  uint64_t divisions() const { return divisions_; }
  void count_division() { divisions_++; }
  /// For the destructor of a lexeme.
  void forget(const Lexeme& lexeme);
  void forget(const CountedLexeme& counted);

 private:
  friend class LexemeUse;
  /// Identities, not addresses: what is gone is never taken for what came in its place.
  struct PartKey {
    uint64_t trie, counted, lexeme;
    int32_t node, state, place, told_left;
    bool ends_here;
    bool operator==(const PartKey&) const = default;
  };

  /// A state of a lexeme that is there, by the hash of what may follow it.
  struct Rest {
    Lexeme* lexeme;
    int32_t state;
    uint64_t hash;
  };

  TriePart find_part(const TrieView& trie, int32_t node, const Reader& reader);
  void drop(const Part& part);

  const Vocabulary& vocabulary_;
  std::mutex mutex_;
  std::atomic<size_t> max_bytes_;
  LruList recency_;
  uint64_t last_id_ = 0, divisions_ = 0;
  InternTable lexeme_table_, counted_table_, part_table_, rest_table_;
  SlotList<Lexeme*> lexemes_;
  SlotList<CountedLexeme*> counted_;
  SlotList<Rest> rests_;
  SlotList<std::unique_ptr<Part>> parts_;
};

/// A part that is remembered.
class LexemeTable::Part final : public LruEntry {
 public:
  Part(LexemeTable& table, const PartKey& key, uint64_t hash) : table_(table), key_(key), hash_(hash) {}

  const TriePart& operator*() const { return part_; }
  /// The tokens that stay inside, without a counter, and those of another row or none, as a row; null where they are few,
  /// or it was not asked for often. `tokens`: of the trie, by place.
  const std::shared_ptr<const InnerRow>& row_with(const std::shared_ptr<const InnerRow>& other,
                                                  const int32_t* tokens);

 private:
  friend class LexemeTable;
  void set(TriePart found);
  void evict() override { table_.drop(*this); }

  LexemeTable& table_;
  const PartKey key_;
  const uint64_t hash_;
  uint32_t place_ = 0;
  TriePart part_;
  /// The other row that was asked for last, and the row with it.
  std::shared_ptr<const InnerRow> other_;
  RowOnDemand row_;
};

/// Holds the table's lock.
class LexemeUse {
 public:
  explicit LexemeUse(LexemeTable& table) : table_(table), lock_(table.mutex_) { table.recency_.begin(); }
  ~LexemeUse() { table_.recency_.trim(table_.max_bytes_); }
  LexemeUse(const LexemeUse&) = delete;
  LexemeUse& operator=(const LexemeUse&) = delete;

 private:
  LexemeTable& table_;
  std::lock_guard<std::mutex> lock_;
};

}  // namespace espalier::grammar
