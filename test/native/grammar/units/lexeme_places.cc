// States behind which the same may follow are one place, whatever lexemes they belong to, and still are when lexemes go.
#include <cstdio>
#include <random>
#include <vector>

#include "check.h"
#include "grammar/lexeme_table.h"

using namespace espalier::grammar;

namespace {

/// A few states; each reads digits, letters or the quote, and leads to a state behind it, itself or the end.
LexemeContent random_content(std::mt19937& random) {
  const auto states = static_cast<int32_t>(1 + random() % 4);
  LexemeContent content;
  for (int32_t state = 0; state < states; state++) {
    const auto target = [&] {
      const auto to = static_cast<int32_t>(state + random() % static_cast<uint32_t>(states - state));
      return random() % 3 == 0 ? kLexemeEnd : to;
    };
    content.insert(content.end(), {static_cast<int32_t>(random() % 2), 3, '"', '"', kLexemeEnd, '0', '9', target(), 'a', 'z', target()});
  }
  return content;
}

int32_t some_state(const Lexeme& lexeme, std::mt19937& random) {
  return static_cast<int32_t>(random() % static_cast<uint32_t>(lexeme.state_count()));
}

}  // namespace

TEST(states_with_the_same_rest_are_one_place) {
  const Vocabulary vocabulary;
  LexemeTable table(vocabulary);
  const uint32_t seed = std::random_device{}();
  std::mt19937 random(seed);
  std::vector<std::shared_ptr<Lexeme>> held;
  int wrong = 0, shared = 0, gone = 0;
  for (int round = 0; round < 300; round++) {
    // With no room at all, whatever is not held here goes at the end of the use.
    table.set_max_bytes(round % 3 == 0 ? 0 : LexemeTable::kLeastMaxBytes);
    const LexemeUse use(table);
    held.push_back(table.intern(random_content(random)));
    if (random() % 2 == 0) {
      held.erase(held.begin() + static_cast<ptrdiff_t>(random() % held.size()));
      gone++;
    }
    for (int ask = 0; ask < 30 && held.size() > 1; ask++) {
      Lexeme &a = *held[random() % held.size()], &b = *held[random() % held.size()];
      const int32_t x = some_state(a, random), y = some_state(b, random);
      const Lexeme::Place at = a.canonical(x), other = b.canonical(y);
      const bool is_alike = a.rest_of(x) == b.rest_of(y);
      wrong += at.lexeme->rest_of(at.state) != a.rest_of(x);
      // What was found before another lexeme went may differ in place, never in what follows.
      wrong += at.lexeme == other.lexeme && at.state == other.state && !is_alike;
      shared += at.lexeme != &a && is_alike;
    }
  }
  if (wrong > 0) std::printf("  seed %u\n", seed);
  CHECK(wrong == 0);
  CHECK(shared > 0);
  CHECK(gone > 0);
  const LexemeUse use(table);
  held.clear();
}
