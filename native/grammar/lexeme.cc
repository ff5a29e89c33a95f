// Divides the vocabulary by a lexeme's state: one walk over the trie with a table of transitions, no stacks and no sets.
// Two shortcuts, both exact: states after which the same can follow share a mask, whatever lexeme they belong to; and a
// state that is like another one but for some first bytes (any key but these) is divided by their difference.
#include "grammar/lexeme.h"

#include <algorithm>
#include <utility>

#include "grammar/byte_classes.h"
#include "grammar/intern.h"
#include "grammar/lexeme_table.h"

namespace espalier::grammar {
namespace {

/// What may follow a state is compared across lexemes up to this many words.
constexpr size_t kMaxRestWords = 1024;
/// Words of a state with an edge for each byte.
constexpr size_t kMostStateWords = 2 + 3 * 256;
/// Words of rows that a lexeme has room for from the start.
constexpr size_t kReadyWords = 2048;
/// Bytes after which two states must agree to be divided by their difference.
constexpr int kMinLikeness = 160;
/// Bytes that must lead from the other state to itself: a chain of likenesses is not followed.
constexpr int kMinLoop = 64;
/// One part of the vocabulary in so many may differ.
constexpr size_t kMaxDifference = 8;

}  // namespace

Lexeme::Lexeme(LexemeContent content, LexemeTable& table, const LexemeId& id)
    : content_(std::move(content)), table_(table), id_(id) {
  bool border[257] = {};
  size_t states = 0;
  for (size_t at = 0; at < content_.size(); states++) {
    const auto edges = static_cast<size_t>(content_[at + 1]);
    if (content_[at] != 0 && edges > 0) is_prefix_free_ = false;
    at += 2;
    for (size_t i = 0; i < edges; i++, at += 3) border[content_[at]] = border[content_[at + 1] + 1] = true;
  }
  class_count_ = classify_bytes(border, class_of_);
  next_.reserve(std::min(states * class_count_, kReadyWords));
  row_at_.assign(states, -1);
  may_end_.resize(states);
  masks_.resize(states);
  canonical_.resize(states);
  loops_.resize(states);
  content_at_.resize(states);
  size_t state = 0;
  for (size_t at = 0; at < content_.size(); state++) {
    content_at_[state] = static_cast<int32_t>(at);
    may_end_[state] = content_[at] != 0;
    ends_by_byte_ = ends_by_byte_ && !may_end_[state];
    const auto edges = static_cast<size_t>(content_[at + 1]);
    at += 2;
    for (size_t i = 0; i < edges; i++, at += 3) {
      const int32_t low = content_[at], high = content_[at + 1], to = content_[at + 2];
      if (to == static_cast<int32_t>(state)) loops_[state].add(static_cast<uint8_t>(low), static_cast<uint8_t>(high));
      if (to == kLexemeEnd) end_bytes_.add(static_cast<uint8_t>(low), static_cast<uint8_t>(high));
    }
  }
  horizons_.resize(states * kTextKinds);
  grow(sizeof(Lexeme) + states * (sizeof(ByteSet) + sizeof(Canonical) + sizeof(masks_[0]) + 2 * sizeof(int32_t) + 3));
  grow_by(content_);
  grow_by(horizons_);
  for (int low = 0, high = 0; low < 256; low = high + 1) {
    for (high = low; high < 255 && class_of_[high + 1] == class_of_[low];) high++;
    std::fill(stretch_end_ + low, stretch_end_ + high + 1, static_cast<uint8_t>(high));
  }
  loops_on_characters_.assign(states, kUnknownLoop);
  // Characters beyond ASCII may be looped on by way of other states.
  const uint8_t beyond_ascii = byte_classes_of({.words = {0, 0, ~0ull, ~0ull}});
  for (const ByteSet& loops : loops_)
    loop_classes_.push_back(static_cast<uint8_t>(byte_classes_of(loops) | beyond_ascii));
}

int32_t Lexeme::find_row(int32_t state) const {
  const size_t row = next_.size();
  next_.resize(row + static_cast<size_t>(class_count_), kLexemeDead);
  const int32_t* edge = content_.data() + content_at_[state] + 2;
  for (const int32_t* const end = edge + 3 * static_cast<ptrdiff_t>(edge[-1]); edge != end; edge += 3)
    for (int c = class_of_[edge[0]]; c <= class_of_[edge[1]]; c++) next_[row + static_cast<size_t>(c)] = edge[2];
  return row_at_[state] = static_cast<int32_t>(row);
}

void Lexeme::account() {
  const size_t bytes = character_steps_.bytes() + next_.capacity() * sizeof(int32_t);
  grow(bytes - std::exchange(found_bytes_, bytes));
}

bool Lexeme::find_loop(int32_t state) const {
  return (loops_on_characters_[state] = grammar::loops_on_characters(*this, state)) != 0;
}

bool Lexeme::follow_text(int32_t state, TextKind kind, int characters) const {
  return TextReach<const Lexeme>(*this).reads(state, kind, characters);
}

Lexeme::~Lexeme() { table_.forget(*this); }

void Lexeme::drop(const LexemeMask& mask) {
  if (masks_[mask.place()].get() == &mask) masks_[mask.place()].reset();
}

Lexeme::Place Lexeme::canonical(int32_t state) {
  Canonical& known = canonical_[state];
  if (known.lexeme.number == id_.number) return {this, known.state};
  if (Lexeme* const other = table_.find(known.lexeme)) return {other, known.state};
  const LexemeContent rest = rest_of(state);
  const Place place = rest.empty() ? Place{this, state} : table_.place_of(rest, {this, state});
  known = {place.lexeme->id(), place.state};
  if (place.lexeme == this) grow(LexemeTable::kRestBytes);
  return place;
}

const std::shared_ptr<LexemeMask>& Lexeme::shared_mask(int32_t state) {
  if (const Place at = canonical(state); at.lexeme != this || at.state != state)
    return at.lexeme->shared_mask(at.state);
  std::shared_ptr<LexemeMask>& mask = masks_[state];
  if (!mask) mask = std::make_shared<LexemeMask>(table_.vocabulary(), *this, state);
  table_.touch(*mask);
  return mask;
}

void Lexeme::divide_whole(LexemeMask& mask) {
  table_.count_division();
  const int32_t state = mask.place(), other = likeness(state);
  if (other >= 0 && differs_little(state, other) && this->mask(other).all().has_row()) {
    divide_like(state, other, shared_mask(other), mask);
    table_.raise_needs(mask);
  } else {
    divide(state, mask);
  }
  account();
}

/// Looks only where bytes lie below that end the lexeme.
void Lexeme::find_exits(LexemeMask& mask) {
  if (!ends_by_byte_) return divide_whole(mask);
  table_.count_division();
  const Vocabulary& v = table_.vocabulary();
  Vector<Exit> exits;
  descend(v.children, 0, mask.place(), [&](int32_t from, uint8_t byte, int32_t node) -> std::optional<int32_t> {
    const int32_t reached = next(from, byte);
    if (reached == kLexemeEnd) exits.push_back({node, kUnbounded, {}});
    return reached >= 0 && v.below(node).meets(end_bytes_) ? std::optional(reached) : std::nullopt;
  });
  mask.set_exits(std::move(exits));
  account();
}

bool Lexeme::reads_all_of(int32_t state, const Lexeme& other, int32_t others, size_t& pairs) const {
  Vector<std::pair<int32_t, int32_t>> met;
  InternTable table;
  const auto meet = [&](int32_t own, int32_t of_other) {
    const uint64_t hash = mix(static_cast<uint32_t>(own), static_cast<uint32_t>(of_other));
    table.find_or_create(hash, [&](uint32_t i) { return met[i] == std::pair(own, of_other); }, [&] {
      met.emplace_back(own, of_other);
      return static_cast<uint32_t>(met.size() - 1);
    });
  };
  meet(state, others);
  for (size_t i = 0; i < met.size(); i++) {
    if (pairs == 0) return false;
    pairs--;
    const auto [own, of_other] = met[i];
    for (int byte = 0; byte < 256; byte = std::min(stretch_end(byte), other.stretch_end(byte)) + 1) {
      const int32_t theirs = other.next(of_other, static_cast<uint8_t>(byte));
      if (theirs < 0) continue;
      const int32_t reached = next(own, static_cast<uint8_t>(byte));
      if (reached < 0) return false;
      meet(reached, theirs);
    }
  }
  return true;
}

LexemeContent Lexeme::rest_of(int32_t from) const {
  Vector<int32_t> number(may_end_.size(), -1), order(may_end_.size());
  int32_t found = 1;
  order[0] = from;
  number[from] = 0;
  LexemeContent rest(std::min(content_.size(), kMaxRestWords + kMostStateWords));
  int32_t* out = rest.data();
  for (int32_t at = 0; at < found; at++) {
    const int32_t state = order[at];
    int32_t* const head = out;
    *out++ = may_end_[state];
    *out++ = 0;
    const int32_t* edge = content_.data() + content_at_[state] + 2;
    for (const int32_t* const end = edge + 3 * static_cast<ptrdiff_t>(edge[-1]); edge != end; edge += 3) {
      const int32_t low = edge[0], high = edge[1], to = edge[2];
      if (to >= 0 && number[to] < 0) {
        number[to] = found;
        order[found++] = to;
      }
      const int32_t reached = to >= 0 ? number[to] : to;
      if (head[1] > 0 && out[-1] == reached && out[-2] + 1 == low) {
        out[-2] = high;
        continue;
      }
      out[0] = low;
      out[1] = high;
      out[2] = reached;
      out += 3;
      head[1]++;
    }
    if (out > rest.data() + kMaxRestWords) return {};
  }
  rest.resize(static_cast<size_t>(out - rest.data()));
  return rest;
}

/// The state that most bytes lead to, when it loops and most bytes lead on from both alike; else -1.
int32_t Lexeme::likeness(int32_t state) const {
  Vector<std::pair<int32_t, int>> targets;
  for (int byte = 0, end = 0; byte < 256; byte = end) {
    end = stretch_end(byte) + 1;
    const int32_t to = next(state, static_cast<uint8_t>(byte));
    if (to < 0 || to == state) continue;
    const auto known = std::find_if(targets.begin(), targets.end(), [&](const auto& t) { return t.first == to; });
    if (known == targets.end()) {
      targets.emplace_back(to, end - byte);
    } else {
      known->second += end - byte;
    }
  }
  const auto most = std::max_element(targets.begin(), targets.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most == targets.end()) return -1;
  int alike = 0, loops = 0;
  for (int byte = 0, end = 0; byte < 256; byte = end) {
    end = stretch_end(byte) + 1;
    const int32_t own = next(state, static_cast<uint8_t>(byte)), to = next(most->first, static_cast<uint8_t>(byte));
    if (own == to) alike += end - byte;
    if (to == most->first) loops += end - byte;
  }
  return alike >= kMinLikeness && loops >= kMinLoop ? most->first : -1;
}

/// Whether the walk that looks for the differences of two states comes by a small part of the vocabulary, as far as the first
/// two bytes of its tokens tell.
bool Lexeme::differs_little(int32_t state, int32_t other) const {
  const Vocabulary& v = table_.vocabulary();
  const auto after = [&](int32_t from, uint8_t byte) { return from < 0 ? kLexemeDead : next(from, byte); };
  int32_t tokens = 0;
  const auto visit = [&](const auto& self, int32_t node, int32_t own, int32_t others, int depth) -> void {
    for (int32_t i = v.children.start[node]; i < v.children.start[node + 1]; i++) {
      const uint8_t byte = v.children.byte[i];
      const int32_t child = v.children.node[i], a = after(own, byte), b = after(others, byte);
      if (a == b || (a < 0 && b < 0)) continue;
      if (depth == 1) {
        self(self, child, a, b, 2);
      } else {
        tokens += v.node_token_start[v.node_skip[child]] - v.node_token_start[child];
      }
    }
  };
  visit(visit, 0, state, other, 1);
  return static_cast<size_t>(tokens) < v.node_tokens.size() / kMaxDifference;
}

void Lexeme::divide(int32_t start, LexemeMask& mask) const {
  const Vocabulary& v = table_.vocabulary();
  Vector<Exit> exits;
  Stretches stays;
  read(v.trie(), 0, start, [&](int32_t from, int32_t to) { stays.add(from, to); },
       [&](int32_t node, bool closes) { exits.push_back({node, closes ? kUnbounded : 0, {}}); });
  mask.set_inner(stays);
  mask.set_exits(std::move(exits));
}

void Lexeme::divide_like(int32_t start, int32_t other, const std::shared_ptr<LexemeMask>& known,
                         LexemeMask& mask) const {
  const Vocabulary& v = table_.vocabulary();
  Vector<int32_t> joins, leaves;
  Vector<Exit> added;
  Vector<int32_t> removed;
  struct Pair {
    int32_t own, other;
  };
  descend(v.children, 0, Pair{start, other}, [&](Pair at, uint8_t byte, int32_t node) -> std::optional<Pair> {
    const Pair here{at.own < 0 ? kLexemeDead : next(at.own, byte), at.other < 0 ? kLexemeDead : next(at.other, byte)};
    if (here.own == here.other) return std::nullopt;
    if (ends_at(here.other)) removed.push_back(node);
    if (ends_at(here.own)) added.push_back({node, here.own == kLexemeEnd ? kUnbounded : 0, {}});
    for (int32_t i = v.node_token_start[node]; i < v.node_token_start[node + 1]; i++) {
      if (here.own >= 0 && here.other < 0) joins.push_back(v.node_tokens[i]);
      if (here.own < 0 && here.other >= 0) leaves.push_back(v.node_tokens[i]);
    }
    return here.own >= 0 || here.other >= 0 ? std::optional(here) : std::nullopt;
  });
  mask.set_inner_like(*known, joins, leaves);
  mask.set_exits_like(known, removed, added);
}

}  // namespace espalier::grammar
