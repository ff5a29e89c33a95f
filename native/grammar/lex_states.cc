// The lexer's DFA, built as far as texts need it. Read src/automata/lex-states.ts beside this.
#include "grammar/lex_states.h"

#include <algorithm>

namespace espalier::grammar {

LexStates::LexStates(const LexedGrammar& grammar, ShadowTable& shadows)
    : grammar_(grammar), shadows_(shadows), keywords_of_(grammar.terminals.size()) {
  for (const Keyword& keyword : grammar.keywords) keywords_of_[keyword.of].push_back(keyword);
}

LexId LexStates::start(std::span<const int32_t> terminals) {
  if (terminals.empty()) return kNoLex;
  Vector<uint8_t> present(grammar_.terminals.size(), 0), embedded(grammar_.terminals.size(), 0);
  for (const int32_t terminal : terminals) present[terminal] = 1;
  if (grammar_.has_order())
    for (const int32_t terminal : terminals)
      for (const Keyword& keyword : keywords_of_[terminal])
        if (keyword.embedded && present[keyword.becomes]) embedded[keyword.becomes] = 1;
  Vector<Entry> entries;
  for (const int32_t terminal : terminals) entries.push_back({terminal, 0, embedded[terminal] == 1});
  return intern(entries);
}

LexId LexStates::step(LexId from, uint8_t byte) {
  if (states_[from].next == kUnknown) {
    states_[from].next = static_cast<uint32_t>(steps_.size());
    steps_.resize(steps_.size() + 256, kUnknown);
  }
  const size_t at = states_[from].next + byte;
  if (steps_[at] == kUnknown) {
    const LexId result = compute_step(from, byte);
    steps_[at] = result;
  }
  return steps_[at];
}

LexId LexStates::compute_step(LexId from, uint8_t byte) {
  const auto before = entries_of(from);
  if (grammar_.mode == LexerMode::longest &&
      std::any_of(before.begin(), before.end(), [&](const Entry& entry) { return ends_lazily(entry); }))
    return kNoLex;
  Vector<Entry> entries;
  bool taken = false, counts = false;
  for (const auto& [terminal, state, as_keyword] : before) {
    const TokenAutomaton& automaton = grammar_.terminals[terminal];
    const int32_t to = automaton.step(state, byte);
    if (to < 0) continue;
    entries.push_back({terminal, to, as_keyword || taken});
    counts = counts || !entries.back().as_keyword;
    if (grammar_.has_order() && !as_keyword && !taken) taken = automaton.block[to] == kBad;
  }
  if (!counts) return kNoLex;
  keep_useful(entries);
  return intern(entries);
}

/// Drops those that only count as keywords of terminals that are not there.
void LexStates::keep_useful(Vector<Entry>& entries) const {
  Vector<uint8_t> wanted(grammar_.terminals.size(), 0);
  for (const Entry& entry : entries)
    if (!entry.as_keyword)
      for (const Keyword& keyword : keywords_of_[entry.terminal]) wanted[keyword.becomes] = 1;
  std::erase_if(entries, [&](const Entry& entry) { return entry.as_keyword && !wanted[entry.terminal]; });
}

bool LexStates::ends_lazily(const Entry& entry) const {
  return grammar_.lazy[entry.terminal] == 1 && !grammar_.terminals[entry.terminal].ends_of(entry.state).empty();
}

LexId LexStates::intern(const Vector<Entry>& entries) {
  uint64_t hash = 11;
  for (const Entry& e : entries)
    hash = mix(mix(mix(hash, static_cast<uint32_t>(e.terminal)), static_cast<uint32_t>(e.state)), e.as_keyword);
  const auto equals = [&](uint32_t i) {
    return states_[i].size == entries.size() &&
           std::equal(entries.begin(), entries.end(), entries_.begin() + states_[i].first);
  };
  return table_.find_or_create(hash, equals, [&] {
    const Vector<End> ends = ends_at(entries);
    State state{};
    state.first = static_cast<uint32_t>(entries_.size());
    state.size = static_cast<uint32_t>(entries.size());
    state.first_end = static_cast<uint32_t>(ends_.size());
    state.end_count = static_cast<uint32_t>(ends.size());
    state.first_ahead = static_cast<uint32_t>(ahead_.size());
    for (const Entry& e : entries)
      if (grammar_.terminals[e.terminal].goes_on[e.state]) ahead_.push_back(e.terminal);
    state.ahead_count = static_cast<uint32_t>(ahead_.size()) - state.first_ahead;
    state.next = kUnknown;
    entries_.insert(entries_.end(), entries.begin(), entries.end());
    ends_.insert(ends_.end(), ends.begin(), ends.end());
    states_.push_back(state);
    return static_cast<uint32_t>(states_.size() - 1);
  });
}

Vector<LexStates::End> LexStates::ends_at(std::span<const Entry> entries) {
  if (grammar_.mode == LexerMode::longest) return longest_ends(entries);
  if (grammar_.has_order()) return ordered_ends(entries);
  Vector<End> found;
  for (const Entry& e : entries)
    for (const int32_t end : grammar_.terminals[e.terminal].ends_of(e.state))
      found.push_back(make_end(e.terminal, e.terminal, end, {}));
  return found;
}

Vector<LexStates::End> LexStates::ordered_ends(std::span<const Entry> entries) {
  Vector<End> found;
  Vector<ShadowTable::Member> before;
  for (const Entry& e : entries) {
    if (e.as_keyword) continue;
    const TokenAutomaton& automaton = grammar_.terminals[e.terminal];
    for (const int32_t end : automaton.ends_of(e.state))
      found.push_back(make_end(became(e.terminal, entries), e.terminal, end, before));
    const int32_t block = automaton.block[e.state];
    if (block != kFree && block != kBad) before.push_back({e.terminal, block});
  }
  return found;
}

Vector<LexStates::End> LexStates::longest_ends(std::span<const Entry> entries) {
  Vector<End> found;
  for (const Entry& e : entries)
    if (ends_lazily(e)) found.push_back(make_end(e.terminal, e.terminal, kFree, {}));
  if (!found.empty()) return found;
  Vector<ShadowTable::Member> longer;
  for (const Entry& e : entries) {
    const int32_t block = grammar_.terminals[e.terminal].block[e.state];
    if (block != kFree && block != kBad) longer.push_back({e.terminal, block});
  }
  for (const Entry& e : entries)
    if (!grammar_.terminals[e.terminal].ends_of(e.state).empty())
      found.push_back(make_end(e.terminal, e.terminal, kFree, longer));
  return found;
}

LexStates::End LexStates::make_end(int32_t becomes, int32_t found, int32_t shadow,
                                   Vector<ShadowTable::Member> others) {
  if (shadow != kFree) others.push_back({found, shadow});
  return {becomes, found, shadows_.of(std::move(others))};
}

int32_t LexStates::became(int32_t terminal, std::span<const Entry> entries) const {
  for (const Keyword& keyword : keywords_of_[terminal])
    for (const Entry& e : entries)
      if (e.terminal == keyword.becomes && !grammar_.terminals[e.terminal].ends_of(e.state).empty())
        return keyword.becomes;
  return terminal;
}

bool LexStates::may_be(LexId state, int32_t terminal) const {
  const auto entries = entries_of(state);
  return std::any_of(entries.begin(), entries.end(), [&](const Entry& e) { return e.terminal == terminal; });
}

size_t LexStates::bytes() const {
  return states_.capacity() * sizeof(State) + entries_.capacity() * sizeof(Entry) + ends_.capacity() * sizeof(End) +
         ahead_.capacity() * sizeof(int32_t) + steps_.capacity() * sizeof(LexId) + table_.bytes();
}

}  // namespace espalier::grammar
