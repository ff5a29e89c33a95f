// The C ABI of include/espalier.h over the classes of this folder. No exception crosses it.
#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>

#include "espalier.h"
#include "files/mapped_file.h"
#include "grammar/fill_pool.h"
#include "grammar/matcher.h"
#include "grammar/precompute.h"
#include "grammar/stacks.h"
#include "grammar/warm.h"

using espalier::grammar::Grammar;
using espalier::grammar::GrammarOptions;
using espalier::grammar::ImageError;
using espalier::grammar::LimitError;
using espalier::grammar::Matcher;
using espalier::grammar::TokenSets;
using espalier::grammar::SharedVocabulary;

/// Counted by retain and release of the ABI; the objects inside are shared with whoever still needs them.
struct esp_tokenizer {
  std::shared_ptr<SharedVocabulary> vocabulary;
  std::atomic<uint32_t> owners{1};
};
struct esp_grammar {
  std::shared_ptr<Grammar> grammar;
  size_t image_bytes;
  std::atomic<uint32_t> owners{1};
};
struct esp_matcher {
  Matcher matcher;
};
struct esp_row {
  espalier::grammar::HeldRow row;
  std::atomic<uint32_t> owners{1};
};
struct esp_masks {
  espalier::grammar::PrecomputedMasks masks;
};

namespace {

thread_local std::string last_error;

esp_status fail(esp_status status, const char* message) {
  try {
    last_error = message;
  } catch (...) {
    last_error.clear();
  }
  return status;
}

esp_status refuse() { return fail(ESP_REFUSED, "the grammar does not allow this token here"); }
int64_t count_or_refuse(std::optional<int64_t> count) { return count ? *count : int64_t{refuse()}; }

/// Runs `body` and turns what it throws into a status.
template <typename Body>
auto guarded(Body body) noexcept -> decltype(body()) {
  try {
    return body();
  } catch (const ImageError& error) {
    return fail(ESP_BAD_IMAGE, error.what());
  } catch (const espalier::FileError& error) {
    return fail(ESP_BAD_FILE, error.what());
  } catch (const LimitError& error) {
    return fail(ESP_LIMIT, error.what());
  } catch (const std::bad_alloc&) {
    return fail(ESP_NO_MEMORY, "out of memory");
  } catch (const std::exception& error) {
    return fail(ESP_BAD_ARGUMENT, error.what());
  }
}

/// Fills a row of an engine whose vocabulary may be larger than the tokenizer's: ids beyond it are never allowed.
int64_t fill_row(esp_matcher* matcher, int32_t* row, size_t words) {
  const size_t own = esp_matcher_words(matcher);
  if (own > words) return fail(ESP_BAD_ARGUMENT, "the engine's mask rows are shorter than the grammar's vocabulary");
  std::fill(row + own, row + words, 0);
  return esp_matcher_fill(matcher, row);
}

/// The lists of ids that follow each other in `words`, each behind its length.
TokenSets read_token_sets(const int32_t* words, size_t count) {
  TokenSets sets;
  for (size_t at = 0; at < count;) {
    const int32_t size = words[at++];
    if (size < 0 || static_cast<size_t>(size) > count - at) throw ImageError("the lists of token ids are damaged");
    sets.emplace_back(words + at, words + at + size);
    at += static_cast<size_t>(size);
  }
  return sets;
}

template <typename Handle>
void release(Handle* handle) {
  if (handle != nullptr && handle->owners.fetch_sub(1) == 1) delete handle;
}

}  // namespace

extern "C" {

const char* esp_last_error(void) { return last_error.c_str(); }

size_t esp_mask_words(uint32_t vocab_size) { return (static_cast<size_t>(vocab_size) + 31) / 32; }

esp_status esp_tokenizer_load(const void* image, size_t bytes, esp_tokenizer** out) {
  return guarded([&]() -> esp_status {
    *out = new esp_tokenizer{std::make_shared<SharedVocabulary>(espalier::grammar::open_vocabulary(image, bytes))};
    return ESP_OK;
  });
}

esp_status esp_tokenizer_open(const char* path, esp_tokenizer** out) {
  return guarded([&]() -> esp_status {
    if (path == nullptr) return fail(ESP_BAD_ARGUMENT, "the path is null");
    *out = new esp_tokenizer{std::make_shared<SharedVocabulary>(espalier::grammar::map_vocabulary(path))};
    return ESP_OK;
  });
}

size_t esp_tokenizer_image(const esp_tokenizer* tokenizer, const void** image) {
  const auto bytes = tokenizer->vocabulary->vocabulary.image;
  *image = bytes.data();
  return bytes.size();
}

size_t esp_tokenizer_tail(const esp_tokenizer* tokenizer, const void** tail) {
  const auto bytes = tokenizer->vocabulary->vocabulary.tail;
  *tail = bytes.data();
  return bytes.size();
}

void esp_tokenizer_retain(esp_tokenizer* tokenizer) { tokenizer->owners.fetch_add(1); }
void esp_tokenizer_release(esp_tokenizer* tokenizer) { release(tokenizer); }

void esp_tokenizer_limit(esp_tokenizer* tokenizer, size_t max_lexeme_bytes) {
  tokenizer->vocabulary->lexemes.set_max_bytes(max_lexeme_bytes);
}

void esp_tokenizer_read_stats(const esp_tokenizer* tokenizer, esp_tokenizer_stats* out) {
  using namespace espalier::grammar;
  static_assert(kMaskPaths == ESP_MASK_PATHS && kTimeClasses == ESP_TIME_CLASSES &&
                1 << kFirstTimePower == ESP_TIME_FIRST);
  const LexemeTable& lexemes = tokenizer->vocabulary->lexemes;
  const MaskStats::Snapshot now = tokenizer->vocabulary->stats.read();
  *out = {lexemes.bytes(), lexemes.max_bytes(), lexemes.evictions(), now.grammars, now.row_bytes, now.row_evictions, {}};
  for (size_t i = 0; i < kMaskPaths; i++) {
    const PathTimes& times = now.paths[i];
    out->paths[i] = {times.masks, times.timed, times.nanos, times.longest, {}};
    std::copy(times.by_time.begin(), times.by_time.end(), out->paths[i].by_time);
  }
}

uint32_t esp_tokenizer_vocab_size(const esp_tokenizer* tokenizer) {
  return static_cast<uint32_t>(tokenizer->vocabulary->vocabulary.size());
}

esp_status esp_grammar_load(const void* image, size_t bytes, esp_tokenizer* tokenizer,
                            const esp_grammar_options* options, esp_grammar** out) {
  return guarded([&]() -> esp_status {
    GrammarOptions chosen;
    TokenSets tokens;
    if (options != nullptr) {
      tokens = read_token_sets(options->token_sets, options->token_set_words);
      if (options->max_configurations > 0) chosen.max_configurations = options->max_configurations;
      chosen.memo = options->memo != 0;
      if (options->max_mask_bytes > 0) chosen.max_mask_bytes = options->max_mask_bytes;
    }
    *out = new esp_grammar{
        std::make_shared<Grammar>(espalier::grammar::open_grammar(image, bytes), tokenizer->vocabulary, std::move(tokens),
                                  chosen),
        bytes};
    return ESP_OK;
  });
}

void esp_grammar_retain(esp_grammar* grammar) { grammar->owners.fetch_add(1); }
void esp_grammar_release(esp_grammar* grammar) { release(grammar); }

void esp_grammar_read_memory(esp_grammar* grammar, esp_grammar_memory* out) {
  const Grammar::Memory memory = grammar->grammar->memory();
  *out = {grammar->image_bytes, memory.machine_bytes, memory.row_bytes};
}

int64_t esp_grammar_warm(esp_grammar* grammar, const uint8_t* text, size_t bytes) {
  return guarded([&]() -> int64_t {
    Matcher matcher(grammar->grammar);
    return static_cast<int64_t>(espalier::grammar::warm_along(matcher, {text, bytes}));
  });
}

esp_status esp_memory_reserve(size_t bytes) {
  return guarded([&]() -> esp_status {
    espalier::grammar::TableMemory::shared().reserve(bytes);
    return ESP_OK;
  });
}

esp_status esp_grammar_precompute(esp_grammar* grammar, size_t max_masks, int keep, esp_masks** out) {
  return guarded([&]() -> esp_status {
    *out = new esp_masks{espalier::grammar::precompute(*grammar->grammar, max_masks, keep != 0)};
    return ESP_OK;
  });
}

void esp_masks_view_of(const esp_masks* masks, esp_masks_view* out) {
  const auto& [entries, tokens, bases, count, complete] = masks->masks;
  *out = {entries.data(), entries.size(), tokens.data(), tokens.size(), bases.data(), bases.size(), count, complete};
}

void esp_masks_release(esp_masks* masks) { delete masks; }

int64_t esp_grammar_load_masks(esp_grammar* grammar, const esp_masks_view* masks) {
  return guarded([&]() -> int64_t {
    return static_cast<int64_t>(espalier::grammar::load_masks(*grammar->grammar, {masks->entries, masks->entry_words},
                                                              {masks->tokens, masks->token_words},
                                                              {masks->bases, masks->base_words}));
  });
}

esp_status esp_matcher_open(esp_grammar* grammar, esp_matcher** out) {
  return guarded([&]() -> esp_status {
    *out = new esp_matcher{Matcher(grammar->grammar)};
    return ESP_OK;
  });
}

esp_status esp_matcher_fork(const esp_matcher* matcher, esp_matcher** out) {
  return guarded([&]() -> esp_status {
    *out = new esp_matcher{matcher->matcher};
    return ESP_OK;
  });
}

void esp_matcher_close(esp_matcher* matcher) { delete matcher; }

size_t esp_matcher_words(const esp_matcher* matcher) { return matcher->matcher.grammar().vocabulary().mask_words(); }

int64_t esp_matcher_fill(esp_matcher* matcher, int32_t* row) {
  return guarded([&]() -> int64_t { return matcher->matcher.fill(row); });
}

esp_status esp_row_new(const esp_tokenizer* tokenizer, esp_row** out) {
  return guarded([&]() -> esp_status {
    *out = new esp_row{espalier::grammar::HeldRow(tokenizer->vocabulary->vocabulary.mask_words())};
    return ESP_OK;
  });
}

int32_t* esp_row_bits(esp_row* row) { return row->row.bits(); }
size_t esp_row_words(const esp_row* row) { return row->row.words(); }
void esp_row_retain(esp_row* row) { row->owners.fetch_add(1); }
void esp_row_release(esp_row* row) { release(row); }

int64_t esp_row_fill(esp_row* row, esp_matcher* matcher) {
  return guarded([&]() -> int64_t {
    if (row->row.words() != esp_matcher_words(matcher))
      return fail(ESP_BAD_ARGUMENT, "the row is of another tokenizer than the matcher");
    return matcher->matcher.fill(row->row);
  });
}

int64_t esp_matcher_advance(esp_matcher* matcher, int32_t token, int32_t* row) {
  return guarded([&]() -> int64_t { return count_or_refuse(matcher->matcher.advance(token, row)); });
}

int64_t esp_row_advance(esp_row* row, esp_matcher* matcher, int32_t token) {
  return guarded([&]() -> int64_t {
    if (row->row.words() != esp_matcher_words(matcher))
      return fail(ESP_BAD_ARGUMENT, "the row is of another tokenizer than the matcher");
    return count_or_refuse(matcher->matcher.advance(token, row->row));
  });
}

void esp_matchers_fill(esp_matcher* const* matchers, size_t n, int32_t* rows, size_t words, int64_t* counts,
                       size_t threads) {
  const auto fill = [&](size_t i) { counts[i] = fill_row(matchers[i], rows + i * words, words); };
  const int64_t status = guarded([&]() -> int64_t {
    espalier::grammar::FillPool::shared().run(n, threads, fill);
    return ESP_OK;
  });
  if (status != ESP_OK) std::fill(counts, counts + n, status);
}

int64_t esp_matcher_validate(esp_matcher* matcher, const int32_t* tokens, size_t count) {
  return guarded([&]() -> int64_t { return static_cast<int64_t>(matcher->matcher.validate(tokens, count)); });
}

esp_status esp_matcher_accept(esp_matcher* matcher, int32_t token) {
  return guarded([&]() -> esp_status {
    return matcher->matcher.accept(token) ? ESP_OK : refuse();
  });
}

esp_status esp_matcher_rollback(esp_matcher* matcher, size_t count) {
  return guarded([&]() -> esp_status {
    return matcher->matcher.rollback(count) ? ESP_OK : fail(ESP_BAD_ARGUMENT, "rollback past the start");
  });
}

int esp_matcher_is_accepting(const esp_matcher* matcher) { return matcher->matcher.is_accepting() ? 1 : 0; }
int esp_matcher_is_finished(const esp_matcher* matcher) { return matcher->matcher.is_finished() ? 1 : 0; }

int64_t esp_matcher_forced(esp_matcher* matcher, uint8_t* out, size_t capacity) {
  return guarded([&]() -> int64_t { return static_cast<int64_t>(matcher->matcher.forced(out, capacity)); });
}

const esp_mask_plugin* esp_mask_plugin_builtin(void) {
  static const esp_mask_plugin plugin = {
      .abi_version = ESP_ABI_VERSION,
      .open =
          [](void* grammar, void** out) {
            esp_matcher* matcher = nullptr;
            const esp_status status = esp_matcher_open(static_cast<esp_grammar*>(grammar), &matcher);
            *out = matcher;
            return status;
          },
      .close = [](void* matcher) { esp_matcher_close(static_cast<esp_matcher*>(matcher)); },
      .fill =
          [](void* const* matchers, size_t n, int32_t* rows, size_t words, int64_t* counts) {
            for (size_t i = 0; i < n; i++)
              counts[i] = fill_row(static_cast<esp_matcher*>(matchers[i]), rows + i * words, words);
          },
      .accept = [](void* matcher,
                   int32_t token) { return esp_matcher_accept(static_cast<esp_matcher*>(matcher), token); },
      .rollback = [](void* matcher,
                     size_t count) { return esp_matcher_rollback(static_cast<esp_matcher*>(matcher), count); },
      .is_finished =
          [](const void* matcher) { return esp_matcher_is_finished(static_cast<const esp_matcher*>(matcher)); },
      .forced = [](void* matcher, uint8_t* out,
                   size_t capacity) { return esp_matcher_forced(static_cast<esp_matcher*>(matcher), out, capacity); },
      .retain = [](void* grammar) { esp_grammar_retain(static_cast<esp_grammar*>(grammar)); },
      .release = [](void* grammar) { esp_grammar_release(static_cast<esp_grammar*>(grammar)); },
      .last_error = esp_last_error,
      .state = [](const void* matcher) { return static_cast<const esp_matcher*>(matcher)->matcher.state(); },
      .only_token = [](void* matcher) -> int32_t {
        return guarded([&]() -> int32_t { return static_cast<esp_matcher*>(matcher)->matcher.only_token().value_or(-2); });
      },
  };
  return &plugin;
}

}  // extern "C"
