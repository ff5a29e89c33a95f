// Byte-pair encoding of forced text.
#include "engine/forced_text.h"

#include <string>

#include "check.h"

using namespace espalier;

namespace {

// Tokens 0 ... 255 are the bytes; then "in", "ing", "st", "str", "string".
struct ByteLevel {
  std::vector<uint8_t> bytes;
  std::vector<int32_t> ends;
  std::vector<int32_t> merges{'i', 'n', 256, 's', 't', 258, 256, 'g', 257, 258, 'r', 259, 259, 257, 260};

  ByteLevel() {
    for (int byte = 0; byte < 256; ++byte) add({static_cast<char>(byte)});
    for (const char* text : {"in", "ing", "st", "str", "string"}) add(text);
  }
  void add(const std::string& text) {
    bytes.insert(bytes.end(), text.begin(), text.end());
    ends.push_back(static_cast<int32_t>(bytes.size()));
  }
  std::vector<int32_t> operator()(const std::string& text) const {
    return ForcedText(bytes, ends, merges).tokens_of({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  }
};

}  // namespace

TEST(forced_text_is_spelt_by_merges_in_their_order) {
  const ByteLevel tokens;
  CHECK((tokens("string.") == std::vector<int32_t>{260, '.'}));
  CHECK((tokens("strings.") == std::vector<int32_t>{260, 's', '.'}));
  // "in" is more urgent than "st": "ist" becomes i + st, "inst" in + st.
  CHECK((tokens("ist.") == std::vector<int32_t>{'i', 258, '.'}));
  CHECK((tokens("instr.") == std::vector<int32_t>{256, 259, '.'}));
  CHECK((tokens("\xc3\xa9ing.") == std::vector<int32_t>{0xc3, 0xa9, 257, '.'}));
}

TEST(the_tokens_that_begin_a_text_are_counted) {
  const ByteLevel vocabulary;
  const ForcedText tokens(vocabulary.bytes, vocabulary.ends, vocabulary.merges);
  const auto count = [&](const std::string& text) {
    return tokens.beginnings({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
  };
  CHECK(count("") == 0);
  CHECK(count("x") == 1);
  CHECK(count("ing") == 3);
  CHECK(count("strings") == 4);
  CHECK(tokens.bytes_of(257).size() == 3);
  CHECK(tokens.bytes_of(-1).empty());
  CHECK(tokens.bytes_of(261).empty());
}

TEST(forced_text_of_characters_falls_back_to_bytes) {
  // A vocabulary of characters: "a", "é", "aé", and the byte 0xc3 alone.
  const std::string text = "a\xc3\xa9" "a\xc3\xa9\xc3";
  const std::vector<uint8_t> bytes(text.begin(), text.end());
  const std::vector<int32_t> ends{1, 3, 6, 7}, merges{0, 1, 2};
  const ForcedText tokens(bytes, ends, merges);
  const auto of = [&](const std::string& forced) {
    return tokens.tokens_of({reinterpret_cast<const uint8_t*>(forced.data()), forced.size()});
  };
  CHECK((of("a\xc3\xa9" "a") == std::vector<int32_t>{2, 0}));
  CHECK((of("aa\xc3") == std::vector<int32_t>{0, 0, 3}));
  CHECK(of("ab").empty());
}
