// Masks inside lexemes whose bytes are tracked: an array of strings that must differ. What stays inside the lexeme is allowed
// unless it spells a value that is known already. What passes its end is walked under the assumption that the tracked values
// will be new ones, which is the same at each place in a lexeme; only tokens for which it may not hold are read byte by byte.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "grammar/image.h"
#include "grammar/inside.h"
#include "grammar/machine.h"
#include "grammar/row_builder.h"
#include "grammar/table_memory.h"
#include "grammar/trie.h"

namespace espalier::grammar {

class TrackedMasks {
 public:
  TrackedMasks(Machine& machine, Insides& insides, const Vocabulary& vocabulary)
      : machine_(machine), insides_(insides), vocabulary_(vocabulary) {}

  /// The lexeme that the configuration is inside of. Nothing where it must be walked: outside lexemes and under a check.
  /// Call in a LexemeUse, as the following.
  std::optional<Inside> find(const Machine::Configuration& at) {
    return machine_.tracks_new_values(at.track) ? insides_.find_untracked(at) : std::nullopt;
  }
  /// Whether all tokens that stay inside are allowed.
  bool adds_inner(const Machine::Configuration& at) const { return machine_.is_unlike_known(at.track); }
  /// Adds what a configuration in a lexeme allows; what stays inside not, if that is covered. @throws LimitError
  void add(const Machine::Configuration& at, const Inside& inside, bool is_covered, RowBuilder& builder);

 private:
  /// A place behind the lexeme, in a set that was reached under the assumption.
  struct Place {
    SetId set;
    int32_t depth;    ///< bytes behind the lexeme
    bool reads_next;  ///< a byte of another value may have been read
  };
  /// A known value from a byte on; by its number, for texts move when values are learned on the way.
  struct KnownRest {
    uint32_t value;
    size_t from;
  };
  /// When tokens that end at a place are allowed: for sure, where the innermost value is new, or nobody knows.
  enum class Verdict { kAllowed, kWhereNew, kUnknown };

  std::optional<Machine::Configuration> staying(SetId set, const Machine::Configuration& start, int32_t behind);
  void find_refused(const Machine::Configuration& start, int32_t behind, Vector<int32_t>& refused);
  void assume(const Machine::Configuration& at, bool is_quiet);
  void add_inner(const Machine::Configuration& at, const Inside& inside, LexemeMask& mask, RowBuilder& builder);
  void add_behind(const Inside& inside, LexemeMask& mask, RowBuilder& builder);
  Verdict verdict(const Place& place) const;
  bool begins_next(SetId set) const;
  void add_token(int32_t token, const Place& place, Verdict verdict, RowBuilder& builder);
  bool leaves_known(std::string_view read) const;
  bool spells_new(std::string_view bytes) const;
  bool can_read(int32_t token);
  std::string_view bytes_of(int32_t token) const;

  Machine& machine_;
  Insides& insides_;
  const Vocabulary& vocabulary_;
  Vector<int32_t> refused_;
  /// Of one mask: the configuration alone, and its track when all values in it are assumed to be new.
  SetId here_ = kRefused;
  TrackId assumed_ = kNoTrack;
  Vector<KnownRest> known_rests_;         ///< what is left of known values that begin like what was read
  bool reads_text_ = true;                ///< what the lexeme reads becomes part of the values
  bool is_first_ = false;                 ///< the innermost value is compared with none
  /// Whether the innermost value so far is a string without an escape, or nothing, and no known string has one.
  bool is_plain_string_ = false, is_nothing_ = false;
};

}  // namespace espalier::grammar
