// The two images that the matcher reads: the GrammarImage (a pushdown automaton) and the TokenizerImage (a vocabulary's
// bytes and trie). Both come from TypeScript (src/automata/pda.ts, src/tokenizer/image.ts) and are checked before use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

#include "grammar/byte_machine.h"
#include "grammar/text_checks.h"
#include "grammar/trie.h"

namespace espalier::grammar {

/// An image that is damaged, of another version, or of another byte order.
struct ImageError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What an edge does; the meaning of each kind stands in src/automata/pda.ts.
enum class EdgeKind : int32_t {
  bytes = 0,
  epsilon = 1,
  call = 2,
  ret = 3,
  count = 4,
  check = 5,
  quiet = 6,
  at_least = 7,
  mark = 8,
  room = 9,
  marked = 10,
  begin = 11,
  distinct = 12,
  token = 13,
  capture = 14,
  verify = 15,
  known = 16
};

inline bool reads_byte(EdgeKind kind) { return kind == EdgeKind::bytes || kind == EdgeKind::quiet; }

struct Edge {
  EdgeKind kind;
  int32_t a, b, to;
};
static_assert(sizeof(Edge) == 16);

inline constexpr int32_t kAcceptState = 0;

/// A pushdown automaton over bytes: state s has edges edge_start[s] .. edge_start[s + 1].
struct Pda {
  int32_t start = 0;
  std::vector<int32_t> edge_start;
  std::vector<Edge> edges;
  std::vector<int32_t> lexeme_of;  ///< per state: which copy of a lexeme it belongs to; 0 for none
  std::vector<uint8_t> reads;  ///< per state: whether it has an edge that reads a byte or a token
  int32_t token_set_count = 0;
  std::vector<TextCheck> checks;
  /// Bytes that no edge tells apart share a class.
  uint8_t byte_class[256] = {};
  int32_t class_count = 0;

  int32_t state_count() const { return static_cast<int32_t>(edge_start.size()) - 1; }
  std::span<const Edge> edges_of(int32_t state) const {
    return {edges.data() + edge_start[state], edges.data() + edge_start[state + 1]};
  }
};

/// Whether the content of an image fits the two words of hash in its header. @throws ImageError
void check_image_hash(const void* image, size_t bytes, const char* what);

/// @throws ImageError
Pda open_pda(const void* image, size_t bytes);

/// A vocabulary: exact bytes of each token, and their trie in depth-first order with skips. Node 0 is the root.
struct Vocabulary {
  std::vector<int32_t> node_skip, node_token_start, node_tokens, token_byte_start, eos;
  std::vector<uint8_t> node_byte, token_flags, token_bytes;
  std::vector<ByteSet> node_below;  ///< the bytes in the node's subtree, its own left out
  std::vector<uint8_t> characters_below;  ///< whether the subtree reads as UTF-8 from the node on
  TrieChildren children;

  int32_t size() const { return static_cast<int32_t>(token_flags.size()); }
  int32_t node_count() const { return static_cast<int32_t>(node_byte.size()); }
  size_t mask_words() const { return (token_flags.size() + 31) / 32; }
  TrieView trie() const { 
    return {children, node_token_start.data(), node_skip.data(), node_below.data(), characters_below.data()};
   }
};

/// @throws ImageError
Vocabulary open_vocabulary(const void* image, size_t bytes);

}  // namespace espalier::grammar
