// Lexemes: the regular parts of a grammar (string bodies, numbers, white space, patterns), as automata that are known by
// their content and shared by all grammars of a tokenizer.
#pragma once

#include <cstdint>
#include <memory>

#include "grammar/image.h"
#include "grammar/lexeme_mask.h"
#include "grammar/table_memory.h"
#include "grammar/text_reach.h"

namespace espalier::grammar {

/// Where an edge of a lexeme leads when the lexeme is over behind it.
inline constexpr int32_t kLexemeEnd = -1;
/// No edge reads the byte.
inline constexpr int32_t kLexemeDead = -2;

/// A deterministic automaton as one list of words, which is also its name: per state whether the lexeme may end there,
/// the number of edges, and for each edge its lowest and highest byte and the state that it leads to (or kLexemeEnd).
using LexemeContent = Vector<int32_t>;

class LexemeTable;

/// Names a lexeme, plain or counted, that may be no more.
struct LexemeId {
  uint64_t number = 0;  ///< of this lexeme and no other, ever; 0 for none
  uint64_t hash = 0;    ///< of its content
  uint32_t slot = 0;    ///< in the table
};

/// Made, used and given up in a LexemeUse.
class Lexeme final : public MaskOwner {
 public:
  Lexeme(LexemeContent content, LexemeTable& table, const LexemeId& id);
  ~Lexeme() override;

  const LexemeId& id() const { return id_; }
  const LexemeContent& content() const { return content_; }
  int32_t state_count() const { return static_cast<int32_t>(may_end_.size()); }
  int32_t next(int32_t state, uint8_t byte) const {
    const int32_t row = row_at_[state];
    return next_[static_cast<size_t>(row >= 0 ? row : find_row(state)) + class_of_[byte]];
  }
  /// The last of the bytes from `byte` on that no edge tells from it.
  uint8_t stretch_end(int byte) const { return stretch_end_[byte]; }
  /// Whether the lexeme may end where it stands.
  bool may_end(int32_t state) const { return may_end_[state] != 0; }
  /// Whether no sentence of the lexeme begins another.
  bool is_prefix_free() const { return is_prefix_free_; }
  /// A state of a lexeme behind which the same may follow, the same one for all states that are alike.
  struct Place {
    Lexeme* lexeme;
    int32_t state;
  };
  Place canonical(int32_t state);
  /// The automaton of what may follow a state, its states in the order of a search from there; empty when it is large.
  LexemeContent rest_of(int32_t state) const;
  /// For the table: what it has noted of this lexeme's states, by its own numbers.
  Vector<uint32_t>& noted_rests() { return noted_rests_; }
  const Vector<uint32_t>& noted_rests() const { return noted_rests_; }
  /// Whether whatever stays inside of the other lexeme, read from its state on, stays inside of this one, too. Followed no
  /// farther than `pairs` of states, of which it takes those that it has met.
  bool reads_all_of(int32_t state, const Lexeme& other, int32_t others, size_t& pairs) const;
  /// The mask of a state, valid to the end of the use. It is divided when it is first asked for what it has not.
  LexemeMask& mask(int32_t state) { return *shared_mask(state); }
  void drop(const LexemeMask& mask) override;
  /// What was found since counts, too.
  void account();
  void divide_whole(LexemeMask& mask) override;
  void find_exits(LexemeMask& mask) override;
  /// Reads the subtree below `node` from `state`: calls `inner(from, to)` with places of tokens that stay inside, and
  /// `leave(node, closes)` with nodes at which the lexeme may end, or must. Nodes below which all tokens stay inside are
  /// left out: whether it may end there tells nothing of these.
  template <typename Inner, typename Leave>
  void read(const TrieView& trie, int32_t node, int32_t state, Inner inner, Leave leave) const;

 private:
  friend class TextReach<const Lexeme>;
  const std::shared_ptr<LexemeMask>& shared_mask(int32_t state);
  int32_t find_row(int32_t state) const;
  int32_t likeness(int32_t state) const;
  bool differs_little(int32_t state, int32_t other) const;
  void divide(int32_t state, LexemeMask& mask) const;
  void divide_like(int32_t state, int32_t other, const std::shared_ptr<LexemeMask>& known, LexemeMask& mask) const;
  bool stays_inside(const TrieView& trie, int32_t node, int32_t state) const;
  Horizon& horizon(int32_t state, TextKind kind) const {
    return horizons_[static_cast<size_t>(state) * kTextKinds + kind];
  }
  bool reads_text(int32_t state, TextKind kind, int characters) const {
    const Horizon known = horizon(state, kind);
    if (known.least >= characters || known.fails <= characters) return known.least >= characters;
    return follow_text(state, kind, characters);
  }
  bool follow_text(int32_t state, TextKind kind, int characters) const;
  CharacterSteps& character_steps() const { return character_steps_; }
  /// For TextReach.
  bool reads_on(int32_t) const { return true; }
  bool loops_on_characters(int32_t state) const {
    const uint8_t known = loops_on_characters_[state];
    return known != kUnknownLoop ? known != 0 : find_loop(state);
  }
  bool find_loop(int32_t state) const;
  bool ends_at(int32_t state) const { return state == kLexemeEnd || (state >= 0 && may_end_[state]); }

  const LexemeContent content_;
  LexemeTable& table_;
  const LexemeId id_;
  Vector<int32_t> content_at_;  ///< by state: where it begins in content_
  int32_t class_count_ = 0;
  uint8_t class_of_[256] = {};
  /// Rows of steps by class of bytes (a state, kLexemeEnd or kLexemeDead), each made when it is first asked for: of the
  /// thousands of states that a length in a pattern makes, masks ask for few.
  mutable Vector<int32_t> next_;
  mutable Vector<int32_t> row_at_;  ///< by state: where its row begins in next_, or -1
  Vector<uint8_t> may_end_;
  Vector<ByteSet> loops_;  ///< by state: the bytes that lead from it to itself
  Vector<uint8_t> loop_classes_;  ///< by state: classes of bytes without which it does not loop on a subtree
  /// By state: whether every character beyond ASCII leads back to it; found when asked for.
  mutable Vector<uint8_t> loops_on_characters_;
  static constexpr uint8_t kUnknownLoop = 2;
  /// By state and kind of text: how many characters of it, whichever they are, stay inside; found when asked for.
  mutable Vector<Horizon> horizons_;
  mutable CharacterSteps character_steps_;
  size_t found_bytes_ = 0;  ///< of these and of next_, as counted so far
  uint8_t stretch_end_[256] = {};  ///< by byte: the last of the bytes from it on that have its class
  bool is_prefix_free_ = true;
  bool ends_by_byte_ = true;  ///< it never ends where it stands, and behind these bytes alone:
  ByteSet end_bytes_;
  Vector<std::shared_ptr<LexemeMask>> masks_;  ///< by state; null where canonical() is another
  struct Canonical {
    LexemeId lexeme;  ///< none where it is not known yet
    int32_t state = 0;
  };
  Vector<Canonical> canonical_;
  Vector<uint32_t> noted_rests_;
};

/// Whether whatever lies below the node stays inside: it is text of a kind that the state reads on and on, or the state loops
/// on it.
inline bool Lexeme::stays_inside(const TrieView& trie, int32_t node, int32_t state) const {
  if (trie.byte_sets == nullptr) return false;
  const int height = trie.height[node];
  if (height == 0) return true;
  const auto kind = static_cast<TextKind>(trie.text_below[node]);
  if (kind != kNoText && reads_text(state, kind, height)) return true;
  if ((trie.classes_below[node] & ~loop_classes_[state]) != 0) return false;
  const ByteSet &below = trie.below(node), &loops = loops_[state];
  if (((below.words[0] & ~loops.words[0]) | (below.words[1] & ~loops.words[1])) != 0) return false;
  if (((below.words[2] & ~loops.words[2]) | (below.words[3] & ~loops.words[3])) == 0) return true;
  return trie.characters_below[node] != 0 && loops_on_characters(state);
}

template <typename Inner, typename Leave>
void Lexeme::read(const TrieView& trie, int32_t node, int32_t state, Inner inner, Leave leave) const {
  descend(trie.children, node, state, [&](int32_t at, uint8_t byte, int32_t below) -> std::optional<int32_t> {
    const int32_t reached = next(at, byte);
    if (reached == kLexemeDead) return std::nullopt;
    if (reached == kLexemeEnd) {
      leave(below, true);
      return std::nullopt;
    }
    const bool whole = stays_inside(trie, below, reached);
    if (!whole && may_end_[reached]) leave(below, false);
    inner(trie.token_start[below], trie.token_start[whole ? trie.skip[below] : below + 1]);
    return whole ? std::nullopt : std::optional(reached);
  });
}

}  // namespace espalier::grammar
