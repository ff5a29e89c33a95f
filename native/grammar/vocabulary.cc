// Opens a TokenizerImage where it lies and finds what is told of each node of its trie.
#include "grammar/vocabulary.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "files/mapped_file.h"
#include "grammar/intern.h"
#include "grammar/text_kinds.h"

namespace espalier::grammar {
namespace {

static_assert(std::endian::native == std::endian::little, "images are little-endian");

constexpr const char* kWhat = "TokenizerImage";
constexpr int32_t kMagic = 0x54505345;
constexpr int32_t kVersion = 1;
constexpr size_t kLengthWord = 7;
constexpr size_t kFirstReservedWord = 10;

/// 64-bit FNV-1a of everything behind the header, as src/tokenizer/fnv.ts computes it.
void check_hash(const void* image, size_t bytes, int32_t low_expected, int32_t high_expected) {
  uint64_t hash = 0xcbf29ce484222325ull;
  for (size_t at = kHeaderWords * 4; at < bytes; at++)
    hash = (hash ^ static_cast<const uint8_t*>(image)[at]) * 0x100000001b3ull;
  if (static_cast<int32_t>(hash) != low_expected || static_cast<int32_t>(hash >> 32) != high_expected)
    damaged(kWhat, "its content does not match its hash");
}

void find_bytes_below(Vocabulary& v) {
  v.node_below.resize(v.node_count());
  InternTable table;
  for (int32_t node = v.node_count() - 1; node >= 0; node--) {
    ByteSet bytes;
    for (int32_t child = node + 1; child < v.node_skip[node]; child = v.node_skip[child]) {
      bytes.add(v.node_byte[child]);
      for (int word = 0; word < 4; word++) bytes.words[word] |= v.below(child).words[word];
    }
    uint64_t hash = 0;
    for (const uint64_t word : bytes.words) hash = mix(hash, word);
    v.node_below[node] = table.find_or_create(hash, [&](uint32_t i) { return v.byte_sets[i] == bytes; }, [&] {
      v.byte_sets.push_back(bytes);
      return static_cast<uint32_t>(v.byte_sets.size() - 1);
    });
  }
}

/// Whether everything below `node`, where `more` bytes of a character are missing, reads as UTF-8: `low` and `high` bound
/// the next byte of the character. Nodes behind `node` are known.
bool reads_as_characters(const Vocabulary& v, int32_t node, int more, uint8_t low, uint8_t high) {
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

void find_characters(Vocabulary& v) {
  v.characters_below.resize(v.node_count());
  for (int32_t node = v.node_count() - 1; node >= 0; node--)
    v.characters_below[node] = reads_as_characters(v, node, 0, 0, 0);
}

/// Of each node, whether a separator of lines or paragraphs (E2 80 A8, E2 80 A9) lies below it.
Vector<uint8_t> find_separators(const Vocabulary& v) {
  Vector<uint8_t> has(v.node_count());
  const auto any_child = [&](int32_t node, auto test) {
    for (int32_t child = node + 1; child < v.node_skip[node]; child = v.node_skip[child])
      if (test(child)) return true;
    return false;
  };
  for (int32_t node = v.node_count() - 1; node >= 0; node--)
    has[node] = any_child(node, [&](int32_t first) {
      return has[first] != 0 || (v.node_byte[first] == 0xe2 && any_child(first, [&](int32_t second) {
               return v.node_byte[second] == 0x80 && any_child(second, [&](int32_t third) {
                        return v.node_byte[third] == 0xa8 || v.node_byte[third] == 0xa9;
                      });
             }));
    });
  return has;
}

/// Of each node, what text lies below it and how deep it goes.
void find_texts(Vocabulary& v) {
  const Vector<uint8_t> has_separator = find_separators(v);
  ByteSet ascii[kTextKinds];
  for (int kind = 0; kind < kTextKinds; kind++) ascii[kind] = ascii_of(static_cast<TextKind>(kind));
  const auto kind_of = [&](int32_t node) {
    const ByteSet& below = v.below(node);
    for (int kind = 0; kind <= kPlainText; kind++)
      if (ascii[kind].holds_all(below)) return kind;
    const bool is_text = v.characters_below[node] != 0 && ascii[kUnicodeText].holds_all(below.ascii());
    return static_cast<int>(!is_text ? kNoText : has_separator[node] != 0 ? kUnicodeText : kLineText);
  };
  v.text_below.resize(v.node_count());
  v.classes_below.resize(v.node_count());
  v.node_height.resize(v.node_count());
  for (int32_t node = v.node_count() - 1; node >= 0; node--) {
    int height = 0;
    for (int32_t child = node + 1; child < v.node_skip[node]; child = v.node_skip[child])
      height = std::max(height, v.node_height[child] + 1);
    v.node_height[node] = static_cast<uint8_t>(std::min(height, 255));
    v.text_below[node] = static_cast<uint8_t>(kind_of(node));
    v.classes_below[node] = byte_classes_of(v.below(node));
  }
  v.trie_row.resize(v.mask_words());
  for (const int32_t token : v.node_tokens)
    v.trie_row[token >> 5] = static_cast<int32_t>(static_cast<uint32_t>(v.trie_row[token >> 5]) | 1u << (token & 31));
}

/// Opens the image of `length` bytes at `data`, which `storage` keeps alive.
Vocabulary open_in_place(std::shared_ptr<const void> storage, const uint8_t* data, size_t length) {
  Sections sections(kWhat, data, length, kMagic, kVersion);
  if (sections.count(kLengthWord) != length) damaged(kWhat, "its length is not what its header says");
  for (size_t word = kFirstReservedWord; word < kHeaderWords; word++)
    if (sections.header(word) != 0) damaged(kWhat, "a reserved word is not 0");
  check_hash(data, length, sections.header(kHashWord), sections.header(kHashWord + 1));
  const size_t tokens = sections.count(2), nodes = sections.count(3);
  if (nodes == 0 || tokens == 0) damaged(kWhat, "it is empty");
  Vocabulary v;
  v.storage = std::move(storage);
  v.image = {data, length};
  v.node_skip = sections.view<int32_t>(nodes);
  v.node_token_start = sections.view<int32_t>(nodes + 1);
  v.node_tokens = sections.view<int32_t>(sections.count(4));
  v.token_byte_start = sections.view<int32_t>(tokens + 1);
  v.eos = sections.view<int32_t>(sections.count(6));
  v.node_byte = sections.view<uint8_t>(nodes);
  v.token_flags = sections.view<uint8_t>(tokens);
  v.token_bytes = sections.view<uint8_t>(sections.count(5));
  sections.expect_end();
  check_vocabulary(v);
  find_bytes_below(v);
  find_characters(v);
  find_texts(v);
  v.child_start.resize(v.node_byte.size() + 1);
  v.child_node.resize(v.node_byte.size());
  v.child_byte.resize(v.node_byte.size());
  list_children(v.node_skip, v.node_byte, v.child_start.data(), v.child_node.data(), v.child_byte.data());
  v.children.start = v.child_start.data();
  v.children.node = v.child_node.data();
  v.children.byte = v.child_byte.data();
  return v;
}

}  // namespace

Vocabulary open_vocabulary(const void* image, size_t bytes) {
  if (image == nullptr) damaged(kWhat, "there is none");
  auto copy = std::make_shared<Vector<uint8_t>>(static_cast<const uint8_t*>(image),
                                                     static_cast<const uint8_t*>(image) + bytes);
  const uint8_t* data = copy->data();
  return open_in_place(std::move(copy), data, bytes);
}

Vocabulary map_vocabulary(const std::string& path) {
  auto file = std::make_shared<const MappedFile>(path);
  const auto* data = reinterpret_cast<const uint8_t*>(file->data());
  const size_t size = file->size();
  if (size < kHeaderWords * 4) damaged(kWhat, "its length is wrong");
  int32_t length;
  std::memcpy(&length, data + kLengthWord * 4, sizeof length);
  if (length < 0 || static_cast<size_t>(length) > size) damaged(kWhat, "the file is shorter than the image");
  Vocabulary v = open_in_place(std::move(file), data, static_cast<size_t>(length));
  v.tail = {data + length, size - static_cast<size_t>(length)};
  return v;
}

}  // namespace espalier::grammar
