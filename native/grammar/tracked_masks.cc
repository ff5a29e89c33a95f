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
  std::vector<const SuffixTrie*> tries;
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
  if (!machine_.is_unlike_known(at.track)) find_refused(here, refused_);
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

/// Whether no configuration has read what a known value begins with.
bool TrackedMasks::is_settled(SetId set) const {
  const auto here = machine_.configurations_of(set);
  return std::all_of(here.begin(), here.end(),
                     [&](const Machine::Configuration& at) { return machine_.is_unlike_known(at.track); });
}

/// Tokens that cannot be read because they spell the beginning of known values and nothing else: only where a known value
/// begins like what was read is a step looked at.
void TrackedMasks::find_refused(SetId from, std::vector<int32_t>& refused) {
  const Vocabulary& v = vocabulary_;
  descend(v.children, 0, from, [&](SetId set, uint8_t byte, int32_t node) -> std::optional<SetId> {
    if (!machine_.readable(set).has(byte)) return std::nullopt;
    const SetId reached = machine_.step(set, byte);
    if (reached == kRefused)
      refused.insert(refused.end(), v.node_tokens.begin() + v.node_token_start[node],
                     v.node_tokens.begin() + v.node_token_start[v.node_skip[node]]);
    return reached == kRefused || is_settled(reached) ? std::nullopt : std::optional(reached);
  });
}

}  // namespace espalier::grammar
