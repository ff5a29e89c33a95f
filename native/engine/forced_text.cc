// Texts are short, so the most urgent merge is found by looking at all pairs.
#include "engine/forced_text.h"

#include <algorithm>
#include <climits>

namespace espalier {
namespace {

// The bytes of a character that begins with this one, by UTF-8's rule.
size_t character_size(uint8_t first) { return first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4; }

// A character of up to four bytes as a key.
uint32_t key_of(std::span<const uint8_t> character) {
  uint32_t key = 0;
  for (const uint8_t byte : character) key = key << 8 | byte;
  return key;
}

std::string_view view_of(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

ForcedText::ForcedText(std::span<const uint8_t> bytes, std::span<const int32_t> ends,
                       std::span<const int32_t> merges)
    : bytes_(bytes.begin(), bytes.end()) {
  byte_tokens_.fill(-1);
  size_t start = 0;
  for (size_t token = 0; token < ends.size(); ++token) {
    const size_t end = std::clamp(static_cast<size_t>(std::max(ends[token], 0)), start, bytes.size());
    const std::span<const uint8_t> text = std::span(bytes_).subspan(start, end - start);
    ends_.push_back(static_cast<int32_t>(end));
    if (!text.empty()) ++counts_[view_of(text)];
    start = end;
    if (text.size() == 1 && byte_tokens_[text[0]] < 0) byte_tokens_[text[0]] = static_cast<int32_t>(token);
    if (text.size() > 1 && text.size() <= 4 && character_size(text[0]) == text.size())
      character_tokens_.emplace(key_of(text), static_cast<int32_t>(token));
  }
  for (size_t i = 0; i + 3 <= merges.size(); i += 3)
    merges_.emplace(pair_of(merges[i], merges[i + 1]), Merge{static_cast<uint32_t>(i / 3), merges[i + 2]});
  // Merges make the longer characters of a byte-level vocabulary.
  if (std::ranges::none_of(byte_tokens_, [](int32_t token) { return token < 0; })) character_tokens_.clear();
}

std::span<const uint8_t> ForcedText::bytes_of(int32_t token) const {
  if (token < 0 || static_cast<size_t>(token) >= ends_.size()) return {};
  const auto at = static_cast<size_t>(token);
  const auto start = static_cast<size_t>(at == 0 ? 0 : ends_[at - 1]);
  return std::span(bytes_).subspan(start, static_cast<size_t>(ends_[at]) - start);
}

std::vector<int32_t> ForcedText::tokens_of(std::span<const uint8_t> text) const {
  std::vector<int32_t> tokens;
  for (size_t at = 0; at < text.size();) {
    const size_t size = std::min(character_size(text[at]), text.size() - at);
    const auto whole = size > 1 ? character_tokens_.find(key_of(text.subspan(at, size))) : character_tokens_.end();
    const int32_t token = whole != character_tokens_.end() ? whole->second : byte_tokens_[text[at]];
    if (token < 0) return {};
    tokens.push_back(token);
    at += whole != character_tokens_.end() ? size : 1;
  }
  while (true) {
    size_t best = 0;
    Merge chosen{UINT_MAX, -1};
    for (size_t i = 0; i + 1 < tokens.size(); ++i) {
      const auto merge = merges_.find(pair_of(tokens[i], tokens[i + 1]));
      if (merge == merges_.end() || merge->second.rank >= chosen.rank) continue;
      chosen = merge->second;
      best = i;
    }
    if (chosen.token < 0) break;
    tokens[best] = chosen.token;
    tokens.erase(tokens.begin() + static_cast<ptrdiff_t>(best) + 1);
  }
  return tokens;
}

size_t ForcedText::beginnings(std::span<const uint8_t> text) const {
  size_t tokens = 0;
  for (size_t size = 1; size <= text.size(); ++size)
    if (const auto found = counts_.find(view_of(text.first(size))); found != counts_.end()) tokens += found->second;
  return tokens;
}

}  // namespace espalier
