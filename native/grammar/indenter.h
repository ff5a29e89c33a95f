// INDENT and DEDENT as Lark's Indenter puts them in; the twin of src/automata/indenter.ts.
#pragma once

#include <cstdint>

#include "grammar/intern.h"
#include "grammar/lexer_contexts.h"
#include "grammar/table_memory.h"

namespace espalier::grammar {

using IndentId = uint32_t;

class Indenter {
 public:
  struct Settled {
    SetId parser;  ///< kRefused when the token does not fit
    IndentId indent;
  };

  Indenter(const LexedGrammar& grammar, LexerContexts& contexts);

  IndentId outermost() const { return 0; }
  /// The column within a token after a byte; -1 in tokens that can hold no newline of indentation. @throws LimitError
  int32_t column(bool may_be_newline, int32_t before, uint8_t byte) const;
  /// Whether a token is left out: newlines between brackets.
  bool is_dropped(int32_t terminal, IndentId indent) const;
  /// Where the parser stands after a token and what the indenter puts behind it.
  Settled settle(SetId parser, int32_t terminal, IndentId indent, int32_t column);
  /// Whether the text may end here: every level that is open is left.
  bool can_end(SetId parser, IndentId indent, const Machine& machine);
  size_t bytes() const;

 private:
  struct Indent {
    Vector<int32_t> levels;  ///< ascending columns; the first is 0
    int32_t brackets;
    bool operator==(const Indent&) const = default;
  };

  Settled new_line(SetId parser, const Indent& before, int32_t column);
  IndentId intern(Indent indent);

  const LexedGrammar& grammar_;
  LexerContexts& contexts_;
  Vector<Indent> indents_;
  InternTable table_;
};

}  // namespace espalier::grammar
