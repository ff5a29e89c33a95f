// Checks of texts that no automaton over their bytes makes: the text is decoded, and an automaton over code points reads what
// comes out. The native twin of src/automata/text-checks.ts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace espalier::grammar {

/// An encoded label of a host name without its prefix, as TextCheck in TypeScript says.
struct TextCheck {
  struct Interval {
    int32_t first, last, symbol_class;
  };
  int32_t longest = 0;
  int32_t filler = 0;
  std::vector<Interval> intervals;  ///< disjoint and ascending
  int32_t class_count = 0;
  std::vector<int32_t> next;  ///< [state * class_count + class]; -1: refused
  std::vector<int32_t> accept;

  /// Whether the whole text passes.
  bool passes(std::string_view text) const;
  /// Whether a text that passes may begin like this.
  bool may_pass(std::string_view text) const;

 private:
  std::optional<std::string> completed(std::string_view basic) const;
  bool accepts(const std::vector<int32_t>& symbols) const;
};

/// Reads the checks of a GrammarImage; nothing where they are damaged.
std::optional<std::vector<TextCheck>> decode_checks(std::span<const int32_t> words, size_t count);

}  // namespace espalier::grammar
