// Steps of sets of configurations. Read src/automata/lexed-machine.ts beside this: the functions bear the same names.
#include "grammar/lexed_machine.h"

#include <algorithm>
#include <string>

namespace espalier::grammar {
namespace {
/// Raw parts that end where they begin, one after the other; front ends write none.
constexpr int kMaxEmptyParts = 100;
}  // namespace

LexedMachine::LexedMachine(const LexedGrammar& grammar, uint32_t max_configurations, bool memo)
    : grammar_(grammar),
      max_configurations_(max_configurations),
      memo_(memo),
      parser_(grammar.parser, max_configurations, memo),
      shadows_(grammar.terminals),
      lexer_(grammar, shadows_),
      contexts_(grammar, parser_, lexer_),
      indenter_(grammar, contexts_) {
  any_.add(0, 255);
  between(parser_.start(), kNoShadows, indenter_.outermost());
  start_ = intern_reached();
  if (start_ == kRefused) {
    sets_.push_back({static_cast<uint32_t>(configurations_.size()), 0, false});
    start_ = static_cast<SetId>(sets_.size() - 1);
  }
}

SetId LexedMachine::step(SetId from, uint8_t byte) {
  uint32_t known = 0;
  if (memo_) {
    const auto equals = [&](uint32_t i) { return steps_[i].from == from && steps_[i].byte == byte; };
    known = step_table_.find_or_create(mix(mix(17, from), byte), equals, [&] {
      steps_.push_back({from, byte, kUnsettled});
      return static_cast<uint32_t>(steps_.size() - 1);
    });
    if (steps_[known].to != kUnsettled) return steps_[known].to;
  }
  reached_.clear();
  for (const Configuration& configuration : configurations_of(from)) step_one(configuration, byte, from == start_);
  const SetId result = intern_reached();
  if (memo_) steps_[known].to = result;
  return result;
}

SetId LexedMachine::step_token(SetId from, const std::function<bool(int32_t)>& matches) {
  reached_.clear();
  for (const Configuration& c : configurations_of(from)) {
    if (!c.is_between() || !shadows_.hold_at_end(c.shadows)) continue;
    const SetId after = parser_.step_token(c.parser, matches);
    if (after != kRefused) between(after, kNoShadows, c.indent);
  }
  return intern_reached();
}

void LexedMachine::for_each_token_set(SetId from, const std::function<void(int32_t)>& visit) const {
  for (const Configuration& c : configurations_of(from))
    if (c.is_between() && shadows_.hold_at_end(c.shadows)) parser_.for_each_token_set(c.parser, visit);
}

SetId LexedMachine::unite(SetId a, SetId b) {
  reached_.clear();
  for (const SetId set : {a, b})
    for (const Configuration& configuration : configurations_of(set)) add(configuration);
  const SetId both = intern_reached();
  return both == kRefused ? a : both;
}

int LexedMachine::forced_byte(SetId set) {
  if (sets_[set].accepting) return -1;
  bool has_tokens = false;
  for_each_token_set(set, [&](int32_t) { has_tokens = true; });
  if (has_tokens) return -1;
  int forced = -1;
  for (int byte = 0; byte < 256; byte++) {
    if (step(set, static_cast<uint8_t>(byte)) == kRefused) continue;
    if (forced != -1) return -1;
    forced = byte;
  }
  return forced;
}

void LexedMachine::step_one(const Configuration& configuration, uint8_t byte, bool is_first) {
  const ShadowsId shadows = shadows_.step(configuration.shadows, byte);
  if (shadows == kViolated) return;
  if (configuration.is_raw) {
    const SetId after = byte < grammar_.lead() ? parser_.step(configuration.parser, byte) : kRefused;
    if (after != kRefused) raw(after, shadows, configuration.indent);
    return;
  }
  LexId before = configuration.token;
  if (before == kNoLex) {
    const LexerContext& context = contexts_.of(configuration.parser);
    before = is_first ? context.first : context.start;
  }
  const LexId token = before == kNoLex ? kNoLex : lexer_.step(before, byte);
  if (token == kNoLex) return;
  Configuration next = configuration;
  next.shadows = shadows;
  next.column = indenter_.column(grammar_.indentation && lexer_.may_be(token, grammar_.indentation->newline),
                                 configuration.column, byte);
  for (size_t i = 0; i < lexer_.end_count(token); i++) end_token(next, lexer_.end(token, i));
  next.token = token;
  if (can_go_on(next.parser, token, next.indent)) add(next);
}

bool LexedMachine::can_go_on(SetId parser, LexId token, IndentId indent) {
  const Vector<uint8_t>& viable = contexts_.of(parser).viable;
  const auto ahead = lexer_.ahead(token);
  return std::any_of(ahead.begin(), ahead.end(), [&](int32_t terminal) {
    return grammar_.ignored[terminal] || viable[terminal] || indenter_.is_dropped(terminal, indent);
  });
}

void LexedMachine::end_token(const Configuration& configuration, const LexStates::End& end) {
  const ShadowsId shadows = shadows_.unite(configuration.shadows, end.shadows);
  if (grammar_.ignored[end.found] || indenter_.is_dropped(end.terminal, configuration.indent)) {
    between(configuration.parser, shadows, configuration.indent);
    if (grammar_.has_order()) return;
  }
  const SetId after = contexts_.after(configuration.parser, end.terminal);
  if (after == kRefused) return;
  const auto [parser, indent] = indenter_.settle(after, end.terminal, configuration.indent, configuration.column);
  if (parser != kRefused) between(parser, shadows, indent);
}

void LexedMachine::between(SetId parser, ShadowsId shadows, IndentId indent, int depth) {
  const LexerContext& context = contexts_.of(parser);
  const bool goes_on = context.first != kNoLex || parser_.is_accepting(parser) || context.has_token_sets;
  if (goes_on || indenter_.can_end(parser, indent, parser_)) add({kNoLex, false, shadows, indent, -1, parser});
  if (!grammar_.has_raw()) return;
  const SetId begun = contexts_.after(parser, grammar_.raw_begin);
  if (begun != kRefused) raw(begun, shadows, indent, depth + 1);
}

void LexedMachine::raw(SetId parser, ShadowsId shadows, IndentId indent, int depth) {
  if (depth > kMaxEmptyParts)
    throw LimitError(
        "raw parts of no text follow one another (limit MAX_EMPTY_PARTS = " + std::to_string(kMaxEmptyParts) + ")");
  add({kNoLex, true, shadows, indent, -1, parser});
  const SetId ended = contexts_.after(parser, grammar_.raw_end);
  if (ended != kRefused) between(ended, shadows, indent, depth);
}

void LexedMachine::add(const Configuration& configuration) {
  for (Configuration& known : reached_) {
    if (!known.differs_in_parser_alone(configuration)) continue;
    if (known.parser != configuration.parser) known.parser = parser_.unite(known.parser, configuration.parser);
    return;
  }
  reached_.push_back(configuration);
  if (reached_.size() > max_configurations_)
    throw LimitError(
        "the grammar is too ambiguous here (limit maxConfigurations = " + std::to_string(max_configurations_) + ")");
}

SetId LexedMachine::intern_reached() {
  if (reached_.empty()) return kRefused;
  std::sort(reached_.begin(), reached_.end());
  bool accepting = false;
  uint64_t hash = 19;
  for (const Configuration& c : reached_) {
    accepting = accepting ||
                (c.is_between() && shadows_.hold_at_end(c.shadows) && indenter_.can_end(c.parser, c.indent, parser_));
    hash = mix(mix(mix(hash, c.parser), c.token), c.shadows);
    hash = mix(mix(mix(hash, c.indent), static_cast<uint32_t>(c.column)), c.is_raw);
  }
  const auto equals = [&](uint32_t i) {
    return sets_[i].size == reached_.size() &&
           std::equal(reached_.begin(), reached_.end(), configurations_.begin() + sets_[i].first);
  };
  return set_table_.find_or_create(hash, equals, [&] {
    sets_.push_back({static_cast<uint32_t>(configurations_.size()), static_cast<uint32_t>(reached_.size()), accepting});
    configurations_.insert(configurations_.end(), reached_.begin(), reached_.end());
    return static_cast<uint32_t>(sets_.size() - 1);
  });
}

Vector<LexedMachine::Configuration> LexedMachine::configurations_of(SetId set) const {
  const auto first = configurations_.begin() + sets_[set].first;
  return {first, first + sets_[set].size};
}

size_t LexedMachine::bytes() const {
  return parser_.bytes() + shadows_.bytes() + lexer_.bytes() + contexts_.bytes() + indenter_.bytes() +
         sets_.capacity() * sizeof(Set) + configurations_.capacity() * sizeof(Configuration) +
         steps_.capacity() * sizeof(Step) + set_table_.bytes() + step_table_.bytes();
}

}  // namespace espalier::grammar
