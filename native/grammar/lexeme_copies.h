// The copies of lexemes in one automaton: which lexeme a state belongs to, and where the grammar goes on behind it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "grammar/image.h"
#include "grammar/lexeme_table.h"
#include "grammar/table_memory.h"

namespace espalier::grammar {

class LexemeCopies {
 public:
  struct Place {
    Lexeme* lexeme;  ///< null where the state belongs to no lexeme
    int32_t state;   ///< the lexeme's
    int32_t then;    ///< the automaton's state behind the lexeme
    bool is_quiet;   ///< what some of its edges read is no part of tracked values
  };

  LexemeCopies(const Pda& pda, LexemeTable& table);

  Place place(int32_t state);
  LexemeTable& table() { return table_; }

 private:
  struct Copy {
    Vector<int32_t> states;
    std::shared_ptr<Lexeme> lexeme;
    int32_t then = -1;
    bool is_read = false, is_quiet = false;
  };

  void read(Copy& copy);
  int32_t* read(Copy& copy, std::span<const Edge> edges, int32_t* out);

  const Pda& pda_;
  LexemeTable& table_;
  Vector<int32_t> index_;  ///< by state: its place among its copy's states
  Vector<int32_t> copy_of_;  ///< by state: into copies_, or -1
  Vector<Copy> copies_;
};

}  // namespace espalier::grammar
