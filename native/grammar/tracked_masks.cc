#include "grammar/tracked_masks.h"

#include <algorithm>

namespace espalier::grammar {
namespace {

/// Tokens that are read byte by byte for one mask; where more pass the lexeme's end the whole vocabulary is walked.
constexpr size_t kMaxRead = 16384;

}  // namespace

bool TrackedMasks::add(const Machine::Configuration& at, RowBuilder& builder) {
  if (!machine_.tracks_new_values(at.track)) return false;
  const auto inside = insides_.find_untracked(at);
  if (!inside) return false;
  LexemeMask& mask = inside->mask();
  const ByteSet behind = machine_.possible_bytes(inside->behind.state, inside->behind.stack);
  Vector<const SuffixTrie*> tries;
  size_t read = 0;
  const auto take = [&](const SuffixTrie& trie) {
    tries.push_back(&trie);
    read += trie.tokens.size();
  };
  take(mask.always_closing());
  for (int byte = 0; byte < 256 && read <= kMaxRead; byte++)
    if (behind.has(static_cast<uint8_t>(byte))) take(mask.passing(static_cast<uint8_t>(byte)));
  if (read > kMaxRead) return false;

  const SetId here = machine_.only({&at, 1});
  refused_.clear();
  if (!machine_.is_unlike_known(at.track)) find_refused(at, inside->behind.state, refused_);
  std::sort(refused_.begin(), refused_.end());
  if (refused_.empty()) {
    builder.add(*mask.inner(inside->count));
  } else {
    builder.add_without(*mask.inner(inside->count), refused_);
  }
  for (const SuffixTrie* trie : tries)
    walk_.run(here, trie->view(), [&](int32_t place) { builder.add(trie->tokens[place]); });
  const Vocabulary& v = vocabulary_;
  mask.for_each_closing(inside->count, [&](int32_t token) {
    SetId set = here;
    for (int32_t i = v.token_byte_start[token]; i < v.token_byte_start[token + 1] && set != kRefused; i++)
      set = machine_.step(set, v.token_bytes[i]);
    if (set != kRefused) builder.add(token);
  });
  return true;
}

/// The configuration of a set that is still in the lexeme before `behind` and in the value that `start` is in; behind a value,
/// the next one knows more.
std::optional<Machine::Configuration> TrackedMasks::staying(SetId set, const Machine::Configuration& start,
                                                            int32_t behind) {
  for (const Machine::Configuration& at : machine_.configurations_of(set)) {
    if (!machine_.is_of_same_value(at.track, start.track)) continue;
    const auto inside = insides_.find_untracked(at);
    if (inside && inside->behind.state == behind) return at;
  }
  return std::nullopt;
}

/// Tokens that do not stay inside because they spell the beginning of known values and nothing else: only where a known value
/// begins like what was read is a step looked at. A value that can no longer become a new one is gone from the set that is
/// reached, though what lies behind its end may still be there.
void TrackedMasks::find_refused(const Machine::Configuration& start, int32_t behind, Vector<int32_t>& refused) {
  const Vocabulary& v = vocabulary_;
  descend(v.children, 0, start, [&](const Machine::Configuration& from, uint8_t byte, int32_t node) {
    std::optional<Machine::Configuration> next;
    const SetId set = machine_.only({&from, 1});
    if (!machine_.readable(set).has(byte)) return next;
    const SetId reached = machine_.step(set, byte);
    if (reached != kRefused) next = staying(reached, start, behind);
    if (next) return machine_.is_unlike_known(next->track) ? std::nullopt : next;
    const int32_t first = reached == kRefused ? node : node + 1;
    refused.insert(refused.end(), v.node_tokens.begin() + v.node_token_start[first],
                   v.node_tokens.begin() + v.node_token_start[v.node_skip[node]]);
    return next;
  });
}

}  // namespace espalier::grammar
