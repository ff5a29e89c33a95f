// Contexts are made when the parser first comes to a set. Read src/automata/lexer-contexts.ts beside this.
#include "grammar/lexer_contexts.h"

#include <algorithm>

namespace espalier::grammar {

LexerContexts::LexerContexts(const LexedGrammar& grammar, Machine& parser, LexStates& lexer)
    : grammar_(grammar), parser_(parser), lexer_(lexer) {}

const LexerContext& LexerContexts::of(SetId parser) {
  if (parser < index_.size() && index_[parser] != 0) return contexts_[index_[parser] - 1];
  LexerContext context = create(parser);
  if (parser >= index_.size()) index_.resize(static_cast<size_t>(parser) + 1, 0);
  contexts_.push_back(std::move(context));
  index_[parser] = static_cast<uint32_t>(contexts_.size());
  return contexts_.back();
}

SetId LexerContexts::after(SetId parser, int32_t symbol) {
  if (!grammar_.is_wide()) return parser_.step(parser, static_cast<uint8_t>(symbol));
  const SetId between = parser_.step(parser, static_cast<uint8_t>(grammar_.lead() + (symbol >> 8)));
  return between == kRefused ? kRefused : parser_.step(between, static_cast<uint8_t>(symbol & 0xff));
}

LexerContext LexerContexts::create(SetId parser) {
  LexerContext context;
  context.viable = viable(parser);
  const auto count = static_cast<int32_t>(grammar_.terminals.size());
  const int32_t newline = grammar_.indentation ? grammar_.indentation->newline : -1;
  Vector<int32_t> wanted, first;
  bool reads = false;
  for (int32_t terminal = 0; terminal < count; terminal++) {
    const bool is_viable = context.viable[terminal] == 1, is_ignored = grammar_.ignored[terminal] == 1;
    reads = reads || is_viable;
    if (grammar_.mode != LexerMode::basic && !is_viable && !is_ignored && terminal != newline) continue;
    wanted.push_back(terminal);
    if (is_viable || !is_ignored) first.push_back(terminal);
  }
  parser_.for_each_token_set(parser, [&](int32_t) { context.has_token_sets = true; });
  const bool leaves_level = grammar_.indentation && context.viable[grammar_.indentation->dedent] == 1;
  if (!parser_.is_accepting(parser) && !context.has_token_sets && !leaves_level && !reads) return context;
  context.start = lexer_.start(wanted);
  context.first = grammar_.initial_skip ? context.start : lexer_.start(first);
  return context;
}

Vector<uint8_t> LexerContexts::viable(SetId parser) {
  Vector<uint8_t> found(static_cast<size_t>(grammar_.symbol_count), 0);
  const auto mark = [&](int32_t symbol) {
    if (symbol < grammar_.symbol_count) found[symbol] = 1;
  };
  const std::bitset<256> leads = parser_.bytes_read(parser);
  for (int32_t lead = grammar_.is_wide() ? grammar_.lead() : 0; lead < 256; lead++) {
    if (!leads[lead]) continue;
    if (!grammar_.is_wide()) {
      mark(lead);
      continue;
    }
    const SetId between = parser_.step(parser, static_cast<uint8_t>(lead));
    if (between == kRefused) continue;
    const std::bitset<256> seconds = parser_.bytes_read(between);
    for (int32_t second = 0; second < 256; second++)
      if (seconds[second]) mark((lead - grammar_.lead()) * 256 + second);
  }
  return found;
}

size_t LexerContexts::bytes() const {
  return index_.capacity() * sizeof(uint32_t) +
         contexts_.size() * (sizeof(LexerContext) + static_cast<size_t>(grammar_.symbol_count));
}

}  // namespace espalier::grammar
