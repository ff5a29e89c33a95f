// A grammar bound to a vocabulary, and matchers over it: the native twin of src/matcher/matcher.ts.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "grammar/byte_machine.h"
#include "grammar/history.h"
#include "grammar/lexed_image.h"
#include "grammar/masks.h"
#include "grammar/shared_vocabulary.h"

namespace espalier::grammar {

struct GrammarOptions {
  uint32_t max_configurations = 4096;
  bool memo = true;
  /// Bytes of remembered sets after which matchers that open begin with fresh tables.
  size_t max_machine_bytes = 32u << 20;
  /// Bytes of rows that are kept, least recently used first out.
  size_t max_mask_bytes = RowCache::kMaxBytes;
};

/// What the matchers of one grammar share. The tables grow under `mutex`; matchers that opened before a renewal keep
/// the tables they began with until they close.
class Grammar {
 public:
  struct Tables {
    Tables(const GrammarSource& source, SharedVocabulary& vocabulary, const TokenSets& tokens,
           const GrammarOptions& options);
    const std::unique_ptr<ByteMachine> machine;
    /// Never given to others in this process.
    const uint32_t id;
    Masks masks;
  };

  /// @throws ImageError when `tokens` has not one set for each that the automaton names, or an id beyond the
  /// vocabulary.
  Grammar(GrammarSource source, std::shared_ptr<SharedVocabulary> vocabulary, TokenSets tokens,
          const GrammarOptions& options);

  const Vocabulary& vocabulary() const { return vocabulary_->vocabulary; }
  const TokenSets& tokens() const { return tokens_; }
  struct Memory {
    size_t machine_bytes, row_bytes;
  };
  /// Of the tables that new matchers begin with. Takes the lock.
  Memory memory();
  /// The tables that a new matcher begins with. Call with `mutex` held.
  std::shared_ptr<Tables> tables();
  /// The set after one more token, by its bytes or as a token; kRefused where it is not allowed, and for the end of the
  /// output. Call with `mutex` held. @throws LimitError
  SetId step(ByteMachine& machine, SetId from, int32_t token) const;
  /// The set after a token that the grammar names, or kRefused. Call with `mutex` held. @throws LimitError
  SetId step_token(ByteMachine& machine, SetId from, int32_t token) const;
  /// Whether half of what the tables may remember is left. Call with `mutex` held.
  bool has_room(const Tables& tables) const {
    return tables.machine->bytes() < options_.max_machine_bytes / 2 && tables.masks.has_room();
  }

  std::mutex mutex;

 private:
  const GrammarSource source_;
  const std::shared_ptr<SharedVocabulary> vocabulary_;
  const TokenSets tokens_;
  const GrammarOptions options_;
  std::shared_ptr<Tables> tables_;
};

/// One output in one grammar. Used by one thread at a time; different matchers of a grammar by different threads. A copy
/// stands at the same position and shares the history: it takes constant time.
class Matcher {
 public:
  explicit Matcher(std::shared_ptr<Grammar> grammar);

  /// Writes the mask row and returns how many tokens are allowed. @throws LimitError
  int64_t fill(int32_t* row);
  /// The same, into a row that knows what it holds and has as many words. @throws LimitError
  int64_t fill(HeldRow& row);
  /// False when the token is refused; the matcher is then unchanged. @throws LimitError
  bool accept(int32_t token);
  /// Accepts a token and fills the row of what may follow, a row or one that knows what it holds. Nothing, with matcher and
  /// row unchanged, when the token is refused. @throws LimitError; the matcher is then unchanged
  template <typename Row>
  std::optional<int64_t> advance(int32_t token, Row&& row);
  /// How many of the tokens would be accepted one after the other; the matcher does not advance. @throws LimitError
  size_t validate(const int32_t* tokens, size_t count);
  /// False when `count` goes past the start; the matcher is then unchanged.
  bool rollback(size_t count);
  bool is_accepting() const;
  bool is_finished() const { return history_.back() == kFinished; }
  /// The same number only where rows are the same, in the whole process; 0 where nothing is remembered, and at the end.
  uint64_t state() const;
  /// The bytes that must come next, at most `capacity`; returns their number.
  size_t forced(uint8_t* out, size_t capacity);
  /// The one token that is allowed next, -1 where there are others; none where that takes a mask to tell.
  std::optional<int32_t> only_token();
  const Grammar& grammar() const { return *grammar_; }

 private:
  static constexpr SetId kFinished = 0xfffffffdu;

  SetId start();
  SetId read(SetId set, int32_t token);
  int64_t fill_from(SetId set, int32_t* row);
  int64_t fill_from(SetId set, HeldRow& row);

  std::shared_ptr<Grammar> grammar_;
  std::shared_ptr<Grammar::Tables> tables_;
  History history_;  ///< the set after each accepted token; the first is the start
};

template <typename Row>
std::optional<int64_t> Matcher::advance(int32_t token, Row&& row) {
  std::lock_guard lock(grammar_->mutex);
  const SetId set = read(history_.back(), token);
  if (set == kRefused) return std::nullopt;
  const int64_t count = fill_from(set, row);
  history_.push(set);
  return count;
}

}  // namespace espalier::grammar
