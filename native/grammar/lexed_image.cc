// Reads and checks the image of a grammar with a lexer. Nothing after this file checks an index again.
#include "grammar/lexed_image.h"

#include <algorithm>
#include <cstring>
#include <string>

namespace espalier::grammar {
namespace {

constexpr int32_t kMagic = 0x4c505345;
constexpr int32_t kVersion = 2;
constexpr size_t kHeaderWords = 24;
constexpr int32_t kMaxSymbols = 65536;
constexpr int32_t kMaxRawSymbols = 8 * 256;
constexpr int32_t kMaxTab = 1 << 16;
constexpr int32_t kMaxStates = 1 << 22;

void check(bool holds, const char* reason) {
  if (!holds) throw ImageError(std::string("not a usable image of a grammar with a lexer: ") + reason);
}

/// Takes lists of words one after the other.
class Words {
 public:
  Words(const void* image, size_t bytes) : words_(bytes / 4) {
    check(image != nullptr && bytes >= kHeaderWords * 4 && bytes % 4 == 0, "its length is wrong");
    std::memcpy(words_.data(), image, bytes);
  }

  int32_t header(size_t word) const { return words_[word]; }

  Vector<int32_t> take(int64_t count) {
    check(count >= 0 && count <= static_cast<int64_t>(words_.size() - at_), "its sections do not fit its length");
    at_ += static_cast<size_t>(count);
    return {words_.begin() + static_cast<ptrdiff_t>(at_ - count), words_.begin() + static_cast<ptrdiff_t>(at_)};
  }

  void expect_end() const { check(at_ == words_.size(), "its sections do not fit its length"); }
  std::span<const int32_t> all() const { return words_; }

 private:
  Vector<int32_t> words_;
  size_t at_ = kHeaderWords;
};

TokenAutomaton take_terminal(Words& words) {
  const Vector<int32_t> sizes = words.take(4);
  TokenAutomaton terminal;
  terminal.run_count = sizes[0];
  terminal.state_count = sizes[1];
  terminal.class_count = sizes[2];
  check(sizes[0] >= 1 && sizes[1] >= sizes[0] && sizes[1] <= kMaxStates && sizes[2] >= 1 && sizes[2] <= 256,
        "a terminal has no states");
  std::memcpy(terminal.class_of, words.take(64).data(), 256);
  terminal.next = words.take(static_cast<int64_t>(sizes[1]) * sizes[2]);
  terminal.block = words.take(sizes[0]);
  terminal.end_start = words.take(static_cast<int64_t>(sizes[0]) + 1);
  terminal.ends = words.take(sizes[3]);
  terminal.holds_at_end = words.take(sizes[1] - sizes[0]);
  terminal.goes_on = words.take(sizes[0]);
  for (int32_t& goes_on : terminal.goes_on) goes_on = goes_on == 1;
  return terminal;
}

void check_terminal(const TokenAutomaton& t) {
  for (const uint8_t cls : t.class_of) check(cls < t.class_count, "a byte has no class");
  const auto is_shadow = [&](int32_t id) { return id >= t.run_count && id < t.state_count; };
  const size_t runs = static_cast<size_t>(t.run_count) * t.class_count;
  for (size_t i = 0; i < t.next.size(); i++) {
    const int32_t to = t.next[i];
    const bool known = i < runs ? to >= 0 && to < t.run_count : to == kBad || is_shadow(to);
    check(to == kDead || known, "a terminal leads to a state that does not exist");
  }
  for (const int32_t id : t.block)
    check(id == kFree || id == kBad || is_shadow(id), "a terminal has a condition that does not exist");
  for (const int32_t id : t.ends) check(id == kFree || is_shadow(id), "a terminal has a condition that does not exist");
  check(t.end_start.front() == 0 && t.end_start.back() == static_cast<int32_t>(t.ends.size()) &&
            std::is_sorted(t.end_start.begin(), t.end_start.end()),
        "the ends of a terminal are not sorted");
}

void check_grammar(const LexedGrammar& grammar, std::span<const int32_t> ignored) {
  const auto terminals = static_cast<int32_t>(grammar.terminals.size());
  const auto is_terminal = [&](int32_t id) { return id >= 0 && id < terminals; };
  const auto is_symbol = [&](int32_t id) { return id >= 0 && id < grammar.symbol_count; };
  check(grammar.mode >= LexerMode::basic && grammar.mode <= LexerMode::longest, "its lexer is of an unknown kind");
  check(grammar.symbol_count >= terminals && grammar.symbol_count <= (grammar.has_raw() ? kMaxRawSymbols : kMaxSymbols),
        "it has an impossible number of symbols");
  check(std::all_of(ignored.begin(), ignored.end(), is_terminal), "it ignores a terminal that does not exist");
  for (const Keyword& keyword : grammar.keywords)
    check(is_terminal(keyword.of) && is_terminal(keyword.becomes), "a keyword does not exist");
  if (const auto& i = grammar.indentation) {
    check(is_terminal(i->newline) && is_symbol(i->indent) && is_symbol(i->dedent), "its indentation has no terminals");
    check(i->tab_length >= 1 && i->tab_length <= kMaxTab, "its tabs have no length");
    check(std::all_of(i->open.begin(), i->open.end(), is_terminal) &&
              std::all_of(i->close.begin(), i->close.end(), is_terminal),
          "a bracket does not exist");
  }
  if (grammar.has_raw())
    check(is_symbol(grammar.raw_begin) && is_symbol(grammar.raw_end), "its raw parts have no symbols");
  for (const TokenAutomaton& terminal : grammar.terminals) check_terminal(terminal);
}

LexedGrammar open_lexed(const void* image, size_t bytes) {
  Words words(image, bytes);
  check(words.header(1) == kVersion, "it is of another version");
  check(words.header(2) == static_cast<int32_t>(bytes), "its sections do not fit its length");
  check_image_hash(image, bytes, "image of a grammar with a lexer");
  LexedGrammar grammar;
  const Vector<int32_t> parser = words.take(words.header(3));
  grammar.parser = open_pda(parser.data(), parser.size() * 4);
  grammar.mode = static_cast<LexerMode>(words.header(4));
  grammar.symbol_count = words.header(6);
  grammar.initial_skip = words.header(7) == 1;
  const Vector<int32_t> ignored = words.take(words.header(10));
  const Vector<int32_t> triples = words.take(static_cast<int64_t>(words.header(11)) * 3);
  for (size_t i = 0; i < triples.size(); i += 3)
    grammar.keywords.push_back({triples[i], triples[i + 1], triples[i + 2] == 1});
  Vector<int32_t> open = words.take(words.header(16)), close = words.take(words.header(17));
  if (words.header(12) >= 0)
    grammar.indentation = Indentation{words.header(12), words.header(13), words.header(14),
                                      words.header(15), std::move(open),  std::move(close)};
  if (words.header(18) >= 0) {
    grammar.raw_begin = words.header(18);
    grammar.raw_end = words.header(19);
  }
  const int32_t terminals = words.header(5);
  grammar.lazy = words.take(terminals);
  for (int32_t i = 0; i < terminals; i++) grammar.terminals.push_back(take_terminal(words));
  words.expect_end();
  check_grammar(grammar, ignored);
  grammar.ignored.assign(static_cast<size_t>(terminals), 0);
  for (const int32_t id : ignored) grammar.ignored[id] = 1;
  return grammar;
}

}  // namespace

GrammarSource open_grammar(const void* image, size_t bytes) {
  int32_t magic = 0;
  if (image != nullptr && bytes >= 4) std::memcpy(&magic, image, 4);
  if (magic == kMagic) return open_lexed(image, bytes);
  return open_pda(image, bytes);
}

}  // namespace espalier::grammar
