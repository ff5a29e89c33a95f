// Threads that read the same grammars at once, under caches that hold next to nothing: every mask is that of the plain walk,
// whatever the others drop, and the bounds hold. The masks of the walk come from shared-grammars.ts, in a file that
// ESPALIER_SHARED_GRAMMARS names.
#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <random>
#include <span>
#include <thread>
#include <vector>

#include "check.h"
#include "espalier.h"

namespace {

constexpr size_t kFollowers = 8;
/// Outputs that each thread follows.
constexpr size_t kOutputs = 30;

using Words = std::vector<int32_t>;

struct Release {
  void operator()(esp_tokenizer* tokenizer) const { esp_tokenizer_release(tokenizer); }
  void operator()(esp_grammar* grammar) const { esp_grammar_release(grammar); }
  void operator()(esp_matcher* matcher) const { esp_matcher_close(matcher); }
  void operator()(esp_row* row) const { esp_row_release(row); }
  void operator()(esp_masks* masks) const { esp_masks_release(masks); }
};
template <typename T>
using Owned = std::unique_ptr<T, Release>;

struct Output {
  size_t grammar;
  Words tokens;
  std::vector<Words> masks;  ///< before each token and behind the last: the count, and the row
};

struct Source {
  std::vector<char> image;
  Words token_sets;
};

struct Corpus {
  std::vector<char> vocabulary;
  std::vector<Source> grammars;
  std::vector<Output> outputs;
};

class Reader {
 public:
  explicit Reader(const Words& words) : words_(words) {}
  size_t number() { return static_cast<size_t>(words_.at(at_++)); }
  Words list(size_t count) {
    const auto from = words_.begin() + static_cast<ptrdiff_t>(at_);
    at_ += count;
    return {from, from + static_cast<ptrdiff_t>(count)};
  }
  std::vector<char> bytes() {
    const size_t count = number();
    const Words padded = list((count + 3) / 4);
    const char* const first = reinterpret_cast<const char*>(padded.data());
    return {first, first + count};
  }

 private:
  const Words& words_;
  size_t at_ = 0;
};

Owned<esp_tokenizer> load(const std::vector<char>& vocabulary) {
  esp_tokenizer* tokenizer = nullptr;
  esp_tokenizer_load(vocabulary.data(), vocabulary.size(), &tokenizer);
  return Owned<esp_tokenizer>(tokenizer);
}

Corpus read_corpus(const Words& words) {
  Reader reader(words);
  Corpus corpus{reader.bytes(), {}, {}};
  const auto tokenizer = load(corpus.vocabulary);
  const size_t row_words = esp_mask_words(esp_tokenizer_vocab_size(tokenizer.get()));
  for (size_t grammars = reader.number(); grammars > 0; grammars--) {
    corpus.grammars.push_back({reader.bytes(), reader.list(reader.number())});
    for (size_t outputs = reader.number(); outputs > 0; outputs--) {
      Output output{corpus.grammars.size() - 1, reader.list(reader.number()), {}};
      for (size_t at = 0; at <= output.tokens.size(); at++) output.masks.push_back(reader.list(row_words + 1));
      corpus.outputs.push_back(std::move(output));
    }
  }
  return corpus;
}

struct Bounds {
  size_t lexeme_bytes, mask_bytes;
};

/// The corpus's grammars, loaded once for all threads.
struct Shared {
  Shared(const Corpus& of, Bounds within) : corpus(of), bounds(within), tokenizer(load(of.vocabulary)) {
    esp_tokenizer_limit(tokenizer.get(), bounds.lexeme_bytes);
    for (size_t i = 0; i < corpus.grammars.size(); i++) grammars.push_back(load_grammar(i));
  }
  Owned<esp_grammar> load_grammar(size_t number) const {
    const auto& [image, token_sets] = corpus.grammars[number];
    const esp_grammar_options options{0, 1, token_sets.data(), token_sets.size(), bounds.mask_bytes};
    esp_grammar* grammar = nullptr;
    esp_grammar_load(image.data(), image.size(), tokenizer.get(), &options, &grammar);
    return Owned<esp_grammar>(grammar);
  }

  const Corpus& corpus;
  const Bounds bounds;
  const Owned<esp_tokenizer> tokenizer;
  std::vector<Owned<esp_grammar>> grammars;
  std::atomic<size_t> wrong{0}, masks{0};
};

Owned<esp_matcher> fork(const Owned<esp_matcher>& matcher) {
  esp_matcher* copy = nullptr;
  esp_matcher_fork(matcher.get(), &copy);
  return Owned<esp_matcher>(copy);
}

/// One thread's way along outputs: at each position it does one of the things that a matcher can do.
class Follower {
 public:
  Follower(Shared& shared, uint32_t seed) : shared_(shared), random_(seed) {
    esp_row* held = nullptr;
    esp_row_new(shared.tokenizer.get(), &held);
    held_.reset(held);
    row_.resize(esp_row_words(held));
  }

  void run() {
    for (size_t i = 0; i < kOutputs; i++) follow(shared_.corpus.outputs[below(shared_.corpus.outputs.size())]);
  }

 private:
  size_t below(size_t count) { return random_() % count; }
  void expect(bool is_right) { shared_.wrong += is_right ? 0 : 1; }
  void compare(int64_t count, const int32_t* row, const Words& expected) {
    shared_.masks++;
    expect(count == expected[0] && std::equal(expected.begin() + 1, expected.end(), row));
  }

  /// A matcher of the grammar that all share, or of one of its own, which the matcher alone holds.
  Owned<esp_matcher> open(size_t grammar) {
    const Owned<esp_grammar> own = below(4) == 0 ? shared_.load_grammar(grammar) : nullptr;
    esp_matcher* matcher = nullptr;
    esp_matcher_open(own ? own.get() : shared_.grammars[grammar].get(), &matcher);
    return Owned<esp_matcher>(matcher);
  }

  void follow(const Output& output) {
    Owned<esp_matcher> matcher = open(output.grammar);
    const std::span<const int32_t> tokens = output.tokens;
    for (size_t at = 0;;) {
      fill(matcher.get(), output.masks[at]);
      if (at == tokens.size()) break;
      switch (below(6)) {
        case 0:
          matcher = fork(matcher);
          break;
        case 1: {
          const size_t back = below(std::min<size_t>(at, 3) + 1);
          expect(esp_matcher_rollback(matcher.get(), back) == ESP_OK);
          at -= back;
          break;
        }
        case 2:
          fill_side_by_side(matcher, output.masks[at]);
          break;
        case 3:
          expect(esp_matcher_validate(matcher.get(), tokens.data() + at, tokens.size() - at) ==
                 static_cast<int64_t>(tokens.size() - at));
          break;
        case 4:
          compare(esp_row_advance(held_.get(), matcher.get(), tokens[at]), esp_row_bits(held_.get()), output.masks[at + 1]);
          at++;
          continue;
      }
      expect(esp_matcher_accept(matcher.get(), tokens[at]) == ESP_OK);
      at++;
    }
  }

  void fill(esp_matcher* matcher, const Words& expected) {
    if (below(2) == 0) return compare(esp_row_fill(held_.get(), matcher), esp_row_bits(held_.get()), expected);
    std::fill(row_.begin(), row_.end(), -1);
    compare(esp_matcher_fill(matcher, row_.data()), row_.data(), expected);
  }

  void fill_side_by_side(const Owned<esp_matcher>& matcher, const Words& expected) {
    constexpr size_t kRows = 4;
    std::vector<Owned<esp_matcher>> forks;
    std::vector<esp_matcher*> matchers;
    for (size_t i = 0; i < kRows; i++) {
      forks.push_back(fork(matcher));
      matchers.push_back(forks.back().get());
    }
    const size_t words = row_.size();
    Words rows(kRows * words, -1);
    std::vector<int64_t> counts(kRows);
    esp_matchers_fill(matchers.data(), kRows, rows.data(), words, counts.data(), kRows);
    for (size_t i = 0; i < kRows; i++) compare(counts[i], rows.data() + i * words, expected);
  }

  Shared& shared_;
  std::mt19937 random_;
  Owned<esp_row> held_;
  Words row_;
};

/// Beside them: makes masks ahead and loads them, asks for figures, and takes all room away and gives it back.
void disturb(Shared& shared, const std::atomic<bool>& is_over) {
  constexpr size_t kAhead = 24;
  esp_tokenizer* const tokenizer = shared.tokenizer.get();
  for (size_t round = 0; !is_over; round++) {
    esp_grammar* const grammar = shared.grammars[round % shared.grammars.size()].get();
    esp_tokenizer_limit(tokenizer, round % 3 == 0 ? 0 : shared.bounds.lexeme_bytes);
    esp_masks* made = nullptr;
    const bool is_made = esp_grammar_precompute(grammar, kAhead, 1, &made) == ESP_OK;
    const Owned<esp_masks> masks(made);
    shared.wrong += is_made ? 0 : 1;
    if (is_made) {
      esp_masks_view view;
      esp_masks_view_of(made, &view);
      shared.wrong += esp_grammar_load_masks(grammar, &view) < 0 ? 1 : 0;
    }
    esp_grammar_memory memory;
    esp_grammar_read_memory(grammar, &memory);
    esp_tokenizer_stats stats;
    esp_tokenizer_read_stats(tokenizer, &stats);
    shared.wrong += memory.row_bytes > shared.bounds.mask_bytes ? 1 : 0;
  }
  esp_tokenizer_limit(tokenizer, shared.bounds.lexeme_bytes);
}

void follow_together(const Corpus& corpus, Bounds bounds, uint32_t seed) {
  Shared shared(corpus, bounds);
  std::vector<std::thread> followers;
  for (uint32_t i = 0; i < kFollowers; i++)
    followers.emplace_back([&shared, seed = seed + i] { Follower(shared, seed).run(); });
  std::atomic<bool> is_over = false;
  std::thread disturber([&] { disturb(shared, is_over); });
  for (std::thread& follower : followers) follower.join();
  is_over = true;
  disturber.join();
  Follower(shared, seed + kFollowers).run();
  esp_tokenizer_stats stats;
  esp_tokenizer_read_stats(shared.tokenizer.get(), &stats);
  if (shared.wrong > 0) std::printf("  seed %u\n", seed);
  CHECK(shared.wrong == 0);
  CHECK(shared.masks > kFollowers * kOutputs);
  CHECK(stats.grammars == corpus.grammars.size());
  CHECK(stats.lexeme_bytes <= bounds.lexeme_bytes);
  CHECK(stats.row_bytes <= stats.grammars * bounds.mask_bytes);
  CHECK(stats.lexeme_evictions > 100);
  CHECK(stats.row_evictions > 100);
}

}  // namespace

TEST(threads_share_grammars_whose_caches_drop_all_they_find) {
  const char* const path = std::getenv("ESPALIER_SHARED_GRAMMARS");
  std::ifstream file(path == nullptr ? "" : path, std::ios::binary);
  const std::vector<char> bytes(std::istreambuf_iterator<char>(file), {});
  CHECK(!bytes.empty());
  if (bytes.empty()) return;
  Words words(bytes.size() / sizeof(int32_t));
  std::copy_n(bytes.data(), words.size() * sizeof(int32_t), reinterpret_cast<char*>(words.data()));
  const Corpus corpus = read_corpus(words);
  const uint32_t seed = std::random_device{}();
  for (const Bounds bounds : {Bounds{0, 1}, Bounds{40'000, 2'000}, Bounds{400'000, 20'000}})
    follow_together(corpus, bounds, seed);
}
