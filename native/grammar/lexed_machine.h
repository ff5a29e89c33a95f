// Runs a grammar with a lexer on bytes; the twin of src/automata/lexed-machine.ts, with the same meaning set for set.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <span>

#include "grammar/byte_machine.h"
#include "grammar/indenter.h"
#include "grammar/intern.h"
#include "grammar/lex_states.h"
#include "grammar/lexed_image.h"
#include "grammar/lexer_contexts.h"
#include "grammar/machine.h"
#include "grammar/shadows.h"
#include "grammar/table_memory.h"

namespace espalier::grammar {

class LexedMachine final : public ByteMachine {
 public:
  LexedMachine(const LexedGrammar& grammar, uint32_t max_configurations, bool memo);

  SetId start() const override { return start_; }
  SetId step(SetId from, uint8_t byte) override;
  const ByteSet& readable(SetId) override { return any_; }
  SetId step_token(SetId from, const std::function<bool(int32_t)>& matches) override;
  void for_each_token_set(SetId from, const std::function<void(int32_t)>& visit) const override;
  SetId unite(SetId a, SetId b) override;
  bool is_accepting(SetId set) const override { return sets_[set].accepting; }
  int forced_byte(SetId set) override;
  size_t bytes() const override;

 private:
  struct Configuration {
    LexId token;  ///< kNoLex between two tokens, or in a raw part
    bool is_raw;
    ShadowsId shadows;
    IndentId indent;
    int32_t column;
    SetId parser;
    auto operator<=>(const Configuration&) const = default;
    bool is_between() const { return token == kNoLex && !is_raw; }
    bool differs_in_parser_alone(const Configuration& other) const {
      return token == other.token && is_raw == other.is_raw && shadows == other.shadows && indent == other.indent &&
             column == other.column;
    }
  };
  struct Set {
    uint32_t first, size;
    bool accepting;
  };
  struct Step {
    SetId from;
    uint32_t byte;
    SetId to;  ///< kUnsettled while it was not computed to its end
  };
  static constexpr SetId kUnsettled = 0xffffffffu;

  void step_one(const Configuration& configuration, uint8_t byte, bool is_first);
  bool can_go_on(SetId parser, LexId token, IndentId indent);
  void end_token(const Configuration& configuration, const LexStates::End& end);
  void between(SetId parser, ShadowsId shadows, IndentId indent, int depth = 0);
  void raw(SetId parser, ShadowsId shadows, IndentId indent, int depth = 0);
  void add(const Configuration& configuration);
  SetId intern_reached();
  Vector<Configuration> configurations_of(SetId set) const;

  const LexedGrammar& grammar_;
  const uint32_t max_configurations_;
  const bool memo_;
  Machine parser_;
  ShadowTable shadows_;
  LexStates lexer_;
  LexerContexts contexts_;
  Indenter indenter_;
  SetId start_ = 0;
  ByteSet any_;

  Vector<Set> sets_;
  Vector<Configuration> configurations_;
  Vector<Step> steps_;
  InternTable set_table_, step_table_;

  Vector<Configuration> reached_;  ///< scratch of one step
};

}  // namespace espalier::grammar
