// The GrammarImage, one of the two images that the matcher reads: a pushdown automaton. It comes from TypeScript
// (src/automata/pda.ts) and is checked before use. The other one, the TokenizerImage, is read in vocabulary.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "grammar/byte_machine.h"
#include "grammar/table_memory.h"
#include "grammar/text_checks.h"
#include "grammar/vocabulary.h"

namespace espalier::grammar {

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

/// A pushdown automaton over bytes.
struct Pda {
  enum class Reading : uint32_t {
    nothing,
    something,  ///< some edge reads a byte or a token
    all         ///< there are edges, and all read a byte
  };
  struct State {
    Reading reading : 2 = Reading::nothing;
    /// After every byte that is read here something more can be read, or the sentence is complete, whatever the stack.
    uint32_t leads_on : 1 = 1;
    uint32_t first_edge : 29 = 0;
  };
  static constexpr uint32_t kMaxEdges = (1u << 29) - 1;

  int32_t start = 0;
  Vector<State> states;  ///< and one more, whose first edge would be the next
  Vector<Edge> edges;
  Vector<int32_t> lexeme_of;  ///< per state: which copy of a lexeme it belongs to; 0 for none
  int32_t token_set_count = 0;
  Vector<TextCheck> checks;
  /// Bytes that no edge tells apart share a class.
  uint8_t byte_class[256] = {};
  int32_t class_count = 0;

  bool reads(int32_t state) const { return states[state].reading != Reading::nothing; }
  bool only_reads(int32_t state) const { return states[state].reading == Reading::all; }
  bool leads_on(int32_t state) const { return states[state].leads_on != 0; }
  int32_t state_count() const { return static_cast<int32_t>(states.size()) - 1; }
  std::span<const Edge> edges_of(int32_t state) const {
    return {edges.data() + states[state].first_edge, edges.data() + states[state + 1].first_edge};
  }
};

/// Whether the content of an image fits the two words of hash in its header. @throws ImageError
void check_image_hash(const void* image, size_t bytes, const char* what);

/// @throws ImageError
Pda open_pda(const void* image, size_t bytes);

}  // namespace espalier::grammar
