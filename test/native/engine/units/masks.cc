// The engine with a scripted mask plugin and a back end whose logits are a formula: what masks do to outputs, and whom
// their failures hurt.
#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <map>
#include <stdexcept>

#include "check.h"
#include "engine/engine.h"
#include "engine/errors.h"

using namespace espalier;

namespace {

constexpr size_t kVocab = 40;
constexpr int32_t kEnd = 39;

// Prefers, after token t at position p, token (t * 7 + p) % 38, then the ones after it.
class FormulaBackend final : public Backend {
 public:
  void allocate_kv(size_t, size_t) override {}
  void allocate_host_kv(size_t) override {}
  size_t page_bytes(size_t page_size) const override { return page_size; }
  // Logits depend on no page.
  void copy_pages(std::span<const PageCopy>) override {}
  void forward(std::span<const Segment> segments, float*) override {
    if (throw_next.exchange(false)) throw std::runtime_error("the device is gone");
    size_t rows = 0;
    for (const Segment& segment : segments) rows += segment.logit_rows;
    logits_.resize(rows * kVocab);
    float* logits = logits_.data();
    for (const Segment& segment : segments)
      for (size_t i = segment.count - segment.logit_rows; i < segment.count; ++i, logits += kVocab)
        for (size_t token = 0; token < kVocab; ++token) {
          const int32_t given = segment.tokens[i];
          const int32_t last = given >= 0 ? given : chosen_[static_cast<size_t>(-1 - given)];
          const size_t best = (static_cast<size_t>(last) * 7 + segment.start + i) % 38;
          logits[token] = -static_cast<float>((token + kVocab - best) % kVocab);
        }
  }
  // The formula has no hidden states.
  void sum_hidden(std::span<const Segment>, std::span<float>) override {}
  // As a device does: masks are read from the back end's own memory, and only what was sent of it is seen.
  int32_t* mask_memory(size_t rows, size_t words) override {
    words_ = words;
    masks_.resize(rows * words);
    sent_.resize(rows * words);
    return masks_.data();
  }
  void send_masks(std::span<const int32_t> rows) override {
    rows_sent += rows.size();
    for (const int32_t row : rows)
      std::copy_n(masks_.begin() + row * static_cast<ptrdiff_t>(words_), words_,
                  sent_.begin() + row * static_cast<ptrdiff_t>(words_));
  }
  void choose(std::span<const Choice> choices) override {
    chosen_.clear();
    for (const Choice& choice : choices) {
      const int32_t* mask =
          choice.mask_row < 0 ? nullptr : sent_.data() + static_cast<size_t>(choice.mask_row) * words_;
      chosen_.push_back(sample({logits_.data() + choice.logit_row * kVocab, kVocab}, mask, choice.sampling,
                               choice.position));
    }
  }
  void take(std::span<int32_t> tokens, std::span<Logprobs>) override {
    std::ranges::copy_n(chosen_.begin(), std::ssize(tokens), tokens.begin());
  }
  static inline std::atomic<size_t> rows_sent = 0;
  static inline std::atomic<bool> throw_next = false;

 private:
  std::vector<float> logits_;
  size_t words_ = 0;
  std::vector<int32_t> masks_, sent_, chosen_;
};

// A grammar: which tokens are allowed at each step (the last entry repeats), and where what fails.
struct Script {
  std::vector<std::vector<int32_t>> allowed;
  bool open_fails = false;
  int fill_fails_at = -1;
  int accept_fails_at = -1;
  bool rollback_fails = false;
  std::atomic<int> owners = 1;
};
struct Matcher {
  Script* script;
  int position = 0;
  bool finished = false;
};
std::atomic<int> open_matchers = 0, fill_calls = 0;

Matcher* matcher_of(void* matcher) { return static_cast<Matcher*>(matcher); }

esp_status open_matcher(void* grammar, void** out) {
  auto* script = static_cast<Script*>(grammar);
  if (script->open_fails) return ESP_NO_MEMORY;
  *out = new Matcher{script};
  ++open_matchers;
  return ESP_OK;
}
void close_matcher(void* matcher) {
  delete matcher_of(matcher);
  --open_matchers;
}
void fill(void* const* matchers, size_t n, int32_t* rows, size_t words, int64_t* counts) {
  ++fill_calls;
  for (size_t i = 0; i < n; ++i) {
    const Matcher* matcher = matcher_of(matchers[i]);
    const Script& script = *matcher->script;
    if (matcher->position == script.fill_fails_at) {
      counts[i] = ESP_LIMIT;
      continue;
    }
    const size_t step = std::min(static_cast<size_t>(matcher->position), script.allowed.size() - 1);
    std::fill_n(rows + i * words, words, 0);
    for (const int32_t token : script.allowed[step]) rows[i * words + token / 32] |= 1 << (token % 32);
    counts[i] = static_cast<int64_t>(script.allowed[step].size());
  }
}
esp_status accept(void* matcher, int32_t token) {
  if (matcher_of(matcher)->position == matcher_of(matcher)->script->accept_fails_at) return ESP_LIMIT;
  ++matcher_of(matcher)->position;
  matcher_of(matcher)->finished = token == kEnd;
  return ESP_OK;
}
esp_status rollback(void* matcher, size_t count) {
  if (matcher_of(matcher)->script->rollback_fails) return ESP_BAD_ARGUMENT;
  matcher_of(matcher)->position -= static_cast<int>(count);
  matcher_of(matcher)->finished = false;
  return ESP_OK;
}
int is_finished(const void* matcher) { return static_cast<const Matcher*>(matcher)->finished; }
// Of a script, a token is as good as a byte.
int64_t forced(void* matcher, uint8_t* out, size_t) {
  const Matcher* m = matcher_of(matcher);
  const auto& allowed = m->script->allowed[std::min(static_cast<size_t>(m->position), m->script->allowed.size() - 1)];
  if (allowed.size() != 1) return 0;
  *out = static_cast<uint8_t>(allowed[0]);
  return 1;
}
void retain(void* grammar) { ++static_cast<Script*>(grammar)->owners; }
void drop(void* grammar) { --static_cast<Script*>(grammar)->owners; }
const char* last_error() { return "as scripted"; }

const esp_mask_plugin kPlugin = {ESP_ABI_VERSION, open_matcher, close_matcher, fill, accept,    rollback,
                                 is_finished,     forced,       retain,        drop, last_error, nullptr, nullptr};

// An engine whose outcomes can be waited for.
class Harness {
 public:
  explicit Harness(bool overlap = false, size_t pages = 64, const esp_mask_plugin* plugin = &kPlugin,
                   SpeculationOptions speculation = {})
      : engine_({{pages, 4, 8, 16, true}, 100, kVocab, 512, overlap, true, nullptr, 3, 1, speculation}, std::make_unique<FormulaBackend>(), plugin, [this] {
          const std::lock_guard lock(mutex_);
          ready_ = true;
          changed_.notify_one();
        }) {}

  uint64_t submit(Script* script, uint64_t max_tokens = 12, std::vector<int32_t> prompt = {1, 2, 3, 4, 5},
                  std::vector<int32_t> stop_tokens = {}, bool grammar_follows = false) {
    engine_.submit({++last_, std::move(prompt), max_tokens, {}, std::move(stop_tokens), GrammarRef(&kPlugin, script),
                    grammar_follows});
    return last_;
  }

  uint64_t submit_with_logprobs(Script* script, uint64_t max_tokens, int32_t alternatives) {
    Submission submission{++last_, {1, 2, 3}, max_tokens, {}, {}, GrammarRef(&kPlugin, script)};
    submission.logprobs = alternatives;
    engine_.submit(std::move(submission));
    return last_;
  }

  const Event& wait(uint64_t id) {
    while (!outcomes_[id].finish) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return ready_; });
      ready_ = false;
      lock.unlock();
      for (Event& event : engine_.take_events()) {
        Event& outcome = outcomes_[event.id];
        const auto append = [](auto& list, const auto& more) { list.insert(list.end(), more.begin(), more.end()); };
        append(outcome.tokens, event.tokens);
        append(outcome.allowed, event.allowed);
        outcome.logprobs.append(event.logprobs);
        outcome.finish = event.finish;
      }
    }
    return outcomes_[id];
  }

  const Event& run(Script* script, uint64_t max_tokens = 12) { return wait(submit(script, max_tokens)); }
  Engine& engine() { return engine_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool ready_ = false;
  std::map<uint64_t, Event> outcomes_;
  uint64_t last_ = 0;
  Engine engine_;
};

// The formula's output under a script, token by token.
std::vector<int32_t> expected(const Script& script, size_t count, std::vector<int32_t> text = {1, 2, 3, 4, 5}) {
  std::vector<int32_t> output;
  for (size_t i = 0; i < count; ++i) {
    const auto best = static_cast<int32_t>((static_cast<size_t>(text.back()) * 7 + text.size() - 1) % 38);
    const auto& allowed = script.allowed[std::min(i, script.allowed.size() - 1)];
    const auto distance = [&](int32_t token) {
      return (token + static_cast<int32_t>(kVocab) - best) % static_cast<int32_t>(kVocab);
    };
    output.push_back(*std::ranges::min_element(allowed, {}, distance));
    text.push_back(output.back());
  }
  return output;
}

bool failed_with(const Event& event, const std::string& code, const std::string& message) {
  return event.finish->reason == FinishReason::Error && event.finish->error_code == code &&
         event.finish->error_message == message;
}

}  // namespace

// Each test runs as the engine does on a device that computes by itself, too: there a step is planned before the tokens of
// the last one are known.
constexpr bool kModes[] = {false, true};

TEST(masks_restrict_and_are_counted) {
  Script script{{{3, 8, 30}, {4, 33}, {1, 2, 5, 6, 7, 38}}};
  for (const bool overlap : kModes) {
    Harness harness(overlap);
    const Event& event = harness.run(&script);
    CHECK(event.tokens == expected(script, 12));
    CHECK((event.allowed == std::vector<int32_t>{3, 2, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6}));
    CHECK(event.finish->reason == FinishReason::Length && event.finish->mask_micros > 0);
    CHECK(harness.run(nullptr).allowed == std::vector<int32_t>(12, -1));
    CHECK(harness.engine().check().empty());
  }
  CHECK(open_matchers == 0 && script.owners == 1);
}

TEST(an_end_token_of_the_grammar_ends_the_output) {
  Script script{{{3, 8}, {4, 9}, {kEnd}}}, choice{{{3}, {kEnd, 20}, {kEnd}}};
  for (const bool overlap : kModes) {
    Harness harness(overlap);
    const Event& event = harness.run(&script);
    CHECK(event.tokens == expected(script, 2));
    CHECK(event.finish->reason == FinishReason::Stop && event.finish->stop_token == kEnd);
    CHECK(harness.run(&choice).finish->reason == FinishReason::Stop);
    CHECK(harness.engine().check().empty());
  }
}

TEST(forced_tokens_are_sampled_where_log_probabilities_are_asked_for) {
  Script script{{{5}, {6}, {1, 2}, {7}, {8}, {3, 4}}};
  Harness harness;
  const Event& event = harness.wait(harness.submit_with_logprobs(&script, 6, 4));
  CHECK(event.tokens.size() == 6 && event.tokens[0] == 5 && event.tokens[4] == 8);
  CHECK(event.logprobs.chosen.size() == 6 && event.logprobs.alternatives.size() == 24);
  CHECK(event.logprobs.alternative_logprobs.size() == 24);
}

// Without a grammar: the formula's own output, cut where a stop token comes.
TEST(stop_tokens_end_outputs_wherever_they_come) {
  std::vector<int32_t> every(kEnd);
  for (int32_t token = 0; token < kEnd; ++token) every[static_cast<size_t>(token)] = token;
  const Script free{{every}};
  for (const bool overlap : kModes) {
    Harness harness(overlap, 256);
    std::vector<uint64_t> ids;
    for (int32_t i = 0; i < 24; ++i) ids.push_back(harness.submit(nullptr, 60, {i, 7, 1}, {i % 12 + 20, i + 2}));
    for (int32_t i = 0; i < 24; ++i) {
      std::vector<int32_t> whole = expected(free, 60, {i, 7, 1});
      const auto stop = std::ranges::find_if(whole, [&](int32_t t) { return t == i % 12 + 20 || t == i + 2; });
      const Event& event = harness.wait(ids[static_cast<size_t>(i)]);
      CHECK(event.finish->reason == (stop == whole.end() ? FinishReason::Length : FinishReason::Stop));
      CHECK(event.finish->stop_token == (stop == whole.end() ? -1 : *stop));
      whole.erase(stop, whole.end());
      CHECK(event.tokens == whole);
    }
    CHECK(harness.engine().check().empty());
  }
}

TEST(forced_tokens_cost_no_step_of_their_own) {
  Script script{{{1, 2}, {5}, {6}, {7}, {8}, {9}, {3, 4}, {5}, {6}, {7}, {8}, {10, 11}}};
  Script endless{{{1, 2}, {5}}};
  for (const bool overlap : kModes) {
    Harness harness(overlap);
    const Event& event = harness.run(&script);
    CHECK(event.tokens == expected(script, 12));
    CHECK((event.allowed == std::vector<int32_t>{2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1, 2}));
    // With overlap, steps that were queued before forced tokens were known may come on top.
    const uint64_t steps = harness.engine().stats().forward_steps;
    CHECK(overlap ? steps >= 3 && steps <= 5 : steps == 3);
    CHECK(harness.engine().check().empty());
    CHECK(harness.run(&endless, 200).tokens == expected(endless, 200));
  }
}

TEST(masks_of_a_batch_are_sent_once) {
  Script script{{{1, 2, 3}, {4, 5, 6}}};
  for (const bool overlap : kModes) {
    Harness harness(overlap, 512);
    fill_calls = 0;
    FormulaBackend::rows_sent = 0;
    std::vector<uint64_t> ids;
    for (int i = 0; i < 8; ++i) ids.push_back(harness.submit(&script, 200, {i, 9}));
    for (int i = 0; i < 8; ++i)
      CHECK(harness.wait(ids[static_cast<size_t>(i)]).tokens == expected(script, 200, {i, 9}));
    CHECK(fill_calls == 8 * 200);
    // Two rows; threads that fill equal ones at the same time may send a row each.
    CHECK(FormulaBackend::rows_sent >= 2 && FormulaBackend::rows_sent <= 16);
  }
}

// A plugin that tells states apart is asked for each mask once; one without a choice is known without a row.
TEST(masks_of_known_states_are_not_filled_again) {
  Script script{{{1, 2, 3}, {4, 5, 6}, {7}, {8}, {9, 10}}};
  esp_mask_plugin plugin = kPlugin;
  plugin.state = [](const void* matcher) {
    const auto* m = static_cast<const Matcher*>(matcher);
    return static_cast<uint64_t>(std::min<size_t>(static_cast<size_t>(m->position), m->script->allowed.size() - 1)) + 1;
  };
  for (const bool overlap : kModes) {
    Harness harness(overlap, 512, &plugin);
    fill_calls = 0;
    for (int i = 0; i < 6; ++i) {
      const Event& event = harness.wait(harness.submit(&script, 50, {i, 9}));
      CHECK(event.tokens == expected(script, 50, {i, 9}));
      CHECK((std::vector<int32_t>(event.allowed.begin(), event.allowed.begin() + 6) ==
             std::vector<int32_t>{3, 3, 1, 1, 2, 2}));
    }
    CHECK(fill_calls == 5);
  }
}

// Its prompt is computed meanwhile, all but what gives the logits of its first token.
TEST(a_grammar_may_follow_its_request) {
  Script script{{{1, 2, 3}, {4, 5, 6}, {7}, {8, 9}}}, other{{{1, 2}}};
  for (const bool overlap : kModes) {
    Harness harness(overlap, 256);
    const auto submit = [&](std::vector<int32_t> prompt) {
      return harness.submit(nullptr, 20, std::move(prompt), {}, true);
    };
    const uint64_t late = submit({1, 2, 3, 4, 5}), short_prompt = submit({9}), dropped = submit({4, 4}),
                   wrong = submit({5, 6, 7});
    CHECK(harness.run(&other, 30).tokens == expected(other, 30));
    CHECK(harness.run(nullptr, 6).tokens.size() == 6);
    // Nothing but grammars is missing: no step runs.
    const uint64_t steps = harness.engine().stats().forward_steps;
    CHECK(harness.engine().check().empty());
    CHECK(harness.engine().stats().forward_steps == steps && harness.engine().stats().running == 4);
    harness.engine().give_grammar(short_prompt, GrammarRef(&kPlugin, &script));
    CHECK(harness.wait(short_prompt).tokens == expected(script, 20, {9}));
    harness.engine().give_grammar(late, GrammarRef(&kPlugin, &script));
    CHECK(harness.wait(late).tokens == expected(script, 20));
    harness.engine().abort(dropped);
    CHECK(harness.wait(dropped).finish->reason == FinishReason::Abort);
    harness.engine().give_grammar(dropped, GrammarRef(&kPlugin, &script));
    Script fails{{{1}}, true};
    harness.engine().give_grammar(wrong, GrammarRef(&kPlugin, &fails));
    CHECK(failed_with(harness.wait(wrong), "grammar_error", "as scripted"));
    CHECK(harness.engine().check().empty());
  }
  CHECK(open_matchers == 0 && script.owners == 1);
}

// More different masks than the pool has rows: the least recently used ones go, and come back.
TEST(masks_that_were_evicted_are_filled_again) {
  std::vector<std::vector<int32_t>> allowed;
  for (int32_t i = 0; i < 37; ++i) allowed.push_back({i, i + 1, 38});
  Script script{allowed};
  for (const bool overlap : kModes) {
    Harness harness(overlap, 512);
    for (int round = 0; round < 2; ++round) {
      std::vector<uint64_t> ids;
      for (int i = 0; i < 20; ++i) ids.push_back(harness.submit(&script, 40, {i, 9}));
      for (int i = 0; i < 20; ++i)
        CHECK(harness.wait(ids[static_cast<size_t>(i)]).tokens == expected(script, 40, {i, 9}));
    }
  }
}

TEST(a_grammar_that_fails_ends_its_own_request_alone) {
  Script good{{{1, 2, 3}}}, empty{{{1, 2}, {3, 4}, {}}}, no_open{{{1}}, true}, no_fill{{{1, 2}}, false, 3},
      no_accept{{{1, 2}}, false, -1, 2};
  for (const bool overlap : kModes) {
    Harness harness(overlap);
    const uint64_t beside = harness.submit(&good, 100), open = harness.submit(&no_open),
                   fills = harness.submit(&no_fill), accepts = harness.submit(&no_accept),
                   nothing = harness.submit(&empty);
    CHECK(failed_with(harness.wait(nothing), "grammar_error", "the grammar allows no token here"));
    CHECK(harness.wait(nothing).tokens == expected(empty, 2));
    CHECK(failed_with(harness.wait(open), "grammar_error", "as scripted"));
    CHECK(failed_with(harness.wait(fills), "grammar_error", "as scripted"));
    CHECK(harness.wait(fills).tokens.size() == 3);
    CHECK(failed_with(harness.wait(accepts), "grammar_error", "as scripted"));
    CHECK(harness.wait(accepts).tokens.size() == 2);
    CHECK(harness.wait(beside).tokens == expected(good, 100));
    CHECK(harness.engine().check().empty());
  }
  for (const Script* script : {&good, &empty, &no_open, &no_fill, &no_accept}) CHECK(script->owners == 1);
  CHECK(open_matchers == 0);
}

TEST(retraction_keeps_the_matcher) {
  Script script{{{1, 2, 3}, {4, 5, 6}, {7, 8, 9}, {10}, {11, 12}}};
  for (const bool overlap : kModes) {
    Harness harness(overlap, 12);
    std::vector<uint64_t> ids;
    for (int i = 0; i < 6; ++i) ids.push_back(harness.submit(&script, 30, {i, 9, 9}));
    for (int i = 0; i < 6; ++i)
      CHECK(harness.wait(ids[static_cast<size_t>(i)]).tokens == expected(script, 30, {i, 9, 9}));
    CHECK(harness.engine().stats().scheduled.retractions > 0);
    CHECK(harness.engine().check().empty());
  }
}

TEST(a_failing_back_end_fails_requests_not_the_engine) {
  for (const bool overlap : kModes) {
    Harness harness(overlap);
    FormulaBackend::throw_next = true;
    CHECK(failed_with(harness.run(nullptr), "engine_error", "the device is gone"));
    CHECK(harness.run(nullptr).finish->reason == FinishReason::Length);
    CHECK(harness.engine().check().empty());
  }
}

TEST(grammars_need_a_plugin_of_the_right_version) {
  Script script{{{1}}};
  Harness harness(false, 64, nullptr);
  bool refused = false;
  try {
    harness.submit(&script);
  } catch (const EngineFailure& failure) {
    refused = failure.code == "bad_request";
  }
  CHECK(refused && script.owners == 1);
  esp_mask_plugin other = kPlugin;
  other.abi_version = 999;
  refused = false;
  try {
    Harness old(false, 64, &other);
  } catch (const EngineFailure& failure) {
    refused = failure.code == "bad_plugin";
  }
  CHECK(refused);
}

// Tokens that repeat, so that prompt look-up has guesses.
const SpeculationOptions kLookup{.source = DraftSource::Lookup, .max_tokens = 4, .min_match = 1};

TEST(drafts_under_masks_change_nothing) {
  Script few{{{3, 4}}}, turns{{{3, 8}, {4}, {3, 8, 9}, {4, 5}, {3, 8}, {4}, {3, 9}, {4, 5}, {3}}};
  for (Script* script : {&few, &turns}) {
    Harness plain, drafting(false, 64, &kPlugin, kLookup);
    const Event& wanted = plain.run(script, 40);
    const Event& event = drafting.run(script, 40);
    CHECK(event.tokens == wanted.tokens && event.allowed == wanted.allowed);
    CHECK(event.finish->draft_tokens > 0 && event.finish->accepted_tokens <= event.finish->draft_tokens);
    CHECK(plain.engine().stats().draft_tokens == 0);
    CHECK(drafting.engine().check().empty());
  }
  CHECK(open_matchers == 0);
}

TEST(what_fails_behind_a_draft_ends_no_request_before_its_turn) {
  for (int failing = 8; failing < 16; ++failing) {
    Script fills{{{3, 4}}, false, failing}, accepts{{{3, 4}}, false, -1, failing};
    Harness plain, drafting(false, 64, &kPlugin, kLookup);
    for (Script* script : {&fills, &accepts}) {
      const Event& wanted = plain.run(script, 40);
      const Event& event = drafting.run(script, 40);
      CHECK(event.tokens == wanted.tokens);
      CHECK(failed_with(event, wanted.finish->error_code, wanted.finish->error_message));
    }
  }
}

TEST(a_matcher_that_cannot_be_taken_back_ends_its_request_alone) {
  Script broken{{{3, 4}}}, sound{{{3, 4}}};
  broken.rollback_fails = true;
  Harness harness(false, 64, &kPlugin, kLookup);
  const uint64_t first = harness.submit(&broken, 40), second = harness.submit(&sound, 40);
  CHECK(failed_with(harness.wait(first), "grammar_error", "the grammar engine cannot take tokens back"));
  CHECK(harness.wait(second).tokens == expected(sound, 40));
  CHECK(harness.engine().check().empty());
}
