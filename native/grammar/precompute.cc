// The sets are found best first (Dijkstra 1959, with probabilities for lengths). A set is named by the way to it, since
// its number is another one in every process.
#include "grammar/precompute.h"

#include <bit>
#include <map>
#include <memory>
#include <queue>
#include <unordered_map>
#include <unordered_set>

#include "grammar/stacks.h"

namespace espalier::grammar {
namespace {

constexpr int32_t kFirstToken = 256;
/// Token sets up to this size are followed token by token, larger ones by their first token alone.
constexpr size_t kMaxFollowed = 64;

/// A set that was found and waits for its mask.
struct Found {
  double probability;
  uint32_t order;
  SetId set;
  int32_t parent, step;
  bool operator<(const Found& other) const {
    return probability != other.probability ? probability < other.probability : order > other.order;
  }
};

/// A set, and the first way that leads there from another.
struct Successor {
  SetId set;
  int32_t step;
};

class Precomputing {
 public:
  Precomputing(Grammar& grammar, bool keep) : grammar_(grammar), keep_(keep) {
    std::lock_guard lock(grammar_.mutex);
    tables_ = grammar_.tables();
    push(1.0, tables_->machine->start(), -1, 0);
  }

  PrecomputedMasks run(size_t max_masks) {
    Vector<int32_t> row(grammar_.vocabulary().mask_words());
    while (!found_.empty() && result_.count < max_masks) {
      std::lock_guard lock(grammar_.mutex);
      if (!grammar_.has_room(*tables_)) break;
      const Found next = found_.top();
      found_.pop();
      try {
        tables_->masks.fill(next.set, row.data());
      } catch (const LimitError&) {
        is_cut_ = true;
        continue;
      }
      const FinishedMask* const mask = tables_->masks.rows().peek(next.set);
      if (mask == nullptr) {  // larger than all that may be remembered
        is_cut_ = true;
        continue;
      }
      if (keep_) add(next, *mask);
      follow(next, static_cast<int32_t>(result_.count++));
    }
    result_.complete = found_.empty() && !is_cut_;
    return std::move(result_);
  }

 private:
  void push(double probability, SetId set, int32_t parent, int32_t step) {
    if (seen_.insert(set).second) found_.push({probability, order_++, set, parent, step});
  }

  void follow(const Found& from, int32_t number) {
    successors_.clear();
    ByteMachine& machine = *tables_->machine;
    const ByteSet readable = machine.readable(from.set);
    for (int byte = 0; byte < 256; byte++)
      if (readable.has(static_cast<uint8_t>(byte)))
        reach(byte, [&] { return machine.step(from.set, static_cast<uint8_t>(byte)); });
    std::unordered_set<int32_t> followed;
    machine.for_each_token_set(from.set, [&](int32_t token_set) {
      if (followed.insert(token_set).second) follow_tokens(from.set, grammar_.tokens()[token_set]);
    });
    for (const Successor& next : successors_)
      push(from.probability / static_cast<double>(successors_.size()), next.set, number, next.step);
  }

  void follow_tokens(SetId from, const Vector<int32_t>& tokens) {
    const bool is_all = tokens.size() <= kMaxFollowed;
    is_cut_ = is_cut_ || !is_all;
    for (size_t i = 0; i < (is_all ? tokens.size() : 1); i++)
      reach(kFirstToken + tokens[i], [&] { return grammar_.step(*tables_->machine, from, tokens[i]); });
  }

  template <typename Step>
  void reach(int32_t step, Step take) {
    try {
      const SetId set = take();
      if (set == kRefused) return;
      for (const Successor& known : successors_)
        if (known.set == set) return;
      successors_.push_back({set, step});
    } catch (const LimitError&) {
      is_cut_ = true;
    }
  }

  void add(const Found& at, const FinishedMask& mask) {
    int32_t base = -1;
    if (mask.base != nullptr) {
      const auto [known, is_new] = base_numbers_.try_emplace(mask.base.get(), 0);
      if (is_new) known->second = number_of(mask.base->row);
      base = known->second;
    } else if (!mask.row.empty()) {
      base = number_of(mask.row);
    }
    for (const int32_t word : {at.parent, at.step, base, static_cast<int32_t>(mask.tokens.size())})
      result_.entries.push_back(word);
    result_.tokens.insert(result_.tokens.end(), mask.tokens.begin(), mask.tokens.end());
  }

  /// Equal rows have one number.
  int32_t number_of(const Vector<int32_t>& row) {
    const auto [known, is_new] = row_numbers_.try_emplace(row, static_cast<int32_t>(row_numbers_.size()));
    if (is_new) result_.bases.insert(result_.bases.end(), row.begin(), row.end());
    return known->second;
  }

  Grammar& grammar_;
  const bool keep_;
  std::shared_ptr<Grammar::Tables> tables_;
  PrecomputedMasks result_;
  std::priority_queue<Found> found_;
  std::unordered_set<SetId> seen_;
  uint32_t order_ = 0;
  bool is_cut_ = false;
  Vector<Successor> successors_;
  std::unordered_map<const InnerRow*, int32_t> base_numbers_;
  std::map<Vector<int32_t>, int32_t> row_numbers_;
};

/// One mask of a list.
struct Entry {
  int32_t parent, step, base;
  std::span<const int32_t> tokens;
};

/// Masks that were given as data. Nothing is loaded before all of it is checked.
class Given {
 public:
  Given(const Vocabulary& vocabulary, std::span<const int32_t> entries, std::span<const int32_t> tokens,
        std::span<const int32_t> bases)
      : vocabulary_(vocabulary), bases_(bases) {
    check_bases();
    if (entries.size() % PrecomputedMasks::kEntryWords != 0) throw ImageError("the list of masks is cut off");
    stamps_.assign(static_cast<size_t>(vocabulary.size()), -1);
    for (size_t at = 0; at < entries.size(); at += PrecomputedMasks::kEntryWords) {
      const int32_t count = entries[at + 3];
      if (count < 0 || static_cast<size_t>(count) > tokens.size()) throw ImageError("a mask lacks tokens");
      add({entries[at], entries[at + 1], entries[at + 2], tokens.first(static_cast<size_t>(count))});
      tokens = tokens.subspan(static_cast<size_t>(count));
    }
    if (!tokens.empty()) throw ImageError("there are more tokens than masks have");
  }

  const Vector<Entry>& entries() const { return entries_; }
  size_t row_count() const { return words() == 0 ? 0 : bases_.size() / words(); }
  std::shared_ptr<const InnerRow> row(int32_t base) const {
    const auto from = bases_.subspan(static_cast<size_t>(base) * words(), words());
    auto made = std::make_shared<InnerRow>();
    made->row.assign(from.begin(), from.end());
    for (const int32_t word : from) made->count += std::popcount(static_cast<uint32_t>(word));
    return made;
  }

 private:
  size_t words() const { return vocabulary_.mask_words(); }

  void check_bases() const {
    const int spare = vocabulary_.size() % 32;
    const uint32_t beyond = spare == 0 ? 0 : ~uint32_t{0} << spare;
    if (words() == 0 ? !bases_.empty() : bases_.size() % words() != 0) throw ImageError("a mask's row is cut off");
    for (size_t end = words(); end <= bases_.size() && words() > 0; end += words())
      if ((static_cast<uint32_t>(bases_[end - 1]) & beyond) != 0)
        throw ImageError("a mask allows a token outside the vocabulary");
  }

  void add(const Entry& entry) {
    const auto number = static_cast<int32_t>(entries_.size());
    if (number == 0 ? entry.parent != -1 : entry.parent < 0 || entry.parent >= number)
      throw ImageError("a mask's position comes from nowhere");
    if (entry.step < 0 || entry.step - kFirstToken >= vocabulary_.size()) throw ImageError("a mask's step is no step");
    if (entry.base < -1 || entry.base >= static_cast<int64_t>(row_count()))
      throw ImageError("a mask begins with no row");
    for (const int32_t token : entry.tokens) check_token(token, entry.base, number);
    entries_.push_back(entry);
  }

  /// In the vocabulary, and once in its mask: so the mask's count is right.
  void check_token(int32_t token, int32_t base, int32_t number) {
    if (token < 0 || token >= vocabulary_.size()) throw ImageError("a mask allows a token outside the vocabulary");
    const bool is_in_base =
        base >= 0 && (static_cast<uint32_t>(bases_[static_cast<size_t>(base) * words() + (token >> 5)]) >>
                          (token & 31) &
                      1) != 0;
    if (is_in_base || stamps_[token] == number) throw ImageError("a mask has a token twice");
    stamps_[token] = number;
  }

  const Vocabulary& vocabulary_;
  std::span<const int32_t> bases_;
  Vector<Entry> entries_;
  Vector<int32_t> stamps_;  ///< by token, the last mask that has it
};

/// The set that a step leads to; kRefused where the grammar does not go that way, or comes to a limit.
SetId step_from(Grammar& grammar, ByteMachine& machine, SetId from, int32_t step) {
  if (from == kRefused) return kRefused;
  try {
    return step < kFirstToken ? machine.step(from, static_cast<uint8_t>(step))
                              : grammar.step(machine, from, step - kFirstToken);
  } catch (const LimitError&) {
    return kRefused;
  }
}

}  // namespace

PrecomputedMasks precompute(Grammar& grammar, size_t max_masks, bool keep) {
  return Precomputing(grammar, keep).run(max_masks);
}

size_t load_masks(Grammar& grammar, std::span<const int32_t> entries, std::span<const int32_t> tokens,
                  std::span<const int32_t> bases) {
  const Given given(grammar.vocabulary(), entries, tokens, bases);
  std::lock_guard lock(grammar.mutex);
  const std::shared_ptr<Grammar::Tables> tables = grammar.tables();
  Vector<std::shared_ptr<const InnerRow>> rows(given.row_count());
  Vector<SetId> sets;
  size_t loaded = 0;
  for (const Entry& entry : given.entries()) {
    ByteMachine& machine = *tables->machine;
    sets.push_back(entry.parent < 0 ? machine.start() : step_from(grammar, machine, sets[entry.parent], entry.step));
    if (sets.back() == kRefused || !grammar.has_room(*tables)) continue;
    if (entry.base >= 0 && rows[entry.base] == nullptr) rows[entry.base] = given.row(entry.base);
    loaded += tables->masks.keep(sets.back(), entry.base < 0 ? nullptr : rows[entry.base], entry.tokens) ? 1 : 0;
  }
  return loaded;
}

}  // namespace espalier::grammar
