// A token is allowed when the automaton can read all its bytes, or reads it as a token; end of sequence, when the sentence
// is complete. The plain way walks the whole vocabulary. Inside lexemes a mask is put together instead: the tokens that
// stay in the lexeme, which are the same in every grammar, and the tries of what tokens have behind its end.
#include "grammar/masks.h"

#include <algorithm>

namespace espalier::grammar {
namespace {

/// Tokens beside a base up to this number are kept as a list.
constexpr size_t kMaxListed = 2048;
/// Pairs of states that are looked at in one mask to tell whether one lexeme reads what another reads.
constexpr size_t kMaxPairs = 512;

/// Adds places of tries.
struct AddPlaces {
  RowBuilder& builder;

  void operator()(const TrieView& trie, int32_t from, int32_t to) const {
    builder.add({trie.tokens + from, static_cast<size_t>(to - from)});
  }
  bool begin_with(LexemeTable::Part& part, const TrieView& trie) const {
    if (!builder.may_begin_late()) return false;
    std::shared_ptr<const InnerRow> row = part.row_with(builder.base(), trie.tokens);
    if (row == nullptr) return false;
    builder.begin_late(std::move(row));
    return true;
  }
};

/// Adds places that are allowed for a count, but for tokens that are `lost`, which is ascending.
struct AddSome {
  RowBuilder& builder;
  Count count;
  std::span<const int32_t> lost;

  void operator()(const TrieView& trie, int32_t from, int32_t to) const {
    trie.for_each_held(from, to, count, lost, [&](int32_t token) { builder.add(token); });
  }
  bool begin_with(LexemeTable::Part&, const TrieView&) const { return false; }
};

}  // namespace

Masks::Masks(ByteMachine& machine, Machine* automaton, const Pda* pda, SharedVocabulary& shared, const TokenSets& tokens,
             bool memo, size_t max_bytes)
    : machine_(machine),
      automaton_(automaton),
      vocabulary_(shared.vocabulary),
      stats_(shared.stats),
      tokens_(tokens),
      memo_(memo),
      plain_walk_(machine),
      rows_(max_bytes) {
  if (automaton_ != nullptr && memo_) {
    insides_ = std::make_unique<Insides>(*pda, *automaton_, shared.lexemes);
    lexeme_walk_ = std::make_unique<LexemeWalk>(*automaton_, *insides_);
    tracked_masks_ = std::make_unique<TrackedMasks>(*automaton_, *insides_, vocabulary_);
  }
  stats_.enlist(rows_);
}

Masks::~Masks() {
  stats_.retire(rows_);
  if (!insides_) return;
  // Lexemes are given up in a use.
  const LexemeUse use(insides_->table());
  insides_.reset();
}

int64_t Masks::fill(SetId set, int32_t* row) {
  const FinishedMask* const known = rows_.find(set);
  return known != nullptr ? time_hit([&] { return known->write(row, vocabulary_.mask_words()); })
                          : make(set, row, nullptr);
}

int64_t Masks::fill(SetId set, HeldRow& row) {
  if (const FinishedMask* const known = rows_.find(set)) return time_hit([&] { return row.write(*known); });
  const int64_t count = make(set, row.bits(), &row);
  if (const FinishedMask* const made = rows_.peek(set)) row.note(*made);
  return count;
}

/// Finds the row of a set whose mask is not remembered, and remembers it.
int64_t Masks::make(SetId set, int32_t* row, HeldRow* held) {
  const auto start = MaskStats::Clock::now();
  FinishedMask result;
  MaskPath path = MaskPath::walks;
  if (insides_) {
    path = compute(set, row, held, result);
  } else {
    result.count = walk(set, row, held);
    if (memo_) result.row.assign(row, row + vocabulary_.mask_words());
  }
  const int64_t count = result.count;
  if (memo_) rows_.keep(set, std::move(result));
  stats_.record(path, MaskStats::Clock::now() - start, 1);
  return count;
}

template <typename Write>
int64_t Masks::time_hit(Write write) {
  if (rows_.hits() % kTimedHits != 1) return write();
  const auto start = MaskStats::Clock::now();
  const int64_t count = write();
  stats_.record(MaskPath::remembered, MaskStats::Clock::now() - start, 0);
  return count;
}

int64_t Masks::walk(SetId set, int32_t* row, HeldRow* held) {
  RowBuilder builder(row, vocabulary_.mask_words(), added_, held);
  builder.begin(nullptr);
  plain_walk_.run(set, vocabulary_.trie(), [&](int32_t at) { builder.add(vocabulary_.node_tokens[at]); });
  add_rest(set, builder);
  return builder.count();
}

void Masks::add_rest(SetId set, RowBuilder& builder) {
  machine_.for_each_token_set(set, [&](int32_t token_set) {
    for (int32_t token : tokens_[token_set]) builder.add(token);
  });
  if (machine_.is_accepting(set))
    for (int32_t token : vocabulary_.eos) builder.add(token);
}

MaskPath Masks::compute(SetId set, int32_t* row, HeldRow* held, FinishedMask& result) {
  const LexemeUse use(insides_->table());
  const uint64_t divisions = insides_->table().divisions();
  MaskPath path = MaskPath::lexemes;
  sort_out(set);
  find_covered();
  std::shared_ptr<const InnerRow> base = choose_base();
  size_t others = others_.size();
  for (Entered& one : inside_) one.ends_here = lexeme_walk_->take_out(one.inside, others_.data(), others);
  others_.resize(others);
  RowBuilder builder(row, vocabulary_.mask_words(), added_, held);
  builder.begin(std::move(base));
  for (const Entered& one : inside_) {
    if (!one.is_covered) {
      const auto& stays = row_of(one);
      if (stays != builder.base()) builder.add(*stays);
    }
    add_behind(one, builder);
    if (one.inside.counted != nullptr) path = MaskPath::counted;
  }
  if (has_tracks_) path = MaskPath::tracked;
  for (const Tracked& one : tracked_) tracked_masks_->add(one.at, one.inside, one.is_covered, builder);
  if (!others_.empty()) {
    path = MaskPath::walks;
    const SetId rest = others_.size() == here_.size() ? set : automaton_->only(others_);
    lexeme_walk_->run_outside(rest, vocabulary_.trie(), AddPlaces{builder});
  }
  add_rest(set, builder);
  result.count = builder.count();
  if (const auto added = builder.added(); builder.is_listed() && added.size() <= kMaxListed) {
    result.base = builder.base();
    result.tokens.assign(added.begin(), added.end());
  } else {
    result.row.assign(row, row + vocabulary_.mask_words());
  }
  return insides_->table().divisions() > divisions ? MaskPath::divisions : path;
}

/// The largest row of what the set's configurations stay inside of, or null. Notes which rows have the closing tokens.
std::shared_ptr<const InnerRow> Masks::choose_base() {
  std::shared_ptr<const InnerRow> base;
  const auto propose = [&](const std::shared_ptr<const InnerRow>& stays) {
    if (stays->has_row() && (base == nullptr || stays->count > base->count)) base = stays;
  };
  for (const Tracked& one : tracked_)
    if (!one.is_covered && tracked_masks_->adds_inner(one.at)) propose(one.inside.mask().inner(one.inside.count));
  for (Entered& one : inside_) {
    if (one.is_covered) continue;
    one.has_closing = one.inside.counted == nullptr && one.mask->with_closing() != nullptr &&
                      automaton_->enter(one.inside.behind) != kRefused;
    propose(row_of(one));
  }
  return base;
}

const std::shared_ptr<const InnerRow>& Masks::row_of(const Entered& one) {
  return one.has_closing ? one.mask->with_closing() : one.mask->inner(one.inside.count);
}

/// Tells the set's configurations inside lexemes, those of tracked values apart, from the others.
void Masks::sort_out(SetId set) {
  const auto here = automaton_->configurations_of(set);
  here_.assign(here.begin(), here.end());
  inside_.clear();
  others_.clear();
  tracked_.clear();
  has_tracks_ = false;
  for (size_t i = 0; i < here_.size(); i++) {
    const Machine::Configuration at = here_[i];
    const auto found = insides_->find(at);
    if (found && found->is_many) {
      insides_->take_apart(at, parts_);
      here_.insert(here_.end(), parts_.begin(), parts_.end());
      if (!parts_.empty()) continue;
    }
    if (found) {
      inside_.push_back({*found, &found->mask()});
      continue;
    }
    const auto tracked = at.track != kNoTrack ? tracked_masks_->find(at) : std::nullopt;
    tracked ? tracked_.push_back({at, *tracked}) : others_.push_back(at);
    has_tracks_ = has_tracks_ || at.track != kNoTrack;
  }
}

/// A lexeme whose vocabulary is not divided yet need not be where whatever stays inside of it stays inside of another one: of
/// the sets of keys that patterns make, one mostly has all texts.
void Masks::find_covered() {
  if (inside_.size() + tracked_.size() < 2) return;
  struct Candidate {
    const Inside& inside;
    bool is_all_allowed, can_be_covered;
    bool& is_covered;
  };
  Vector<Candidate> candidates;
  candidates.reserve(inside_.size() + tracked_.size());
  const auto is_free = [](const Inside& inside) { return inside.lexeme->is_prefix_free() && !inside.mask().is_divided(); };
  for (Entered& one : inside_) candidates.push_back({one.inside, true, !one.mask->is_divided(), one.is_covered});
  for (Tracked& one : tracked_)
    candidates.push_back({one.inside, tracked_masks_->adds_inner(one.at), is_free(one.inside), one.is_covered});
  size_t pairs = kMaxPairs;
  for (Candidate& one : candidates) {
    if (!one.can_be_covered || static_cast<size_t>(one.inside.lexeme->state_count()) > pairs) continue;
    one.is_covered = std::any_of(candidates.begin(), candidates.end(), [&](const Candidate& other) {
      return &other != &one && !other.is_covered && other.is_all_allowed && other.inside.counted == nullptr &&
             other.inside.lexeme->reads_all_of(other.inside.state, *one.inside.lexeme, one.inside.state, pairs);
    });
  }
}

/// Tokens that end the lexeme and go on behind it.
void Masks::add_behind(const Entered& entered, RowBuilder& builder) {
  const Inside& inside = entered.inside;
  LexemeMask& mask = *entered.mask;
  if (!entered.ends_here && !mask.has_exits()) return;
  const SetId behind = automaton_->enter(inside.behind);
  if (behind == kRefused) return;
  if (!entered.has_closing) mask.for_each_closing(inside.count, [&](int32_t token) { builder.add(token); });
  const ByteSet bytes = automaton_->readable(behind);
  const auto add_from = [&](const SuffixTrie& trie, SetId reached, std::span<const int32_t> lost) {
    if (trie.is_empty()) return;
    const auto walk = [&](const auto& add) {
      const TrieView view = trie.view();
      add(view, view.token_start[0], view.token_start[1]);
      lexeme_walk_->run(reached, view, 0, add);
    };
    inside.counted == nullptr && lost.empty() ? walk(AddPlaces{builder}) : walk(AddSome{builder, inside.count, lost});
  };
  const auto add_here = [&](uint8_t byte) {
    const TrieView trie = vocabulary_.trie();
    const int32_t node = trie.child(0, byte);
    const SetId reached = node < 0 ? kRefused : automaton_->step(behind, byte);
    if (reached == kRefused) return;
    const AddPlaces add{builder};
    add(trie, trie.token_start[node], trie.token_start[node + 1]);
    lexeme_walk_->run(reached, trie, node, add);
  };
  bytes.for_each([&](uint8_t byte) {
    if (entered.ends_here) {
      if (const SuffixTrie* const both = mask.suffixes_and_here(byte)) {
        const SetId reached = automaton_->step(behind, byte);
        return reached == kRefused ? void() : add_from(*both, reached, {});
      }
      add_here(byte);
    }
    const Suffixes suffixes = mask.suffixes(byte);
    if (suffixes.trie.is_empty() && (suffixes.shared == nullptr || suffixes.shared->is_empty())) return;
    const SetId reached = automaton_->step(behind, byte);
    if (reached == kRefused) return;
    add_from(suffixes.trie, reached, {});
    if (suffixes.shared != nullptr) add_from(*suffixes.shared, reached, suffixes.lost);
  });
}

bool Masks::keep(SetId set, std::shared_ptr<const InnerRow> base, std::span<const int32_t> tokens) {
  if (!memo_ || rows_.peek(set) != nullptr) return false;
  const int64_t count = (base == nullptr ? 0 : base->count) + static_cast<int64_t>(tokens.size());
  rows_.keep(set, {.base = std::move(base), .tokens = {tokens.begin(), tokens.end()}, .row = {}, .count = count});
  return rows_.peek(set) != nullptr;
}

}  // namespace espalier::grammar
