// Events on their way to JavaScript. While nobody collects them, the events of one request grow together, so that a
// slow reader costs memory for the tokens alone and gets one event per request however many steps it missed.
#pragma once
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/sampler.h"

namespace espalier {

enum class FinishReason : uint8_t { Stop, Length, Abort, Error };

struct Finish {
  FinishReason reason = FinishReason::Stop;
  int32_t stop_token = -1;
  std::string error_code, error_message;
  uint64_t prompt_tokens = 0, cached_tokens = 0, output_tokens = 0;
  uint64_t draft_tokens = 0, accepted_tokens = 0;
  double first_token_micros = 0, total_micros = 0, mask_micros = 0;
};

/// Log-probabilities of consecutive tokens: each token's; and those of its alternatives, as many for each, with token -1
/// where there are fewer.
struct LogprobList {
  std::vector<float> chosen;
  std::vector<int32_t> alternatives;
  std::vector<float> alternative_logprobs;

  void add(const Logprobs& logprobs, size_t alternatives);
  void append(const LogprobList& more);
};

struct Event {
  uint64_t id = 0;
  std::vector<int32_t> tokens;
  /// Per token: how many the mask allowed, -1 without a grammar.
  std::vector<int32_t> allowed;
  /// Of the tokens, and of the prompt's next ones, where the request asked for them.
  LogprobList logprobs, prompt_logprobs;
  /// With the last event of a request for one.
  std::vector<float> embedding;
  std::optional<Finish> finish;
};

class Outbox {
 public:
  /// `ready` is called from the engine's thread when events lie ready and it has not been called since the last take().
  explicit Outbox(std::function<void()> ready) : ready_(std::move(ready)) {}

  /// The engine's thread alone; nobody sees the events before publish().
  void add_token(uint64_t id, int32_t token, int32_t allowed);
  /// Of the token that was added last.
  void add_logprobs(uint64_t id, const Logprobs& logprobs, size_t alternatives);
  /// Of the prompt's next token.
  void add_prompt_logprobs(uint64_t id, const Logprobs& logprobs, size_t alternatives);
  void add_embedding(uint64_t id, std::vector<float> embedding);
  void add_finish(uint64_t id, Finish finish);
  void publish();

  /// Any thread.
  std::vector<Event> take();

 private:
  // Events and where in the list the newest one of each request is.
  struct Batch {
    std::vector<Event> events;
    std::unordered_map<uint64_t, size_t> newest;
    Event& of(uint64_t id);
  };

  struct StagedToken {
    uint64_t id;
    int32_t token, allowed;
  };
  // Puts the staged tokens into their events: before anything else of their requests is staged.
  Event& staged(uint64_t id);
  void fold_tokens();

  const std::function<void()> ready_;
  // Tokens come while the device waits for its next pass; their events are made when it has one.
  std::vector<StagedToken> staged_tokens_;
  Batch staged_;
  std::mutex mutex_;
  Batch published_;
  bool announced_ = false;
};

}  // namespace espalier
