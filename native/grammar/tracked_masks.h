// Masks inside lexemes whose bytes are tracked: an array of strings that must differ. What stays inside the lexeme is allowed
// unless it spells a value that is known already; what passes its end is read byte by byte, for the value decides.
#pragma once

#include <cstdint>

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
      : machine_(machine), insides_(insides), vocabulary_(vocabulary), walk_(machine) {}

  /// Adds what the configuration allows. False, with nothing added, where it must be walked: outside lexemes, under a check,
  /// and where too many tokens pass the lexeme's end. Call in a LexemeUse. @throws LimitError
  bool add(const Machine::Configuration& at, RowBuilder& builder);

 private:
  std::optional<Machine::Configuration> staying(SetId set, const Machine::Configuration& start, int32_t behind);
  void find_refused(const Machine::Configuration& start, int32_t behind, Vector<int32_t>& refused);

  Machine& machine_;
  Insides& insides_;
  const Vocabulary& vocabulary_;
  TrieWalk<Machine> walk_;
  Vector<int32_t> refused_;
};

}  // namespace espalier::grammar
