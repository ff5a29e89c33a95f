/* The C ABI of Espalier's grammar core, and the mask plugin that an engine takes.
 *
 * This header is the only door between the engine and the grammar core: the engine calls an esp_mask_plugin and knows
 * nothing of grammars; the grammar core is given two images and knows nothing of engines.
 *
 * Conventions. Mask rows are int32 words, least significant bit first: token t is allowed when
 * row[t / 32] >> (t % 32) & 1. A row has esp_mask_words(vocab) words. Functions that can fail return ESP_OK or a
 * negative esp_status; esp_last_error() gives the calling thread's last message. No function throws. Images and
 * grammars are immutable once loaded and may be used from any thread; one matcher is used by one thread at a time. */
#ifndef ESPALIER_H
#define ESPALIER_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define ESP_API __declspec(dllexport)
#else
#define ESP_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define ESP_ABI_VERSION 3

typedef enum esp_status {
  ESP_OK = 0,
  ESP_BAD_IMAGE = -1,      /* an image is damaged, of another version, or of another byte order */
  ESP_BAD_ARGUMENT = -2,   /* a null pointer, a token id outside the vocabulary, a rollback past the start */
  ESP_REFUSED = -3,        /* the token is not allowed here; the matcher is unchanged */
  ESP_LIMIT = -4,          /* the grammar is so ambiguous that a limit was reached; the request should end */
  ESP_NO_MEMORY = -5,
  ESP_BAD_FILE = -6,       /* a file cannot be opened or mapped */
} esp_status;

typedef struct esp_tokenizer esp_tokenizer; /* a loaded TokenizerImage */
typedef struct esp_grammar esp_grammar;     /* a loaded GrammarImage, bound to one tokenizer */
typedef struct esp_matcher esp_matcher;     /* the position of one output in one grammar */

typedef struct esp_grammar_options {
  uint32_t max_configurations; /* most (state, stack) pairs held at once; 0: default 4096 */
  uint32_t memo;               /* 0: remember nothing (for tests), 1: remember steps and masks (default) */
  /* The ids of the image's token sets, one set after the other: how many ids, then the ids in ascending order. Copied.
   * May be null for an image without token sets. */
  const int32_t *token_sets;
  size_t token_set_words;
  /* Bytes of finished rows that are kept, least recently used first out; 0: default 16 MiB. */
  size_t max_mask_bytes;
} esp_grammar_options;

ESP_API const char *esp_last_error(void);
ESP_API size_t esp_mask_words(uint32_t vocab_size);

/* Both loads copy the image: the caller may free it at once. Counted: retain adds an owner, release drops one. */
ESP_API esp_status esp_tokenizer_load(const void *image, size_t bytes, esp_tokenizer **out);
/* Maps a file that begins with an image, checks it, and shares its pages with every process that does so. What stands
 * behind the image is the caller's own. The file must not be written to while it is open; to replace it, rename. */
ESP_API esp_status esp_tokenizer_open(const char *path, esp_tokenizer **out);
/* The image, and the bytes behind it in the file; they live as long as the tokenizer. Returns how many bytes. */
ESP_API size_t esp_tokenizer_image(const esp_tokenizer *tokenizer, const void **image);
ESP_API size_t esp_tokenizer_tail(const esp_tokenizer *tokenizer, const void **tail);
ESP_API void esp_tokenizer_retain(esp_tokenizer *tokenizer);
ESP_API void esp_tokenizer_release(esp_tokenizer *tokenizer);
/* Bytes that may be remembered of how lexemes (string bodies, numbers, patterns ...) divide this vocabulary, for all
 * grammars together; default 256 MiB, or 2 KiB a token if that is more. Beyond, the least recently used is dropped, and found anew when it is needed. What a
 * grammar itself still needs (its lexemes' automata, the rows that its own rows begin with) lives as long as it. */
ESP_API void esp_tokenizer_limit(esp_tokenizer *tokenizer, size_t max_lexeme_bytes);

/* How a mask was answered; one that went several ways counts for the last of them here. */
typedef enum esp_mask_path {
  ESP_MASK_REMEMBERED = 0, /* its row was kept */
  ESP_MASK_LEXEMES = 1,    /* put together from rows of lexemes and what tokens have behind them */
  ESP_MASK_COUNTED = 2,    /* as before, of lexemes with a counter */
  ESP_MASK_TRACKED = 3,    /* values that must differ: as before, and tokens read byte by byte */
  ESP_MASK_WALKS = 4,      /* a walk of the vocabulary's trie, with lexemes' parts where there are any */
  ESP_MASK_DIVISIONS = 5,  /* a lexeme had to divide the vocabulary first */
  ESP_MASK_PATHS = 6
} esp_mask_path;
/* Classes of time, four to a power of two: class 0 is below ESP_TIME_FIRST ns, class 1 + 4 * p + q begins at
 * ESP_TIME_FIRST * 2^p * (1 + q / 4) ns, and the last has no end. */
#define ESP_TIME_CLASSES 96
#define ESP_TIME_FIRST 128

typedef struct esp_path_times {
  uint64_t masks;
  uint64_t timed; /* of these: all but the remembered, of which one in 64 */
  uint64_t nanos; /* of the timed ones together, and of the longest */
  uint64_t longest;
  uint64_t by_time[ESP_TIME_CLASSES];
} esp_path_times;

typedef struct esp_tokenizer_stats {
  uint64_t lexeme_bytes, max_lexeme_bytes, lexeme_evictions;
  /* Of the grammars that live: how many there are, and bytes of rows that they keep. Evictions since the beginning. */
  uint64_t grammars, row_bytes, row_evictions;
  esp_path_times paths[ESP_MASK_PATHS]; /* since the beginning, of all grammars */
} esp_tokenizer_stats;

/* May be called from any thread beside anything else. */
ESP_API void esp_tokenizer_read_stats(const esp_tokenizer *tokenizer, esp_tokenizer_stats *out);
ESP_API uint32_t esp_tokenizer_vocab_size(const esp_tokenizer *tokenizer);

/* The grammar keeps the tokenizer alive. options may be null. */
ESP_API esp_status esp_grammar_load(const void *image, size_t bytes, esp_tokenizer *tokenizer,
                                    const esp_grammar_options *options, esp_grammar **out);
ESP_API void esp_grammar_retain(esp_grammar *grammar);
ESP_API void esp_grammar_release(esp_grammar *grammar);

typedef struct esp_grammar_memory {
  uint64_t image_bytes;   /* the automaton */
  uint64_t machine_bytes; /* sets of configurations, stacks and steps that matchers came to */
  uint64_t row_bytes;     /* finished rows */
} esp_grammar_memory;

/* What a grammar takes by itself, roughly. Waits for a matcher that is at work. */
ESP_API void esp_grammar_read_memory(esp_grammar *grammar, esp_grammar_memory *out);

/* Fills the masks along a text that the grammar accepts, so that what they divide of the vocabulary is ready for every
 * grammar of the tokenizer. May run beside anything else. Returns how many bytes were read, or a status. */
ESP_API int64_t esp_grammar_warm(esp_grammar *grammar, const uint8_t *text, size_t bytes);

/* Makes at least so many bytes ready for what grammars and tokenizers of this process remember, so that a mask does not
 * wait for the system to give memory. So much is then also kept of what has become free; without a call, 32 MiB. May run
 * beside anything else. */
ESP_API esp_status esp_memory_reserve(size_t bytes);

/* Masks of one grammar for one vocabulary, as data that may be kept and given to another process. */
typedef struct esp_masks esp_masks;
typedef struct esp_masks_view {
  /* Four words a mask: the number of an earlier mask from whose position this one's is reached (-1: the start), the byte
   * that leads there, or 256 and a token; the row that the mask begins with (-1: none), and its number of tokens beside. */
  const int32_t *entries;
  size_t entry_words;
  const int32_t *tokens; /* those beside, mask after mask */
  size_t token_words;
  const int32_t *bases; /* rows of esp_mask_words(vocab) words */
  size_t base_words;
  size_t count; /* masks that were made; the lists are empty unless they were to be kept */
  int complete; /* 1: every position of the grammar is among them */
} esp_masks_view;
/* Fills at most max_masks masks ahead, the likeliest first, until half of what the grammar may remember is taken. Takes
 * long; may run beside anything else. With `keep` the masks are given back too. */
ESP_API esp_status esp_grammar_precompute(esp_grammar *grammar, size_t max_masks, int keep, esp_masks **out);
ESP_API void esp_masks_view_of(const esp_masks *masks, esp_masks_view *out);
ESP_API void esp_masks_release(esp_masks *masks);
/* Remembers such masks for matchers that open from now on. They are checked to be masks of this vocabulary, not to be the
 * right ones. Returns how many were taken (there may be less room), or a status. */
ESP_API int64_t esp_grammar_load_masks(esp_grammar *grammar, const esp_masks_view *masks);

/* A matcher keeps its grammar alive until closed. */
ESP_API esp_status esp_matcher_open(esp_grammar *grammar, esp_matcher **out);
/* A matcher at the same position with the same history, which both share: it takes constant time. The two may then be used
 * by different threads. */
ESP_API esp_status esp_matcher_fork(const esp_matcher *matcher, esp_matcher **out);
ESP_API void esp_matcher_close(esp_matcher *matcher);
/* Words of this matcher's mask row. */
ESP_API size_t esp_matcher_words(const esp_matcher *matcher);
/* Writes the row of tokens allowed next. Returns how many are allowed (>= 0), or a status. */
ESP_API int64_t esp_matcher_fill(esp_matcher *matcher, int32_t *row);
/* A mask row that knows which mask it holds: filled again, only what differs is written, mostly some tokens beside a row
 * that many masks begin with. Its bits, esp_matcher_words of them, may be read at any time and must not be written to. Used
 * by one thread at a time, with matchers of grammars of one tokenizer. Counted, as tokenizers are. */
typedef struct esp_row esp_row;
ESP_API esp_status esp_row_new(const esp_tokenizer *tokenizer, esp_row **out);
ESP_API int32_t *esp_row_bits(esp_row *row);
ESP_API size_t esp_row_words(const esp_row *row);
ESP_API void esp_row_retain(esp_row *row);
ESP_API void esp_row_release(esp_row *row);
/* As esp_matcher_fill. */
ESP_API int64_t esp_row_fill(esp_row *row, esp_matcher *matcher);
/* As accept and then fill, in one call. Returns how many tokens are allowed next, or a status; with one, ESP_REFUSED included,
 * the matcher is unchanged, and where the token was refused so is the row. */
ESP_API int64_t esp_matcher_advance(esp_matcher *matcher, int32_t token, int32_t *row);
ESP_API int64_t esp_row_advance(esp_row *row, esp_matcher *matcher, int32_t token);
/* Fills n rows on at most `threads` threads, this one included; row i starts at rows + i * words. No matcher may be given
 * twice. counts[i] receives the number of tokens allowed, or a status. */
ESP_API void esp_matchers_fill(esp_matcher *const *matchers, size_t n, int32_t *rows, size_t words, int64_t *counts,
                               size_t threads);
/* How many of these tokens, from the first on, would be accepted one after the other; the matcher does not advance. */
ESP_API int64_t esp_matcher_validate(esp_matcher *matcher, const int32_t *tokens, size_t count);
/* Advances by one token. End-of-sequence tokens are accepted where the output may end, and finish the matcher. */
ESP_API esp_status esp_matcher_accept(esp_matcher *matcher, int32_t token);
/* Takes back the last count tokens, in a time that grows with the logarithm of count. */
ESP_API esp_status esp_matcher_rollback(esp_matcher *matcher, size_t count);
/* 1 where the output so far is a whole sentence of the grammar, else 0. */
ESP_API int esp_matcher_is_accepting(const esp_matcher *matcher);
/* 1 after an end-of-sequence token was accepted, else 0. */
ESP_API int esp_matcher_is_finished(const esp_matcher *matcher);
/* Copies the bytes that must come next whatever is chosen (at most capacity). Returns their number, or a status. */
ESP_API int64_t esp_matcher_forced(esp_matcher *matcher, uint8_t *out, size_t capacity);

/* What an engine needs of a grammar engine. `grammar` and `matcher` are opaque to the engine. */
typedef struct esp_mask_plugin {
  uint32_t abi_version; /* ESP_ABI_VERSION */
  esp_status (*open)(void *grammar, void **matcher);
  void (*close)(void *matcher);
  /* Fills n rows; row i starts at rows + i * words. counts[i] receives the number of tokens allowed, or a status. */
  void (*fill)(void *const *matchers, size_t n, int32_t *rows, size_t words, int64_t *counts);
  esp_status (*accept)(void *matcher, int32_t token);
  esp_status (*rollback)(void *matcher, size_t count);
  int (*is_finished)(const void *matcher);
  int64_t (*forced)(void *matcher, uint8_t *out, size_t capacity);
  void (*retain)(void *grammar);
  void (*release)(void *grammar);
  const char *(*last_error)(void);
  /* A number of the matcher's position, or 0. Where two matchers of this process, of whatever grammars, give the same
   * number, their rows and counts are the same, so that an engine need not have them filled again. May be null. */
  uint64_t (*state)(const void *matcher);
  /* The one token that is allowed next; -1 where there are others, -2 where that takes a row to tell. Cheap. May be null. */
  int32_t (*only_token)(void *matcher);
} esp_mask_plugin;

/* Our own grammar core as a plugin: grammars are esp_grammar*, matchers esp_matcher*. */
ESP_API const esp_mask_plugin *esp_mask_plugin_builtin(void);

#ifdef __cplusplus
}
#endif
#endif
