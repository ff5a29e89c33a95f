// Reads copies of lexemes when a mask first needs them. The marks of an image are hints: a copy that is not what a lexeme
// must be (deterministic, with one way on behind it) is none, and its states are walked like all others.
#include "grammar/lexeme_copies.h"

#include <algorithm>
#include <unordered_map>

namespace espalier::grammar {

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
  const int32_t own = copy_of_[copy.states.front()];
  LexemeContent content;
  size_t words = 0;
  for (const int32_t state : copy.states) words += 2 + 3 * pda_.edges_of(state).size();
  content.reserve(words);
  Vector<std::pair<int32_t, size_t>> order;
  order.reserve(64);
  const auto leaves_to = [&](int32_t then) {
    if (copy.then >= 0 && copy.then != then) return false;
    copy.then = then;
    return true;
  };
  for (const int32_t state : copy.states) {
    const size_t head = content.size();
    content.insert(content.end(), {0, 0});
    order.clear();
    const auto edges = pda_.edges_of(state);
    for (size_t i = 0; i < edges.size(); i++) {
      if (reads_byte(edges[i].kind)) {
        order.emplace_back(edges[i].a, i);
        copy.is_quiet = copy.is_quiet || edges[i].kind == EdgeKind::quiet;
      } else if (edges[i].kind == EdgeKind::epsilon && copy_of_[edges[i].to] != own && leaves_to(edges[i].to)) {
        content[head] = 1;
      } else {
        return;
      }
    }
    if (!std::is_sorted(order.begin(), order.end())) std::sort(order.begin(), order.end());
    content[head + 1] = static_cast<int32_t>(order.size());
    int32_t last = -1;
    for (const auto& [low, i] : order) {
      const Edge& edge = edges[i];
      const bool stays = copy_of_[edge.to] == own;
      if (edge.a <= last || (!stays && !leaves_to(edge.to))) return;
      for (const int32_t word : {edge.a, edge.b, stays ? index_[edge.to] : kLexemeEnd}) content.push_back(word);
      last = edge.b;
    }
  }
  if (copy.then < 0) return;
  copy.lexeme = table_.intern(std::move(content));
}

}  // namespace espalier::grammar
