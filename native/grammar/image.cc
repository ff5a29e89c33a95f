// Reads and checks a GrammarImage. Nothing after this file checks an index again.
#include "grammar/image.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "grammar/byte_classes.h"
#include "grammar/image_sections.h"

namespace espalier::grammar {
namespace {

static_assert(std::endian::native == std::endian::little, "images are little-endian");

constexpr int32_t kGrammarMagic = 0x47505345;
constexpr int32_t kGrammarVersion = 4;
/// Bits that a frame can mark.
constexpr int32_t kMaxBits = 1 << 16;
/// Number of checks and of their words.
constexpr size_t kChecksWord = 10;

void find_byte_classes(Pda& pda) {
  bool border[257] = {};
  for (const Edge& edge : pda.edges)
    if (reads_byte(edge.kind)) border[edge.a] = border[edge.b + 1] = true;
  pda.class_count = classify_bytes(border, pda.byte_class);
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

}  // namespace

/// The same hash as contentHash in src/automata/pda.ts.
void check_image_hash(const void* image, size_t bytes, const char* what) {
  uint32_t low = 0x811c9dc5u, high = 0x9747b28cu;
  int32_t expected[2];
  std::memcpy(expected, static_cast<const uint8_t*>(image) + kHashWord * 4, sizeof expected);
  for (size_t at = 0; at < bytes; at += 4) {
    uint32_t word = 0;
    if (at != kHashWord * 4 && at != (kHashWord + 1) * 4)
      std::memcpy(&word, static_cast<const uint8_t*>(image) + at, 4);
    low = (low ^ word) * 0x01000193u;
    high = (std::rotl(high, 13) ^ word) * 0x85ebca6bu;
  }
  if (static_cast<int32_t>(low) != expected[0] || static_cast<int32_t>(high) != expected[1])
    damaged(what, "its content does not match its hash");
}

Pda open_pda(const void* image, size_t bytes) {
  constexpr const char* what = "GrammarImage";
  Sections sections(what, image, bytes, kGrammarMagic, kGrammarVersion);
  check_image_hash(image, bytes, what);
  const size_t states = sections.count(2);
  Pda pda;
  pda.start = sections.header(4);
  pda.edge_start = sections.take<int32_t>(states + 1);
  pda.edges = sections.take<Edge>(sections.count(3));
  pda.lexeme_of = sections.take<int32_t>(states);
  pda.token_set_count = sections.header(6);
  if (pda.token_set_count < 0) damaged(what, "a count is negative");
  sections.take<uint8_t>(sections.count(7));  // the sets themselves: whoever loads the image has resolved them
  const Vector<int32_t> words = sections.take<int32_t>(sections.count(kChecksWord + 1));
  sections.expect_end();
  auto checks = decode_checks(words, sections.count(kChecksWord));
  if (!checks) damaged(what, "its checks cannot be read");
  pda.checks = std::move(*checks);
  check_offsets(what, pda.edge_start, pda.edges.size());
  if (pda.start < 0 || pda.start >= pda.state_count()) damaged(what, "its start state does not exist");
  pda.reads.assign(states, 0);
  for (size_t state = 0; state < states; state++)
    for (const Edge& edge : pda.edges_of(static_cast<int32_t>(state))) {
      check_edge(edge, pda);
      if (reads_byte(edge.kind) || edge.kind == EdgeKind::token) pda.reads[state] = 1;
    }
  find_byte_classes(pda);
  return pda;
}

}  // namespace espalier::grammar
