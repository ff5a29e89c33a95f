// A vocabulary, with what the grammars that are bound to it share.
#pragma once

#include <utility>

#include "grammar/lexeme_table.h"
#include "grammar/mask_stats.h"
#include "grammar/vocabulary.h"

namespace espalier::grammar {

struct SharedVocabulary {
  explicit SharedVocabulary(Vocabulary opened) : vocabulary(std::move(opened)) {}

  const Vocabulary vocabulary;
  LexemeTable lexemes{vocabulary};
  MaskStats stats;
};

}  // namespace espalier::grammar
