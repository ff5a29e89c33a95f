// Follows a text by the vocabulary's trie, a mask at a time.
#include "grammar/warm.h"


namespace espalier::grammar {
namespace {

/// The child of `node` on `byte`, or -1.
int32_t child_of(const Vocabulary& v, int32_t node, uint8_t byte) {
  for (int32_t at = v.children.start[node]; at < v.children.start[node + 1]; at++)
    if (v.children.byte[at] == byte) return v.children.node[at];
  return -1;
}

/// Accepts the shortest token that `text` begins with and the grammar allows; returns its length, 0 for none.
size_t accept_shortest(Matcher& matcher, const Vocabulary& v, std::span<const uint8_t> text) {
  int32_t node = 0;
  for (size_t length = 1; length <= text.size(); length++) {
    node = child_of(v, node, text[length - 1]);
    if (node < 0) return 0;
    if (v.node_token_start[node] < v.node_token_start[node + 1] &&
        matcher.accept(v.node_tokens[v.node_token_start[node]]))
      return length;
  }
  return 0;
}

}  // namespace

size_t warm_along(Matcher& matcher, std::span<const uint8_t> text) {
  const Vocabulary& vocabulary = matcher.grammar().vocabulary();
  Vector<int32_t> row(vocabulary.mask_words());
  size_t read = 0;
  while (true) {
    matcher.fill(row.data());
    const size_t length = accept_shortest(matcher, vocabulary, text.subspan(read));
    if (length == 0) return read;
    read += length;
  }
}

}  // namespace espalier::grammar
