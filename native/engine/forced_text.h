// Forced text to tokens: where a grammar leaves one continuation in bytes, though not in tokens, the tokens that the
// tokenizer would make of it (jump-forward over text, as in SGLang). Byte-pair encoding by the tokenizer's own merges,
// without its splitting of text into words: such a piece is a key, a literal or the rest of one.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace espalier {

class ForcedText {
 public:
  /// `ends[t]` is where the bytes of token t end in `bytes`, and those of t + 1 begin; without bytes: no text.
  /// `merges`: left, right and merged token, three words a merge, the most urgent first.
  ForcedText(std::span<const uint8_t> bytes, std::span<const int32_t> ends, std::span<const int32_t> merges);
  ForcedText(const ForcedText&) = delete;
  ForcedText& operator=(const ForcedText&) = delete;

  /// The tokens of `text`. None where a byte has no token.
  std::vector<int32_t> tokens_of(std::span<const uint8_t> text) const;
  /// The bytes of a token.
  std::span<const uint8_t> bytes_of(int32_t token) const;
  /// How many tokens of the vocabulary begin these bytes, or are all of them.
  size_t beginnings(std::span<const uint8_t> text) const;

 private:
  struct Merge {
    uint32_t rank;
    int32_t token;
  };
  static uint64_t pair_of(int32_t left, int32_t right) {
    return uint64_t{static_cast<uint32_t>(left)} << 32 | static_cast<uint32_t>(right);
  }

  const std::vector<uint8_t> bytes_;
  std::vector<int32_t> ends_;
  // The token of each single byte, or -1; and of each longer character.
  std::array<int32_t, 256> byte_tokens_;
  std::unordered_map<uint32_t, int32_t> character_tokens_;
  std::unordered_map<uint64_t, Merge> merges_;
  // Tokens by their bytes, which lie in bytes_.
  std::unordered_map<std::string_view, size_t> counts_;
};

}  // namespace espalier
