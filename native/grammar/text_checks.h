// Checks of texts that no automaton over their bytes makes: the text is decoded or encoded, and an automaton over code points
// reads it. The native twin of src/automata/{text-checks,encoded-label,unicode-label}.ts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "grammar/classed_automaton.h"
#include "grammar/table_memory.h"

namespace espalier::grammar {

enum class CheckKind : int32_t { encoded = 0, unicode = 1 };

/// What the fields mean stands in src/automata/text-checks.ts.
struct TextCheck {
  CheckKind kind = CheckKind::encoded;
  int32_t longest = 0;
  int32_t filler = 0;
  ClassedAutomaton automaton;

  /// Whether the whole text passes.
  bool passes(std::string_view text) const;
  /// Whether a text that passes may begin like this; where it may, some byte may follow, or it passes.
  bool may_pass(std::string_view text) const;
};

/// Characters that the end of an encoded label may need.
inline constexpr int32_t kReserve = 16;

bool passes_encoded(const TextCheck& check, std::string_view text);
bool may_pass_encoded(const TextCheck& check, std::string_view text);
bool passes_unicode(const TextCheck& check, std::string_view text);
bool may_pass_unicode(const TextCheck& check, std::string_view text);

/// Reads the checks of a GrammarImage; nothing where they are damaged.
std::optional<Vector<TextCheck>> decode_checks(std::span<const int32_t> words, size_t count);

}  // namespace espalier::grammar
