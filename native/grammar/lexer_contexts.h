// What a lexer looks for between two tokens, by where the parser stands; the twin of src/automata/lexer-contexts.ts.
#pragma once

#include <cstdint>

#include "grammar/lex_states.h"
#include "grammar/lexed_image.h"
#include "grammar/machine.h"
#include "grammar/table_memory.h"

namespace espalier::grammar {

struct LexerContext {
  Vector<uint8_t> viable;  ///< by symbol: whether the parser can take it
  LexId start = kNoLex;         ///< the lexer before a token; kNoLex when there can be none
  LexId first = kNoLex;         ///< the same before the first token of the text
  bool has_token_sets = false;
};

class LexerContexts {
 public:
  LexerContexts(const LexedGrammar& grammar, Machine& parser, LexStates& lexer);

  /// Valid until the next call. @throws LimitError
  const LexerContext& of(SetId parser);
  /// The parser after a symbol, or kRefused. @throws LimitError
  SetId after(SetId parser, int32_t symbol);
  size_t bytes() const;

 private:
  LexerContext create(SetId parser);
  Vector<uint8_t> viable(SetId parser);

  const LexedGrammar& grammar_;
  Machine& parser_;
  LexStates& lexer_;
  Vector<uint32_t> index_;  ///< by parser set: into contexts_, plus 1
  Vector<LexerContext> contexts_;
};

}  // namespace espalier::grammar
