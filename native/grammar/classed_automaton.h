// Automata over code points whose symbols are put into classes: what checks of texts read decoded texts with. The native twin
// of src/automata/classed-automaton.ts.
#pragma once

#include <cstdint>
#include <span>

#include "grammar/table_memory.h"

namespace espalier::grammar {

/// State 0 is the start.
struct ClassedAutomaton {
  struct Interval {
    int32_t first, last, symbol_class;
  };
  Vector<Interval> intervals;  ///< disjoint and ascending
  int32_t class_count = 0;
  Vector<int32_t> next;  ///< [state * class_count + class]; -1: refused
  Vector<uint8_t> accept;
  Vector<int32_t> ends;  ///< per state, the first code point of a shortest word to acceptance, or -1

  /// The state after one more symbol, or after all; -1: refused.
  int32_t step(int32_t state, int32_t symbol) const;
  int32_t run(std::span<const int32_t> symbols) const;
  bool accepts(int32_t state) const { return state >= 0 && accept[static_cast<size_t>(state)] != 0; }
  /// The first interval that does not end below a symbol.
  size_t interval_from(int32_t symbol) const;
  /// Fills `ends` from the other tables.
  void find_ends();
};

}  // namespace espalier::grammar
