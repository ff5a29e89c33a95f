// The image of a grammar with a lexer: the parser's automaton over terminals, and the terminals' automata. Comes from
// src/automata/lexed-image.ts, which says what each part means, and is checked before use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "grammar/image.h"
#include "grammar/table_memory.h"

namespace espalier::grammar {

/// In place of a state: the condition is violated; nothing can match any more, or there is no condition.
inline constexpr int32_t kBad = -2, kDead = -1, kFree = -1;

/// One terminal; the twin of src/automata/token-automaton.ts.
struct TokenAutomaton {
  int32_t run_count = 0, state_count = 0, class_count = 0;
  uint8_t class_of[256] = {};
  Vector<int32_t> next, block, end_start, ends, holds_at_end, goes_on;

  int32_t step(int32_t state, uint8_t byte) const {
    return next[static_cast<size_t>(state) * class_count + class_of[byte]];
  }
  std::span<const int32_t> ends_of(int32_t run) const {
    return {ends.data() + end_start[run], ends.data() + end_start[run + 1]};
  }
};

enum class LexerMode : int32_t { basic = 0, contextual = 1, dynamic = 2, longest = 3 };

struct Keyword {
  int32_t of, becomes, embedded;
};

struct Indentation {
  int32_t newline, indent, dedent, tab_length;
  Vector<int32_t> open, close;
};

struct LexedGrammar {
  Pda parser;
  LexerMode mode = LexerMode::basic;
  Vector<TokenAutomaton> terminals;
  int32_t symbol_count = 0;
  bool initial_skip = false;
  Vector<uint8_t> ignored;  ///< by terminal
  Vector<Keyword> keywords;
  Vector<int32_t> lazy;  ///< by terminal
  std::optional<Indentation> indentation;
  int32_t raw_begin = -1, raw_end = -1;

  bool has_raw() const { return raw_begin >= 0; }
  bool is_wide() const { return has_raw() || symbol_count > 256; }
  /// The first byte of symbol 0 where symbols are spelt by two.
  int32_t lead() const { return has_raw() ? 0xf8 : 0; }
  /// Whether the first terminal in order of trial that matches takes the token from those behind it.
  bool has_order() const { return mode == LexerMode::basic || mode == LexerMode::contextual; }
};

/// A grammar as a caller loads it.
using GrammarSource = std::variant<Pda, LexedGrammar>;

/// @throws ImageError
GrammarSource open_grammar(const void* image, size_t bytes);

inline const Pda& parser_of(const GrammarSource& source) {
  const auto* lexed = std::get_if<LexedGrammar>(&source);
  return lexed ? lexed->parser : std::get<Pda>(source);
}

}  // namespace espalier::grammar
