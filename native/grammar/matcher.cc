// Matchers: each verb takes the grammar's lock, for the shared tables grow as they are read.
#include "grammar/matcher.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <string>

#include "grammar/lexed_machine.h"
#include "grammar/machine.h"

namespace espalier::grammar {

namespace {

std::unique_ptr<ByteMachine> machine_of(const GrammarSource& source, const GrammarOptions& options) {
  if (const auto* lexed = std::get_if<LexedGrammar>(&source))
    return std::make_unique<LexedMachine>(*lexed, options.max_configurations, options.memo);
  return std::make_unique<Machine>(std::get<Pda>(source), options.max_configurations, options.memo);
}

std::atomic<uint32_t> last_tables{0};

}  // namespace

Grammar::Tables::Tables(const GrammarSource& source, SharedVocabulary& vocabulary, const TokenSets& tokens,
                        const GrammarOptions& options)
    : machine(machine_of(source, options)),
      id(options.memo ? ++last_tables : 0),
      masks(*machine, dynamic_cast<Machine*>(machine.get()), std::get_if<Pda>(&source), vocabulary,
            tokens, options.memo, options.max_mask_bytes) {}

Grammar::Grammar(GrammarSource source, std::shared_ptr<SharedVocabulary> vocabulary, TokenSets tokens,
                 const GrammarOptions& options)
    : source_(std::move(source)), vocabulary_(std::move(vocabulary)), tokens_(std::move(tokens)), options_(options) {
  const int32_t named = parser_of(source_).token_set_count;
  if (tokens_.size() != static_cast<size_t>(named))
    throw ImageError("the grammar names " + std::to_string(named) + " token sets, but the ids of " +
                     std::to_string(tokens_.size()) + " are given");
  for (const Vector<int32_t>& set : tokens_)
    for (size_t i = 0; i < set.size(); i++)
      if (set[i] < 0 || set[i] >= this->vocabulary().size() || (i > 0 && set[i] <= set[i - 1]))
        throw ImageError("a token set is not in ascending order, or names a token outside the vocabulary");
  tables_ = std::make_shared<Tables>(source_, *vocabulary_, tokens_, options_);
}

std::shared_ptr<Grammar::Tables> Grammar::tables() {
  if (tables_->machine->bytes() > options_.max_machine_bytes)
    tables_ = std::make_shared<Tables>(source_, *vocabulary_, tokens_, options_);
  return tables_;
}

Grammar::Memory Grammar::memory() {
  std::lock_guard lock(mutex);
  return {tables_->machine->bytes(), tables_->masks.rows().bytes()};
}

Matcher::Matcher(std::shared_ptr<Grammar> grammar) : grammar_(std::move(grammar)), history_(start()) {}

SetId Matcher::start() {
  std::lock_guard lock(grammar_->mutex);
  tables_ = grammar_->tables();
  return tables_->machine->start();
}

int64_t Matcher::fill(int32_t* row) {
  std::lock_guard lock(grammar_->mutex);
  return fill_from(history_.back(), row);
}

int64_t Matcher::fill(HeldRow& row) {
  std::lock_guard lock(grammar_->mutex);
  return fill_from(history_.back(), row);
}

int64_t Matcher::fill_from(SetId set, int32_t* row) {
  if (set != kFinished) return tables_->masks.fill(set, row);
  std::memset(row, 0, grammar_->vocabulary().mask_words() * sizeof(int32_t));
  return 0;
}

int64_t Matcher::fill_from(SetId set, HeldRow& row) {
  return set == kFinished ? row.write({}) : tables_->masks.fill(set, row);
}

SetId Grammar::step_token(ByteMachine& machine, SetId from, int32_t token) const {
  if (tokens_.empty()) return kRefused;
  return machine.step_token(from, [&](int32_t token_set) {
    const Vector<int32_t>& ids = tokens_[token_set];
    return std::binary_search(ids.begin(), ids.end(), token);
  });
}

SetId Grammar::step(ByteMachine& machine, SetId from, int32_t token) const {
  const Vocabulary& v = vocabulary();
  const SetId as_token = step_token(machine, from, token);
  const int32_t first = v.token_byte_start[token], end = v.token_byte_start[token + 1];
  SetId set = v.token_flags[token] != 0 || first == end ? kRefused : from;
  for (int32_t at = first; at < end && set != kRefused; at++) set = machine.step(set, v.token_bytes[at]);
  if (set == kRefused) return as_token;
  return as_token == kRefused ? set : machine.unite(set, as_token);
}

bool Matcher::accept(int32_t token) {
  std::lock_guard lock(grammar_->mutex);
  const SetId set = read(history_.back(), token);
  if (set == kRefused) return false;
  history_.push(set);
  return true;
}

/// The set behind a token, kFinished behind one that ends the sequence, or kRefused. Call with the grammar's lock held.
SetId Matcher::read(SetId set, int32_t token) {
  const Vocabulary& v = grammar_->vocabulary();
  if (set == kFinished || token < 0 || token >= v.size()) return kRefused;
  ByteMachine& machine = *tables_->machine;
  // A token that the grammar names is one first, though it ends sequences, too.
  if (std::find(v.eos.begin(), v.eos.end(), token) != v.eos.end() &&
      grammar_->step_token(machine, set, token) == kRefused)
    return machine.is_accepting(set) ? kFinished : kRefused;
  return grammar_->step(machine, set, token);
}

size_t Matcher::validate(const int32_t* tokens, size_t count) {
  std::lock_guard lock(grammar_->mutex);
  SetId set = history_.back();
  for (size_t accepted = 0; accepted < count; accepted++) {
    set = read(set, tokens[accepted]);
    if (set == kRefused) return accepted;
  }
  return count;
}

bool Matcher::rollback(size_t count) {
  if (count >= history_.size()) return false;
  history_.pop(count);
  return true;
}

uint64_t Matcher::state() const {
  return is_finished() || tables_->id == 0 ? 0 : uint64_t{tables_->id} << 32 | history_.back();
}

bool Matcher::is_accepting() const {
  if (is_finished()) return true;
  std::lock_guard lock(grammar_->mutex);
  return tables_->machine->is_accepting(history_.back());
}

size_t Matcher::forced(uint8_t* out, size_t capacity) {
  if (is_finished()) return 0;
  std::lock_guard lock(grammar_->mutex);
  ByteMachine& machine = *tables_->machine;
  SetId set = history_.back();
  size_t length = 0;
  while (length < capacity) {
    const int byte = machine.forced_byte(set);
    if (byte < 0) break;
    out[length++] = static_cast<uint8_t>(byte);
    set = machine.step(set, static_cast<uint8_t>(byte));
  }
  return length;
}

// Where one text must come, the tokens that begin it are allowed, and perhaps some that go beyond it.
std::optional<int32_t> Matcher::only_token() {
  if (is_finished()) return std::nullopt;
  std::lock_guard lock(grammar_->mutex);
  ByteMachine& machine = *tables_->machine;
  const Vocabulary& v = grammar_->vocabulary();
  SetId set = history_.back();
  int32_t node = 0, only = -1;
  int byte = machine.forced_byte(set);
  // At the end of a sentence, an end token may be all that is left.
  if (byte < 0) return machine.is_accepting(set) ? std::nullopt : std::optional(-1);
  for (; byte >= 0; byte = machine.forced_byte(set)) {
    const auto first = v.children.byte + v.children.start[node];
    const auto last = v.children.byte + v.children.start[node + 1];
    const auto child = std::lower_bound(first, last, byte);
    if (child == last || *child != byte) return only < 0 ? std::nullopt : std::optional(only);
    set = machine.step(set, *child);
    if (set == kRefused) return std::nullopt;
    node = v.children.node[child - v.children.byte];
    const int32_t from = v.node_token_start[node], to = v.node_token_start[node + 1];
    if (to - from > 1 || (to > from && only >= 0)) return -1;
    if (to > from) only = v.node_tokens[from];
  }
  const bool goes_on = v.children.start[node] < v.children.start[node + 1];
  return only < 0 || goes_on ? std::nullopt : std::optional(only);
}

}  // namespace espalier::grammar
