// Read src/automata/classed-automaton.ts beside this: the functions bear the same names.
#include "grammar/classed_automaton.h"

#include <algorithm>

namespace espalier::grammar {

int32_t ClassedAutomaton::step(int32_t state, int32_t symbol) const {
  const size_t at = interval_from(symbol);
  if (state < 0 || at == intervals.size() || intervals[at].first > symbol) return -1;
  return next[static_cast<size_t>(state * class_count + intervals[at].symbol_class)];
}

int32_t ClassedAutomaton::run(std::span<const int32_t> symbols) const {
  int32_t state = 0;
  for (const int32_t symbol : symbols) state = step(state, symbol);
  return state;
}

size_t ClassedAutomaton::interval_from(int32_t symbol) const {
  const auto at = std::lower_bound(intervals.begin(), intervals.end(), symbol,
                                   [](const Interval& interval, int32_t value) { return interval.last < value; });
  return static_cast<size_t>(at - intervals.begin());
}

void ClassedAutomaton::find_ends() {
  ends.assign(accept.size(), -1);
  Vector<int32_t> symbols(static_cast<size_t>(class_count), -1);
  for (const Interval& interval : intervals) {
    int32_t& symbol = symbols[static_cast<size_t>(interval.symbol_class)];
    if (symbol < 0) symbol = interval.first;
  }
  Vector<uint8_t> reached = accept;
  for (bool grows = true; grows;) {
    grows = false;
    const Vector<uint8_t> before = reached;
    for (size_t state = 0; state < accept.size(); state++) {
      if (before[state] != 0) continue;
      for (size_t found = 0; found < symbols.size(); found++) {
        const int32_t to = next[state * symbols.size() + found];
        if (symbols[found] < 0 || to < 0 || before[static_cast<size_t>(to)] == 0) continue;
        ends[state] = symbols[found];
        reached[state] = 1;
        grows = true;
        break;
      }
    }
  }
}

}  // namespace espalier::grammar
