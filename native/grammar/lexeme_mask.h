// The vocabulary as one state of a lexeme divides it: tokens that stay inside, tokens that close the lexeme, and what is
// left of tokens that go on behind its end. Where a counter bounds the lexeme (3 to 40 characters), every token carries
// the counts for which it is allowed, and a row belongs to a stretch of counts between two such bounds.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>

#include "grammar/counts.h"
#include "grammar/inner_row.h"
#include "grammar/lru.h"
#include "grammar/suffix_trie.h"
#include "grammar/table_memory.h"
#include "grammar/vocabulary.h"

namespace espalier::grammar {

class CountedDivision;
class LexemeMask;

/// A lexeme, plain or counted: keeps the masks of its places. While it is listed it holds itself, so that what is not held
/// by grammars lives until it is evicted.
class MaskOwner : public LruEntry, public std::enable_shared_from_this<MaskOwner> {
 public:
  /// Drops a mask, which is evicted.
  virtual void drop(const LexemeMask& mask) = 0;
  /// Divides the whole vocabulary for a mask, which was divided by part so far or not at all.
  virtual void divide_whole(LexemeMask& mask) = 0;
  /// Finds at least the exits of a mask that is not divided.
  virtual void find_exits(LexemeMask& mask) { divide_whole(mask); }
  void hold() {
    if (!self_) self_ = shared_from_this();
  }

 private:
  void evict() override { const std::shared_ptr<MaskOwner> last = std::move(self_); }

  std::shared_ptr<MaskOwner> self_;
};

class LexemeMask final : public LruEntry {
 public:
  /// `place`: the owner's number for it.
  LexemeMask(const Vocabulary& vocabulary, MaskOwner& owner, int32_t place);
  ~LexemeMask() override;

  MaskOwner& owner() const { return owner_; }
  int32_t place() const { return place_; }
  /// The mask whose suffixes this one takes for its own; null for none.
  LexemeMask* like() const { return like_.get(); }

  /// The tokens that stay inside. What is missing until the lexeme may end does not matter to them. The row may be kept
  /// longer than the mask.
  const std::shared_ptr<const InnerRow>& inner(Count count);
  /// Without a counter: the tokens that stay inside and those that for_each_closing() tells; null where they are no row of
  /// bits, few of them close, or it was not asked for often.
  const std::shared_ptr<const InnerRow>& with_closing();
  /// Whether the tokens that stay inside are known, or will be by part: else they are found when they are asked for.
  bool is_divided() const { return is_counted_ || !rows_.empty(); }
  /// Calls `visit` with tokens that end where the lexeme may end, all of those that do not also stay inside.
  template <typename Visit>
  void for_each_closing(Count count, Visit visit) {
    know_exits();
    if (division_ && find_closing(count)) {
      for (const int32_t token : found_) visit(token);
      return;
    }
    const auto from = std::lower_bound(closing_.begin(), closing_.end(), count.left,
                                       [&](const ClosingToken& closing, int32_t left) {
                                         return int64_t{closing.bounds.least} + longest_cover_ < left;
                                       });
    for (auto closing = from; closing != closing_.end() && closing->bounds.least <= count.left; closing++)
      if (count.left < closing->covered && closing->bounds.hold(count)) visit(closing->token);
    for (const ClosingToken& closing : always_closing_)
      if (closing.bounds.hold(count)) visit(closing.token);
  }
  bool has_exits() {
    know_exits();
    return division_ != nullptr || !exits_.empty();
  }
  /// What is left of tokens behind the lexeme's end, of those that go on with `byte`.
  Suffixes suffixes(uint8_t byte);
  /// For a lexeme that may end where it stands: the same and, with them in one trie, the tokens that begin with `byte`. Null
  /// where they are too many, or not to be had.
  const SuffixTrie* suffixes_and_here(uint8_t byte);

  /// For who divides the vocabulary: what was found, once.
  void set_inner(const Stretches& stays);
  void set_inner(Vector<BoundedToken> tokens);
  /// The row of another mask with `joins`, which are not in it, and without `leaves`, which are.
  void set_inner_like(const LexemeMask& other, const Vector<int32_t>& joins, const Vector<int32_t>& leaves);
  void set_division(std::unique_ptr<CountedDivision> division);
  /// Of a plain lexeme those are enough that tokens pass which do not stay inside. Where exits are known they stay.
  void set_exits(Vector<Exit> exits);
  /// The exits of another mask but for those at `removed`, if it has them, and `added` ones; both by ascending node.
  void set_exits_like(std::shared_ptr<LexemeMask> other, const Vector<int32_t>& removed,
                      const Vector<Exit>& added);
  /// Of a plain lexeme.
  const Vector<Exit>& exits() const { return exits_; }
  /// Without a counter: the tokens that stay inside.
  const InnerRow& all() { return *inner({}); }

 private:
  void evict() override { owner_.drop(*this); }
  void know_exits() {
    if (!has_all_exits_) owner_.find_exits(*this);
  }
  template <typename Work>
  bool by_part(Work work);
  bool find_closing(Count count);
  void set_all(std::shared_ptr<const InnerRow> row);
  std::span<const int32_t> inner_row() const;
  std::shared_ptr<const InnerRow> make_row(size_t stretch, int32_t left);
  /// Nodes behind exits in whose subtrees there are tokens that do not stay inside, by byte.
  struct Behind {
    bool is_found = false;
    Vector<BehindExit> nodes;
    int32_t start[257] = {};
  };
  const SuffixTrie& trie(std::unique_ptr<SuffixTrie>& trie, std::unique_ptr<Behind>& behind,
                         const Vector<Exit>& exits, uint8_t byte);
  /// `few`: where they are held if need be.
  std::span<const BehindExit> nodes_behind(std::unique_ptr<Behind>& behind, const Vector<Exit>& exits, uint8_t byte,
                                           Vector<BehindExit>& few);
  Vector<BehindExit> behind_on(const Vector<Exit>& exits, uint8_t byte) const;
  void find_behind(const Vector<Exit>& exits, Behind& behind) const;

  const Vocabulary& vocabulary_;
  MaskOwner& owner_;
  const int32_t place_;
  bool is_counted_ = false, has_all_exits_ = false;
  std::unique_ptr<CountedDivision> division_;  ///< with a counter, where it can be divided by part; what follows is empty then
  Vector<int32_t> found_;                 ///< scratch of find_closing()
  Vector<BoundedToken> inner_;  ///< with a counter; by ascending `least`
  bool only_least_ = true;           ///< no inner token has another bound
  Vector<int32_t> borders_;     ///< counts at which the row changes, ascending
  Vector<std::shared_ptr<const InnerRow>> rows_;  ///< by stretch between borders
  Vector<ClosingToken> closing_;         ///< by ascending `least`; these are covered from some count on
  Vector<ClosingToken> always_closing_;  ///< never covered
  RowOnDemand with_closing_;
  int32_t longest_cover_ = 0;                 ///< most counts for which one of `closing_` is not covered
  Vector<Exit> exits_;
  std::unique_ptr<Behind> behind_;
  TriesByByte suffixes_;
  /// By byte, with what may follow at once; null for bytes where it is not to be had.
  struct AndHere {
    ByteSet is_known;
    TriesByByte tries;
  };
  std::unique_ptr<AndHere> and_here_;
  /// Suffixes are those of another mask, without the tokens `lost_` (ascending), and those behind `own_exits_`.
  std::shared_ptr<LexemeMask> like_;
  Vector<int32_t> lost_;
  Vector<Exit> own_exits_;
};

}  // namespace espalier::grammar
