// Reads copies of lexemes when a mask first needs them. The marks of an image are hints: a copy that is not what a lexeme
// must be (deterministic, with one way on behind it) is none, and its states are walked like all others.
#include "grammar/lexeme_copies.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace espalier::grammar {
namespace {

using EdgeWords = std::array<int32_t, 3>;

/// Sorts the words of edges by the bytes that they read; false where two read the same one.
bool sort_edges(int32_t* from, int32_t* to) {
  Vector<EdgeWords> edges;
  for (const int32_t* at = from; at != to; at += 3) edges.push_back({at[0], at[1], at[2]});
  std::sort(edges.begin(), edges.end());
  for (const EdgeWords& edge : edges) from = std::copy(edge.begin(), edge.end(), from);
  const auto overlap = [](const EdgeWords& a, const EdgeWords& b) { return b[0] <= a[1]; };
  return std::adjacent_find(edges.begin(), edges.end(), overlap) == edges.end();
}

}  // namespace

LexemeCopies::LexemeCopies(const Pda& pda, LexemeTable& table) : pda_(pda), table_(table) {
  const int32_t states = pda.state_count();
  index_.resize(states);
  copy_of_.assign(states, -1);
  std::unordered_map<int32_t, int32_t> copy_of_mark;
  // A copy's states mostly stand together.
  int32_t last_mark = 0, copy = -1;
  for (int32_t state = 0; state < states; state++) {
    const int32_t mark = pda.lexeme_of[state];
    if (mark == 0) continue;
    if (mark != last_mark) {
      const auto [found, is_new] = copy_of_mark.try_emplace(mark, static_cast<int32_t>(copies_.size()));
      if (is_new) copies_.emplace_back();
      copy = found->second;
      last_mark = mark;
    }
    copy_of_[state] = copy;
    index_[state] = static_cast<int32_t>(copies_[copy].states.size());
    copies_[copy].states.push_back(state);
  }
}

LexemeCopies::Place LexemeCopies::place(int32_t state) {
  if (copy_of_[state] < 0) return {nullptr, 0, 0, false};
  Copy& copy = copies_[copy_of_[state]];
  if (!copy.is_read) read(copy);
  return {copy.lexeme.get(), index_[state], copy.then, copy.is_quiet};
}

void LexemeCopies::read(Copy& copy) {
  copy.is_read = true;
  size_t words = 0;
  for (const int32_t state : copy.states) words += 2 + 3 * pda_.edges_of(state).size();
  LexemeContent content(words);
  int32_t* end = content.data();
  for (const int32_t state : copy.states) {
    end = read(copy, pda_.edges_of(state), end);
    if (end == nullptr) return;
  }
  if (copy.then < 0) return;
  content.resize(static_cast<size_t>(end - content.data()));
  copy.lexeme = table_.intern(std::move(content));
}

/// Writes the words of a state with these edges to `out`, and returns where they end; null where the copy is none.
int32_t* LexemeCopies::read(Copy& copy, std::span<const Edge> edges, int32_t* out) {
  const int32_t own = copy_of_[copy.states.front()];
  const auto leaves_to = [&](int32_t then) {
    if (copy.then >= 0 && copy.then != then) return false;
    copy.then = then;
    return true;
  };
  int32_t* const head = out;
  head[0] = 0;
  out += 2;
  bool is_sorted = true;
  for (const Edge& edge : edges) {
    const bool stays = copy_of_[edge.to] == own;
    if (edge.kind == EdgeKind::epsilon && !stays && leaves_to(edge.to)) {
      head[0] = 1;
      continue;
    }
    if (!reads_byte(edge.kind) || (!stays && !leaves_to(edge.to))) return nullptr;
    copy.is_quiet = copy.is_quiet || edge.kind == EdgeKind::quiet;
    is_sorted = is_sorted && (out == head + 2 || out[-2] < edge.a);
    out[0] = edge.a;
    out[1] = edge.b;
    out[2] = stays ? index_[edge.to] : kLexemeEnd;
    out += 3;
  }
  head[1] = static_cast<int32_t>((out - head - 2) / 3);
  return is_sorted || sort_edges(head + 2, out) ? out : nullptr;
}

}  // namespace espalier::grammar
