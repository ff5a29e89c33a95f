// The structure of a TokenizerImage, checked once so that no reader checks an index again: the same rules as in
// src/tokenizer/image.ts, and the same order of them.
#include <algorithm>

#include "grammar/vocabulary.h"

namespace espalier::grammar {
namespace {

constexpr const char* kWhat = "TokenizerImage";

void check_tokens(const Vocabulary& v) {
  check_offsets(kWhat, v.token_byte_start, v.token_bytes.size());
  for (int32_t token = 0; token < v.size(); token++) {
    if (v.token_flags[token] > kTokenAbsent) damaged(kWhat, "a token has an unknown flag");
    if (v.token_flags[token] != kTokenText && v.token_byte_start[token + 1] > v.token_byte_start[token])
      damaged(kWhat, "a token has bytes but is not text");
  }
  for (int32_t token : v.eos)
    if (token < 0 || token >= v.size() || v.token_flags[token] != kTokenSpecial)
      damaged(kWhat, "an end-of-sequence token is not a special token");
}

/// Whether the tokens of `node`, whose bytes are `path`, are there once and have these bytes.
void check_tokens_of(const Vocabulary& v, int32_t node, std::span<const uint8_t> path, std::vector<bool>& seen) {
  for (int32_t at = v.node_token_start[node]; at < v.node_token_start[node + 1]; at++) {
    const int32_t token = v.node_tokens[at];
    if (token < 0 || token >= v.size()) damaged(kWhat, "a node names a token that does not exist");
    if (seen[token]) damaged(kWhat, "a token is twice in the trie");
    seen[token] = true;
    const auto bytes =
        v.token_bytes.subspan(v.token_byte_start[token], v.token_byte_start[token + 1] - v.token_byte_start[token]);
    if (!std::ranges::equal(bytes, path)) damaged(kWhat, "a token is at the wrong node");
  }
}

/// One walk: nesting, order of children, and every token's bytes against its path.
void check_trie(const Vocabulary& v) {
  const int32_t nodes = v.node_count();
  if (v.node_skip[0] != nodes) damaged(kWhat, "its root does not span the trie");
  if (v.node_byte[0] != 0) damaged(kWhat, "its root has a byte");
  check_offsets(kWhat, v.node_token_start, v.node_tokens.size());
  if (v.node_token_start[1] != 0) damaged(kWhat, "its root has a token");
  std::vector<int32_t> ends{nodes};
  std::vector<uint8_t> path;
  std::vector<bool> seen(v.size());
  int last_sibling = -1;
  for (int32_t node = 1; node < nodes; node++) {
    while (ends.back() <= node) {
      ends.pop_back();
      last_sibling = path.back();
      path.pop_back();
    }
    const int32_t skip = v.node_skip[node];
    if (skip <= node || skip > ends.back()) damaged(kWhat, "a node does not end inside its parent");
    if (v.node_byte[node] <= last_sibling) damaged(kWhat, "a node is not in ascending order of its byte");
    ends.push_back(skip);
    path.push_back(v.node_byte[node]);
    last_sibling = -1;
    check_tokens_of(v, node, path, seen);
  }
  for (int32_t token = 0; token < v.size(); token++)
    if (!seen[token] && v.token_byte_start[token + 1] > v.token_byte_start[token])
      damaged(kWhat, "a token is missing from the trie");
}

}  // namespace

void check_vocabulary(const Vocabulary& vocabulary) {
  check_tokens(vocabulary);
  check_trie(vocabulary);
}

}  // namespace espalier::grammar
