// Indentation of one text at one place. Read src/automata/indenter.ts beside this.
#include "grammar/indenter.h"

#include <algorithm>
#include <string>

namespace espalier::grammar {
namespace {
/// Columns of one line's indentation.
constexpr int32_t kMaxColumn = 1 << 20;
}  // namespace

Indenter::Indenter(const LexedGrammar& grammar, LexerContexts& contexts) : grammar_(grammar), contexts_(contexts) {
  intern({{0}, 0});
}

int32_t Indenter::column(bool may_be_newline, int32_t before, uint8_t byte) const {
  if (!may_be_newline) return -1;
  if (byte == '\n') return 0;
  if (before < 0) return -1;
  const int32_t after = before + (byte == ' ' ? 1 : byte == '\t' ? grammar_.indentation->tab_length : 0);
  if (after > kMaxColumn)
    throw LimitError("a line is indented too far (limit MAX_COLUMN = " + std::to_string(kMaxColumn) + ")");
  return after;
}

bool Indenter::is_dropped(int32_t terminal, IndentId indent) const {
  return grammar_.indentation && terminal == grammar_.indentation->newline && indents_[indent].brackets > 0;
}

Indenter::Settled Indenter::settle(SetId parser, int32_t terminal, IndentId indent, int32_t column) {
  if (!grammar_.indentation) return {parser, indent};
  const auto& [newline, i, d, tab, open, close] = *grammar_.indentation;
  const Indent before = indents_[indent];
  if (terminal == newline) return new_line(parser, before, column);
  if (std::find(open.begin(), open.end(), terminal) != open.end())
    return {parser, intern({before.levels, before.brackets + 1})};
  if (std::find(close.begin(), close.end(), terminal) == close.end()) return {parser, indent};
  if (before.brackets == 0) return {kRefused, indent};
  return {parser, intern({before.levels, before.brackets - 1})};
}

bool Indenter::can_end(SetId parser, IndentId indent, const Machine& machine) {
  const size_t levels = indents_[indent].levels.size();
  for (size_t level = 1; level < levels && parser != kRefused; level++)
    parser = contexts_.after(parser, grammar_.indentation->dedent);
  return parser != kRefused && machine.is_accepting(parser);
}

Indenter::Settled Indenter::new_line(SetId parser, const Indent& before, int32_t column) {
  Vector<int32_t> levels = before.levels;
  if (column < 0) return {kRefused, 0};
  if (column > levels.back()) {
    levels.push_back(column);
    parser = contexts_.after(parser, grammar_.indentation->indent);
  } else {
    while (parser != kRefused && column < levels.back()) {
      levels.pop_back();
      parser = contexts_.after(parser, grammar_.indentation->dedent);
    }
  }
  if (parser == kRefused || column != levels.back()) return {kRefused, 0};
  return {parser, intern({std::move(levels), before.brackets})};
}

IndentId Indenter::intern(Indent indent) {
  uint64_t hash = mix(13, static_cast<uint32_t>(indent.brackets));
  for (const int32_t level : indent.levels) hash = mix(hash, static_cast<uint32_t>(level));
  return table_.find_or_create(
      hash, [&](uint32_t i) { return indents_[i] == indent; },
      [&] {
        indents_.push_back(std::move(indent));
        return static_cast<uint32_t>(indents_.size() - 1);
      });
}

size_t Indenter::bytes() const { return indents_.size() * (sizeof(Indent) + 16 * sizeof(int32_t)) + table_.bytes(); }

}  // namespace espalier::grammar
