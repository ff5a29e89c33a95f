// Counted characters as one automaton: what is left decides what may follow as far as it is told, and there is no automaton
// where one character begins another.
#include "grammar/counted_automaton.h"

#include <string>
#include <string_view>

#include "check.h"
#include "grammar/lexeme_table.h"

using namespace espalier::grammar;

namespace {

/// The lexeme of one word.
std::shared_ptr<Lexeme> word(LexemeTable& table, std::string_view text) {
  LexemeContent content;
  for (size_t at = 0; at < text.size(); at++) {
    const auto byte = static_cast<uint8_t>(text[at]);
    content.insert(content.end(), {0, 1, byte, byte, at + 1 < text.size() ? static_cast<int32_t>(at) + 1 : kLexemeEnd});
  }
  return table.intern(std::move(content));
}

bool reads(CountedAutomaton& automaton, int32_t state, std::string_view text) {
  for (const char byte : text)
    if (state != kLexemeDead) state = automaton.next(state, static_cast<uint8_t>(byte));
  return state != kLexemeDead;
}

}  // namespace

TEST(a_character_that_begins_another_refutes_the_automaton) {
  const Vocabulary vocabulary;
  LexemeTable table(vocabulary);
  const LexemeUse use(table);
  const auto a = word(table, "a"), ab = word(table, "ab"), x = word(table, "x");
  const CountedContent content{{.next = {{a, 0, {.least = 1}}, {ab, 0, {.least = 1}}, {x, 0, {.least = 1}}}, .may_end = true}};
  CHECK(CountedAutomaton::fits(content));
  CountedAutomaton automaton(content, nullptr);
  const int32_t start = automaton.enter(*x, 0, 0, least_told(content));
  CHECK(reads(automaton, start, "xxx"));
  bool is_refuted = false;
  try {
    reads(automaton, start, "xa");
  } catch (const NoAutomaton&) {
    is_refuted = true;
  }
  CHECK(is_refuted);
}

TEST(what_is_left_decides_as_far_as_it_is_told) {
  const Vocabulary vocabulary;
  LexemeTable table(vocabulary);
  const LexemeUse use(table);
  const auto a = word(table, "a"), b = word(table, "b");
  // A b only where at most 8 are left.
  const CountedContent content{{.next = {{a, 0, {.least = 1}}, {b, 0, {.least = 1, .most = 8}}}, .may_end = true}};
  CHECK(CountedAutomaton::fits(content) && least_told(content) == 8);
  CountedAutomaton automaton(content, nullptr);
  for (const int32_t left : {10, 9, 8}) {
    const int32_t start = automaton.enter(*a, 0, 0, left);
    CHECK(reads(automaton, start, "aaaaaaaaaaaa"));
    for (int32_t more = 0; more < 4; more++)
      CHECK(reads(automaton, start, std::string(static_cast<size_t>(more) + 1, 'a') + "b") == (left - more <= 8));
  }
}
