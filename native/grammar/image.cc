// Reads and checks the two images. Nothing after this file checks an index again.
#include "grammar/image.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

namespace espalier::grammar {
namespace {

static_assert(std::endian::native == std::endian::little, "images are little-endian");

constexpr int32_t kGrammarMagic = 0x47505345;
constexpr int32_t kTokenizerMagic = 0x54505345;
constexpr int32_t kGrammarVersion = 4;
constexpr int32_t kTokenizerVersion = 1;
/// Bits that a frame can mark.
constexpr int32_t kMaxBits = 1 << 16;
constexpr size_t kHeaderWords = 16;
constexpr size_t kHashWord = 8;
/// Number of checks and of their words.
constexpr size_t kChecksWord = 10;

[[noreturn]] void damaged(const char* what, const std::string& reason) {
  throw ImageError(std::string("not a usable ") + what + ": " + reason);
}

/// Reads sections one after the other; each is padded to whole words.
class Sections {
 public:
  Sections(const char* what, const void* image, size_t bytes, int32_t magic, int32_t version)
      : what_(what), data_(static_cast<const uint8_t*>(image)), bytes_(bytes) {
    if (image == nullptr || bytes < kHeaderWords * 4 || bytes % 4 != 0) damaged(what, "its length is wrong");
    std::memcpy(header_, image, sizeof header_);
    if (header_[0] != magic) damaged(what, "it does not begin with the magic word");
    if (header_[1] != version) damaged(what, "it is of another version");
    at_ = kHeaderWords * 4;
  }

  int32_t header(size_t word) const { return header_[word]; }
  /// A header word that counts something.
  size_t count(size_t word) const {
    if (header_[word] < 0) damaged(what_, "a count is negative");
    return static_cast<size_t>(header_[word]);
  }

  template <typename T>
  std::vector<T> take(size_t length) {
    if (length > (bytes_ - at_) / sizeof(T)) damaged(what_, "a section is longer than the image");
    std::vector<T> section(length);
    if (length > 0) std::memcpy(section.data(), data_ + at_, length * sizeof(T));
    at_ += (length * sizeof(T) + 3) / 4 * 4;
    if (at_ > bytes_) damaged(what_, "a section is longer than the image");
    return section;
  }

  void expect_end() const {
    if (at_ != bytes_) damaged(what_, "its sections do not fit its length");
  }

 private:
  const char* what_;
  const uint8_t* data_;
  size_t bytes_;
  size_t at_ = 0;
  int32_t header_[kHeaderWords];
};

void check_offsets(const char* what, const std::vector<int32_t>& offsets, size_t end) {
  if (offsets.front() != 0 || static_cast<size_t>(offsets.back()) != end) damaged(what, "an index is wrong");
  for (size_t i = 1; i < offsets.size(); i++)
    if (offsets[i] < offsets[i - 1]) damaged(what, "an index is not sorted");
}

/// 64-bit FNV-1a of everything behind the header, as src/tokenizer/fnv.ts computes it.
void check_tokenizer_hash(const void* image, size_t bytes, int32_t low_expected, int32_t high_expected) {
  uint64_t hash = 0xcbf29ce484222325ull;
  for (size_t at = kHeaderWords * 4; at < bytes; at++)
    hash = (hash ^ static_cast<const uint8_t*>(image)[at]) * 0x100000001b3ull;
  if (static_cast<int32_t>(hash) != low_expected || static_cast<int32_t>(hash >> 32) != high_expected)
    damaged("TokenizerImage", "its content does not match its hash");
}

void classify_bytes(Pda& pda) {
  bool border[257] = {};
  for (const Edge& edge : pda.edges)
    if (reads_byte(edge.kind)) border[edge.a] = border[edge.b + 1] = true;
  int current = 0;
  for (int byte = 0; byte < 256; byte++) {
    if (byte > 0 && border[byte]) current++;
    pda.byte_class[byte] = static_cast<uint8_t>(current);
  }
  pda.class_count = current + 1;
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
  const std::vector<int32_t> words = sections.take<int32_t>(sections.count(kChecksWord + 1));
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
  classify_bytes(pda);
  return pda;
}

/// @throws ImageError when a node does not end inside its parent
static void check_nesting(const Vocabulary& v) {
  std::vector<int32_t> ends{v.node_count()};
  for (int32_t node = 1; node < v.node_count(); node++) {
    while (ends.back() <= node) ends.pop_back();
    if (v.node_skip[node] > ends.back()) damaged("TokenizerImage", "a node does not end inside its parent");
    ends.push_back(v.node_skip[node]);
  }
}

static void find_bytes_below(Vocabulary& v) {
  v.node_below.resize(v.node_count());
  for (int32_t node = v.node_count() - 1; node >= 0; node--)
    for (int32_t child = node + 1; child < v.node_skip[node]; child = v.node_skip[child]) {
      v.node_below[node].add(v.node_byte[child]);
      for (int word = 0; word < 4; word++) v.node_below[node].words[word] |= v.node_below[child].words[word];
    }
}

/// Whether everything below `node`, where `more` bytes of a character are missing, reads as UTF-8: `low` and `high` bound
/// the next byte of the character. Nodes behind `node` are known.
static bool reads_as_characters(const Vocabulary& v, int32_t node, int more, uint8_t low, uint8_t high) {
  for (int32_t child = node + 1; child < v.node_skip[node]; child = v.node_skip[child]) {
    const uint8_t byte = v.node_byte[child];
    if (more > 0) {
      if (byte < low || byte > high) return false;
      if (more == 1 ? v.characters_below[child] == 0 : !reads_as_characters(v, child, more - 1, 0x80, 0xbf)) return false;
    } else if (byte < 0x80) {
      if (v.characters_below[child] == 0) return false;
    } else {
      if (byte < 0xc2 || byte > 0xf4) return false;
      const int length = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
      const uint8_t from = byte == 0xe0 ? 0xa0 : byte == 0xf0 ? 0x90 : 0x80;
      const uint8_t to = byte == 0xed ? 0x9f : byte == 0xf4 ? 0x8f : 0xbf;
      if (!reads_as_characters(v, child, length, from, to)) return false;
    }
  }
  return true;
}

static void find_characters(Vocabulary& v) {
  v.characters_below.resize(v.node_count());
  for (int32_t node = v.node_count() - 1; node >= 0; node--)
    v.characters_below[node] = reads_as_characters(v, node, 0, 0, 0);
}

Vocabulary open_vocabulary(const void* image, size_t bytes) {
  constexpr const char* what = "TokenizerImage";
  Sections sections(what, image, bytes, kTokenizerMagic, kTokenizerVersion);
  check_tokenizer_hash(image, bytes, sections.header(kHashWord), sections.header(kHashWord + 1));
  const size_t tokens = sections.count(2), nodes = sections.count(3);
  Vocabulary v;
  v.node_skip = sections.take<int32_t>(nodes);
  v.node_token_start = sections.take<int32_t>(nodes + 1);
  v.node_tokens = sections.take<int32_t>(sections.count(4));
  v.token_byte_start = sections.take<int32_t>(tokens + 1);
  v.eos = sections.take<int32_t>(sections.count(6));
  v.node_byte = sections.take<uint8_t>(nodes);
  v.token_flags = sections.take<uint8_t>(tokens);
  v.token_bytes = sections.take<uint8_t>(sections.count(5));
  sections.expect_end();
  if (nodes == 0 || tokens == 0) damaged(what, "it is empty");
  check_offsets(what, v.node_token_start, v.node_tokens.size());
  check_offsets(what, v.token_byte_start, v.token_bytes.size());
  for (size_t node = 0; node < nodes; node++)
    if (v.node_skip[node] <= static_cast<int32_t>(node) || static_cast<size_t>(v.node_skip[node]) > nodes)
      damaged(what, "a node's skip is wrong");
  check_nesting(v);
  find_bytes_below(v);
  find_characters(v);
  v.children = TrieChildren(v.node_skip, v.node_byte);
  const auto is_token = [&](int32_t token) { return token >= 0 && static_cast<size_t>(token) < tokens; };
  for (int32_t token : v.node_tokens)
    if (!is_token(token)) damaged(what, "a node names a token that does not exist");
  for (int32_t token : v.eos)
    if (!is_token(token)) damaged(what, "an end-of-sequence token does not exist");
  return v;
}

}  // namespace espalier::grammar
