// The TokenizerImage: a vocabulary's exact bytes and their trie. It comes from TypeScript (src/tokenizer/image.ts), as
// bytes that are copied or as a file that is mapped, and is checked before use (vocabulary_check.cc).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "grammar/byte_machine.h"
#include "grammar/image_sections.h"
#include "grammar/table_memory.h"
#include "grammar/trie.h"

namespace espalier::grammar {

/// What a token id is. The values are those of src/tokenizer/image.ts.
inline constexpr uint8_t kTokenText = 0;
inline constexpr uint8_t kTokenSpecial = 1;
inline constexpr uint8_t kTokenAbsent = 2;

/// A vocabulary: exact bytes of each token, and their trie in depth-first order with skips. Node 0 is the root.
struct Vocabulary {
  std::shared_ptr<const void> storage;  ///< what the spans look into
  std::span<const uint8_t> image;
  std::span<const uint8_t> tail;  ///< what the file holds behind the image
  std::span<const int32_t> node_skip, node_token_start, node_tokens, token_byte_start, eos;
  std::span<const uint8_t> node_byte, token_flags, token_bytes;
  // Found when the image is opened: reading them from a file and checking them takes longer.
  Vector<ByteSet> byte_sets;   ///< all that are below some node: far fewer than nodes
  Vector<uint32_t> node_below;  ///< which of these: the bytes in the node's subtree, its own left out
  Vector<uint8_t> characters_below;  ///< whether the subtree reads as UTF-8 from the node on
  Vector<uint8_t> text_below;  ///< the subtree's kind of text
  Vector<uint8_t> classes_below;  ///< classes of the bytes in node_below, which tell most sets apart and lie closer
  Vector<uint8_t> node_height;  ///< the most bytes below the node, 255 for more
  Vector<int32_t> trie_row;  ///< the mask row of all tokens in the trie
  Vector<int32_t> child_start, child_node;
  Vector<uint8_t> child_byte;
  TrieChildren children;  ///< these three

  int32_t size() const { return static_cast<int32_t>(token_flags.size()); }
  int32_t node_count() const { return static_cast<int32_t>(node_byte.size()); }
  size_t mask_words() const { return (token_flags.size() + 31) / 32; }
  const ByteSet& below(int32_t node) const { return byte_sets[node_below[node]]; }
  TrieView trie() const {
    return {.children = children,
            .token_start = node_token_start.data(),
            .skip = node_skip.data(),
            .tokens = node_tokens.data(),
            .bytes_below = node_below.data(),
            .byte_sets = byte_sets.data(),
            .characters_below = characters_below.data(),
            .text_below = text_below.data(),
            .classes_below = classes_below.data(),
            .height = node_height.data()};
  }
};

/// Opens a copy of an image. @throws ImageError
Vocabulary open_vocabulary(const void* image, size_t bytes);

/// Maps a file that begins with an image; what stands behind the image is the caller's own (`tail`). The file must not
/// change while it is mapped: write a new one and rename it.
/// @throws ImageError, FileError
Vocabulary map_vocabulary(const std::string& path);

/// Checks every index and every order that readers rely on, as openTokenizerImage in src/tokenizer/image.ts does.
/// @throws ImageError
void check_vocabulary(const Vocabulary& vocabulary);

}  // namespace espalier::grammar
