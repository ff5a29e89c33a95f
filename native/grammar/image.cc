// Reads and checks a GrammarImage. Nothing after this file checks an index again.
#include "grammar/image.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "grammar/byte_classes.h"
#include "grammar/dead_ends.h"
#include "grammar/image_sections.h"

namespace espalier::grammar {
namespace {

static_assert(std::endian::native == std::endian::little, "images are little-endian");

constexpr int32_t kGrammarMagic = 0x47505345;
constexpr int32_t kGrammarVersion = 6;
/// Bits that a frame can mark.
constexpr int32_t kMaxBits = 1 << 16;
/// Number of checks, of their words, and of the operands beside the edges.
constexpr size_t kChecksWord = 10, kOperandsWord = 12;

/// An edge in an image. The low byte of `what` is its kind; above it are a and b of an edge that reads a byte, a byte each, or b
/// alone, of three bytes.
struct PackedEdge {
  uint32_t what;
  int32_t to;
};

/// Whether a of an edge of this kind stands in the list beside the edges.
bool has_operand(EdgeKind kind) {
  return kind == EdgeKind::call || (kind >= EdgeKind::count && kind != EdgeKind::quiet);
}

Vector<Edge> unpack_edges(std::span<const PackedEdge> packed, std::span<const int32_t> operands) {
  constexpr const char* reason = "its operands are not those of its edges";
  Vector<Edge> edges;
  edges.reserve(packed.size());
  size_t next = 0;
  for (const auto& [what, to] : packed) {
    const auto kind = static_cast<EdgeKind>(what & 0xff);
    if (reads_byte(kind)) {
      edges.push_back({kind, static_cast<int32_t>(what >> 8 & 0xff), static_cast<int32_t>(what >> 16), to});
      continue;
    }
    if (has_operand(kind) && next == operands.size()) damaged("GrammarImage", reason);
    edges.push_back({kind, has_operand(kind) ? operands[next++] : 0, static_cast<int32_t>(what >> 8), to});
  }
  if (next != operands.size()) damaged("GrammarImage", reason);
  return edges;
}

void check_edge(const Edge& edge, const Pda& pda) {
  constexpr const char* what = "GrammarImage";
  const auto is_state = [&](int32_t state) { return state >= 0 && state < pda.state_count(); };
  const auto kind = static_cast<int32_t>(edge.kind);
  if (kind < 0 || kind > static_cast<int32_t>(EdgeKind::known)) damaged(what, "it has an edge of unknown kind");
  if (!is_state(edge.to) || (edge.kind == EdgeKind::call && !is_state(edge.a)))
    damaged(what, "an edge leads to a state that does not exist");
  if (reads_byte(edge.kind) && (edge.a < 0 || edge.a > edge.b || edge.b > 255))
    damaged(what, "an edge reads more than bytes");
  if (kind >= static_cast<int32_t>(EdgeKind::count) && (edge.a < 0 || edge.b < 0))
    damaged(what, "an operand is negative");
  if (edge.kind == EdgeKind::token && edge.a >= pda.token_set_count)
    damaged(what, "an edge names a token set that does not exist");
  if ((edge.kind == EdgeKind::capture || edge.kind == EdgeKind::verify) &&
      static_cast<size_t>(edge.a) >= pda.checks.size())
    damaged(what, "an edge names a check that does not exist");
  if ((edge.kind == EdgeKind::room || edge.kind == EdgeKind::marked) && (edge.a > edge.b || edge.b > kMaxBits))
    damaged(what, "a range of bits is wrong");
  if (edge.kind == EdgeKind::mark && edge.a >= kMaxBits) damaged(what, "a bit is too high");
}

/// Checks every edge, and finds what the edges of a state are and which bytes they tell apart. Returns all states but those that
/// only read.
Vector<int32_t> read_edges(Pda& pda) {
  Vector<int32_t> others;
  others.reserve(static_cast<size_t>(pda.state_count()) / 2);
  bool border[257] = {};
  const auto states = static_cast<uint32_t>(pda.state_count());
  for (uint32_t state = 0; state < states; state++) {
    bool reads = false, only_reads = state != kAcceptState;
    for (const Edge& edge : pda.edges_of(static_cast<int32_t>(state))) {
      // What nearly all edges are.
      const bool is_sound = edge.kind == EdgeKind::bytes && edge.a >= 0 && edge.a <= edge.b && edge.b <= 255 &&
                            static_cast<uint32_t>(edge.to) < states;
      if (!is_sound) check_edge(edge, pda);
      if (reads_byte(edge.kind)) {
        border[edge.a] = border[edge.b + 1] = true;
        reads = true;
      } else {
        reads |= edge.kind == EdgeKind::token;
        only_reads = false;
      }
    }
    pda.states[state].reading = !reads       ? Pda::Reading::nothing
                                : only_reads ? Pda::Reading::all
                                             : Pda::Reading::something;
    if (!pda.only_reads(static_cast<int32_t>(state))) others.push_back(static_cast<int32_t>(state));
  }
  pda.class_count = classify_bytes(border, pda.byte_class);
  return others;
}

}  // namespace

/// The same hash as contentHash in src/automata/pda.ts.
void check_image_hash(const void* image, size_t bytes, const char* what) {
  const auto* data = static_cast<const uint8_t*>(image);
  const auto hashed = [](uint32_t hash, uint32_t word) { return (std::rotl(hash, 13) ^ word) * 0x85ebca6bu; };
  uint32_t a = 0x811c9dc5u, b = 0x9747b28cu, c = 0x3c6ef372u, d = 0xa54ff53au;
  uint32_t word[4];
  size_t at = 0;
  for (; at + sizeof word <= bytes; at += sizeof word) {
    std::memcpy(word, data + at, sizeof word);
    if (at == kHashWord * 4) word[0] = word[1] = 0;
    a = hashed(a, word[0]);
    b = hashed(b, word[1]);
    c = hashed(c, word[2]);
    d = hashed(d, word[3]);
  }
  for (; at < bytes; at += 4) {
    std::memcpy(word, data + at, 4);
    a = hashed(a, word[0]);
  }
  uint32_t expected[2];
  std::memcpy(expected, data + kHashWord * 4, sizeof expected);
  if (hashed(hashed(hashed(a, b), c), d) != expected[0] || hashed(hashed(hashed(d, c), b), a) != expected[1])
    damaged(what, "its content does not match its hash");
}

Pda open_pda(const void* image, size_t bytes) {
  constexpr const char* what = "GrammarImage";
  Sections sections(what, image, bytes, kGrammarMagic, kGrammarVersion);
  check_image_hash(image, bytes, what);
  const size_t states = sections.count(2);
  Pda pda;
  pda.start = sections.header(4);
  const auto edge_start = sections.view<int32_t>(states + 1);
  const auto packed = sections.view<PackedEdge>(sections.count(3));
  pda.edges = unpack_edges(packed, sections.view<int32_t>(sections.count(kOperandsWord)));
  pda.lexeme_of = sections.take<int32_t>(states);
  pda.token_set_count = sections.header(6);
  if (pda.token_set_count < 0) damaged(what, "a count is negative");
  sections.take<uint8_t>(sections.count(7));  // the sets themselves: whoever loads the image has resolved them
  const Vector<int32_t> words = sections.take<int32_t>(sections.count(kChecksWord + 1));
  sections.expect_end();
  auto checks = decode_checks(words, sections.count(kChecksWord));
  if (!checks) damaged(what, "its checks cannot be read");
  pda.checks = std::move(*checks);
  check_offsets(what, edge_start, pda.edges.size());
  if (pda.edges.size() > Pda::kMaxEdges) damaged(what, "it has too many edges");
  pda.states.resize(states + 1);
  for (size_t state = 0; state <= states; state++)
    pda.states[state].first_edge = static_cast<uint32_t>(edge_start[state]) & Pda::kMaxEdges;
  if (pda.start < 0 || pda.start >= pda.state_count()) damaged(what, "its start state does not exist");
  find_leading_on(pda, read_edges(pda));
  return pda;
}

}  // namespace espalier::grammar
